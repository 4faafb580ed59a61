#pragma once

#include "core/flow/root.h"
#include "core/flow/trust.h"
#include "core/model/approval.h"
#include "tests/support/pki.h"

#include <doctest/doctest.h>

/// A root rotation, step by step, in a consortium of four; the rule asks for three officers of three members.
class RotationFixture : public PkiFixture {
public:
    RotationFixture() { init_ca(); }

    static consortium::model::Request plain(char const* command) {
        return request(command, consortium::base::Json::object());
    }

    /// The newest proposal of a kind of action is decided by an epoch that says so.
    void decide(std::string const& action, std::string const& outcome,
                consortium::base::JsonValue bundle = {}) {
        auto epoch = *store().latest();
        auto const previous = consortium::model::reference(epoch);
        epoch.number += 1;
        epoch.previous = previous.hash;
        auto const acts = store().acts({.kind = "proposal"});
        REQUIRE_FALSE(acts.empty());
        auto const& act = acts.back();
        consortium::model::Result result;
        result.proposal = act.id;
        result.action = action;
        result.detail = act.act.body->at("action").at("detail");
        result.outcome = outcome;
        epoch.results = {result};
        if (!bundle->is_null()) epoch.trust_bundle = bundle;
        clock().advance(consortium::base::Duration{10 * 86'400});
        final(std::move(epoch));
        clock().advance(consortium::base::Duration{10 * 86'400});
    }

    void agree_on_plan() {
        carry_out(consortium::flow::plan_root_rotate(state(), plain("root rotate")));
        decide("root.rotate", "passed");
    }

    consortium::base::Json prepare() {
        return carry_out(consortium::flow::plan_root_prepare(
            state(), request("root prepare", {{"no-passphrase", true}})))["results"][0];
    }

    void approve(std::string const& member, consortium::base::Digest const& digest) {
        consortium::model::Approval const approval{digest, "root", "root g2"};
        sign_as(member,
                {"approval", {}, consortium::base::JsonValue(consortium::model::to_json(approval)), false});
    }

    consortium::base::Digest digest() { return *consortium::flow::rotation(store()).approve; }

    consortium::model::Plan sign_plan(consortium::base::Json arguments = consortium::base::Json::object()) {
        return consortium::flow::plan_root_sign(state(), request("root sign", std::move(arguments)));
    }

    void sign() {
        for (char const* member : {"globex", "initech", "umbrella"}) approve(member, digest());
        carry_out(sign_plan());
    }
};
