#pragma once

#include "core/agreement/finality.h"
#include "core/agreement/validation.h"
#include "core/model/ballot.h"
#include "tests/support/acts.h"
#include "tests/support/members.h"
#include "tests/support/memory_evidence.h"

#include <doctest/doctest.h>

/// Workspaces in which members' seats act: agreement in process, without I/O.
namespace consortium::test {

/// One member's workspace: it stores what is valid, keeps orphans, and its seat acts when told.
class Workspace {
public:
    Workspace(std::string member, model::Epoch const& start, base::Digest const& genesis)
        : m_member(std::move(member)), m_genesis(genesis) {
        evidence.make_final(start);
        m_final_here = start.founded;
    }

    std::string const& member() const { return m_member; }
    agreement::Ground ground() const { return {evidence, m_verifier, m_genesis}; }
    agreement::Seat seat() const { return {m_member, m_final_here}; }

    agreement::Acceptance receive(std::string const& envelope) {
        auto const answer = agreement::validate(envelope, ground());
        if (answer.result == agreement::Acceptance::Result::accepted) {
            evidence.add(envelope, now);
            retry_orphans();
        } else if (answer.result == agreement::Acceptance::Result::orphan) {
            m_orphans[answer.id] = envelope;
        }
        return answer;
    }

    /// An act of this member's officer or seat, in its latest epoch, not stored yet.
    std::string make(model::Draft const& draft, std::uint64_t nonce) const {
        auto act = plain_act(draft.kind, m_member);
        act.genesis = m_genesis;
        act.epoch = model::reference(*evidence.latest());
        act.officer = draft.by_seat ? "" : officer_of(m_member);
        act.time = now;
        act.expires = now + base::Duration::from_text("P90D");
        act.refs = draft.refs;
        act.body = draft.body;
        auto signer = draft.by_seat ? seat_key(m_member) : officer_key(m_member);
        return signed_envelope(act, signer, static_cast<int>(nonce));
    }

    /// Signs and stores; the act must be acceptable here.
    base::Digest say(model::Draft const& draft) {
        auto const answer = receive(make(draft, ++m_nonce));
        INFO(answer.reason);
        REQUIRE(answer.result == agreement::Acceptance::Result::accepted);
        return answer.id;
    }

    base::Digest propose(model::Action action, base::Instant closes) {
        model::Proposal body;
        body.title = "a proposal";
        body.action = std::move(action);
        body.closes = closes;
        body.lapses = closes + base::Duration::from_text("P30D");
        return say({"proposal", {}, base::JsonValue(model::to_json(body)), false});
    }
    base::Digest cast(base::Digest const& proposal, std::string choice, std::int64_t revision = 0,
                      std::vector<base::Digest> const& before = {}) {
        auto refs = std::vector{proposal};
        refs.insert(refs.end(), before.begin(), before.end());
        model::Ballot const body{std::move(choice), revision};
        return say({"ballot", refs, base::JsonValue(model::to_json(body)), false});
    }

    /// One action of the seat, if there is one; what was signed is stored.
    agreement::NextAction act() {
        auto next = agreement::next_action(evidence, seat(), now);
        if (auto const* sign = std::get_if<agreement::Sign>(&next)) {
            for (auto const& file : sign->files) evidence.add_file(file);
            m_last = say(sign->draft);
        } else if (auto const* found = std::get_if<agreement::Final>(&next)) {
            evidence.make_final(found->epoch);
            m_final_here = now;
            retry_orphans();
        }
        return next;
    }
    /// Until nothing changes.
    void step() {
        while (!std::holds_alternative<agreement::Wait>(act())) {
        }
    }
    /// Expects the seat to sign an act of this kind now, and returns its id.
    base::Digest signs(std::string_view kind) {
        auto const next = act();
        auto const* sign = std::get_if<agreement::Sign>(&next);
        REQUIRE(sign != nullptr);
        CHECK(sign->draft.kind == kind);
        return m_last;
    }

    /// Takes all that the other holds, files first (relaying, PROTOCOL P3).
    void pull(Workspace const& other) {
        for (auto const& [digest, content] : other.evidence.files()) evidence.add_file(content);
        for (auto const& held : other.evidence.all()) receive(held.envelope);
        retry_orphans();
    }

    void retry_orphans() {
        for (bool again = true; again;) {
            again = false;
            for (auto const& [id, envelope] : std::map(m_orphans)) {
                auto const answer = agreement::validate(envelope, ground());
                if (answer.result == agreement::Acceptance::Result::orphan) continue;
                m_orphans.erase(id);
                if (answer.result != agreement::Acceptance::Result::accepted) continue;
                evidence.add(envelope, now);
                again = true;
            }
        }
    }
    std::size_t orphans() const { return m_orphans.size(); }

    MemoryEvidence evidence;
    base::Instant now = at("2026-10-01T10:00:00Z");

private:
    std::string m_member;
    base::Digest m_genesis;
    base::Instant m_final_here;
    base::Digest m_last;
    std::uint64_t m_nonce = 0;
    std::map<base::Digest, std::string> m_orphans;
    TestVerifier m_verifier;
};

inline model::Action upgrade(std::string release) {
    return {"release.upgrade", base::JsonValue(base::Json{{"network", "payments"},
                                                          {"release", std::move(release)},
                                                          {"digest", base::sha256("d1").hex()}})};
}

}  // namespace consortium::test
