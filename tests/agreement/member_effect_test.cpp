#include "core/agreement/member_effect.h"

#include "core/agreement/effect.h"
#include "core/agreement/validation.h"
#include "tests/support/acts.h"
#include "tests/support/members.h"
#include "tests/support/memory_evidence.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

struct Deciding {
    Deciding() { ++epoch.number; }

    std::string enact(std::string const& kind, Json const& detail,
                      std::string_view closes = "2026-11-01T00:00:00Z") {
        model::Proposal proposal;
        proposal.action = model::action_from_json(Json{{"kind", kind}, {"detail", detail}});
        proposal.closes = test::at(closes);
        return agreement::enact(evidence, epoch, proposal);
    }
    model::Member const& acme() const { return *epoch.member("acme"); }

    model::Epoch epoch = test::founding({"acme", "globex", "initech"});
    agreement::MemoryEvidence evidence;
};

Json recovery(std::string const& officer, std::string const& key, std::string const& member = "acme") {
    return {{"member", member},
            {"officer", officer},
            {"algorithm", "ed25519"},
            {"spki", base::to_base64(TestSigner(key).public_key())},
            {"evidence", base::sha256(std::string_view("a letter")).hex()}};
}

}  // namespace

TEST_CASE("member.tier moves a member, to a tier that the charter has, and never the last that may vote") {
    Deciding one;
    one.epoch.charter.tiers.push_back({"observer", {"read"}, 1});
    CHECK(one.enact("member.tier", {{"member", "nobody"}, {"tier", "observer"}}) ==
          "'nobody' is not a member");
    CHECK(one.enact("member.tier", {{"member", "acme"}, {"tier", "king"}}) ==
          "the charter has no tier 'king'");
    REQUIRE(one.enact("member.tier", {{"member", "acme"}, {"tier", "observer"}}).empty());
    CHECK(one.acme().tier == "observer");
    CHECK(one.epoch.voting().size() == 2);
    REQUIRE(one.enact("member.tier", {{"member", "globex"}, {"tier", "observer"}}).empty());
    CHECK(one.enact("member.tier", {{"member", "initech"}, {"tier", "observer"}}) ==
          "nobody would be left to decide");
    CHECK(one.epoch.member("initech")->tier == "validator");
    REQUIRE(one.enact("member.tier", {{"member", "acme"}, {"tier", "validator"}}).empty());
    CHECK(one.epoch.voting().size() == 2);
}

TEST_CASE("member.suspend takes vote and seat, member.reinstate gives them back") {
    Deciding one;
    Json const suspend{{"member", "acme"}, {"reason", "missed a node rotation"}};
    CHECK(one.enact("member.reinstate", {{"member", "acme"}}) == "'acme' is not suspended");
    REQUIRE(one.enact("member.suspend", suspend).empty());
    CHECK(one.acme().status == "suspended");
    CHECK(one.epoch.voting().size() == 2);
    CHECK(model::sizes(one.epoch).n == 2);
    CHECK(one.enact("member.suspend", suspend) == "'acme' is suspended already");
    CHECK(one.enact("member.suspend", {{"member", "globex"}, {"reason", "r"}}).empty());
    CHECK(one.enact("member.suspend", {{"member", "initech"}, {"reason", "r"}}) ==
          "nobody would be left to decide");
    REQUIRE(one.enact("member.reinstate", {{"member", "acme"}}).empty());
    CHECK(one.acme().status == "active");
    CHECK(one.epoch.voting().size() == 2);
    CHECK(one.enact("member.remove", {{"member", "globex"}, {"reason", "r"}}).empty());
    CHECK(one.enact("member.reinstate", {{"member", "globex"}}) == "'globex' is not a member");
}

