#include "core/model/charter.h"

#include "core/base/error.h"
#include "core/base/toml.h"
#include "tests/support/charter_refusal.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;
using model::Charter;

namespace {

constexpr std::string_view small_charter = R"(
name = "payments"
currency = "EUR"
[tier.validator]
rights = ["read", "write", "validate", "vote"]
[tier.observer]
rights = ["read"]
[decision.membership]
actions = ["member.admit", "member.remove"]
electorate = ["validator"]
quorum = {min = ">=2/3"}
pass = {min = ">2/3"}
time = {window = "P7D", timelock = "P1D"}
[decision.upgrade]
actions = ["release.upgrade"]
electorate = ["validator"]
weight = {base = "custom", members = {acme = 3, globex = 1}}
quorum = {counts = ["yes", "no"], min = ">=50%"}
pass = {of = "eligible", min = ">=1/2"}
time = {window = "PT12H"}
ballot = {change = false}
[approval.root]
officers = 3
members = 3
roles = ["security"]
exclude_proposer = true
[gate.legal]
items = ["agreement", "dpa"]
roles = ["legal"]
[pool.base]
method = "equal"
[pool.traffic]
method = "volume"
driver = "transactions"
fallback = "equal"
[exit]
notice = "P90D"
)";

Charter read(std::string_view text) {
    return model::charter_from_json(*base::Toml::parse(text, "c.toml").value);
}

/// The message for the small charter with one piece of text replaced.
std::string refusal(std::string_view from, std::string_view to) {
    return test::charter_refusal(std::string(small_charter), from, to);
}

}  // namespace

TEST_CASE("a charter is read with its defaults") {
    Charter const charter = read(small_charter);
    CHECK(charter.attempt == base::Duration{6 * 3600});
    CHECK(charter.tiers.size() == 2);
    CHECK(charter.tiers[0].id == "observer");
    REQUIRE(charter.decision_for("member.admit") != nullptr);
    CHECK(charter.decision_for("member.admit")->id == "membership");
    CHECK(charter.decision_for("root.rotate") == nullptr);
    CHECK(charter.decision("membership")->pass.text() == ">2/3");
    CHECK(charter.decision("membership")->lapses == base::Duration{30 * 86400});
    CHECK(charter.decision("upgrade")->quorum.text() == ">=1/2");
    CHECK_FALSE(charter.decision("upgrade")->ballot_change);
    CHECK(charter.approval("root")->members == 3);
    CHECK(charter.exit_notice == base::Duration{90 * 86400});
}

TEST_CASE("to_json and charter_from_json are inverse, whatever is left out") {
    Charter const charter = read(small_charter);
    Json const canonical = model::to_json(charter);
    CHECK(model::to_json(model::charter_from_json(canonical)) == canonical);
    CHECK(model::digest(model::charter_from_json(canonical)) == model::digest(charter));
    std::string reordered(small_charter);
    reordered.replace(reordered.find("[\"read\", \"write\""), 16, "[\"write\", \"read\"");
    CHECK(model::digest(read(reordered)) == model::digest(charter));
}

TEST_CASE("G34 a charter that uses no later rule keeps its bytes") {
    // What the first version of the language made of it: epochs that were signed over it name this digest.
    CHECK(model::digest(read(small_charter)).hex() ==
          "682302154811b8983e126f6e513c53e42261b270e32ec9c04cf561f5302a0873");
}

