#include "core/base/file.h"
#include "core/base/toml.h"
#include "core/model/proposal.h"
#include "core/policy/charter_lint.h"

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

}  // namespace

TEST_CASE("the ready charters decide every action and refuse nothing, from three members up") {
    for (auto const& [name, first, other] : {std::tuple{"equal-partners", "member", "member"},
                                             {"validators-and-observers", "steward", "validator"},
                                             {"founder-and-partners", "founder", "partner"}}) {
        CAPTURE(name);
        model::Charter const charter = read(name);
        for (model::ActionKind const& action : model::action_kinds()) {
            CAPTURE(action.name);
            CHECK(charter.decision_for(action.name) != nullptr);
        }
        CHECK(charter.gates.size() == 3);
        REQUIRE(charter.approval("root") != nullptr);
        CHECK(charter.approval("root")->members == 3);
        CHECK(model::digest(model::charter_from_json(model::to_json(charter))) == model::digest(charter));
        for (int count : {3, 4, 7, 12}) {
            std::vector<Party> parties{{"a", first}};
            while (static_cast<int>(parties.size()) < count) {
                parties.push_back({std::string(1, static_cast<char>('a' + parties.size())), other});
            }
            for (Finding const& finding : policy::lint(charter, parties)) {
                CAPTURE(finding.words);
                CHECK(finding.severity != policy::Severity::refused);
                CHECK(finding.rule != "one-member-control");
                if (count >= 7) CHECK(finding.severity == policy::Severity::note);
            }
        }
    }
}
