#pragma once

#include "core/agreement/statement.h"
#include "core/flow/epoch_change.h"
#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/policy/amendment.h"

namespace consortium::flow {

/// What a proposal's action would make of the governance state: for whoever must decide on a digest.
struct ProposalChange {
    std::uint64_t epoch = 0;  // that it is seen from: the latest; of a decided proposal the one before
    std::vector<ChangeItem> items;
    std::vector<policy::Finding> weakens;  // of an amendment
    std::string obstacle;                  // why it could not be enacted as things stand; empty: it could
    std::vector<agreement::OpenProposal> restarts;  // open proposals that it would void
    std::vector<std::string> notes;  // what this workspace knows of it: gates of an applicant, a release
};

ProposalChange change_of(State const& state, port::Certifier const& certifier,
                         agreement::OpenProposal const& proposal);

/// {"epoch","items":[{"place","words","now","next"}],"weakens":[{"severity","rule","pointer","words"}],
///  "obstacle","restarts":[{"id","name","title"}],"notes"}
base::Json to_json(ProposalChange const& change);
std::vector<model::Paragraph> in_words(ProposalChange const& change);

}  // namespace consortium::flow
