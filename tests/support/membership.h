#pragma once

#include "core/flow/apply.h"
#include "core/flow/genesis.h"
#include "core/model/epoch.h"
#include "tests/support/data_folder.h"
#include "tests/support/flow.h"

#include <algorithm>
#include <nlohmann/json.hpp>

/// A consortium of five as one workspace sees it: final epochs, an officer's key for each member, so that a
/// test can act as any of them. Costs are shared by gas and equally; notice is P90D.
class MembershipFixture : public FlowFixture {
public:
    MembershipFixture() {
        using namespace consortium;
        services().keys.create("log", "ed25519", base::Secret());
        epoch.rehearsal = true;
        epoch.founded = base::Instant::from_text("2026-09-01T00:00:00Z");
        epoch.charter = flow::read_charter(consortium::test::data_folder() +
                                           "/../../templates/charter/equal-partners.toml");
        epoch.charter.pools = {{"infrastructure", "volume", "gas", {}, "equal"},
                               {"support", "equal", "", {}, ""}};
        for (auto const* id : {"alpha-bank", "borealis-energy", "cedar-health", "delta-ports", "ember-city"})
            add_member(id);
        std::sort(epoch.keys.begin(), epoch.keys.end(),
                  [](auto const& left, auto const& right) { return left.id < right.id; });
        epoch.members[4].joined_at = base::Instant::from_text("2026-10-12T09:00:00Z");
        finalize();
    }

    /// Makes the present state of `epoch` final under its number.
    void finalize() {
        using namespace consortium;
        auto const document = model::document(epoch);
        model::Object object{"epoch", std::to_string(epoch.number), "final", "", {}, {}, 0};
        object.data = base::JsonValue(base::Json{{"hash", base::sha256(document).hex()},
                                                 {"attempt", 0},
                                                 {"received", now.text()},
                                                 {"commits", base::Json::array()}});
        store().write([&](port::Transaction& transaction) {
            transaction.put_file(document);
            transaction.append_event({"epoch.final", now, base::JsonValue(base::Json::object()), {object}});
        });
    }

    void put(consortium::model::Object object) {
        using namespace consortium;
        store().write([&](port::Transaction& transaction) {
            transaction.append_event({"test.put", now, base::JsonValue(base::Json::object()), {object}});
        });
    }

    consortium::flow::Identity as(std::string const& member) const {
        return {member, member + "-gov", folder(), false};
    }
    consortium::flow::State state(std::string const& member = "alpha-bank") {
        clock().set(now);
        return {store(), store().latest(), now, as(member)};
    }
    static consortium::model::Request request(std::string command, consortium::base::Json arguments) {
        return {std::move(command), consortium::base::JsonValue(std::move(arguments))};
    }
    consortium::base::Json apply(consortium::model::Plan const& plan,
                                 std::string const& member = "alpha-bank") {
        return *consortium::flow::apply(plan, services(), as(member));
    }

    consortium::model::Epoch epoch;
    consortium::base::Instant now = consortium::base::Instant::from_text("2026-11-03T10:00:00Z");

private:
    void add_member(std::string const& id) {
        using namespace consortium;
        auto const info = services().keys.create(id + "-gov", "ed25519", base::Secret());
        model::Member member;
        member.id = id;
        member.name = "The " + id;
        member.tier = "member";
        member.control_group = id;
        member.joined_at = epoch.founded;
        member.votes = true;
        epoch.members.push_back(member);
        epoch.officers.push_back({id + "-gov", id, id + "-person", {"governance"}, info.id, "active"});
        epoch.keys.push_back({info.id, "ed25519", info.public_key, id, id + "-gov", "active", "", 0});
    }
};
