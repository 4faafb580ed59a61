#pragma once

#include "core/flow/audit.h"
#include "core/flow/genesis.h"
#include "tests/support/acts.h"
#include "tests/support/data_folder.h"
#include "tests/support/flow.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace consortium::test {

/// A founded consortium of one member, whose officer's acts go into the journal as they are, judged by
/// nobody.
struct Founded : FlowFixture {
    TestSigner officer{"ada"};
    model::EpochReference genesis;

    Founded() {
        // The fixture's journal signs with this key; here the workspace holds it too.
        auto key = base::from_hex("302e020100300506032b657004220420");
        auto const seed = base::sha256(std::string_view("log of acme"));
        key.insert(key.end(), seed.bytes.begin(), seed.bytes.end());
        crypto::import_key(folder() / "keys", "log", base::Secret(std::move(key)), base::Secret());
        model::Epoch epoch;
        epoch.charter = flow::read_charter(base::Path(consortium::test::data_folder()) /
                                           "../../templates/charter/equal-partners.toml");
        epoch.founded = services().clock.now();
        epoch.keys.push_back({officer.id(), "ed25519", officer.public_key(), "acme", "ada", "active", "", 0});
        model::Member member;
        member.id = member.name = member.control_group = "acme";
        member.tier = epoch.charter.tiers.front().id;
        epoch.members.push_back(member);
        model::Officer ada;
        ada.id = "ada";
        ada.member = "acme";
        ada.person = "ada";
        ada.roles = {"governance"};
        ada.key = officer.id();
        epoch.officers.push_back(ada);
        genesis = model::reference(epoch);
        model::Object accepted;
        accepted.kind = accepted.name = "genesis";
        accepted.state = "accepted";
        accepted.data = base::JsonValue(base::Json{{"hash", genesis.hash.hex()}});
        store().write([&](port::Transaction& transaction) {
            transaction.put_file(model::document(epoch));
            transaction.append_event({"genesis.accepted", epoch.founded, accepted.data, {accepted}});
        });
    }

    model::Act act() const {
        auto made = plain_act("ballot");
        made.epoch = genesis;
        made.genesis = genesis.hash;
        return made;
    }
    void append(std::string const& envelope) {
        store().write([&](port::Transaction& transaction) { transaction.append_act(envelope); });
    }
    model::Outcome verify(base::Json arguments = {{"projection", true}}) {
        return flow::audit_verify(services(), {"audit verify", base::JsonValue(std::move(arguments))});
    }
    /// The only damage, as "where: what".
    std::string damage() {
        auto const outcome = verify();
        CHECK(outcome.status == base::Code::verification_failed);
        auto const& damages = outcome.data->at("damages");
        REQUIRE(damages.size() == 1);
        return damages[0]["where"].get<std::string>() + ": " + damages[0]["what"].get<std::string>();
    }
};

}  // namespace consortium::test
