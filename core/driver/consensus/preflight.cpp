#include "core/driver/consensus/preflight.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::consensus {

using base::Code;
using base::Error;

namespace {

constexpr std::string_view look_hint = "run 'consortium node validators' to see the set";

Rules const& rules(View const& view) {
    return rules_of(view.look.latest.engine);
}

int size(std::vector<std::string> const& list) {
    return static_cast<int>(list.size());
}

// Only a validator's proposals become votes, and only while blocks are made.
void check_voter(View const& view, std::string const& own) {
    if (!contains(view.validators, own)) {
        throw Error(Code::refused, "this node is not a validator: its vote would never be cast",
                    std::string(look_hint), {{"address", own}});
    }
    if (view.halted) {
        throw Error(Code::refused, "the chain stands still: a vote would not be mined",
                    "restart validators until a quorum is live; run 'consortium node health'",
                    {{"live", "0"}, {"quorum", std::to_string(rules(view).quorum(size(view.validators)))}});
    }
}

std::string words(Rules const& rules, int before, int after, int live) {
    return fmt::format("quorum {} of {} becomes {} of {}, {} live, {} may fail", rules.quorum(before), before,
                       rules.quorum(after), after, live, rules.tolerated(after));
}

void check_quorum(Rules const& rules, int before, int after, int live) {
    if (after > 0 && live >= rules.quorum(after)) return;
    throw Error(Code::refused,
                fmt::format("the network would halt: {} live validators, {} needed of {}", live,
                            rules.quorum(after), after),
                "bring validators back first; run 'consortium node validators'",
                {{"live", std::to_string(live)},
                 {"quorum_before", std::to_string(rules.quorum(before))},
                 {"quorum_after", std::to_string(rules.quorum(after))}});
}

}  // namespace

void require_votes(Engine engine) {
    if (engine != Engine::raft) return;
    throw Error(Code::unsupported, "a Raft cluster is not changed by votes: one member's node changes it",
                "call raft_addPeer or raft_removePeer on a node of the cluster, then run 'consortium node "
                "validators'");
}

std::vector<std::string> live_validators(View const& view) {
    if (view.halted) return {};
    std::size_t const turns = std::max<std::size_t>(8, 2 * view.validators.size());
    std::span<Header const> headers(view.stretch.headers);
    if (headers.size() > turns) headers = headers.last(turns);
    return active(headers);
}

std::string check_addition(View const& view, std::string const& own, std::string const& subject,
                           int newcomer) {
    if (contains(view.validators, subject)) {
        throw Error(Code::refused, "it is a validator already: the vote would never count",
                    std::string(look_hint), {{"address", subject}});
    }
    check_voter(view, own);
    int const before = size(view.validators);
    int const live = size(view.live) + newcomer;
    check_quorum(rules(view), before, before + 1, live);
    return words(rules(view), before, before + 1, live);
}

std::string check_removal(View const& view, std::string const& own, std::string const& subject) {
    if (!contains(view.validators, subject)) {
        throw Error(Code::refused, "it is not a validator: the vote would never count",
                    std::string(look_hint), {{"address", subject}});
    }
    check_voter(view, own);
    int const before = size(view.validators);
    int const live = size(view.live) - (contains(view.live, subject) ? 1 : 0);
    check_quorum(rules(view), before, before - 1, live);
    return words(rules(view), before, before - 1, live);
}

}  // namespace consortium::driver::consensus
