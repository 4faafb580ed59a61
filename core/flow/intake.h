#pragma once

#include "core/agreement/validation.h"
#include "core/flow/services.h"

namespace consortium::flow {

/// One act that was not taken in.
struct Refused {
    base::Digest id;
    std::string member;
    base::Code code;
    std::string reason;
    std::optional<std::uint64_t> place;  // which of the acts that were given, from 0; none of an orphan
};

/// What became of acts that came from elsewhere.
struct Intake {
    std::vector<base::Digest> accepted;
    std::size_t duplicates = 0;
    std::size_t orphans = 0;  // kept aside until what they refer to arrives
    std::vector<Refused> refused;

    void add(Intake const& other);
    /// Says of each refused act where it stood: `places` has one number for each act that was given.
    void locate(std::vector<std::uint64_t> const& places);
};

/// Reads acts on all processors, and hands them over one by one in their order; nothing where an act cannot
/// be read. Used where many come at once.
void read_acts(std::vector<std::string> const& envelopes,
               std::function<void(std::size_t place, std::optional<model::SignedAct>&& act)> const& each);

/// Judges the acts in their order and appends those that are valid, with the files, in one transaction.
/// Rejected acts go to the ring of rejected ones, never into the journal.
Intake take_in(Services& services, std::vector<std::string> const& envelopes,
               std::vector<std::string> const& files = {});

/// Judges the acts that were kept aside again, until nothing changes.
Intake take_in_orphans(Services& services);

/// Files that the acts name and that are not held here; only of acts whose signature holds: anybody could
/// make the others to fill this disk.
std::vector<base::Digest> files_wanted(Services const& services, std::vector<std::string> const& envelopes);

}  // namespace consortium::flow
