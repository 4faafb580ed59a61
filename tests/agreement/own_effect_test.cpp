#include "core/agreement/effect.h"
#include "core/base/error.h"
#include "tests/support/acts.h"
#include "tests/support/members.h"

#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

constexpr char const* day_one = "2026-10-02T00:00:00Z";

model::NewKey key_named(std::string const& name) {
    return {"ed25519", TestSigner(name).public_key()};
}

model::OwnChange adding(std::string const& id, std::vector<std::string> roles, std::string person = {}) {
    model::OwnChange change;
    change.kind = "officer.add";
    change.officer = model::NewOfficer{id, person.empty() ? id : person, std::move(roles), key_named(id)};
    return change;
}
model::OwnChange with_roles(std::string const& officer, std::vector<std::string> roles,
                            model::RoleEnds ends = {}) {
    model::OwnChange change;
    change.kind = "officer.roles";
    change.subject = officer;
    change.roles = std::move(roles);
    change.ends = std::move(ends);
    return change;
}
model::OwnChange removing(std::string const& officer, std::string cause = {}) {
    model::OwnChange change;
    change.kind = "officer.remove";
    change.subject = officer;
    change.cause = std::move(cause);
    return change;
}

struct Changing {
    explicit Changing(std::vector<model::RoleRule> rules = {}) {
        epoch.charter.roles = std::move(rules);
        ++epoch.number;
    }
    static model::Act act_of(model::OwnChange const& change, std::string const& when = day_one,
                             std::string const& member = "acme") {
        auto act = plain_act("own", member);
        act.officer = test::officer_of(member);
        act.key = test::officer_key(member).id();
        act.time = test::at(when);
        // What is read back must be what is written.
        act.body = base::JsonValue(model::to_json(model::own_change_from_json(model::to_json(change))));
        return act;
    }
    std::string enact(model::OwnChange const& change, std::string const& when = day_one,
                      std::string const& member = "acme") {
        return agreement::enact_own(epoch, before, act_of(change, when, member));
    }
    model::Officer const& officer(std::string const& id) const { return *epoch.officer(id); }

    model::Epoch const before = test::founding({"acme", "globex", "initech"});
    model::Epoch epoch = before;
};

model::RoleRule auditors() {
    return {"auditor", {"operator", "security"}, base::Duration::from_text("P365D"), 0, 0};
}

}  // namespace

TEST_CASE("an officer that is added acts with its roles and their ends; the epoch says so") {
    Changing one;
    auto change = adding("eve", {"auditor", "legal"});
    change.officer->ends["auditor"] = test::at("2027-01-01T00:00:00Z");
    REQUIRE(one.enact(change).empty());
    auto const& eve = one.officer("eve");
    CHECK(eve.roles_at(test::at("2026-12-31T23:59:59Z")) == std::vector<std::string>{"auditor", "legal"});
    CHECK(eve.roles_at(test::at("2027-01-01T00:00:00Z")) == std::vector<std::string>{"legal"});
    auto const written = model::document(one.epoch);
    CHECK(written.find(R"("ends":{"auditor":"2027-01-01T00:00:00Z"})") != std::string::npos);
    CHECK(model::document(model::epoch_from_document(written)) == written);
}

TEST_CASE(
    "an epoch without ends of roles or of suspensions has the bytes that it had before there were any") {
    Changing one;
    REQUIRE(one.enact(adding("eve", {"legal"})).empty());
    auto const written = model::document(one.epoch);
    CHECK(written.find("\"ends\"") == std::string::npos);
    CHECK(written.find("suspended_until") == std::string::npos);
    auto const body = base::canonical(model::to_json(with_roles("eve", {"legal"})));
    CHECK(body == R"({"kind":"officer.roles","roles":["legal"],"subject":"eve"})");
}