TEST_CASE("a suspension with an end ends with the first passed proposal that closed then or later") {
    Deciding one;
    Json const suspend{{"member", "acme"}, {"reason", "r"}, {"until", "2026-12-01T00:00:00Z"}};
    CHECK(one.enact("member.suspend", suspend, "2026-12-01T00:00:00Z") ==
          "the suspension would end before the vote did");
    REQUIRE(one.enact("member.suspend", suspend).empty());
    auto const written = model::document(one.epoch);
    CHECK(written.find(R"("suspended_until":"2026-12-01T00:00:00Z")") != std::string::npos);
    CHECK(model::document(model::epoch_from_document(written)) == written);
    auto const add = [](std::string const& id) {
        return Json{{"id", id}, {"kind", "rehearsal"}, {"identity", id}};
    };
    REQUIRE(one.enact("network.add", add("x"), "2026-11-30T23:59:59Z").empty());
    CHECK(one.acme().status == "suspended");
    CHECK_FALSE(one.enact("network.add", add("x"), "2026-12-01T00:00:00Z").empty());  // void: no time passes
    CHECK(one.acme().status == "suspended");
    REQUIRE(one.enact("network.add", add("y"), "2026-12-01T00:00:00Z").empty());
    CHECK(one.acme().status == "active");
    CHECK_FALSE(one.acme().suspended_until);
}

TEST_CASE("officer.recover gives a sole officer a new key; what the lost one signed does not count") {
    Deciding one;
    CHECK(one.enact("officer.recover", recovery("nobody", "new")) == "'acme' has no officer 'nobody'");
    CHECK(one.enact("officer.recover", recovery("globex-ada", "new")) ==
          "'acme' has no officer 'globex-ada'");
    CHECK(one.enact("officer.recover", recovery("acme-ada", "officer of globex")) ==
          "that key was registered before; each key once, ever");
    one.epoch.officers[0].status = "suspended";
    REQUIRE(one.epoch.officers[0].id == "acme-ada");
    REQUIRE(one.enact("officer.recover", recovery("acme-ada", "new")).empty());
    auto const& ada = *one.epoch.officer("acme-ada");
    CHECK(ada.key == TestSigner("new").id());
    CHECK(ada.status == "active");
    auto const& old = *one.epoch.key(test::officer_key("acme").id());
    CHECK(old.status == "removed");
    CHECK(old.cause == "recovery");
}

TEST_CASE(
    "officer.recover is not for a member that can help itself, nor for a key that nobody can sign with") {
    Deciding one;
    auto fellow = *one.epoch.officer("acme-ada");
    fellow.id = "zoe";
    fellow.roles = {"legal"};
    one.epoch.officers.push_back(fellow);
    CHECK(one.enact("officer.recover", recovery("acme-ada", "new")).empty());  // legal changes no officers
    one.epoch.officers.back().roles = {"security"};
    CHECK(one.enact("officer.recover", recovery("acme-ada", "newer")).find("fellow officer") !=
          std::string::npos);
    one.epoch.officers.back().ends["security"] = test::at("2026-11-01T00:00:00Z");
    CHECK(one.enact("officer.recover", recovery("acme-ada", "newer")).empty());  // ended at the close
    auto unsound = recovery("acme-ada", "x");
    unsound["spki"] = base::to_base64(base::Bytes(44, 0));
    CHECK_THROWS_AS(model::action_from_json(Json{{"kind", "officer.recover"}, {"detail", unsound}}),
                    base::Error);
}

TEST_CASE("an optional field of an action is absent or sound") {
    auto const read = [](Json detail) {
        return model::action_from_json(Json{{"kind", "member.suspend"}, {"detail", std::move(detail)}});
    };
    auto const plain = read({{"member", "acme"}, {"reason", "r"}});
    CHECK_FALSE(plain.detail->contains("until"));
    CHECK_THROWS_AS(read({{"member", "acme"}, {"reason", "r"}, {"until", nullptr}}), base::Error);
    CHECK_THROWS_AS(read({{"member", "acme"}, {"reason", "r"}, {"until", "soon"}}), base::Error);
    CHECK_THROWS_AS(read({{"member", "acme"}, {"reason", "r"}, {"whenever", "x"}}), base::Error);
}
