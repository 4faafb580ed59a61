#pragma once

#include "core/flow/root_countersign.h"
#include "core/flow/tuf.h"
#include "core/model/countersignature.h"
#include "tests/support/rotation.h"

/// Four members with one officer each, three of whom must sign, and trust bundles in epochs.
class TufFixture : public RotationFixture {
public:
    using Files = consortium::flow::Files;

    /// An epoch carries a bundle of this version, of what authorities there are.
    void carry(std::int64_t version, std::function<void(consortium::model::Epoch&)> const& change = {}) {
        using namespace consortium;
        auto epoch = *store().latest();
        auto const previous = model::reference(epoch);
        epoch.number += 1;
        epoch.previous = previous.hash;
        epoch.results.clear();
        auto const bundle = flow::compose_bundle(flow::authorities(store()), version, "");
        epoch.trust_bundle = base::JsonValue(model::to_json(bundle));
        if (change) change(epoch);
        final(std::move(epoch));
    }
    void propose_and_carry() {
        using namespace consortium;
        carry_out(flow::plan_root_distribute(state(), services(), plain("root distribute")));
        decide("root.trust", "passed", base::JsonValue(model::to_json(*flow::held_bundle(store()))));
    }

    consortium::flow::Identity identity(std::string const& member) const {
        return {member, member + "-gov", folder(), true};
    }
    consortium::flow::State state_of(std::string const& member) {
        return {store(), store().latest(), services().clock.now(), identity(member)};
    }
    consortium::model::Plan countersign_plan(
        std::string const& member, consortium::base::Json arguments = consortium::base::Json::object()) {
        return consortium::flow::plan_root_countersign(state_of(member), services().certifier,
                                                       request("root countersign", std::move(arguments)));
    }
    void countersign(std::string const& member) {
        using namespace consortium;
        auto theirs = services_with(services(), {.keys = &keys_of(member)});
        flow::apply(countersign_plan(member), theirs, identity(member));
    }
    consortium::flow::TufExport export_tuf(
        consortium::base::Json arguments = consortium::base::Json::object()) {
        return consortium::flow::export_tuf(state(), services(),
                                            request("root export", std::move(arguments)));
    }

    /// A new key for the member's officer, in the epoch that `change` gets.
    void rekey(consortium::model::Epoch& epoch, std::string const& member, std::string const& status) {
        using namespace consortium;
        auto const made = keys_of(member).create("next", "ed25519", base::Secret());
        for (auto& officer : epoch.officers) {
            if (officer.member != member) continue;
            for (auto& key : epoch.keys)
                if (key.id == officer.key) key.status = status;
            officer.key = made.id;
            epoch.keys.push_back(
                {made.id, made.algorithm, made.public_key, member, officer.id, "active", "", epoch.number});
        }
        std::ranges::sort(epoch.keys, {}, &model::Key::id);
    }
    /// An act of that member's officer that says this.
    std::string act_of(std::string const& member, consortium::model::Countersigning const& body) {
        using namespace consortium;
        auto theirs = services_with(services(), {.keys = &keys_of(member)});
        return flow::sign({"countersign", {}, base::JsonValue(model::to_json(body)), false}, theirs,
                          identity(member))
            .envelope;
    }
    consortium::model::Countersignature signature(std::string const& member, std::string_view document) {
        using namespace consortium;
        auto const key = store().latest()->officer(member + "-gov")->key;
        return {base::sha256(document), key, keys_of(member).open(key)->sign(base::as_bytes(document))};
    }
};
