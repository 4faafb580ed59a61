#pragma once

#include "core/flow/root.h"
#include "core/flow/trust.h"
#include "core/flow/trust_follow.h"
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
        auto const followed = consortium::flow::followed_trust(store(), epoch);
        final(std::move(epoch));
        services().store.write([&](consortium::port::Transaction& transaction) {
            transaction.append_event({"trust.followed", services().clock.now(),
                                      consortium::base::JsonValue(consortium::base::Json::object()),
                                      followed});
        });
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
        consortium::model::Approval const approval{digest, "root",
                                                   consortium::flow::approval_subject(now()).about};
        sign_as(member,
                {"approval", {}, consortium::base::JsonValue(consortium::model::to_json(approval)), false});
    }

    consortium::flow::Rotation now() { return consortium::flow::rotation(state()); }
    consortium::base::Digest digest() { return *now().approve; }

    consortium::model::Plan sign_plan(consortium::base::Json arguments = consortium::base::Json::object()) {
        return consortium::flow::plan_root_sign(state(), request("root sign", std::move(arguments)));
    }

    void approve_all() {
        for (char const* member : {"globex", "initech", "umbrella"}) approve(member, digest());
    }

    void sign() {
        approve_all();
        carry_out(sign_plan());
    }

    /// What is held is proposed, and the members agree on it.
    void distribute() {
        carry_out(consortium::flow::plan_root_distribute(state(), services(), plain("root distribute")));
        auto const bundle = consortium::flow::held_bundle(store());
        decide("root.trust", "passed", consortium::base::JsonValue(consortium::model::to_json(*bundle)));
    }

    /// Another member's statement about this rotation, as an exchange would bring it.
    void state_as(std::string const& member, std::string const& about, std::int64_t attempt,
                  consortium::base::Json facts) {
        using namespace consortium;
        model::CeremonyNotice notice;
        notice.plan = now().plan;
        notice.about = about;
        notice.attempt = attempt;
        notice.facts = base::JsonValue(std::move(facts));
        sign_as(
            member,
            {"ceremony", {flow::opening_of(state(), now())}, base::JsonValue(model::to_json(notice)), false});
    }

    /// Every member says that it trusts the bundle in force.
    void acknowledge(std::vector<std::string> const& members = {"acme", "globex", "initech", "umbrella"}) {
        using namespace consortium;
        auto const bundle = model::trust_bundle_from_json(*store().latest()->trust_bundle);
        base::Json const node{{"node", ""}, {"state", "acknowledged"}, {"words", "seen"}};
        for (auto const& member : members)
            state_as(member, "acknowledged", bundle.version,
                     {{"bundle", base::sha256(model::document(bundle)).hex()}, {"nodes", {node}}});
    }

    void agree_on_trust() {
        agree_on_plan();
        prepare();
        sign();
        distribute();
        acknowledge();
    }

    consortium::model::Request with(char const* command, consortium::base::Json arguments) {
        return request(command, std::move(arguments));
    }

    void go_through(consortium::model::Plan const& plan) {
        carry_out(plan);
        sign();
        distribute();
        acknowledge();
    }

    void switch_over() { go_through(consortium::flow::plan_root_switch(state(), plain("root switch"))); }
    void distrust() { go_through(consortium::flow::plan_root_distrust(state(), plain("root distrust"))); }
    void go_back() {
        go_through(consortium::flow::plan_root_rollback(
            state(), with("root rollback", {{"reason", "a node does not start"}})));
    }

    std::vector<std::string> trusted_roots() {
        std::vector<std::string> out;
        for (auto const& each : in_force().roots) out.push_back(each.name);
        return out;
    }
    consortium::model::TrustBundle in_force() {
        return consortium::model::trust_bundle_from_json(*store().latest()->trust_bundle);
    }
};
