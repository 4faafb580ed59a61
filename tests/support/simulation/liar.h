#pragma once

#include "core/agreement/candidate.h"
#include "core/agreement/round.h"
#include "tests/support/simulation/seat.h"

namespace consortium::simulation {

/// A member whose seat says whatever may hurt: it speaks twice, to some only, too early, falsely, or not at
/// all.
class Liar {
public:
    Liar(Seat& seat, Random& random) : m_seat(seat), m_random(random) { m_seat.liar = true; }

    Seat const& seat() const { return m_seat; }

    void step() {
        m_seat.guard([&] { act(); });
    }
    void act() {
        advance();
        auto const* self = m_seat.epoch().member(m_seat.id());
        if (self == nullptr || self->status != "active") return;
        state();
        if (m_random.percent(60)) imitate();
        if (!m_seat.votes()) return;
        agreement::Round const round(m_seat.holding, m_seat.epoch());
        lead(round);
        vote(round);
        if (m_random.percent(12)) skip(round);
    }

    /// Some members, everybody, or nobody.
    std::uint32_t audience() {
        auto const kind = m_random.below(100);
        if (kind < 35) return ~0u;
        if (kind < 45) return 0;
        return static_cast<std::uint32_t>(m_random.next());
    }

private:
    void advance() {
        while (auto const found = agreement::final_next(m_seat.holding)) m_seat.make_final(*found);
    }

    void say(model::Draft const& draft, std::vector<std::string> const& files = {}) {
        auto* item = m_seat.make(draft, files);
        item->shown = audience();
        m_seat.keep(item);
    }
    bool has_said(std::string const& kind, base::Json const& body) const {
        for (auto const& act : m_seat.holding.acts(
                 {.kind = kind, .subject = {}, .epoch = m_seat.epoch().number, .member = m_seat.id()}))
            if (*act.act.body == body) return true;
        return false;
    }

    void imitate() {
        auto const next = agreement::next_action(m_seat.holding, m_seat.seat(), m_seat.now);
        if (auto const* sign = std::get_if<agreement::Sign>(&next)) say(sign->draft, sign->files);
    }

    // Two statements on a proposal, each with some of the ballots; what came late is dated back.
    void state() {
        for (auto const& proposal : agreement::open_proposals(m_seat.holding)) {
            auto const mine = m_seat.holding.count(
                {.kind = "seen", .subject = proposal.id, .epoch = {}, .member = m_seat.id()});
            auto const* voter = proposal.base->member(m_seat.id());
            bool const may = voter != nullptr && voter->votes && mine < 2;
            if (!may || m_seat.now < proposal.body.closes || !m_random.percent(40)) continue;
            model::Statement body;
            model::Draft draft{"seen", {proposal.id}, {}, true};
            auto ballots = m_seat.holding.acts({.kind = "ballot", .subject = proposal.id});
            std::sort(ballots.begin(), ballots.end(),
                      [](auto const& left, auto const& right) { return left.id < right.id; });
            for (auto const& ballot : ballots) {
                if (m_random.percent(30)) continue;
                auto const last = proposal.body.closes - base::Duration{1 + m_random.below(1000)};
                body.listed.push_back({ballot.id, std::min(ballot.received, last)});
                draft.refs.push_back(ballot.id);
            }
            draft.body = base::JsonValue(model::to_json(body));
            say(draft);
        }
    }

    // Candidates with some of what is due, or of what is not due yet; with some of the skips.
    void lead(agreement::Round const& round) {
        auto const attempt = round.attempt();
        bool const leads = agreement::leader(m_seat.epoch(), attempt) == m_seat.id();
        auto const mine = std::count_if(
            round.candidates().begin(), round.candidates().end(), [&](model::StoredAct const& act) {
                return act.act.member == m_seat.id() && act.act.body->at("attempt") == attempt;
            });
        if (!leads || mine >= 2 || !m_random.percent(60)) return;
        model::Candidate body;
        if (attempt > 0) body.skips = some_skips(round, attempt - 1);
        auto text = offer(body);
        if (!text) return;
        body.choice = {attempt, base::sha256(*text)};
        if (has_said("candidate", model::to_json(body))) return;
        say({"candidate", body.skips, base::JsonValue(model::to_json(body)), true}, {*text});
    }

    std::vector<Digest> some_skips(agreement::Round const& round, std::int64_t attempt) {
        auto skips = agreement::ids_of(round.skips(attempt));
        while (skips.size() > round.quorum()) skips.erase(skips.begin() + m_random.below(std::ssize(skips)));
        return skips;
    }

    std::optional<std::string> offer(model::Candidate const& candidate) {
        auto const must = agreement::carried(m_seat.holding, candidate);
        if (must.choice && m_random.percent(85)) return m_seat.holding.file(must.choice->document);
        auto const when = m_random.percent(15) ? m_seat.now + base::Duration{10 * 3600} : m_seat.now;
        auto parts = agreement::due(m_seat.holding, m_seat.epoch(), agreement::open_proposals(m_seat.holding),
                                    m_seat.seat(), when)
                         .parts;
        std::erase_if(parts.own_changes, [&](Digest const&) { return m_random.percent(30); });
        for (auto& [proposal, statements] : parts.decisions)
            while (statements.size() > 1 && m_random.percent(40))
                statements.erase(statements.begin() + m_random.below(std::ssize(statements)));
        if (parts.empty()) return std::nullopt;
        try {
            auto epoch = agreement::next_epoch(m_seat.holding, m_seat.holding.latest(), parts);
            if (!epoch.results.empty() && m_random.percent(10)) epoch.results[0].outcome = "failed";
            return model::document(epoch);
        } catch (base::Error const&) {
            return std::nullopt;
        }
    }

    // Prepares and commits for every document that is offered, in every attempt.
    void vote(agreement::Round const& round) {
        for (auto const& candidate : round.candidates()) {
            auto const body = model::to_json(model::candidate_from_json(*candidate.act.body).choice);
            if (m_random.percent(60) && !has_said("prepare", body))
                say({"prepare", {}, base::JsonValue(body), true});
        }
        for (auto const& [choice, prepares] : round.prepares()) {
            auto const body = model::to_json(choice);
            if (prepares.size() >= round.quorum() && m_random.percent(70) && !has_said("commit", body))
                say({"commit", agreement::ids_of(prepares), base::JsonValue(body), true});
        }
    }

    void skip(agreement::Round const& round) {
        model::Skip body{round.attempt(), {}};
        std::vector<Digest> refs;
        for (auto const& [choice, prepares] : round.prepares()) {
            if (choice.attempt > body.attempt || prepares.size() < round.quorum()) continue;
            if (!m_random.percent(30)) continue;
            body.carried = choice;
            refs = agreement::ids_of(prepares);
        }
        if (!has_said("skip", model::to_json(body)))
            say({"skip", refs, base::JsonValue(model::to_json(body)), true});
    }

    Seat& m_seat;
    Random& m_random;
};

}  // namespace consortium::simulation
