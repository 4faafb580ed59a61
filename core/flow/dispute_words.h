#pragma once

#include "core/flow/dispute.h"

namespace consortium::flow {

using agreement::StageView;

/// A dispute's parts under their headings: the complaint, then each stage.
struct DisputeSection {
    std::string heading;
    model::Fields fields;
};
std::vector<DisputeSection> dispute_sections(agreement::DisputeView const& view);
/// "Closed: upheld, a warning."; empty while it is open.
std::string closing_words(agreement::DisputeView const& view);

/// A dispute in words for people who have to decide or to advise: who says what, what was drawn and how to
/// check it, what was ruled and why, what comes next and by whom; and this workspace's next command.
void add_dispute_words(State const& state, agreement::DisputeView const& view, model::Outcome& outcome);

}  // namespace consortium::flow
