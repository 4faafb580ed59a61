#pragma once

#include "core/agreement/finality.h"
#include "core/agreement/validation.h"
#include "core/model/ballot.h"
#include "core/model/founder.h"
#include "core/model/proposal.h"
#include "tests/support/acts.h"
#include "tests/support/memory_evidence.h"

#include <doctest/doctest.h>

/// Members with keys made from their names, the epoch that they found, and workspaces in which their seats
/// act: agreement in process, without I/O.
namespace consortium::test {

inline base::Instant at(std::string_view text) {
    return base::Instant::from_text(text);
}

inline TestSigner officer_key(std::string const& member) {
    return TestSigner("officer of " + member);
}
inline TestSigner seat_key(std::string const& member) {
    return TestSigner("seat of " + member);
}
inline std::string officer_of(std::string const& member) {
    return member + "-ada";
}

inline model::Founder founder(std::string const& id) {
    model::Founder out;
    out.member.id = out.member.control_group = id;
    out.member.name = "The " + id;
    out.member.tier = "validator";
    auto const add_key = [&](TestSigner const& signer, std::string const& owner) {
        model::Key key;
        key.spki = signer.public_key();
        key.id = base::sha256(key.spki);
        key.algorithm = "ed25519";
        key.member = id;
        key.owner = owner;
        out.keys.push_back(key);
        return key.id;
    };
    out.member.seat = add_key(seat_key(id), "seat");
    out.member.log = add_key(TestSigner("log of " + id), "log");
    out.member.witness = add_key(TestSigner("witness of " + id), "witness");
    model::Officer officer;
    officer.id = officer_of(id);
    officer.member = id;
    officer.person = id + "-person";
    officer.roles = {"governance", "security"};
    officer.key = add_key(officer_key(id), officer.id);
    out.officers.push_back(officer);
    return out;
}

inline model::Charter small_charter() {
    model::Charter charter;
    charter.name = "payments";
    charter.grace = base::Duration::from_text("PT1H");
    charter.settle = base::Duration::from_text("P1D");
    charter.attempt = base::Duration::from_text("PT6H");
    charter.away = base::Duration::from_text("P90D");
    charter.exit_notice = base::Duration::from_text("P90D");
    charter.tiers = {{"validator", {"read", "write", "validate", "vote"}, 1}};
    model::Decision decision;
    decision.id = "all";
    for (auto const& kind : model::action_kinds()) decision.actions.emplace_back(kind.name);
    decision.electorate = {"validator"};
    decision.proposers = {"governance"};
    decision.quorum_counts = {"yes", "no", "abstain"};
    decision.quorum = model::Bound::from_text(">=2/3");
    decision.pass = model::Bound::from_text(">2/3");
    decision.window = base::Duration::from_text("PT1H");
    decision.lapses = base::Duration::from_text("P30D");
    charter.decisions = {decision};
    return model::charter_from_json(model::to_json(charter));
}

inline model::Epoch founding(std::vector<std::string> const& members, std::uint64_t number = 0) {
    model::Epoch epoch;
    epoch.number = number;
    epoch.rehearsal = true;
    epoch.founded = at("2026-10-01T09:00:00Z");
    epoch.charter = small_charter();
    for (auto const& member : members)
        model::enroll(epoch, founder(member), model::Seat::voting, epoch.founded);
    epoch.networks = {{"payments", "rehearsal", "n-1"}};
    return epoch;
}

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
        model::Ballot const body{std::move(choice), revision, ""};
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
