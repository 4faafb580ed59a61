#pragma once

#include "core/model/founder.h"
#include "core/model/proposal.h"
#include "tests/support/signer.h"

/// Members with keys made from their names, and the epoch that they found.
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

}  // namespace consortium::test
