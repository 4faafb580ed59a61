#include "core/flow/charter.h"
#include "core/flow/charter_file.h"
#include "core/flow/proposal.h"
#include "core/policy/duties.h"
#include "core/policy/opening.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

/// Nobody loses a role by an amendment: what does not fit any more is to be changed by the members.
void warn_of_duties(model::Epoch const& epoch, model::Charter const& charter, model::Plan& plan) {
    auto amended = epoch;
    amended.charter = charter;
    for (auto const& finding : policy::duty_findings(amended))
        if (!finding.role.empty()) plan.warnings.push_back(finding.words);
}

}  // namespace

model::Plan plan_charter_amend(State const& state, model::Request const& request) {
    model::Epoch const& epoch = state.joined();
    CharterFile const file = read_charter_file(request.arguments->at("operand").get<std::string>());
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    std::string const now = model::digest(epoch.charter).hex();
    if (model::digest(file.charter).hex() == now) return plan;  // nothing to do
    for (policy::Finding const& finding : policy::lint(file.charter, parties_of(epoch))) {
        if (finding.severity == policy::Severity::warning) plan.warnings.push_back(finding.words);
        if (finding.severity != policy::Severity::refused) continue;
        plan.verdict.require(finding.rule, false, finding.words);
    }
    for (std::string const& clause : policy::broken_clauses(epoch.charter, file.charter))
        plan.verdict.require("unamendable", false,
                             "the charter in force lets nobody change '" + clause + "'");
    warn_of_duties(epoch, file.charter, plan);
    if (!plan.verdict.allowed()) {
        plan.verdict.next = "consortium charter check " + file.toml.source;
        return plan;
    }
    std::string const text = base::canonical(model::to_json(file.charter));
    ProposalOptions options;
    options.title = request.arguments->value("title", std::string());
    if (request.arguments->contains("closes")) {
        options.closes = base::Instant::from_text(request.arguments->at("closes").get<std::string>());
    }
    options.preconditions = {{"charter", "", now}};
    options.files = {text};
    plan.steps.push_back(
        propose(state, {"charter.amend", base::JsonValue(base::Json{{"charter", base::sha256(text).hex()}})},
                options));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace consortium::flow
