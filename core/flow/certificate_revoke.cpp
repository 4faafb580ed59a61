#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/authority_revoke.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/certificate_rollout.h"
#include "core/flow/crl.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "certificate";
constexpr std::string_view key_compromise = "key-compromise";

JsonValue append_revocation(model::Step const& step, JsonValue const&, Services& services,
                            port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto object = certificate_object(services.store, detail.at("serial").get<std::string>());
    Json data = *object.data;
    data["revoked"] = {{"at", services.clock.now().text()},
                       {"reason", detail.at("reason")},
                       {"compromised", detail.at("compromised")}};
    object.state = "revoked";
    object.data = JsonValue(data);
    std::vector<model::Object> writes{object};
    if (auto before = waiting_again(services.store, object)) writes.push_back(*std::move(before));
    if (detail.at("reason") == key_compromise) {
        writes.push_back(compromised_object(data.at("key_id").get<std::string>(), object.name));
    }
    journal(transaction, services, revoked_event, {{"serial", object.name}, {"reason", detail.at("reason")}},
            std::move(writes));
    return JsonValue(Json{{"serial", object.name}, {"revoked", data["revoked"]}});
}

/// What is not ended by the revocation of these.
std::vector<std::string> left_in_force(State const& state, std::vector<model::Object> const& revoked,
                                       std::string const& reason) {
    std::map<std::string, std::string> out;  // by serial
    for (auto const& each : revoked) {
        if (reason == key_compromise) {
            for (auto const& other : of_same_key(state.store, each, state.now)) {
                out[other] =
                    fmt::format("certificate {} is of the same key, and in force: revoke it, too", other);
            }
            continue;
        }
        auto const before = waiting_again(state.store, each);
        if (before && before->due && *before->due > state.now) {
            out[before->name] = fmt::format("certificate {}, which it renewed, is in force until {}",
                                            before->name, before->due->text());
        }
    }
    for (auto const& each : revoked) out.erase(each.name);
    std::vector<std::string> words;
    words.reserve(out.size());
    for (auto const& [serial, sentence] : out) words.push_back(sentence);
    return words;
}

void check_invalidity(State const& state, Json const& arguments, model::Verdict& verdict) {
    if (!arguments.contains("invalidity-date")) return;
    auto const since = base::Instant::from_text(arguments.at("invalidity-date").get<std::string>());
    verdict.require("invalidity date", since <= state.now,
                    "a key cannot have been compromised in the future");
}

std::string reason_of(Json const& arguments) {
    auto reason = arguments.value("reason", std::string("unspecified"));
    (void)model::reason_code(reason);
    return reason;
}

model::Step revocation_step(model::Object const& object, Json const& arguments, std::string const& summary) {
    return {"certificate.revoke", object.name, summary,
            JsonValue(Json{{"serial", object.name},
                           {"reason", reason_of(arguments)},
                           {"compromised", arguments.value("invalidity-date", Json())}})};
}

/// What is said of certificates that are revoked together; an empty part is said of every one.
struct Selection {
    std::string officer, key, member;
    std::set<std::string> hosts;
    std::string name;  // of it all: what must be typed
    std::vector<std::string> words;
    bool member_alone = false;
};

Selection selection_of(State const& state, Json const& arguments) {
    Selection out;
    auto const take = [&](char const* flag, std::string& into) {
        if (!arguments.contains(flag)) return;
        into = arguments.at(flag).get<std::string>();
        if (into.empty()) {
            throw base::Error(base::Code::usage,
                              fmt::format("--{} is empty, and would be of everything", flag),
                              "run 'consortium help cert revoke'");
        }
        out.words.push_back(fmt::format("{} '{}'", flag, base::printable(into)));
        if (out.name.empty()) out.name = into;
    };
    std::string node;
    take("officer", out.officer);
    take("node", node);
    take("key", out.key);
    take("member", out.member);
    if (out.name.empty()) {
        throw base::Error(
            base::Code::usage,
            "name what to revoke: one SERIAL, or all that are in force of a --member, a --node, "
            "an --officer or a --key",
            "run 'consortium help cert revoke'");
    }
    if (!node.empty()) out.hosts = hosts_of_node(state.store, node);
    out.member_alone = out.words.size() == 1 && !out.member.empty();
    return out;
}

