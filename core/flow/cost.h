#pragma once

#include "core/flow/services.h"
#include "core/model/invoice.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"
#include "core/model/usage.h"

namespace consortium::flow {

/// An allocation that an officer stated and this workspace holds.
struct HeldAllocation {
    base::Digest act;
    std::string issuer;   // the stating officer's member
    base::Digest digest;  // of the document
    model::Allocation allocation;
};

/// All that are held, or those of one month, in the order of the journal. Each corrects the one before it of
/// its month. One whose document is not held or not an allocation is left out.
std::vector<HeldAllocation> held_allocations(port::Store const& store, std::string_view month = {});

/// What was imported in this workspace for a month.
std::optional<model::Usage> imported_usage(port::Store const& store, std::string const& month);

/// The members that count in a month, with their member-days by the epoch and their usage: who was a member
/// in it or used something in it.
std::vector<model::Participant> participants(model::Epoch const& epoch, base::Month const& month,
                                             model::Usage const* usage);

/// `cost import FILE --month MONTH [--correction REASON]`: journals the file's digest and the sums of each
/// member. The same file again is nothing to do; another one is Error(conflict) without --correction.
model::Plan plan_cost_import(State const& state, model::Request const& request);

/// `cost allocate --month MONTH --pool ID=AMOUNT … [--due DUR] [--dispute DUR] [--correction REASON]
/// [--hledger FILE]`: signs the allocation, writes each member's statement below out/costs/MONTH as JSON and
/// text. A month that was allocated before is Error(conflict) without --correction, which makes lines for
/// the difference (G27).
model::Plan plan_cost_allocate(State const& state, model::Request const& request);

/// Months with what was imported and allocated.
model::Outcome cost_list(State const& state, model::Request const& request);
/// `cost show MONTH [--member ID]`: statements, by default one's own.
model::Outcome cost_show(State const& state, model::Request const& request);
/// `cost verify MONTH [--usage FILE]`: computes the month again from its inputs, and compares these with the
/// charter, the epochs and the usage held here. Status verification_failed if anything differs.
model::Outcome cost_verify(State const& state, model::Request const& request);

}  // namespace consortium::flow
