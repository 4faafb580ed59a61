#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/authority.h"
#include "core/flow/token.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_list = 1U << 20U;
constexpr std::size_t most_ids = 10'000;

/// One id a line; blank lines are for people. An id that stands twice is revoked once.
std::set<std::string> read_list(std::string const& file) {
    std::set<std::string> out;
    for (auto const& line : base::split(base::read_text(file, max_list), '\n'))
        if (auto const id = base::trimmed(line); !id.empty()) out.emplace(id);
    if (out.empty() || out.size() > most_ids) {
        throw base::Error(base::Code::malformed, fmt::format("'{}' holds {} ids of tokens", file, out.size()),
                          fmt::format("give 1 to {}, one a line", most_ids));
    }
    return out;
}

void plan_tokens(State const& state, std::set<std::string> const& ids, model::Plan& plan) {
    std::vector<std::string> open;
    for (auto const& id : ids)
        if (token_object(state.store, id).state == "issued") open.push_back(id);
    if (open.empty()) return;
    auto const words =
        open.size() == 1 ? "revoke token " + open.front() : fmt::format("revoke {} tokens", open.size());
    plan.steps.push_back(
        {"token.revoke", open.front(), words, JsonValue(Json{{"tokens", open}, {"key", nullptr}})});
}

void plan_key(State const& state, std::string const& id, model::Plan& plan) {
    auto const key = find_token_key(state.store, id);
    if (!key) {
        throw base::Error(base::Code::not_found,
                          fmt::format("no key {} has signed tokens here", base::printable(id)),
                          "run 'consortium token keys'");
    }
    if (key->revoked) return;
    plan.steps.push_back(
        {"token.revoke", id,
         fmt::format("revoke key '{}' and with it every token that it has signed", key->name),
         JsonValue(Json{{"tokens", Json::array()}, {"key", id}})});
}

model::Object revoked_token(port::Store const& store, std::string const& id, base::Instant now) {
    auto object = token_object(store, id);
    auto data = *object.data;
    data["revoked"] = now.text();
    object.state = "revoked";
    object.data = JsonValue(std::move(data));
    return object;
}

JsonValue append_revocation(model::Step const& step, JsonValue const&, Services& services,
                            port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const now = services.clock.now();
    std::vector<model::Object> writes;
    for (auto const& id : detail.at("tokens"))
        writes.push_back(revoked_token(services.store, id.get<std::string>(), now));
    if (detail.at("key").is_string()) {
        auto key = find_token_key(services.store, detail.at("key").get<std::string>()).value();
        key.revoked = now;
        writes.push_back(to_object(key));
    }
    journal(transaction, services, "token.revoked", detail, std::move(writes));
    return JsonValue(
        Json{{"tokens", detail.at("tokens")}, {"key", detail.at("key")}, {"revoked", now.text()}});
}

}  // namespace

model::Plan plan_token_revoke(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    int const given = static_cast<int>(arguments.contains("operand")) +
                      static_cast<int>(arguments.contains("list")) +
                      static_cast<int>(arguments.contains("key"));
    if (given != 1) {
        throw base::Error(base::Code::usage, "name what to revoke: one ID, --list FILE, or --key KID",
                          "run 'consortium help token revoke'");
    }
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    if (arguments.contains("key")) {
        plan.danger = arguments.at("key").get<std::string>();
        plan_key(state, plan.danger, plan);
    } else if (arguments.contains("list")) {
        plan.danger = arguments.at("list").get<std::string>();
        plan_tokens(state, read_list(plan.danger), plan);
    } else {
        plan.danger = arguments.at("operand").get<std::string>();
        plan_tokens(state, {plan.danger}, plan);
    }
    plan.verdict.next = arguments.contains("key") ? "consortium token keys --print jwks"
                                                  : "consortium token list --state revoked --format json";
    return plan;
}

Applier const token_revoke_applier{.append = append_revocation};

}  // namespace consortium::flow
