#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/toml.h"
#include "core/model/charter.h"
#include "core/model/proposal.h"
#include "tests/support/charter_refusal.h"
#include "tests/support/data_folder.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;
using model::Charter;

namespace {

std::string text_of(char const* path) {
    return base::read_text(base::Path(consortium::test::data_folder()) / path, 1 << 18);
}

std::string full_charter() {
    return text_of("charter/every-rule.toml");
}

Charter read(std::string_view text) {
    return model::charter_from_json(*base::Toml::parse(text, "c.toml").value);
}

/// The message for the charter with one piece of text replaced.
std::string refusal(std::string_view from, std::string_view to) {
    return test::charter_refusal(full_charter(), from, to);
}

bool says(std::string_view from, std::string_view to, std::string_view words) {
    std::string const message = refusal(from, to);
    CAPTURE(message);
    bool const found = message.find(words) != std::string::npos;
    CHECK(found);
    return found;
}

}  // namespace

TEST_CASE("every rule of the charter language is read") {
    Charter const charter = read(full_charter());
    model::Decision const& upgrade = *charter.decision("upgrade");
    CHECK(charter.tier("steward")->weight == 900'000'000'000'000'000);
    CHECK(upgrade.weights.at("acme") == 1'000'000'000'000'000'000);
    CHECK(upgrade.weight_cap == base::Rational::of(1, 3));
    CHECK(upgrade.veto == model::Veto{"cast", "veto", model::Bound::from_text(">1/3")});
    CHECK(model::choices(upgrade) == std::vector<std::string>{"yes", "no", "abstain", "veto"});
    CHECK(model::choices(*charter.decision("charter")).size() == 3);
    REQUIRE(upgrade.classes.size() == 1);
    CHECK(upgrade.classes[0].of == "yes+no");
    CHECK(upgrade.notice == base::Duration{14 * 86'400});
    CHECK(upgrade.late_quorum == base::Duration{3 * 86'400});
    CHECK(upgrade.cooldown == base::Duration{90 * 86'400});
    CHECK(upgrade.earliest == base::Duration{15 * 86'400});
    CHECK(upgrade.delegation);
    CHECK(upgrade.recusal == std::vector<std::string>{"declared", "ruled", "target"});
    CHECK(upgrade.casting == "acme");
    CHECK(upgrade.reasoned_no);
    CHECK(upgrade.proposer == model::ProposerRule{{"steward"}, 2, "1000.00", {"veto"}});
    CHECK(charter.midvote_of(upgrade) == "restart");
    CHECK(charter.midvote_of(*charter.decision("charter")) == "finish");
    CHECK(upgrade.midvote_exit == "void");
    REQUIRE(upgrade.expedited);
    CHECK(upgrade.expedited->pass.text() == ">=2/3");
    REQUIRE(upgrade.emergency);
    CHECK(upgrade.emergency->window == base::Duration{86'400});
    CHECK(upgrade.emergency->scope == std::vector<std::string>{"patch", "pause"});
    CHECK(charter.decision("expulsion")->finding);
    CHECK(charter.decision("routine")->optimistic ==
          model::Share{"eligible", model::Bound::from_text(">=1/3")});
    CHECK(charter.decision("charter")->quorum_of == "all");
    REQUIRE(charter.role("security") != nullptr);
    CHECK(charter.role("security")->apart == std::vector<std::string>{"governance"});
    REQUIRE(charter.arbitration);
    CHECK(charter.arbitration->appealed == 5);
    CHECK(charter.arbitration->answer == base::Duration{14 * 86'400});
    REQUIRE(charter.sanctions.size() == 3);
    CHECK(charter.sanctions[1].lasts == base::Duration{30 * 86'400});
    CHECK(charter.unamendable.size() == 2);
}

TEST_CASE("every rule survives its canonical form") {
    Charter const charter = read(full_charter());
    Json const canonical = model::to_json(charter);
    // As it travels: an integer beyond 2^53-1 would be refused there.
    Json const travelled = base::parse_canonical(base::canonical(canonical), {1u << 20, 32, false});
    CHECK(model::to_json(model::charter_from_json(travelled)) == canonical);
    CHECK(canonical["tier"]["steward"]["weight"] == "900000000000000000");
    CHECK(canonical["decision"]["upgrade"]["ballot"]["recusal"] == "declared|ruled|target");
}

TEST_CASE("rules that contradict themselves are refused where they stand") {
    CHECK(refusal("cap = \"1/3\"", "cap = \"4/3\"") ==
          "c.toml:31:82: /decision/upgrade/weight/cap: a share between 0 and 1 expected");
    says("\"1000000000000000000\"", "\"1000000000000000001\"",
         "a whole number from 1 to 1000000000000000000");
    says("\"1000000000000000000\"", "\"01\"", "a whole number from 1 to");
    says("min = \">1/3\"}\nclasses", "min = \">=0\"}\nclasses", "'>=0' is reached by nobody at all");
    says("by = \"veto\"", "by = \"nein\"", "unknown by 'nein': no, veto expected");
    says("classes = [{tier = \"steward\"", "classes = [{tier = \"observer\"",
         "unknown tier 'observer': steward expected");
    says("min = \">1/2\"}]", "min = \">1/2\"}, {tier = \"steward\", min = \">1/3\"}]",
         "/decision/upgrade/classes/1/tier: 'steward' has a majority of its own already");
    says("late_quorum = \"P3D\"", "late_quorum = \"P22D\"", "longer than the window");
    says("earliest = \"P15D\"", "earliest = \"P13D\"", "within the notice");
    says("earliest = \"P15D\"", "earliest = \"P35D\"", "not before the window ends");
    says("depth1", "depth2", "unknown delegation 'depth2': depth1 expected; did you mean 'depth1'?");
    says("|ruled", "|declared", "names 'declared' twice");
    says("tie = \"casting\", ", "", "belongs to tie = \"casting\"");
    says(", casting = \"acme\"", "", "belongs to tie = \"casting\"");
    says("max_open = 2", "max_open = 11", "between 1 and 10");
    says("\"1000\", forfeit", "\"1000.001\", forfeit", "/decision/upgrade/proposer/deposit: ");
    says("deposit = \"1000\", ", "", "there is no deposit to lose");
    says("window = \"P3D\", quorum", "window = \"P35D\", quorum", "not shorter than the ordinary vote");
    says("pass = \">=2/3\", timelock", "pass = \">=1/3\", timelock", "asks for less than the ordinary vote");
    says("\"patch\", \"pause\"", "\"patch\", \"expel\"",
         "unknown measure 'expel': pause, patch, root expected");
    says("max_life = \"P7D\"", "max_life = \"PT0S\"", "ends at once");
    says("ratify = \"P30D\"", "ratify = \"PT0S\"", "no time to ratify");
    says("apart = [\"governance\"]", "apart = [\"security\"]", "apart from itself");
    says("[role.security]", "[role.boss]", "'boss' is not a role");
    says("most = 3", "most = 0", "between 1 and");
    says("panel = 3", "panel = 4", "an odd number expected");
    says("appealed = 5", "appealed = 1", "fewer than the panel");
    says("appeal = \"P14D\"\n", "", "there is no appeal");
    says("{step = \"warn\"}, ", "{step = \"expel\"}, ", "stands below the rungs before it");
    says(", lasts = \"P30D\"", "", "belongs to step = \"suspend_vote\"");
    says("\"/tier/observer\"", "\"/tier/observers\"", "leads to nothing in this charter");
    says("\"/tier/observer\"", "\"tier/observer\"", "leads to nothing in this charter");
    says("\"/tier/observer\"", "\"/decision/charter/pass\"", "names a clause twice");
    says("min = \">1/3\"}\nclasses", "min = \">1/3000000000000000\"}\nclasses",
         "is finer than one in 1000000000000000");
}

TEST_CASE("a finding needs a panel that finds") {
    std::string text = full_charter();
    std::size_t const from = text.find("[arbitration]"), to = text.find("[decision.charter]");
    text.erase(from, to - from);
    CHECK_THROWS_WITH(read(text), "/arbitration: is missing: 'expulsion' needs a finding of its panel");
}

TEST_CASE("the schema for editors knows the words that the charter language knows") {
    Json const schema =
        base::parse_json(text_of("../../templates/schema/charter.json"), base::relaxed_limits(1 << 18));
    std::vector<std::string> actions;
    for (model::ActionKind const& kind : model::action_kinds()) actions.emplace_back(kind.name);
    CHECK(schema["$defs"]["action"]["enum"] == actions);
    auto const roles = model::known_roles();
    CHECK(schema["$defs"]["role"]["enum"] == std::vector<std::string>(roles.begin(), roles.end()));
    // Every key that the canonical form has, the schema has.
    Json const canonical = model::to_json(read(full_charter()));
    for (auto const& item : canonical.items()) CHECK(schema["properties"].contains(item.key()));
    Json const& decision = schema["properties"]["decision"]["additionalProperties"]["properties"];
    for (auto const& one : canonical["decision"])
        for (auto const& item : one.items()) CHECK(decision.contains(item.key()));
    Json const& profile = schema["properties"]["certificate"]["additionalProperties"]["properties"];
    auto const knows = [&](char const* key, std::span<std::string_view const> words) {
        CHECK(profile[key]["items"]["enum"] == std::vector<std::string>(words.begin(), words.end()));
    };
    knows("key_types", model::known_key_types());
    knows("key_usage", model::known_key_usages());
    knows("extended_usage", model::known_extended_usages());
    for (auto const& one : canonical["certificate"])
        for (auto const& item : one.items()) CHECK(profile.contains(item.key()));
}
