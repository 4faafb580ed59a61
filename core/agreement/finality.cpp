#include "core/agreement/finality.h"

#include "core/agreement/candidate.h"
#include "core/base/error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;
using model::Choice;
using model::Epoch;
using port::Evidence;

/// What one seat looks at while it decides what to do.
struct View {
    Evidence const& evidence;
    Epoch const& current;
    Seat const& seat;
    base::Instant now;
    std::int64_t attempt = 0;

    std::vector<model::StoredAct> acts(std::string const& kind, std::string const& member = {}) const {
        return evidence.acts({.kind = kind, .epoch = current.number, .member = member});
    }
    bool votes(std::string_view member) const {
        auto const voting = current.voting();
        return std::any_of(voting.begin(), voting.end(),
                           [&](model::Member const* one) { return one->id == member; });
    }
    std::size_t quorum() const { return static_cast<std::size_t>(sizes(current).q); }
};

std::int64_t attempt_of(model::StoredAct const& act) {
    return act.act.body->at("attempt").get<std::int64_t>();
}

/// Prepares or commits by what they name: for each choice the first act of each voting member.
using Sets = std::map<Choice, std::map<std::string, Digest>>;

Sets equal_sets(View const& view, std::string const& kind) {
    Sets out;
    for (auto const& act : view.acts(kind))
        if (view.votes(act.act.member))
            out[model::choice_from_json(*act.act.body)].emplace(act.act.member, act.id);
    return out;
}

std::vector<Digest> ids_of(std::map<std::string, Digest> const& by_member) {
    std::vector<Digest> out;
    out.reserve(by_member.size());
    for (auto const& [member, id] : by_member) out.push_back(id);
    std::sort(out.begin(), out.end());
    return out;
}

/// Whether this member has filled its slot of the phase in an attempt, by any of its keys.
bool has_signed(View const& view, std::string const& phase, std::int64_t attempt) {
    auto const own = view.acts(phase, view.seat.member);
    return std::any_of(own.begin(), own.end(),
                       [&](model::StoredAct const& act) { return attempt_of(act) == attempt; });
}

bool has_left(View const& view) {
    auto const own = view.acts("skip", view.seat.member);
    return std::any_of(own.begin(), own.end(),
                       [&](model::StoredAct const& act) { return attempt_of(act) >= view.attempt; });
}

std::optional<Final> find_final(View const& view) {
    std::optional<Final> found;
    for (auto const& [choice, commits] : equal_sets(view, "commit")) {
        if (commits.size() < view.quorum()) continue;
        auto const text = view.evidence.file(choice.document);
        if (!text) continue;
        if (found && found->reference.hash != choice.document)
            throw base::Error(base::Code::verification_failed,
                              "two documents have a quorum of commits for epoch " +
                                  std::to_string(view.current.number + 1) + ": more members lie than allowed",
                              "stop, and compare with the other members in person",
                              {{"first", found->reference.hash.hex()}, {"second", choice.document.hex()}});
        if (found) continue;
        auto epoch = model::epoch_from_document(*text);
        model::EpochReference const reference{epoch.number, choice.document};
        found = Final{std::move(epoch), reference, choice.attempt, ids_of(commits)};
    }
    return found;
}

Sign state(View const& view, OpenProposal const& proposal) {
    auto listed = seen_before_close(view.evidence, proposal);
    Sign out;
    out.words = "state " + std::to_string(listed.size()) + " ballots on " + model::short_name(proposal.id);
    out.draft.kind = "seen";
    out.draft.by_seat = true;
    out.draft.refs = {proposal.id};
    model::Statement body;
    if (listed.size() > model::max_inline_listings) {
        out.files.push_back(model::listing_text(listed));
        body.file = base::sha256(out.files.back());
    } else {
        for (auto const& listing : listed) out.draft.refs.push_back(listing.id);
        body.listed = std::move(listed);
    }
    out.draft.body = base::JsonValue(model::to_json(body));
    return out;
}

bool has_stated(View const& view, OpenProposal const& proposal) {
    return !view.evidence
                .acts({.kind = "seen", .subject = proposal.id, .epoch = {}, .member = view.seat.member})
                .empty();
}

std::optional<Sign> try_state(View const& view) {
    auto const* self = view.current.member(view.seat.member);
    if (self == nullptr || self->status != "active") return std::nullopt;
    for (auto const& proposal : open_proposals(view.evidence, view.current)) {
        auto const voters = proposal.base->voting();
        bool const voted = std::any_of(voters.begin(), voters.end(),
                                       [&](model::Member const* one) { return one->id == view.seat.member; });
        if (!voted || view.now < proposal.body.closes || has_stated(view, proposal)) continue;
        return state(view, proposal);
    }
    return std::nullopt;
}

bool tier_votes(Epoch const& epoch, model::Member const& member) {
    auto const* tier = epoch.charter.tier(member.tier);
    return tier != nullptr &&
           std::find(tier->rights.begin(), tier->rights.end(), "vote") != tier->rights.end();
}

