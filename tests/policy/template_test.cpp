#include "core/base/file.h"
#include "core/base/toml.h"
#include "core/model/proposal.h"
#include "core/policy/charter_lint.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using policy::Finding;
using policy::Party;

namespace {

model::Charter read(std::string const& name) {
    base::Path const path = base::Path(CONSORTIUM_TEST_DATA) / "../../templates/charter" / (name + ".toml");
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
