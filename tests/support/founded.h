#pragma once

#include "core/base/error.h"
#include "core/flow/services.h"
#include "core/model/founder.h"
#include "core/model/plan.h"
#include "core/model/proposal.h"
#include "tests/support/acts.h"
#include "tests/support/flow.h"

#include <doctest/doctest.h>

/// Three organizations with keys made from their names.
namespace founded {

using namespace consortium;

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

}  // namespace founded

/// A workspace of acme in a consortium of three, final at epoch 0, in which any officer's acts can be made to
/// arrive: for tests of what flow plans from what is held.
class Founded {
public:
    using Json = consortium::base::Json;

    explicit Founded(std::function<void(consortium::model::Epoch&)> const& change = {}) {
        using namespace consortium;
        auto founding = founded::founding({"acme", "globex", "initech"});
        if (change) change(founding);
        m_epoch = std::make_shared<model::Epoch const>(founding);
        auto const reference = model::reference(founding);
        model::Object final;
        final.kind = "epoch";
        final.name = "0";
        final.state = "final";
        final.data = base::JsonValue(Json{{"hash", reference.hash.hex()},
                                          {"attempt", 0},
                                          {"received", founding.founded.text()},
                                          {"commits", Json::array()}});
        fixture.store().write([&](port::Transaction& transaction) {
            transaction.put_file(model::document(founding));
            transaction.append_event({"epoch.final", founding.founded, final.data, {final}});
        });
    }

    consortium::flow::State state(std::string const& member = "acme") const {
        using namespace consortium;
        return {const_cast<FlowFixture&>(fixture).store(),
                m_epoch,
                founded::at("2026-10-02T09:00:00Z"),
                {member, founded::officer_of(member), fixture.folder(), false}};
    }

    /// An act arrives that `signer` made, with the clock a minute further each time.
    consortium::base::Digest arrive(consortium::model::Act act, TestSigner signer) {
        using namespace consortium;
        auto const reference = model::reference(*m_epoch);
        act.genesis = reference.hash;
        act.epoch = reference;
        act.time = founded::at("2026-10-02T10:00:00Z") + base::Duration{60 * ++m_said};
        auto const text = signed_envelope(act, signer, m_said);
        fixture.store().write([&](port::Transaction& transaction) { transaction.append_act(text); });
        return model::act_id(model::envelope_from_text(text));
    }

    /// The one act that a plan would sign arrives, by that member's officer.
    consortium::base::Digest carry_out(consortium::model::Plan const& plan, std::string const& member) {
        using namespace consortium;
        REQUIRE(plan.verdict.allowed());
        REQUIRE(plan.steps.size() == 1);
        auto const& detail = *plan.steps[0].detail;
        auto act = plain_act(detail.value("kind", std::string("submit")), member);
        act.officer = detail.value("officer", founded::officer_of(member));
        act.body = base::JsonValue(detail.at("body"));
        for (auto const& ref : detail.value("refs", Json::array()))
            act.refs.push_back(base::Digest::from_hex(ref.get<std::string>()));
        if (detail.contains("invitation"))
            act.refs.push_back(base::Digest::from_hex(detail["invitation"].get<std::string>()));
        return arrive(act, founded::officer_key(member));
    }

    /// A file in the workspace's folder.
    std::string file(std::string const& name, std::string_view content) const {
        consortium::base::write_file(fixture.folder() / name, content);
        return (fixture.folder() / name).string();
    }

    FlowFixture fixture;

private:
    std::shared_ptr<consortium::model::Epoch const> m_epoch;
    int m_said = 0;
};

inline consortium::model::Request request_for(std::string command, consortium::base::Json arguments) {
    return {std::move(command), consortium::base::JsonValue(std::move(arguments))};
}

/// The code that the work is refused with; internal if it is not.
inline consortium::base::Code refusal(std::function<void()> const& work) {
    try {
        work();
    } catch (consortium::base::Error const& error) {
        return error.code();
    }
    return consortium::base::Code::internal;
}