// An admitted member's seat says once, for its key, that it holds the epoch (PROTOCOL P4).
std::optional<Sign> try_ready(View const& view) {
    auto const* self = view.current.member(view.seat.member);
    if (self == nullptr || self->status != "active" || self->votes || !tier_votes(view.current, *self))
        return std::nullopt;
    for (auto const& act : view.evidence.acts({.kind = "ready", .member = self->id}))
        if (act.act.key == self->seat) return std::nullopt;
    Sign out;
    out.words = "say that this seat is ready";
    out.draft = {"ready", {}, base::JsonValue(base::Json::object()), true};
    return out;
}

// Skips of the attempt before, one a member: what a candidate of a later attempt must name.
std::vector<Digest> skips_of(View const& view, std::int64_t attempt) {
    std::map<std::string, Digest> by_member;
    for (auto const& act : view.acts("skip"))
        if (attempt_of(act) == attempt && view.votes(act.act.member))
            by_member.emplace(act.act.member, act.id);
    return ids_of(by_member);
}

std::vector<Digest> candidate_references(Epoch const& offered, std::vector<Digest> const& skips) {
    constexpr std::size_t max_named = 400;  // more are named by the document alone
    std::vector<Digest> refs;
    for (auto const& result : offered.results)
        refs.insert(refs.end(), result.statements.begin(), result.statements.end());
    refs.insert(refs.end(), offered.own_changes.begin(), offered.own_changes.end());
    if (refs.size() > max_named) refs.clear();
    refs.insert(refs.end(), skips.begin(), skips.end());
    return refs;
}

std::optional<std::string> document_to_offer(View const& view, model::Candidate const& candidate) {
    if (auto const must = carried(view.evidence, candidate)) return view.evidence.file(must->document);
    auto const parts = due(view.evidence, view.current, view.seat, view.now);
    if (parts.empty()) return std::nullopt;
    return model::document(next_epoch(view.evidence, view.current, parts));
}

std::optional<Sign> try_lead(View const& view) {
    if (leader(view.current, view.attempt) != view.seat.member) return std::nullopt;
    if (has_signed(view, "candidate", view.attempt) || has_left(view)) return std::nullopt;
    model::Candidate body;
    if (view.attempt > 0) body.skips = skips_of(view, view.attempt - 1);
    auto text = document_to_offer(view, body);
    if (!text) return std::nullopt;
    body.choice = {view.attempt, base::sha256(*text)};
    auto const offered = model::epoch_from_document(*text);
    Sign out;
    out.words = "offer epoch " + std::to_string(offered.number) + " with " +
                std::to_string(offered.results.size()) + " results and " +
                std::to_string(offered.own_changes.size()) + " own changes";
    out.draft = {"candidate", candidate_references(offered, body.skips), base::JsonValue(to_json(body)),
                 true};
    out.files.push_back(std::move(*text));
    return out;
}

/// The first candidate of the attempt's leader that this seat may prepare; why the others may not.
struct Judged {
    std::optional<model::StoredAct> good;
    std::string objection;
};

Judged judge(View const& view) {
    Judged out;
    if (has_signed(view, "prepare", view.attempt)) return out;  // its answer is given
    for (auto& act : view.acts("candidate", leader(view.current, view.attempt))) {
        if (attempt_of(act) != view.attempt) continue;
        auto reason = hard_check(view.evidence, view.current, act);
        if (reason.empty()) reason = soft_check(view.evidence, view.current, act, view.seat, view.now);
        if (reason.empty()) {
            out.good = std::move(act);
            return out;
        }
        out.objection = "not prepared: " + reason;
    }
    return out;
}

Sign vote(std::string kind, Choice const& choice, std::vector<Digest> refs, std::uint64_t number) {
    Sign out;
    out.words = kind + " epoch " + std::to_string(number) + ", attempt " + std::to_string(choice.attempt);
    out.draft = {std::move(kind), std::move(refs), base::JsonValue(model::to_json(choice)), true};
    return out;
}

std::optional<Sign> try_prepare(View const& view, Judged const& judged) {
    if (!judged.good || has_left(view)) return std::nullopt;
    auto const choice = model::candidate_from_json(*judged.good->act.body).choice;
    return vote("prepare", choice, {}, view.current.number + 1);
}

std::optional<Sign> try_commit(View const& view) {
    if (has_signed(view, "commit", view.attempt) || has_left(view)) return std::nullopt;
    for (auto const& [choice, prepares] : equal_sets(view, "prepare")) {
        if (choice.attempt != view.attempt || prepares.size() < view.quorum()) continue;
        if (!view.evidence.has_file(choice.document)) continue;
        return vote("commit", choice, ids_of(prepares), view.current.number + 1);
    }
    return std::nullopt;
}