TEST_CASE("a charter that cannot work is refused with line and column") {
    CHECK(refusal("currency", "curency") ==
          "c.toml:3:1: /curency: unknown key 'curency'; did you mean 'currency'?");
    CHECK(refusal("electorate = [\"validator\"]\nquorum", "electorate = [\"validater\"]\nquorum") ==
          "c.toml:10:15: /decision/membership/electorate/0: unknown tier 'validater': observer, validator "
          "expected; "
          "did you mean 'validator'?");
    CHECK(refusal("[\"validator\"]", "[\"observer\"]").find("has no right to vote") != std::string::npos);
    CHECK(refusal("\"release.upgrade\"", "\"member.admit\"") ==
          "c.toml:15:1: /decision/upgrade/actions: 'member.admit' is decided by 'membership' already");
    CHECK(refusal("\"release.upgrade\"", "\"release.upgrad\"").find("unknown action") != std::string::npos);
    CHECK(refusal("\"legal\"]", "\"lawyer\"]").find("c.toml:29:10: /gate/legal/roles/0: unknown role") == 0);
    CHECK(refusal("\"equal\"\n[pool", "\"equally\"\n[pool").find("unknown method 'equally'") !=
          std::string::npos);
    CHECK(refusal("\">2/3\"", "\">1\"").find("can never be reached") != std::string::npos);
    CHECK(refusal("\">2/3\"", "\">=101%\"").find("can never be reached") != std::string::npos);
    CHECK(refusal("\">2/3\"", "\">=0\"").find("no consent at all") != std::string::npos);
    CHECK(refusal("\">2/3\"", "\"2/3\"") ==
          "c.toml:12:9: /decision/membership/pass/min: '2/3' is not a bound: write "
          "\">=2/3\" or \">1/2\"");
    CHECK(refusal("\">2/3\"", "3") ==
          "c.toml:12:9: /decision/membership/pass/min: a text expected, an integer found");
    CHECK(refusal("\">2/3\"", "\">-1/3\"").find("below zero") != std::string::npos);
    CHECK(refusal("\"PT12H\"", "\"-PT12H\"").find("is not a duration") != std::string::npos);
    CHECK(refusal("\"PT12H\"", "\"PT0S\"").find("closes at once") != std::string::npos);
    CHECK(refusal("\"P1D\"", "\"P30D\"").find("not longer than the timelock") != std::string::npos);
    CHECK(refusal("[exit]", "[agreement]\nattempt = \"PT5M\"\n[exit]")
              .find("/agreement/attempt: shorter than PT6M") != std::string::npos);
    CHECK(refusal("officers = 3", "officers = 2").find("2 officers cannot be of 3 members") !=
          std::string::npos);
    CHECK(refusal("[\"security\"]", "[\"automation\"]").find("could never be met") != std::string::npos);
    CHECK(refusal("driver = \"transactions\"\n", "").find("'driver' belongs to") != std::string::npos);
    CHECK(refusal("base = \"custom\"", "base = \"per_tier\"").find("'members' belongs to") !=
          std::string::npos);
    CHECK(refusal("acme = 3", "acme = 0").find("0 is not between 1 and") != std::string::npos);
    CHECK(refusal("\"EUR\"", "\"EUX\"").find("not a currency") != std::string::npos);
    CHECK(refusal("exclude_proposer = true", "").find("'exclude_proposer' is missing") != std::string::npos);
    CHECK(refusal("[tier.validator]", "[tier.\"Valid ator\"]").find("is not an id") != std::string::npos);
    CHECK(refusal("[\"read\"]", "[\"read\", \"read\"]").find("twice") != std::string::npos);
}

TEST_CASE("a bound compares exactly") {
    model::Bound const strict = model::Bound::from_text(">2/3");
    CHECK_FALSE(strict.holds(base::Rational::of(2, 3)));
    CHECK(strict.holds(base::Rational::of(2'000'001, 3'000'000)));
    model::Bound const reached = model::Bound::from_text(">= 2/3");
    CHECK(reached.holds(base::Rational::of(2, 3)));
    CHECK_FALSE(reached.holds(base::Rational::of(1'999'999, 3'000'000)));
    CHECK(reached.text() == ">=2/3");
    for (char const* text : {"", "2/3", "<1/2", "=1/2", ">", ">=", ">>1/2", "> x"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(model::Bound::from_text(text), base::Error);
    }
}
