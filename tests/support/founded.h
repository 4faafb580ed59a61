#pragma once

#include "core/flow/services.h"
#include "core/model/plan.h"
#include "tests/support/acts.h"
#include "tests/support/code_of.h"
#include "tests/support/flow.h"
#include "tests/support/members.h"

#include <doctest/doctest.h>

/// A workspace of acme in a consortium of three, final at epoch 0, in which any officer's acts can be made to
/// arrive: for tests of what flow plans from what is held.
class Founded {
public:
    using Json = consortium::base::Json;

    explicit Founded(std::function<void(consortium::model::Epoch&)> const& change = {}) {
        using namespace consortium;
        auto founding = test::founding({"acme", "globex", "initech"});
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
                test::at("2026-10-02T09:00:00Z"),
                {member, test::officer_of(member), fixture.folder(), false}};
    }

    /// An act arrives that `signer` made, with the clock a minute further each time.
    consortium::base::Digest arrive(consortium::model::Act act, TestSigner signer) {
        using namespace consortium;
        auto const reference = model::reference(*m_epoch);
        act.genesis = reference.hash;
        act.epoch = reference;
        act.time = test::at("2026-10-02T10:00:00Z") + base::Duration{60 * ++m_said};
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
        act.officer = detail.value("officer", test::officer_of(member));
        act.body = base::JsonValue(detail.at("body"));
        for (auto const& ref : detail.value("refs", Json::array()))
            act.refs.push_back(base::Digest::from_hex(ref.get<std::string>()));
        if (detail.contains("invitation"))
            act.refs.push_back(base::Digest::from_hex(detail["invitation"].get<std::string>()));
        return arrive(act, test::officer_key(member));
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
