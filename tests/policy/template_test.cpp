#include "core/base/file.h"
#include "core/base/toml.h"
#include "core/model/proposal.h"
#include "core/policy/charter_lint.h"
#include "tests/support/data_folder.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using policy::Finding;
using policy::Party;

namespace {

model::Charter read(std::string const& name) {
    base::Path const path =
        base::Path(consortium::test::data_folder()) / "../../templates/charter" / (name + ".toml");
    base::Toml const toml = base::Toml::parse(base::read_text(path, 1 << 20), name);
    model::Charter charter;
    toml.locate([&] { charter = model::charter_from_json(*toml.value); });
    return charter;
}

struct Ready {
    char const* name;
    int firsts;  // members of the first tier
    char const* first;
    char const* other;                  // of all others
    std::vector<std::string> warnings;  // that seven or more members still get, since the template means them
};

std::vector<Ready> const ready{
    {"equal-partners", 1, "member", "member", {}},
    {"validators-and-observers", 3, "steward", "validator", {"one-member-veto"}},
    {"founder-and-partners", 1, "founder", "partner", {}},
    {"regulated-financial", 1, "participant", "participant", {}},
    {"municipal-departments", 1, "computing", "department", {}},
    {"fabric-majority", 1, "organization", "organization", {}},
    {"ccf-majority", 1, "member", "member", {}},
    {"cosmos", 1, "validator", "validator", {}},
};

std::vector<Party> members_of(Ready const& one, int count) {
    std::vector<Party> out;
    for (int i = 0; i < count; ++i)
        out.push_back({std::string(1, static_cast<char>('a' + i)), i < one.firsts ? one.first : one.other});
    return out;
}

}  // namespace

TEST_CASE("the ready charters decide every action, and are what they become in canonical form") {
    for (Ready const& one : ready) {
        CAPTURE(one.name);
        model::Charter const charter = read(one.name);
        for (model::ActionKind const& action : model::action_kinds()) {
            CAPTURE(action.name);
            CHECK(charter.decision_for(action.name) != nullptr);
        }
        CHECK(charter.gates.size() == 3);
        REQUIRE(charter.approval("root") != nullptr);
        CHECK(charter.approval("root")->members == 3);
        CHECK(model::digest(model::charter_from_json(model::to_json(charter))) == model::digest(charter));
    }
}

namespace {

/// As they were before emergencies could be about roots: nothing else has changed since.
model::Charter without_later(model::Charter charter) {
    for (auto& decision : charter.decisions) {
        if (decision.emergency && decision.emergency->scope == std::vector<std::string>{"root"})
            decision.emergency.reset();
    }
    return charter;
}

}  // namespace

TEST_CASE("G34 the ready charters keep the digests that consortia have signed") {
    // What versions before certificate profiles made of them.
    std::pair<char const*, char const*> const signed_as[]{
        {"ccf-majority", "59c6036377d87545d509de5dc585e0a2dc7c15e3cb26d0dcff266294b2b77c66"},
        {"cosmos", "a052023a8d40cb4624c49fa0072ed00a45dce03f6084caca5af606a86f97a4ce"},
        {"equal-partners", "01601c2bdbcd6e5c47283b12c57772254f2e350cea87f21b0584b3b9820306be"},
        {"fabric-majority", "fb6b340ab1bf9feac88e3ddeba082b0db3e3752c60a6e57acbdd7f6da0cd5611"},
        {"founder-and-partners", "b78e102d2a5695b86f4297de4515709383f9128d5676831c46abfa851d6868d1"},
        {"municipal-departments", "419f35aeaca47ef9096f0d943b8e7248c2281c4cc5f2711510cec0bb9f7061e3"},
        {"regulated-financial", "c6fc7ab2a1f5efacb046245044b690b5db821fe8952ac2069db113c9a76f553e"},
        {"validators-and-observers", "59021c0016cb34e6b1c68ebe7a5864ea9f95d025ffed0026958f1ab1c47df3e0"},
    };
    for (auto const& [name, digest] : signed_as) {
        CAPTURE(name);
        CHECK(model::digest(without_later(read(name))).hex() == digest);
    }
    CHECK(std::size(signed_as) == std::size(ready));
}

TEST_CASE("the ready charters refuse nothing from three members up, and warn only of what they mean") {
    for (Ready const& one : ready) {
        bool const panel =
            std::string_view(one.name) == "regulated-financial";  // needs members for two panels
        for (int count : {3, 4, 9, 12}) {
            if (panel && count < 9) continue;
            for (Finding const& finding : policy::lint(read(one.name), members_of(one, count))) {
                CAPTURE(one.name);
                CAPTURE(count);
                CAPTURE(finding.rule);
                CAPTURE(finding.words);
                CHECK(finding.severity != policy::Severity::refused);
                CHECK(finding.rule != "one-member-control");
                bool const meant =
                    std::find(one.warnings.begin(), one.warnings.end(), finding.rule) != one.warnings.end();
                if (count >= 9 && !meant) CHECK(finding.severity == policy::Severity::note);
            }
        }
    }
}
