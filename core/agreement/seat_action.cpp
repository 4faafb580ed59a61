// What a seat signs: readiness, statements, candidates, prepares, commits, skips.

#include "core/agreement/document.h"
#include "core/agreement/reference.h"
#include "core/agreement/result.h"
#include "core/agreement/view.h"
#include "core/base/error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;
using model::Choice;
using model::Epoch;

Sign state(View const& view, OpenProposal const& proposal, Statements which) {
    auto listed = seen_before_close(view.evidence, proposal);
    Sign out;
    out.words = "state " + std::to_string(listed.size()) + " ballots on " + model::short_name(proposal.id);
    out.draft.kind = "seen";
    out.draft.by_seat = true;
    out.draft.refs = {proposal.id};
    model::Statement body;
    body.stage = proposal.stage;
    body.early = which == Statements::early;
    auto const received = view.evidence.act(proposal.id)->received;
    if (proposal.stage == 0 && received < proposal.body.closes) body.known = received;
    if (listed.size() > model::inline_listings) {
        out.files.push_back(model::listing_text(listed));
        body.file = base::sha256(out.files.back());
    } else {
        for (auto const& listing : listed) out.draft.refs.push_back(listing.id);
        body.listed = std::move(listed);
    }
    out.draft.body = base::JsonValue(model::to_json(body));
    return out;
}

bool has_stated(View const& view, OpenProposal const& proposal, Statements which) {
    for (auto const& held : view.evidence.acts(
             {.kind = "seen", .subject = proposal.id, .epoch = {}, .member = view.seat.member})) {
        auto const body = model::statement_from_json(*held.act.body);
        if (body.stage == proposal.stage && body.early == (which == Statements::early)) return true;
    }
    return false;
}

/// Before the close a seat states only what cannot be turned any more.
bool may_state(View const& view, OpenProposal const& proposal, Statements which) {
    if (which == Statements::ordinary) return view.now >= proposal.body.closes;
    auto const& earliest = proposal.decision->earliest;
    bool const may_close = earliest && view.now >= proposal.act.time + *earliest;
    bool const withdrawn = view.evidence.count({.kind = "withdraw", .subject = proposal.id}) > 0;
    return view.now < proposal.body.closes && (may_close || withdrawn) &&
           is_settled_here(view.evidence, view.current(), proposal);
}

bool tier_votes(Epoch const& epoch, model::Member const& member) {
    auto const* tier = epoch.charter.tier(member.tier);
    return tier != nullptr &&
           std::find(tier->rights.begin(), tier->rights.end(), "vote") != tier->rights.end();
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

/// What the leader must or may offer: the carried document, or what is due.
std::shared_ptr<Epoch const> epoch_to_offer(View const& view, model::Candidate const& candidate,
                                            Due const& due) {
    auto const must = carried(view.evidence, candidate);
    if (must.contradictory) return nullptr;
    if (must.choice) return load_document(view.evidence, must.choice->document);
    if (due.parts.empty()) return nullptr;
    return std::make_shared<Epoch const>(next_epoch(view.evidence, view.latest, due.parts));
}

Sign vote(std::string kind, Choice const& choice, std::vector<Digest> refs, std::uint64_t number) {
    Sign out;
    out.words = kind + " epoch " + std::to_string(number) + ", attempt " + std::to_string(choice.attempt);
    out.draft = {std::move(kind), std::move(refs), base::JsonValue(model::to_json(choice)), true};
    return out;
}

/// Who offers a document holds all that it pins: those who prepared it did, this seat may not yet.
bool holds_all(View const& view, model::Draft const& draft) {
    model::Act act;
    act.kind = draft.kind;
    act.refs = draft.refs;
    act.body = draft.body;
    return missing_references(view.evidence, act).empty();
}

/// Why nobody could read this epoch's document; empty: everybody can.
std::string unreadable(std::string const& document) {
    try {
        static_cast<void>(model::epoch_from_document(document));
        return {};
    } catch (base::Error const& error) {
        return error.message();
    }
}

}  // namespace

View::View(port::Evidence const& from, std::shared_ptr<Epoch const> const& final, Seat const& who,
           base::Instant when)
    : evidence(from), latest(final), seat(who), now(when), round(from, *final), open(open_proposals(from)) {}

std::optional<Sign> try_state(View const& view) {
    auto const* self = view.current().member(view.seat.member);
    if (self == nullptr || self->status != "active") return std::nullopt;
    for (auto const& proposal : view.open) {
        auto const voters = proposal.base->voting();
        bool const voted = std::any_of(voters.begin(), voters.end(),
                                       [&](model::Member const* one) { return one->id == view.seat.member; });
        if (!voted) continue;
        for (auto const which : {Statements::early, Statements::ordinary})
            if (may_state(view, proposal, which) && !has_stated(view, proposal, which))
                return state(view, proposal, which);
    }
    return std::nullopt;
}

