#pragma once

#include "core/crypto/courier.h"
#include "core/crypto/custody.h"
#include "core/flow/root_shares.h"
#include "core/flow/share.h"
#include "tests/support/rotation.h"

/// A root rotation of whose keys custodians keep shares: an officer of each member has a key for them.
class KeptRotation : public RotationFixture {
public:
    using Names = std::vector<std::string>;
    using Json = consortium::base::Json;

    KeptRotation() {
        using namespace consortium;
        for (auto const& member : members)
            m_recipients[member] =
                crypto::create_age_identity(folder() / "keys", "post-" + member, {}, services().entropy)
                    .recipient;
        m_custody = crypto::make_custody(
            folder() / "keys", folder() / "private" / "shares" / "sessions",
            [](std::string_view) { return base::Secret(); }, services().entropy);
        services().custody = m_custody.get();
    }

    /// --custodian acme-gov=FILE for each.
    Json keys_of_custodians(Names const& of) {
        Json out = Json::array();
        for (auto const& member : of) {
            auto const file = folder() / (member + ".pub");
            consortium::base::write_file(file, m_recipients.at(member));
            out.push_back(member + "-gov=" + file.string());
        }
        return out;
    }
    consortium::model::Plan deal_plan(std::string const& key, Names const& of, int threshold = 0) {
        Json arguments{{"operand", key}, {"custodian", keys_of_custodians(of)}};
        if (threshold != 0) arguments["threshold"] = threshold;
        return consortium::flow::plan_share_deal(state(), services(), with("share deal", arguments));
    }
    consortium::model::Plan refresh_plan(std::string const& key, Names const& of) {
        return consortium::flow::plan_share_refresh(
            state(), services(),
            with("share refresh", {{"operand", key}, {"custodian", keys_of_custodians(of)}}));
    }
    consortium::flow::ShareCase deal_of(std::string const& key) {
        return consortium::flow::share_case(state(), services(), key);
    }
    std::string sealed(std::string const& key, std::string const& member) {
        return (consortium::flow::out_folder(folder()) / deal_of(key).name() / (member + "-gov.share.json"))
            .string();
    }

    /// As an exchange would bring it; without the share, the proof is of nothing.
    void accept(std::string const& key, std::string const& member) { say(key, member, "accepted", true); }
    void pretend(std::string const& key, std::string const& member) { say(key, member, "accepted", false); }
    void destroy_share(std::string const& key, std::string const& member) {
        say(key, member, "destroyed", false);
    }

    consortium::model::Plan rotate_plan(Names const& custodians, int threshold) {
        Names roster;
        for (auto const& each : custodians) roster.push_back("custodian=" + each);
        return consortium::flow::plan_root_rotate(
            state(), with("root rotate", {{"roster", roster}, {"threshold", threshold}}));
    }
    void prepare_for(Names const& custodians, int threshold) {
        carry_out(rotate_plan(custodians, threshold));
        decide("root.rotate", "passed");
        prepare();
    }
    void approve_by_all() {
        approve_all();
        approve("acme", digest());
    }
    consortium::model::Plan distribute_plan() {
        return consortium::flow::plan_root_distribute(state(), services(), plain("root distribute"));
    }
    consortium::model::Plan destroy_plan() {
        return consortium::flow::plan_root_destroy(state(), services(), plain("root destroy"));
    }
    /// From a new root that is trusted on, to where the old one's key can be destroyed.
    void go_to_destruction() {
        distribute();
        acknowledge();
        switch_over();
        distrust();
        carry_out(consortium::flow::plan_root_prepare(state(), plain("root prepare")));
        approve_all();
        state_as("globex", "witnessed", now().attempt, {{"manifest", digest().hex()}, {"words", "seen"}});
    }
    void destroy_old_root() {
        go_to_destruction();
        carry_out(destroy_plan());
    }
    Json shown() { return *consortium::flow::root_show(state(), services()).data; }

    Names const members{"acme", "globex", "initech", "umbrella"};

private:
    void say(std::string const& key, std::string const& member, std::string const& about, bool proves) {
        using namespace consortium;
        auto const deal = deal_of(key);
        model::ShareAct act;
        act.about = about;
        act.deal = deal.file;
        act.index = deal.deal.index_of(member + "-gov");
        auto const text =
            model::share_proof_text(act, member + "-gov", model::reference(*store().latest()).hash);
        act.proof = base::Bytes(64, 1);
        if (proves) {
            auto const box = model::share_box_from_text(base::read_text(sealed(key, member), 65'536));
            act.proof = m_custody->prove(*m_custody->open(box), base::as_bytes(text));
        }
        sign_as(member, flow::share_draft(act, {deal.act}));
    }

    std::map<std::string, std::string> m_recipients;
    std::unique_ptr<consortium::port::Custody> m_custody;
};
