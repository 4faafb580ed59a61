#pragma once

#include "core/flow/dispute.h"

namespace consortium::flow {

/// answer | reveal | strike | panel | ruling | close: what a stage needs next.
std::string waits_for(agreement::StageView const& part);
/// Whom a stage waits for, and for what: "for the ruling of globex-2".
std::string waiting_words(agreement::StageView const& part);

/// What somebody can do in an open dispute now.
struct DisputeStep {
    std::string command;
    bool asked = false;  // it waits for this member or officer; else anybody may do it
    std::string kind;    // of the act that it makes, as in model::find_kind
};
/// None: nothing that this member or officer could do moves it.
std::optional<DisputeStep> dispute_step(agreement::DisputeView const& view, Identity const& self,
                                        base::Instant now);

/// Disputes that are held and not closed, as their index has them: without looking through those that ended.
/// Ten a member at most were taken in.
std::vector<agreement::DisputeView> open_disputes(port::Store const& store);
/// Objects of disputes that have been closed or withdrawn since they were folded as open.
std::vector<model::Object> ended_disputes(port::Store const& store);

}  // namespace consortium::flow