std::vector<std::string> silent(View const& view, std::string const& kind) {
    std::set<std::string> heard;
    for (auto const& act : view.acts(kind))
        if (attempt_of(act) == view.attempt) heard.insert(act.act.member);
    std::vector<std::string> out;
    for (auto const* member : view.current.voting())
        if (!heard.contains(member->id)) out.push_back(member->id);
    return out;
}

Wait wait_for_statements(View const& view, OpenProposal const& proposal) {
    Wait out;
    std::set<std::string> heard;
    for (auto const& act : statements_on(view.evidence, proposal, view.current)) heard.insert(act.act.member);
    for (auto const* member : proposal.base->voting())
        if (!heard.contains(member->id)) out.missing.push_back(member->id);
    out.words = "statements on " + model::short_name(proposal.id) + ": " + std::to_string(heard.size()) +
                " of " + std::to_string(sizes(*proposal.base).q) + " needed";
    return out;
}

std::optional<Wait> wait_for_votes(View const& view, Judged const& judged) {
    for (auto const* kind : {"commit", "prepare"}) {
        auto const held = view.acts(kind);
        auto const count = std::count_if(held.begin(), held.end(), [&](model::StoredAct const& act) {
            return attempt_of(act) == view.attempt;
        });
        if (count == 0) continue;
        return Wait{std::string(kind) + "s of epoch " + std::to_string(view.current.number + 1) + ": " +
                        std::to_string(count) + " of " + std::to_string(view.quorum()) + " needed",
                    silent(view, kind), std::nullopt};
    }
    if (!judged.objection.empty()) return Wait{judged.objection, {}, std::nullopt};
    return std::nullopt;
}

Wait wait_for_what_is_open(View const& view) {
    Wait out{"nothing is due", {}, std::nullopt};
    for (auto const& proposal : open_proposals(view.evidence, view.current)) {
        auto const acts_on = proposal.body.closes + view.current.charter.grace;
        if (view.now < acts_on) {
            out.until = view.now < proposal.body.closes ? proposal.body.closes : acts_on;
            out.words = model::short_name(proposal.id) +
                        (view.now < proposal.body.closes ? " is open" : " is closed; its grace runs");
            return out;
        }
        if (statements_on(view.evidence, proposal, view.current).size() <
            static_cast<std::size_t>(sizes(*proposal.base).q))
            return wait_for_statements(view, proposal);
        return {"a candidate that decides " + model::short_name(proposal.id),
                {leader(view.current, view.attempt)},
                std::nullopt};
    }
    if (waiting_changes(view.evidence, view.current).empty()) return out;
    auto const settled = view.seat.final_here + view.current.charter.settle;
    out.words = "own changes wait";
    if (view.now < settled) {
        out.until = settled;
    } else {
        out.missing = {leader(view.current, view.attempt)};
    }
    return out;
}

NextAction act_as_seat(View const& view) {
    if (auto sign = try_ready(view)) return *std::move(sign);
    if (auto sign = try_state(view)) return *std::move(sign);
    auto const judged = judge(view);
    if (view.votes(view.seat.member)) {
        if (auto sign = try_lead(view)) return *std::move(sign);
        if (auto sign = try_prepare(view, judged)) return *std::move(sign);
        if (auto sign = try_commit(view)) return *std::move(sign);
    }
    if (auto wait = wait_for_votes(view, judged)) return *std::move(wait);
    return wait_for_what_is_open(view);
}

}  // namespace

std::string leader(Epoch const& current, std::int64_t attempt) {
    auto const voting = current.voting();
    if (voting.empty()) return {};
    auto const turn = current.number + 1 + static_cast<std::uint64_t>(attempt);
    return voting[turn % voting.size()]->id;
}

std::int64_t current_attempt(Evidence const& evidence, Epoch const& current) {
    Seat const nobody;
    View const view{evidence, current, nobody, {}, 0};
    std::int64_t attempt = 0;
    while (view.quorum() > 0 && skips_of(view, attempt).size() >= view.quorum()) ++attempt;
    return attempt;
}

std::optional<Final> final_next(Evidence const& evidence) {
    auto const current = evidence.latest();
    if (!current) return std::nullopt;
    Seat const nobody;
    return find_final({evidence, *current, nobody, {}, 0});
}

NextAction next_action(Evidence const& evidence, Seat const& seat, base::Instant now) {
    auto const current = evidence.latest();
    if (!current) return Wait{"no epoch is final here yet", {}, std::nullopt};
    View const view{evidence, *current, seat, now, current_attempt(evidence, *current)};
    if (auto found = find_final(view)) return *std::move(found);
    if (current->protocol > model::protocol_number)
        return Wait{"epoch " + std::to_string(current->number) + " is of protocol " +
                        std::to_string(current->protocol) +
                        ", which this program does not know: it only reads",
                    {},
                    std::nullopt};
    return seat.member.empty() ? wait_for_what_is_open(view) : act_as_seat(view);
}

}  // namespace consortium::agreement
