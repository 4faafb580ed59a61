#include "cli/command/cert_issue.h"

#include "cli/output.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_batch.h"
#include "core/flow/certificate_rollout.h"
#include "core/flow/certificate_wanted.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::cli {

model::Outcome cert_issue(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (arguments.contains("ssh")) {
        throw base::Error(base::Code::usage,
                          "certificates for SSH are no X.509 ones, and have a noun of their own",
                          "run 'consortium ssh issue " + arguments.value("operand", "NAME") + " --for " +
                              arguments.at("ssh").get<std::string>() +
                              " --public-key FILE --principal NAME', first 'consortium ssh init'");
    }
    if (arguments.contains("batch"))
        return session.carry_out(flow::plan_certificate_batch(session.state(), session.services(), request));
    if (!arguments.contains("operand")) {
        throw base::Error(base::Code::usage, "'cert issue' needs NAME: the subject, or --batch FILE",
                          "run 'consortium help cert issue'");
    }
    if (arguments.contains("to")) {
        throw base::Error(base::Code::usage, "--to is the folder of a batch, and this is one certificate",
                          "write it to a file with -o FILE, or name the batch with --batch FILE");
    }
    return session.carry_out(
        flow::plan_certificate_issue(session.state(), session.services().certifier, request));
}

model::Outcome cert_renew(Session& session, model::Request const& request) {
    auto const state = session.state();
    auto plan = flow::plan_certificate_renew(state, session.services().certifier, request);
    plan.by_hand = flow::certificate_rollout(state, session.services(), plan);
    return session.carry_out(std::move(plan));
}

model::Outcome cert_request(Session& session, model::Request const& request) {
    return session.carry_out(
        flow::plan_certificate_request(session.state(), session.services().certifier, request));
}

namespace {

model::Outcome batch_issued(model::Outcome outcome, base::Json const& result) {
    auto const text = [&result](char const* name) { return result.at(name).get<std::string>(); };
    outcome.text = {model::Fields{
        {{"issued", fmt::format("{} certificates by {}", result.at("issued").dump(), text("issuer"))},
         {"folder", text("folder")},
         {"report", text("report")}}}};
    outcome.next.emplace_back("consortium cert list --state valid");
    return outcome;
}

}  // namespace

/// What was issued is worth more to people than a list of what was done.
model::Outcome cert_issued(Session&, model::Outcome outcome) {
    auto const& result = outcome.data->at("results").at(0);
    if (result.is_object() && result.contains("batch")) {
        auto const batch = result;
        return batch_issued(std::move(outcome), batch);
    }
    outcome.text = {result.at("chain").get<std::string>()};
    outcome.next.push_back("consortium cert show " + result.at("serial").get<std::string>());
    return outcome;
}

/// As things stand now: by a repeated --operation, the old certificate may have ended since.
model::Outcome cert_renewed(Session& session, model::Outcome outcome) {
    outcome = cert_issued(session, std::move(outcome));
    auto const old = outcome.data->at("results").at(0).at("renews").get<std::string>();
    auto const state = session.state();
    auto const ends = flow::certificate_object(state.store, old);
    if (ends.state == "revoked" || !ends.due || *ends.due <= state.now) return outcome;
    outcome.warnings.push_back(
        fmt::format("certificate {} is in force until {}, or until it is revoked once the new one is in use",
                    old, ends.due->text()));
    outcome.next.push_back(fmt::format("consortium cert revoke {} --reason superseded", old));
    return outcome;
}

model::Outcome cert_requested(Session& session, model::Outcome outcome) {
    auto const& result = outcome.data->at("results").at(0);
    auto const& common = session.common();
    outcome.text = {result.at("request").get<std::string>()};
    outcome.next.push_back(fmt::format("{} --csr {}", result.at("issue").get<std::string>(),
                                       names_file(common) ? flow::shell_word(common.out) : "FILE"));
    return outcome;
}

}  // namespace consortium::cli
