#pragma once

#include "tests/support/simulation/history.h"

/// What people do in a history: propose, vote, change their officers, ask for a new seat key.
namespace consortium::simulation {

inline void History::speak(Seat& seat) {
    auto const* self = seat.epoch().member(seat.id());
    if (self == nullptr || self->status != "active") return;
    if (m_proposals < 3 && self->votes && m_random.percent(12)) propose(seat);
    for (auto const& proposal : agreement::open_proposals(seat.holding)) {
        auto const* voter = proposal.base->member(seat.id());
        if (voter != nullptr && voter->votes && (seat.liar || seat.now < proposal.body.closes))
            (m_rulebook == Rulebook::plain || !m_habits.percent(20)) ? vote(seat, proposal)
                                                                     : stand_aside(seat, proposal);
    }
    if (m_own_changes < 4 && m_random.percent(4)) change_officer(seat);
    for (auto& restoration : m_restorations)
        if (restoration.seat == seat.number()) ask_for_new_key(seat, restoration);
}

inline bool History::may_leave(model::Epoch const& epoch, std::string const& member) const {
    std::size_t left = 0, liars = 0;
    for (auto const* one : epoch.voting()) {
        if (one->id == member) continue;
        ++left;
        if (!is_honest(one->id)) ++liars;
    }
    // One more may leave by another decision before this one takes effect, and a newcomer may get its vote.
    return left >= 5 && liars * 3 + 1 <= left - 1;
}

inline model::Action History::draw_action(Seat& seat, std::vector<std::string>& files) {
    auto const kind = m_random.below(10);
    auto const& epoch = seat.epoch();
    if (kind < 2) {
        auto charter = epoch.charter;
        auto const plain = model::sizes(static_cast<int>(epoch.voting().size()));
        auto const honest = plain.n - static_cast<int>(m_liars.size());
        charter.raised_quorum = m_random.percent(50) && plain.q < honest ? plain.q + 1 : 0;
        charter.exit_notice = base::Duration{m_random.below(1000)};
        files.push_back(base::canonical(model::to_json(charter)));
        return {"charter.amend", base::JsonValue(base::Json{{"charter", base::sha256(files.back()).hex()}})};
    }
    auto const& who = m_seats[m_random.index(m_seats.size())]->id();
    if (kind < 5 && may_leave(epoch, who) && epoch.member(who)->votes) {
        if (kind == 2) return {"member.exit", base::JsonValue(base::Json{{"member", who}})};
        return {"member.remove", base::JsonValue(base::Json{{"member", who}, {"reason", "ruled"}})};
    }
    return test::upgrade("r-" + std::to_string(m_proposals));
}

inline void History::propose(Seat& seat) {
    std::vector<std::string> files;
    model::Proposal body;
    body.title = "a proposal";
    body.action = draw_action(seat, files);
    body.closes = seat.now + base::Duration{3600 + m_random.below(4 * 3600)};
    body.lapses = body.closes + base::Duration{30 * 86'400};
    if (m_rulebook == Rulebook::longer && m_habits.percent(40)) body.track = "expedited";
    if (m_rulebook == Rulebook::longer && body.track == "ordinary")
        body.closes = body.closes + base::Duration{2 * 3600};
    if (seat.keep(seat.make({"proposal", {}, base::JsonValue(model::to_json(body)), false}, files)))
        ++m_proposals;
}

inline void History::vote(Seat& seat, agreement::OpenProposal const& proposal) {
    auto const mine =
        seat.holding.acts({.kind = "ballot", .subject = proposal.id, .epoch = {}, .member = seat.id()});
    auto const limit = seat.liar ? 3u : 2u;
    if (mine.size() >= limit || !m_random.percent(mine.empty() ? 60 : 10)) return;
    model::Ballot body{m_random.percent(80) ? "yes" : "no", 0};
    std::vector<Digest> refs{proposal.id};
    if (m_rulebook == Rulebook::sooner && !mine.empty() && !seat.liar) return;
    bool const again = !mine.empty() && !(seat.liar && m_random.percent(60));
    if (again) {
        body.revision = model::ballot_from_json(*mine.back().act.body).revision + 1;
        refs.push_back(mine.back().id);
    }
    auto* item = seat.make({"ballot", refs, base::JsonValue(model::to_json(body)), false});
    if (seat.liar) item->shown = static_cast<std::uint32_t>(m_random.next() | m_random.next());
    seat.keep(item);
}

/// What a member may do with a vote besides casting it; some of it against the charter, which nobody takes
/// in.
inline void History::stand_aside(Seat& seat, agreement::OpenProposal const& proposal) {
    auto const say = [&](std::string kind, base::Json body) {
        auto* item = seat.make({std::move(kind), {proposal.id}, base::JsonValue(std::move(body)), false});
        if (seat.liar) item->shown = static_cast<std::uint32_t>(m_habits.next() | m_habits.next());
        seat.keep(item);
    };
    auto const what = m_habits.below(20);
    if (what < 8) say("delegate", {{"to", m_seats[m_habits.index(m_seats.size())]->id()}, {"revision", 0}});
    if (what >= 8 && what < 12) say("recuse", base::Json::object());
    if (what == 12 && proposal.act.member == seat.id()) say("withdraw", base::Json::object());
}

inline void History::say_own(Seat& seat, model::OwnChange const& change) {
    std::set<Digest> followed;
    auto const mine = seat.holding.acts({.kind = "own", .subject = {}, .epoch = {}, .member = seat.id()});
    for (auto const& act : mine)
        if (!act.act.refs.empty()) followed.insert(act.act.refs.front());
    std::vector<Digest> refs;
    for (auto const& act : mine)
        if (!followed.contains(act.id)) refs = {act.id};
    seat.keep(seat.make({"own", refs, base::JsonValue(model::to_json(change)), false}));
}

inline void History::change_officer(Seat& seat) {
    auto const name = "officer-" + std::to_string(m_own_changes++);
    model::OwnChange change;
    change.kind = "officer.add";
    change.officer = model::NewOfficer{name, name, {"legal"}, new_seat_key(name, 0)};
    say_own(seat, change);
}

// PROTOCOL P10: the officers of a member whose seat was restored have a new seat key enacted.
inline void History::ask_for_new_key(Seat& seat, Restoration& restoration) {
    if (!seat.restored || !seat.silent() || restoration.asked || ++restoration.syncs_since < 3) return;
    restoration.asked = true;
    model::OwnChange change;
    change.kind = "key.replace";
    change.subject = "seat";
    change.key = new_seat_key(seat.id(), seat.generation);
    say_own(seat, change);
}

}  // namespace consortium::simulation
