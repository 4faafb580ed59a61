#include "core/flow/proposal_watch.h"

#include "core/flow/proposal.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

bool is_over(ProposalLook const& look, WatchEnd until) {
    if (look.is_decided()) return true;
    if (until == WatchEnd::decided) return false;
    return look.state == "closed" || (until == WatchEnd::settled && look.prospect.settled);
}

std::string next_command(ProposalLook const& look) {
    auto const name = model::short_name(look.proposal.id);
    if (look.state == "open") return "consortium vote cast " + name + " --choice yes";
    if (look.state == "closed") return "consortium exchange sync";
    return look.state == "passed" ? "consortium proposal execute " + name
                                  : "consortium proposal show " + name;
}

model::Outcome last(ProposalLook const& look, base::Instant now, bool over) {
    model::Outcome outcome;
    outcome.schema = "consortium.watch/1";
    outcome.is_private = true;  // the reasons of ballots
    outcome.data = base::JsonValue(to_json(look, now));
    outcome.text = in_words(look, now);
    outcome.next = {next_command(look)};
    if (!over) outcome.status = base::Code::pending;
    return outcome;
}

}  // namespace

model::Outcome watch_proposal(std::string_view name, WatchOptions const& options, Watched const& watched) {
    std::optional<base::Digest> id;
    base::Instant now;
    auto const look_again = [&] {
        auto const state = watched.look();
        now = state.now;
        if (!id) id = find_proposal(state, name).id;
        return look_at(state, load_proposal(state, *id));  // anew: a vote may go on, and close later
    };
    auto look = look_again();
    watched.show(look, {}, now);
    for (std::int64_t round = 1;; ++round) {
        bool const over = is_over(look, options.until);
        if (over || (options.rounds && round >= *options.rounds)) return last(look, now, over);
        watched.pause(options.every);
        auto next = look_again();
        auto const changed = news(look, next);
        look = std::move(next);
        if (!changed.empty()) watched.show(look, changed, now);
    }
}

}  // namespace consortium::flow
