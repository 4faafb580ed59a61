#pragma once

#include "core/crypto/courier.h"
#include "core/crypto/custody.h"
#include "core/flow/share.h"
#include "core/flow/share_case.h"
#include "tests/support/organization.h"
#include "tests/support/services.h"

namespace consortium::test {

/// An organization with a custody and, as custodian, a key that shares are sealed to.
class Keeper {
public:
    explicit Keeper(Organization& of) : organization(of) {
        recipient = crypto::create_age_identity(keys(), "post", {}, of.entropy).recipient;
        restart();
    }
    base::Path folder() const { return organization.self.workspace; }
    base::Path keys() const { return folder() / "keys"; }
    flow::Identity const& self() const { return organization.self; }
    flow::State state() {
        auto& store = organization.store();
        return {store, store.latest(), organization.clock.now(), self()};
    }
    flow::Services& services() { return organization.services(); }
    /// As another process would find it.
    void restart() {
        custody = crypto::make_custody(
            keys(), folder() / "private" / "shares" / "sessions",
            [](std::string_view) { return base::Secret(); }, organization.entropy);
        services().custody = custody.get();
    }
    std::string write(std::string const& name, std::string const& text) const {
        base::write_file(folder() / name, text);
        return (folder() / name).string();
    }
    base::Json apply(model::Plan const& plan) {
        REQUIRE(plan.verdict.allowed());
        return *flow::apply(plan, services(), self());
    }

    Organization& organization;
    std::string recipient;
    std::unique_ptr<port::Custody> custody;
};

/// Three organizations; acme has a key, and its shares go to an officer of each: any two recover it.
class Custodians {
public:
    using Json = base::Json;

    Custodians() { acme.services().keys.create("ca-root-g1", "p384", {}); }

    static model::Request request(std::string command, Json arguments) {
        return {std::move(command), base::JsonValue(std::move(arguments))};
    }
    Keeper& of(std::string const& member) {
        return member == "acme" ? acme : member == "globex" ? globex : initech;
    }
    void sync() {
        for (int round = 0; round < 2; ++round)
            for (auto* one : founders.all()) one->sync(founders.exchange);
    }
    Json wanted() {
        Json custodians = Json::array();
        for (auto* one : {&acme, &globex, &initech})
            custodians.push_back(one->self().officer + "=" +
                                 acme.write(one->self().member + ".pub", one->recipient));
        return {{"operand", "ca-root-g1"}, {"threshold", 2}, {"custodian", custodians}};
    }
    model::Plan deal_plan() {
        return flow::plan_share_deal(acme.state(), acme.services(), request("share deal", wanted()));
    }
    void deal() {
        acme.apply(deal_plan());
        sync();
    }
    model::Plan refresh_plan() {
        return flow::plan_share_refresh(acme.state(), acme.services(),
                                        request("share refresh", {{"operand", "ca-root-g1"}}));
    }
    void refresh() {
        acme.apply(refresh_plan());
        sync();
    }
    /// What a crash left undone.
    void deal_again() {
        acme.apply(flow::plan_share_deal(acme.state(), acme.services(),
                                         request("share deal", {{"operand", "ca-root-g1"}})));
        sync();
    }
    flow::ShareCase present() { return flow::share_case(acme.state(), acme.services(), "ca-root-g1"); }
    std::string dealt_file(std::string const& member) {
        return (flow::out_folder(acme.folder()) / present().name() /
                (officer_of(member) + std::string(flow::share_ending)))
            .string();
    }
    model::Plan accept_plan(Keeper& one, std::string const& file) {
        return flow::plan_share_accept(one.state(), one.services(),
                                       request("share accept", {{"operand", file}}));
    }
    void accept(std::function<void()> const& each = [] {}) {
        for (char const* member : {"acme", "globex", "initech"}) {
            of(member).apply(accept_plan(of(member), dealt_file(member)));
            each();
        }
        sync();
    }
    model::Plan drill_plan(std::string const& member) {
        auto& one = of(member);
        return flow::plan_share_drill(one.state(), one.services(),
                                      request("share drill", {{"operand", "ca-root-g1"}}));
    }
    Json shown(std::string const& member, std::string const& what = "ca-root-g1") {
        auto& one = of(member);
        return *flow::share_show(one.state(), one.services(), request("share show", {{"operand", what}}))
                    .data;
    }
    std::string open(std::string const& purpose) {
        auto const record = acme.apply(flow::plan_share_open(
            acme.state(), acme.services(),
            request("share open",
                    {{"operand", "ca-root-g1"}, {"purpose", purpose}, {"no-passphrase", true}})));
        sync();
        return record.at("results")[0].at("name").get<std::string>();
    }
    void submit(std::string const& member, std::string const& session) {
        auto& one = of(member);
        one.apply(flow::plan_share_submit(one.state(), one.services(),
                                          request("share submit", {{"operand", session}})));
        sync();
    }
    std::string submitted(std::string const& member, std::string const& session) {
        return (flow::out_folder(of(member).folder()) /
                (session + "-" + officer_of(member) + std::string(flow::share_ending)))
            .string();
    }
    model::Plan recover_plan(std::string const& session, std::vector<std::string> const& members) {
        std::vector<std::string> files;
        for (auto const& member : members) files.push_back(submitted(member, session));
        return recover_plan_of(session, files);
    }
    void recover(std::string const& session, std::vector<std::string> const& members) {
        acme.apply(recover_plan(session, members));
        sync();
    }
    Json recover_files(std::string const& session, std::vector<std::string> const& files) {
        return acme.apply(recover_plan_of(session, files)).at("results")[0];
    }
    void drill_files(std::string const& session, std::vector<std::string> const& files) {
        acme.apply(flow::plan_share_drill(acme.state(), acme.services(),
                                          request("share drill", {{"operand", session}, {"share", files}})));
    }
    void lose_key() {
        std::filesystem::remove(acme.keys() / "ca-root-g1.pem");
        std::filesystem::rename(acme.keys() / "ca-root-g1.pub.pem", acme.folder() / "was.pub.pem");
    }
    /// A custodian's share as the custodian can open it.
    base::Secret opened(std::string const& member) {
        auto share =
            of(member).custody->open(model::share_box_from_text(base::read_text(dealt_file(member), 65'536)));
        REQUIRE(share);
        return std::move(*share);
    }
    /// What a custodian seals to a session who has another share than was dealt.
    std::string forged(std::string const& member, std::string const& session) {
        auto const text = base::read_text(submitted(member, session), 65'536);
        auto head = model::share_box_from_text(text);
        auto share = opened(member);
        base::Bytes changed(share.view().begin(), share.view().end());
        changed.back() ^= 1;
        auto const box = of(member).custody->seal(head, base::Secret(std::move(changed)));
        return acme.write("forged", model::to_text(box));
    }
    int session_keys() const {
        int count = 0;
        for (auto const& each :
             std::filesystem::directory_iterator(acme.folder() / "private" / "shares" / "sessions"))
            count += each.path().extension() == ".pem" ? 1 : 0;
        return count;
    }

    Founders founders;
    Keeper acme{founders.acme}, globex{founders.globex}, initech{founders.initech};

private:
    model::Plan recover_plan_of(std::string const& session, std::vector<std::string> const& files) {
        return flow::plan_share_recover(
            acme.state(), acme.services(),
            request("share recover", {{"operand", session}, {"share", files}, {"no-passphrase", true}}));
    }
};

}  // namespace consortium::test
