#include "core/base/error.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_leaf.h"
#include "core/flow/issuer.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

JsonValue prepare_issue(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    services.keys.open(authority(services.store, detail.at("issuer").get<std::string>()).key);
    return JsonValue(Json{{"public_key", base::to_base64(leaf_key(detail, services))}});
}

// Serial, journal row and certificate are one transaction (G20): if it fails, nothing was issued.
JsonValue append_issue(model::Step const& step, JsonValue const& prepared, Services& services,
                       port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const& rule = profile_in_force(detail, services).approval;
    if (!rule.empty()) {
        throw base::Error(base::Code::refused,
                          "what waits for approval by '" + rule + "' is not signed at once",
                          "run the command again");
    }
    auto const issuer = authority(services.store, detail.at("issuer").get<std::string>());
    auto const content = leaf_content(
        detail, issuer, base::from_base64(prepared->at("public_key").get<std::string>()), services);
    auto const issued = certify(content, issuer.name, issuer.certificate(), *services.keys.open(issuer.key),
                                services, transaction);
    return JsonValue(leaf_words(append_leaf(detail, issued, services, transaction), services));
}

}  // namespace

model::Plan plan_certificate_issue(State const& state, port::Certifier const& certifier,
                                   model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const wanted = read_wanted(state, arguments);
    auto const issuer = issuer_for(state, wanted, arguments.value("issuer", ""));
    if (keys_given(arguments) != 1) {
        throw base::Error(base::Code::usage, "name one key: --csr FILE, --new-key, or --key NAME",
                          "run 'consortium help cert issue'");
    }
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["authority/" + issuer.name] = issuer.version;
    check_profile(wanted, certifier, plan.verdict);
    check_proposer(state, wanted.profile, plan.verdict);
    check_issuer(wanted, issuer, state.now, certifier, plan.verdict);
    auto source =
        key_source(state, certifier, arguments, wanted, new_key(wanted.common_name, arguments), plan.verdict);
    plan.steps.push_back(issue_step(wanted, issuer, std::move(source)));
    return plan;
}

Applier const certificate_issue_applier{.prepare = prepare_issue, .append = append_issue};

}  // namespace consortium::flow