TEST_CASE("ends of roles are strict: of a role that is there, and never an empty record") {
    auto const read = [](Json ends) {
        Json change = model::to_json(with_roles("eve", {"legal"}));
        change["ends"] = std::move(ends);
        return model::own_change_from_json(change);
    };
    CHECK(read({{"legal", "2027-01-01T00:00:00Z"}}).ends.size() == 1);
    CHECK_THROWS_AS(read({{"auditor", "2027-01-01T00:00:00Z"}}), base::Error);
    CHECK_THROWS_AS(read(Json::object()), base::Error);
    CHECK_THROWS_AS(read({{"legal", "next year"}}), base::Error);
    CHECK_THROWS_AS(read(nullptr), base::Error);
}

TEST_CASE(
    "roles that the charter keeps apart are not enacted together, also not as two officers of a person") {
    Changing one({auditors()});
    CHECK(one.enact(with_roles("acme-ada", {"auditor", "governance"},
                               {{"auditor", test::at("2027-01-01T00:00:00Z")}}))
              .empty());  // governance is not kept apart from it
    Changing other({auditors()});
    auto const reason = other.enact(
        with_roles("acme-ada", {"auditor", "security"}, {{"auditor", test::at("2027-01-01T00:00:00Z")}}));
    CHECK(reason.find("keeps apart") != std::string::npos);
    CHECK(other.officer("acme-ada").roles == std::vector<std::string>{"governance", "security"});
    auto second = adding("ada-too", {"auditor"}, "acme-person");
    second.officer->ends["auditor"] = test::at("2027-01-01T00:00:00Z");
    CHECK(other.enact(second).find("keeps apart") != std::string::npos);
    CHECK(other.epoch.officer("ada-too") == nullptr);
    CHECK(other.epoch.key(key_named("ada-too").id()) == nullptr);  // nothing of it is registered
    second.officer->person = "somebody-else";
    CHECK(other.enact(second).empty());
}

TEST_CASE("what was together before the charter kept it apart does not stand in the way of other changes") {
    Changing one;
    REQUIRE(one.enact(with_roles("acme-ada", {"auditor", "governance", "security"})).empty());
    one.epoch.charter.roles = {auditors()};
    CHECK(one.enact(with_roles("acme-ada", {"auditor", "governance", "legal", "security"})).empty());
    CHECK(one.enact(with_roles("acme-ada", {"auditor", "governance", "operator"})).find("keeps apart") !=
          std::string::npos);
}

TEST_CASE("a grant ends with the charter's term at the latest, counted from the act's own time") {
    Changing one({auditors()});
    auto const grant = [&](std::string const& end) {
        model::RoleEnds ends;
        if (!end.empty()) ends["auditor"] = test::at(end);
        return with_roles("acme-ada", {"auditor", "governance"}, ends);
    };
    CHECK(one.enact(grant("")).find("without an end") != std::string::npos);
    CHECK(one.enact(grant("2027-10-02T00:00:01Z")).find("at the latest") != std::string::npos);
    REQUIRE(one.enact(grant("2027-10-02T00:00:00Z")).empty());
    // A later change carries the grant on as it stands; only a new end is measured again.
    auto more = grant("2027-10-02T00:00:00Z");
    more.roles.insert(more.roles.end(), {"legal"});
    CHECK(one.enact(more, "2026-10-01T00:00:00Z").empty());
    CHECK(one.enact(grant("2027-10-03T00:00:00Z"), "2026-10-02T00:00:00Z").find("at the latest") !=
          std::string::npos);
    CHECK(one.enact(grant("2027-10-03T00:00:00Z"), "2026-10-03T00:00:00Z").empty());
}

TEST_CASE("bounds on how many officers have a role: most is never exceeded, least is not left once reached") {
    Changing one({{"legal", {}, {}, 2, 2}});
    CHECK(one.enact(adding("b", {"legal"})).empty());  // one of two: on the way
    CHECK(one.enact(adding("c", {"legal"})).empty());
    CHECK(one.enact(adding("d", {"legal"})).find("allows 2") != std::string::npos);
    CHECK(one.enact(removing("c")).find("asks for 2") != std::string::npos);
    CHECK(one.enact(removing("c", "compromise")).empty());  // a stolen key cannot wait for a successor
    CHECK(one.enact(adding("d", {"legal"})).empty());
}

