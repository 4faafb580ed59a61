#pragma once

#include "core/flow/apply.h"
#include "core/flow/rotation.h"

namespace consortium::flow {

/// Whether a node trusts what the agreed bundle says, as its member has stated.
struct FollowingNode {
    std::string member;
    std::string node;   // empty: the member has none on record and speaks for itself
    std::string state;  // acknowledged | waived | missing
    std::string words;  // of the statement
    std::string officer;
    std::optional<base::Instant> time;

    std::string name() const { return node.empty() ? member : member + "/" + node; }
};

/// Every node that is known (pinned in the epoch, on record here, or named by its member) and every member
/// without one, sorted: whether it is said to trust this version of the bundle or a higher one.
std::vector<FollowingNode> following_nodes(State const& state, Rotation const& rotation,
                                           std::int64_t version);
/// Once members have agreed on the bundle of an emergency: those of which that is not said, and that are not
/// waived. Whoever has the old root's key can still speak to them.
std::vector<FollowingNode> to_keep_apart(State const& state, Rotation const& rotation);
/// Pending until all of them trust it, are waived by their member, or by `waived` ("globex/node-1: reason").
model::Verdict trust_gate(State const& state, Rotation const& rotation,
                          std::vector<std::string> const& waived);

/// `root ack [NODE] [--waive REASON] [--note TEXT] [--within DUR]`: states that this member's nodes trust the
/// agreed bundle. Those whose endpoint is known are looked at from outside: what was seen stands in the
/// statement, and where it contradicts what is stated the officer must say why with a note.
model::Plan plan_root_acknowledge(State const& state, Services const& services,
                                  model::Request const& request);
/// `root witness [--note TEXT]`: attests that the prepared destruction was seen and may go on.
model::Plan plan_root_witness(State const& state, model::Request const& request);
/// `root note TEXT`: what deviated from the script.
model::Plan plan_root_note(State const& state, model::Request const& request);

/// Who has witnessed the manifest that is prepared, and who of the plan's roster has not.
struct Witnesses {
    std::vector<std::string> officers, missing;
};
Witnesses witnesses_of(State const& state, Rotation const& rotation);

}  // namespace consortium::flow
