#include "core/agreement/finality.h"

#include "core/agreement/document.h"
#include "core/agreement/view.h"
#include "core/base/error.h"

#include <algorithm>

namespace consortium::agreement {

namespace {

using base::Digest;
using model::Epoch;
using port::Evidence;

std::optional<Final> find_final(Evidence const& evidence, Epoch const& current, Round const& round) {
    std::optional<Final> found;
    for (auto const& [choice, commits] : round.commits()) {
        if (commits.size() < round.quorum()) continue;
        auto const epoch = load_document(evidence, choice.document);
        if (!epoch) continue;
        if (found && found->reference.hash != choice.document)
            throw base::Error(base::Code::verification_failed,
                              "two documents have a quorum of commits for epoch " +
                                  std::to_string(current.number + 1) + ": more members lie than allowed",
                              "stop, and compare with the other members in person",
                              {{"first", found->reference.hash.hex()}, {"second", choice.document.hex()}});
        if (!found) found = Final{*epoch, {epoch->number, choice.document}, choice.attempt, ids_of(commits)};
    }
    return found;
}

Wait ask_person(std::string words) {
    return {std::move(words), {}, std::nullopt, true};
}

std::vector<std::string> silent(View const& view, std::string const& kind) {
    auto const& heard = view.round.spoken(kind, view.attempt());
    std::vector<std::string> out;
    for (auto const* member : view.current().voting())
        if (!heard.contains(member->id)) out.push_back(member->id);
    return out;
}

Wait wait_for_statements(View const& view, OpenProposal const& proposal) {
    Wait out;
    std::set<std::string> heard;
    for (auto const& act : statements_on(view.evidence, proposal, view.current()))
        heard.insert(act.act.member);
    for (auto const* member : proposal.base->voting())
        if (!heard.contains(member->id)) out.missing.push_back(member->id);
    out.words = "statements on " + model::short_name(proposal.id) + ": " + std::to_string(heard.size()) +
                " of " + std::to_string(sizes(*proposal.base).q) + " needed";
    return out;
}

std::optional<Wait> wait_for_votes(View const& view, Judged const& judged) {
    auto const attempt = view.attempt() == 0 ? "" : ", attempt " + std::to_string(view.attempt());
    for (auto const* kind : {"skip", "commit", "prepare"}) {
        auto const count = view.round.spoken(kind, view.attempt()).size();
        if (count == 0) continue;
        auto words = std::string(kind) + "s of epoch " + std::to_string(view.current().number + 1);
        words +=
            attempt + ": " + std::to_string(count) + " of " + std::to_string(view.round.quorum()) + " needed";
        if (!judged.objection.empty()) words.append("; ").append(judged.objection);
        return Wait{std::move(words), silent(view, kind), std::nullopt};
    }
    if (!judged.objection.empty()) return Wait{judged.objection, {}, std::nullopt};
    return std::nullopt;
}

Wait wait_for_what_is_open(View const& view) {
    Wait out{"nothing is due", {}, std::nullopt};
    for (auto const& proposal : view.open) {
        auto const acts_on = proposal.body.closes + view.current().charter.grace;
        if (view.now < acts_on) {
            bool const open = view.now < proposal.body.closes;
            out.until = open ? proposal.body.closes : acts_on;
            out.words = model::short_name(proposal.id) + (open ? " is open" : " is closed; its grace runs");
            out.then =
                open ? "seats state which ballots they hold"
                     : "'" + leader(view.current(), view.attempt()) + "' offers an epoch that decides it";
            return out;
        }
        if (statements_on(view.evidence, proposal, view.current()).size() <
            static_cast<std::size_t>(sizes(*proposal.base).q))
            return wait_for_statements(view, proposal);
        return {"a candidate that decides " + model::short_name(proposal.id),
                {leader(view.current(), view.attempt())},
                std::nullopt};
    }
    if (waiting_changes(view.evidence, view.current()).empty()) return out;
    auto const settled = view.seat.final_here + view.current().charter.settle;
    out.words = "own changes wait";
    if (view.now < settled) {
        out.until = settled;
        out.then = "'" + leader(view.current(), view.attempt()) + "' offers an epoch that enacts them";
    } else {
        out.missing = {leader(view.current(), view.attempt())};
    }
    return out;
}

/// What the seat waits for in the agreement on the next epoch.
Wait wait_in_agreement(View const& view, Judged const& judged, std::optional<base::Instant> end) {
    auto wait = wait_for_votes(view, judged).value_or(wait_for_what_is_open(view));
    if (!end || view.has_left() || view.now >= *end || (wait.until && *wait.until <= *end)) return wait;
    wait.until = end;
    wait.then = "this seat skips attempt " + std::to_string(view.attempt()) + ", and '" +
                leader(view.current(), view.attempt() + 1) + "' leads the next";
    return wait;
}

NextAction agree(View const& view) {
    if (auto const attempt = view.round.contradictory())
        return ask_person("two documents have a quorum of prepares in attempt " + std::to_string(*attempt) +
                          ": more members lie than allowed; compare with the others in person");
    auto const due = agreement::due(view.evidence, view.current(), view.open, view.seat, view.now);
    auto led = try_lead(view, due);
    if (led.sign) return *std::move(led.sign);
    auto const judged = judge(view);
    if (auto sign = try_prepare(view, judged)) return *std::move(sign);
    if (auto sign = try_commit(view)) return *std::move(sign);
    auto const end = timer_end(view, due);
    if (auto sign = try_skip(view, end)) return *std::move(sign);
    if (!led.objection.empty()) return Wait{std::move(led.objection), {}, end, true};
    return wait_in_agreement(view, judged, end);
}

bool is_silent(Epoch const& current, Seat const& seat) {
    auto const* self = current.member(seat.member);
    return self != nullptr && seat.silenced != Digest{} && self->seat == seat.silenced;
}

NextAction act_as_seat(View const& view) {
    if (is_silent(view.current(), view.seat))
        return ask_person(
            "this seat was restored from a backup: it signs nothing until its officers have had a new seat "
            "key enacted ('consortium key replace seat')");
    if (auto sign = try_ready(view)) return *std::move(sign);
    if (auto sign = try_state(view)) return *std::move(sign);
    if (view.votes()) return agree(view);
    return wait_for_votes(view, {}).value_or(wait_for_what_is_open(view));
}

}  // namespace

std::string leader(Epoch const& current, std::int64_t attempt) {
    auto const voting = current.voting();
    if (voting.empty()) return {};
    auto const turn = current.number + 1 + static_cast<std::uint64_t>(attempt);
    return voting[turn % voting.size()]->id;
}

std::int64_t current_attempt(Evidence const& evidence, Epoch const& current) {
    return Round(evidence, current).attempt();
}

std::optional<Final> final_next(Evidence const& evidence) {
    auto const current = evidence.latest();
    if (!current) return std::nullopt;
    return find_final(evidence, *current, Round(evidence, *current));
}

std::optional<Sign> early_skip(Evidence const& evidence, Seat const& seat, base::Instant now) {
    auto const current = evidence.latest();
    if (!current || is_silent(*current, seat)) return std::nullopt;
    View const view{evidence, current, seat, now};
    return view.round.contradictory() ? std::nullopt : leave_attempt(view);
}

NextAction next_action(Evidence const& evidence, Seat const& seat, base::Instant now) {
    auto const current = evidence.latest();
    if (!current) return Wait{"no epoch is final here yet", {}, std::nullopt};
    View const view{evidence, current, seat, now};
    if (auto found = find_final(evidence, *current, view.round)) return *std::move(found);
    if (current->protocol > model::protocol_number)
        return ask_person("epoch " + std::to_string(current->number) + " is of protocol " +
                          std::to_string(current->protocol) +
                          ", which this program does not know: it only reads");
    return seat.member.empty() ? wait_for_what_is_open(view) : act_as_seat(view);
}

}  // namespace consortium::agreement
