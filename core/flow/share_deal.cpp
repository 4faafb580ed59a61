// What is dealt to whom: the plans of `share deal` and `share refresh`.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/share.h"
#include "core/flow/share_wanted.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::string_view seen_here =
    "this machine sees the secret while it deals, and so will the one that recovers it: this is secret "
    "sharing, not threshold signing";

void require_charter(State const& state, WantedDeal const& wanted, model::Plan& plan) {
    auto const count = static_cast<std::int64_t>(wanted.custodians.size());
    plan.verdict.require(
        "custodians", count >= wanted.threshold && count <= model::max_custodians,
        fmt::format("{} custodians hold {} shares; the threshold is {}, and at most {} keep one", count,
                    count, wanted.threshold, model::max_custodians));
    plan.verdict.require("threshold", wanted.threshold >= 2,
                         "one custodian alone would be enough: the threshold is at least 2");
    require_recovery_rule(state, wanted.people(), plan.verdict);
    if (count == wanted.threshold)
        plan.warnings.emplace_back("every custodian is needed: one lost share loses the key");
}

Json to_json(WantedDeal const& wanted) {
    Json out = Json::array();
    for (auto const& one : wanted.custodians)
        out.push_back({{"officer", one.officer},
                       {"member", one.member},
                       {"sort", one.key.sort},
                       {"point", base::to_base64(one.key.point)}});
    return out;
}

model::Step deal_step(port::KeyInfo const& key, WantedDeal const& wanted,
                      std::optional<ShareCase> const& before) {
    Json const detail{{"key", key.name},
                      {"key_id", key.id.hex()},
                      {"algorithm", key.algorithm},
                      {"threshold", wanted.threshold},
                      {"version", before ? before->deal.version + 1 : 1},
                      {"previous", before ? Json(before->file.hex()) : Json()},
                      {"follows", before ? Json(before->act.hex()) : Json()},
                      {"custodians", to_json(wanted)},
                      {"words", wanted.words}};
    std::vector<std::string> names;
    names.reserve(wanted.custodians.size());
    for (auto const& one : wanted.custodians) names.push_back(one.officer);
    return {"share.deal", key.name,
            fmt::format("deal shares of '{}' to {}: {} of {} recover it", key.name, base::join(names, ", "),
                        wanted.threshold, names.size()),
            JsonValue(detail)};
}

void add_hand_out(port::KeyInfo const& key, model::Plan& plan) {
    plan.steps.push_back({"share.hand-out", key.name, "write the sealed shares below out/shares",
                          JsonValue(Json{{"key_id", key.id.hex()}})});
}

/// Deals of this key whose place was taken and of which a crash left something.
void add_leftovers(State const& state, Services& services, port::KeyInfo const& key, model::Plan& plan) {
    for (auto const& one : share_cases(state.store, services.verifier))
        if (one.next && one.deal.key_id == key.id && one.member == state.self.member &&
            has_remains(state.self, one))
            plan.steps.push_back(destroy_step(one));
}

/// The key, which must be here as such.
port::KeyInfo key_to_deal(Services& services, model::Request const& request) {
    auto const name = request.arguments->at("operand").get<std::string>();
    auto const place = custody(services).elsewhere(name);
    if (!place.empty())
        throw Error(Code::unsupported, fmt::format("key '{}' never leaves its place: {}", name, place),
                    "a token's key is recovered from its vendor's backup: see the vendor's manual",
                    {{"place", place}});
    return services.keys.info(name);
}

void finish(State const& state, model::Plan& plan) {
    require_signer(state, plan);
    plan.warnings.emplace_back(seen_here);
    plan.verdict.next = "consortium exchange sync";
}

}  // namespace

model::Plan plan_share_deal(State const& state, Services& services, model::Request const& request) {
    auto plan = share_plan(state, request);
    auto const key = key_to_deal(services, request);
    auto wanted = read_wanted(state, custody(services), request);
    auto const known = own_case(state.store, services.verifier, state.self.member, key.id);
    auto const agreed = agreed_custodians(state.store, key.name);
    bool const again = known && wanted.custodians.empty();
    if (agreed && !again) follow_roster(state, services.verifier, *agreed, wanted, plan);
    if (!plan.verdict.allowed()) return plan;
    if (known) {
        plan.verdict.require("first", is_same(wanted, known->deal),
                             fmt::format("'{}' was dealt otherwise, as {}", key.name, known->name()));
        if (!plan.verdict.allowed()) {
            plan.verdict.next = "consortium share refresh " + key.name;
            return plan;
        }
        add_hand_out(key, plan);
        add_leftovers(state, services, key, plan);
        plan.verdict.next = "consortium share show " + key.name;
        return plan;
    }
    if (wanted.custodians.empty())
        throw Error(Code::usage, fmt::format("to whom are the shares of '{}' dealt?", key.name),
                    "name each custodian with --custodian OFFICER=FILE, their public key");
    if (auto const* rule = recovery_rule(state); wanted.threshold == 0 && rule != nullptr)
        wanted.threshold = std::max(2, rule->officers);
    if (wanted.threshold == 0)
        throw Error(Code::usage, "the charter does not say how many custodians recover a key",
                    "add --threshold N, or amend the charter with a rule [approval.recovery]");
    require_charter(state, wanted, plan);
    plan.steps.push_back(deal_step(key, wanted, std::nullopt));
    add_hand_out(key, plan);
    finish(state, plan);
    return plan;
}

model::Plan plan_share_refresh(State const& state, Services& services, model::Request const& request) {
    auto plan = share_plan(state, request);
    auto const key = key_to_deal(services, request);
    auto const known = own_case(state.store, services.verifier, state.self.member, key.id);
    if (!known)
        throw Error(Code::not_found, fmt::format("no shares of '{}' were dealt here", key.name),
                    "run 'consortium share deal " + key.name + "'");
    auto wanted = read_wanted(state, custody(services), request);
    keep_custodians(state, known->deal, wanted);
    if (auto const agreed = agreed_custodians(state.store, key.name))
        compare_with_roster(*agreed, wanted, plan);
    if (!plan.verdict.allowed()) return plan;
    require_charter(state, wanted, plan);
    plan.steps.push_back(deal_step(key, wanted, known));
    add_hand_out(key, plan);
    plan.steps.push_back(destroy_step(*known));
    finish(state, plan);
    plan.warnings.emplace_back(fmt::format(
        "the shares of {} open nothing once its wrapped key is destroyed: destroy every copy of {} "
        "that was carried elsewhere",
        known->name(), wrapped_name));
    return plan;
}

}  // namespace consortium::flow