// An admitted member's seat says once, for its key, that it holds the epoch (PROTOCOL P4).
std::optional<Sign> try_ready(View const& view) {
    auto const* self = view.current().member(view.seat.member);
    if (self == nullptr || self->status != "active" || self->votes || !tier_votes(view.current(), *self))
        return std::nullopt;
    for (auto const& act :
         view.evidence.acts({.kind = "ready", .subject = {}, .epoch = {}, .member = self->id}))
        if (act.act.key == self->seat) return std::nullopt;
    Sign out;
    out.words = "say that this seat is ready";
    out.draft = {"ready", {}, base::JsonValue(base::Json::object()), true};
    return out;
}

Led try_lead(View const& view, Due const& due) {
    if (leader(view.current(), view.attempt()) != view.seat.member) return {};
    if (view.has_signed("candidate") || view.has_left()) return {};
    model::Candidate body;
    if (view.attempt() > 0) body.skips = ids_of(view.round.skips(view.attempt() - 1));
    auto const offered = epoch_to_offer(view, body, due);
    if (!offered) return {};
    auto text = model::document(*offered);
    body.choice = {view.attempt(), base::sha256(text)};
    Sign out;
    out.words = "offer epoch " + std::to_string(offered->number) + " with " +
                std::to_string(offered->results.size()) + " results and " +
                std::to_string(offered->own_changes.size()) + " own changes";
    out.draft = {"candidate", candidate_references(*offered, body.skips), base::JsonValue(to_json(body)),
                 true};
    bool const repeats = view.evidence.has_file(body.choice.document);
    if (repeats && !holds_all(view, out.draft)) return {};
    Led led;
    if (auto const reason = unreadable(text); !reason.empty()) {
        led.objection = "epoch " + std::to_string(offered->number) +
                        " is not offered, its document could not be read by anybody: " + reason;
        return led;
    }
    out.files.push_back(std::move(text));
    led.sign = std::move(out);
    return led;
}

Judged judge(View const& view) {
    Judged out;
    if (view.has_signed("prepare") || view.has_left()) return out;  // its answer is given
    auto const leads = leader(view.current(), view.attempt());
    for (auto const& act : view.round.candidates()) {
        if (act.act.member != leads || act.act.body->at("attempt") != view.attempt()) continue;
        auto reason = hard_check(view.evidence, view.latest, act);
        if (reason.empty()) reason = soft_check(view.evidence, view.current(), act, view.seat, view.now);
        if (reason.empty()) {
            out.good = act;
            return out;
        }
        out.objection = "not prepared: " + reason;
    }
    return out;
}

std::optional<Sign> try_prepare(View const& view, Judged const& judged) {
    if (!judged.good) return std::nullopt;
    auto const choice = model::candidate_from_json(*judged.good->act.body).choice;
    return vote("prepare", choice, {}, view.current().number + 1);
}

std::optional<Sign> try_commit(View const& view) {
    if (view.has_signed("commit") || view.has_left()) return std::nullopt;
    for (auto const& [choice, prepares] : view.round.prepares()) {
        if (choice.attempt != view.attempt() || prepares.size() < view.round.quorum()) continue;
        if (!view.evidence.has_file(choice.document)) continue;
        return vote("commit", choice, ids_of(prepares), view.current().number + 1);
    }
    return std::nullopt;
}

std::optional<base::Instant> timer_end(View const& view, Due const& due) {
    std::optional<base::Instant> begun;
    if (!due.parts.empty()) begun = due.since;
    for (auto const& act : view.round.candidates()) {
        if (begun && *begun <= act.received) continue;
        if (hard_check(view.evidence, view.latest, act).empty()) begun = act.received;
    }
    if (!begun) return std::nullopt;
    constexpr std::int64_t last_doubling = 5;
    auto const entered = view.round.entered(view.attempt()).value_or(view.seat.final_here);
    auto const factor = std::int64_t{1} << std::min(view.attempt(), last_doubling);
    return std::max(entered, *begun) + base::Duration{view.current().charter.attempt.seconds * factor};
}

std::optional<Sign> leave_attempt(View const& view) {
    if (!view.votes() || view.has_left()) return std::nullopt;
    model::Skip body{view.attempt(), view.round.prepared(view.attempt())};
    std::vector<Digest> refs;
    if (body.carried) refs = ids_of(view.round.prepares().at(*body.carried));
    Sign out;
    out.words = "skip attempt " + std::to_string(body.attempt) + " of epoch " +
                std::to_string(view.current().number + 1);
    out.draft = {"skip", std::move(refs), base::JsonValue(model::to_json(body)), true};
    return out;
}

std::optional<Sign> try_skip(View const& view, std::optional<base::Instant> end) {
    auto const& skipped = view.round.spoken("skip", view.attempt());
    bool const others_left = view.round.liars() > 0 && skipped.size() > view.round.liars();
    bool const over = end && view.now >= *end;
    return over || others_left ? leave_attempt(view) : std::nullopt;
}

}  // namespace consortium::agreement
