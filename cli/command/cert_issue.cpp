#include "cli/command/cert_issue.h"

#include "cli/output.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_batch.h"
#include "core/flow/certificate_pending.h"
#include "core/flow/certificate_rollout.h"
#include "core/flow/certificate_wanted.h"
#include "core/flow/evidence.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

bool waits(model::Plan const& plan) {
    return !plan.steps.empty() && plan.steps[0].action == "certificate.prepare";
}

/// Where officers approve it first there is no certificate yet to write into a file that is named like one.
model::Outcome carry_out(Session& session, model::Plan plan) {
    auto const& common = session.common();
    if (waits(plan) && plan.verdict.allowed() && names_file(common) && common.format == Format::text) {
        throw base::Error(base::Code::usage,
                          "this certificate waits for approval, and cannot be written to a file yet",
                          "leave -o out, and give it with --pending once it is approved");
    }
    return session.carry_out(std::move(plan));
}

model::Outcome sign_pending(Session& session, model::Request const& request) {
    constexpr char const* hint = "leave it out, or prepare another certificate";
    if (request.arguments->contains("operand"))
        throw base::Error(base::Code::usage, "the NAME was said when it was prepared", hint);
    flow::refuse_arguments(request, {"batch", "to"}, "is for new certificates, and --pending signs one",
                           hint);
    flow::refuse_arguments(request,
                           {"profile", "csr", "key", "new-key", "also", "unit", "member", "issuer",
                            "valid-for", "type", "no-passphrase"},
                           "was said when it was prepared", hint);
    auto const state = session.state();
    auto plan = flow::plan_certificate_sign(state, session.services().certifier, request);
    auto const serial = request.arguments->at("pending").get<std::string>();
    if (plan.verdict.allowed()) {
        plan.by_hand = flow::certificate_rollout(state, session.services(),
                                                 *flow::pending_certificate(state.store, serial).detail);
    }
    return session.carry_out(std::move(plan));
}

}  // namespace

model::Outcome cert_issue(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (arguments.contains("ssh")) {
        throw base::Error(base::Code::usage,
                          "certificates for SSH are no X.509 ones, and have a noun of their own",
                          "run 'consortium ssh issue " + arguments.value("operand", std::string("NAME")) +
                              " --for " + arguments.at("ssh").get<std::string>() +
                              " --public-key FILE --principal NAME', first 'consortium ssh init'");
    }
    if (arguments.contains("pending")) return sign_pending(session, request);
    if (arguments.contains("batch"))
        return session.carry_out(flow::plan_certificate_batch(session.state(), session.services(), request));
    if (arguments.contains("to")) {
        throw base::Error(base::Code::usage, "--to is the folder of a batch, and this is one certificate",
                          "write it to a file with -o FILE, or name the batch with --batch FILE");
    }
    if (!arguments.contains("operand")) {
        throw base::Error(base::Code::usage,
                          "'cert issue' needs NAME: the subject; or --batch FILE, or --pending SERIAL",
                          "run 'consortium help cert issue'");
    }
    return carry_out(session,
                     flow::plan_certificate_issue(session.state(), session.services().certifier, request));
}

model::Outcome cert_renew(Session& session, model::Request const& request) {
    auto const state = session.state();
    auto plan = flow::plan_certificate_renew(state, session.services().certifier, request);
    if (plan.verdict.allowed() && !waits(plan))
        plan.by_hand = flow::certificate_rollout(state, session.services(), *plan.steps.at(0).detail);
    return carry_out(session, std::move(plan));
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

model::Outcome cert_revoke(Session& session, model::Request const& request) {
    if (!request.arguments->contains("operand")) {
        return session.carry_out(
            flow::plan_certificates_revoke(session.state(), session.services().certifier, request));
    }
    flow::refuse_arguments(request, {"member", "node", "officer", "key"},
                           "says which certificates, and a serial is one of them already",
                           "leave the serial out, or name nothing else");
    return session.carry_out(flow::plan_certificate_revoke(session.state(), request));
}

model::Outcome cert_withdraw(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_certificate_withdraw(session.state(), request));
}

/// As things stand now: by a repeated --operation, it may have been signed or given up since.
model::Outcome cert_prepared(Session& session, model::Outcome outcome) {
    auto const state = session.state();
    auto const serial = outcome.data->at("results").at(0).at("serial").get<std::string>();
    auto const pending = flow::pending_certificate(state.store, serial);
    auto shown = pending.state == "issued" ? model::Outcome{}
                                           : flow::show_pending(state, session.services().certifier, pending);
    outcome.text = std::move(shown.text);
    outcome.next = std::move(shown.next);
    if (pending.state != "pending") {
        outcome.warnings.push_back("it was " + pending.state + " since");
        outcome.next = {"consortium cert show " + serial};
        return outcome;
    }
    outcome.next.push_back(fmt::format("consortium cert export {} -o FILE, for officers elsewhere", serial));
    outcome.status = base::Code::pending;
    return outcome;
}

/// What was issued is worth more to people than a list of what was done.
model::Outcome cert_issued(Session& session, model::Outcome outcome) {
    auto const& result = outcome.data->at("results").at(0);
    if (result.is_object() && result.contains("batch")) {
        auto const batch = result;
        return batch_issued(std::move(outcome), batch);
    }
    if (result.value("state", std::string()) == "pending") return cert_prepared(session, std::move(outcome));
    outcome.text = {result.at("chain").get<std::string>()};
    outcome.next.push_back("consortium cert show " + result.at("serial").get<std::string>());
    return outcome;
}

namespace {

/// What the plan could not know yet.
void name_serial(std::vector<std::string>& by_hand, std::string const& serial) {
    constexpr std::string_view placeholder = "cert export SERIAL";
    for (auto& step : by_hand) {
        if (auto const at = step.find(placeholder); at != std::string::npos)
            step.replace(at, placeholder.size(), "cert export " + serial);
    }
}

}  // namespace

/// As things stand now: by a repeated --operation, the old certificate may have ended since.
model::Outcome cert_renewed(Session& session, model::Outcome outcome) {
    auto const& renewed = outcome.data->at("results").at(0);
    if (renewed.contains("serial")) name_serial(outcome.by_hand, renewed.at("serial").get<std::string>());
    outcome = cert_issued(session, std::move(outcome));
    if (outcome.data->at("results").at(0).value("state", std::string()) == "pending") return outcome;
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