bool names_host(std::set<std::string> const& hosts, model::CertificateFacts const& facts) {
    auto const is_one = [&hosts](std::string const& name) { return hosts.contains(name); };
    auto const& names = facts.content.names;
    return is_one(facts.common_name) || std::ranges::any_of(names.dns, is_one) ||
           std::ranges::any_of(names.ip, is_one);
}

/// Of those of the member.
bool is_selected(Selection const& selection, model::Object const& object, port::Certifier const& certifier) {
    auto const& data = *object.data;
    if (!selection.key.empty() && data.at("key") != selection.key && data.at("key_id") != selection.key)
        return false;
    if (selection.officer.empty() && selection.hosts.empty()) return true;
    auto const facts = certifier.describe(der_of(object));
    if (!selection.officer.empty() && facts.common_name != selection.officer) return false;
    return selection.hosts.empty() || names_host(selection.hosts, facts);
}

void add_certificates(State const& state, port::Certifier const& certifier, Selection const& selection,
                      Json const& arguments, model::Plan& plan) {
    auto const reason = reason_of(arguments);
    std::vector<model::Object> revoked;
    state.store.objects({.kind = kind, .member = selection.member}, [&](model::Object const& object) {
        bool const in_force = is_unrevoked(object) && object.due && *object.due > state.now;
        if (!in_force || !is_selected(selection, object, certifier)) return;
        plan.pins[kind + "/" + object.name] = object.version;
        plan.steps.push_back(
            revocation_step(object, arguments,
                            fmt::format("revoke {}, {}: {}", object.name,
                                        object.data->at("subject").get<std::string>(), reason)));
        revoked.push_back(object);
    });
    plan.warnings = left_in_force(state, revoked, reason);
    if (!plan.steps.empty()) plan.verdict.next = "consortium crl issue";
}

/// The member's own intermediates end with it: after what they have certified, whose list they sign.
void add_authorities(State const& state, Selection const& selection, model::Request const& request,
                     model::Plan& plan) {
    for (auto const& each : authorities(state.store)) {
        if (each.member != selection.member || !is_relied_on(each, state.now)) continue;
        auto part = plan_authority_revoke(state, each, request);
        plan.pins.merge(part.pins);
        for (auto& step : part.steps) plan.steps.push_back(std::move(step));
        for (auto& warning : part.warnings) plan.warnings.push_back(std::move(warning));
        if (plan.verdict.next.empty()) {
            plan.verdict.next = part.verdict.next;
        } else {
            plan.warnings.push_back(
                fmt::format("'{}' ends, too: run also '{}'", each.name, part.verdict.next));
        }
    }
}

}  // namespace

model::Plan plan_certificate_revoke(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const serial = normal_serial(arguments.at("operand").get<std::string>());
    if (auto const found = authority_of_serial(state.store, serial)) {
        auto plan = plan_authority_revoke(state, *found, request);
        plan.danger = serial;
        check_invalidity(state, arguments, plan.verdict);
        return plan;
    }
    auto const object = certificate_object(state.store, arguments.at("operand").get<std::string>());
    auto const reason = reason_of(arguments);
    model::Plan plan;
    check_invalidity(state, arguments, plan.verdict);
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins[kind + "/" + object.name] = object.version;
    plan.danger = object.name;
    plan.verdict.require("state", is_unrevoked(object),
                         fmt::format("certificate {} is {} already", object.name, object.state));
    plan.steps.push_back(
        revocation_step(object, arguments,
                        fmt::format("revoke {} of {}: {}", object.data->at("subject").get<std::string>(),
                                    object.member, reason)));
    plan.verdict.next =
        plan.verdict.allowed() ? "consortium crl issue" : "consortium cert show " + object.name;
    plan.warnings = left_in_force(state, {object}, reason);
    return plan;
}

model::Plan plan_certificates_revoke(State const& state, port::Certifier const& certifier,
                                     model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const selection = selection_of(state, arguments);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.danger = selection.name;
    add_certificates(state, certifier, selection, arguments, plan);
    if (selection.member_alone) add_authorities(state, selection, request, plan);
    if (plan.steps.empty()) {
        throw base::Error(base::Code::not_found,
                          fmt::format("no certificate that was issued here and is in force is of {}",
                                      base::join(selection.words, " and ")),
                          "run 'consortium cert list --state valid'");
    }
    check_invalidity(state, arguments, plan.verdict);
    return plan;
}

Applier const certificate_revoke_applier{.append = append_revocation};

}  // namespace consortium::flow