TEST_CASE("a member keeps an officer who may change officers") {
    Changing one;
    CHECK(one.enact(with_roles("acme-ada", {"legal"})).find("nobody would be left") != std::string::npos);
    REQUIRE(one.enact(adding("eve", {"legal"})).empty());
    CHECK(one.enact(removing("acme-ada")).find("nobody would be left") != std::string::npos);
    REQUIRE(one.enact(adding("bob", {"security"})).empty());
    CHECK(one.enact(removing("acme-ada")).empty());
    CHECK(one.officer("acme-ada").status == "removed");
}

TEST_CASE("P10: what an officer signed before it went, or lost its key or role, changes nothing any more") {
    auto const refused = [](std::function<void(model::Epoch&, model::Officer&)> const& since) {
        Changing one;
        auto const act = one.act_of(adding("eve", {"governance"}));
        auto current = one.before;
        since(current, current.officers[0]);
        REQUIRE(current.officers[0].id == act.officer);
        return agreement::enact_own(one.epoch, current, act);
    };
    CHECK(refused([](auto&, auto&) {}).empty());
    auto const retire = [](model::Epoch& epoch, model::Officer const& officer) {
        for (auto& key : epoch.keys)
            if (key.id == officer.key) key.status = "retired";
    };
    CHECK(refused([&](auto& epoch, auto& officer) {
              officer.status = "removed";
              retire(epoch, officer);
          }).find("no active officer") != std::string::npos);
    CHECK(refused([](auto&, auto& officer) { officer.status = "suspended"; }).find("no active officer") !=
          std::string::npos);
    CHECK(refused([&](auto& epoch, auto& officer) {
              retire(epoch, officer);
              officer.key = key_named("acme-ada-2").id();
          }).find("another key") != std::string::npos);
    CHECK(refused([](auto&, auto& officer) { officer.roles = {"legal"}; }).find("role") != std::string::npos);
}

TEST_CASE("P10: no member gives another member's officer a new key, whoever signs it") {
    model::OwnChange rotation;
    rotation.kind = "officer.rotate";
    rotation.subject = "acme-ada";
    rotation.key = key_named("taken");
    rotation.cause = "compromise";
    for (auto const* member : {"globex", "initech"}) {
        Changing changing;
        auto const before = model::document(changing.epoch);
        CHECK(changing.enact(rotation, day_one, member) ==
              "'" + std::string(member) + "' has no officer 'acme-ada'");
        CHECK(model::document(changing.epoch) == before);
    }
    Changing own;
    CHECK(own.enact(rotation).empty());
    CHECK(own.epoch.officer("acme-ada")->key == rotation.key->id());
}

TEST_CASE("no member fills the epoch's file: officers and endpoints of one are bounded") {
    Changing one;
    model::OwnChange pin;
    pin.kind = "endpoint.pin";
    pin.url = "https://node.example";
    pin.pin = std::string(64, 'a');
    int pinned = 0;
    for (;; ++pinned) {
        pin.subject = "n" + std::to_string(pinned);
        if (!one.enact(pin).empty()) break;
        REQUIRE(pinned < 1'000);
    }
    CHECK(pinned == 500);
    CHECK((*one.epoch.endpoints)["acme"].size() == 500);
    for (int i = 0; i < 499; ++i) {
        auto copy = one.epoch.officers[0];
        copy.id = "acme-x" + std::to_string(i);
        one.epoch.officers.push_back(copy);
    }
    CHECK(one.enact(adding("eve", {"legal"})).find("as many officers") != std::string::npos);
    CHECK(one.enact(adding("eve", {"legal"}), day_one, "globex").empty());
}

TEST_CASE("an own change of a suspended member is enacted: its keys are its own") {
    Changing one;
    one.epoch.members[0].status = "suspended";
    CHECK(one.enact(adding("eve", {"legal"})).empty());
    one.epoch.members[0].status = "left";
    CHECK_FALSE(one.enact(adding("mia", {"legal"})).empty());
}
