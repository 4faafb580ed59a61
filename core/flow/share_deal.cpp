// What is dealt to whom: the plans of `share deal` and `share refresh`.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/share.h"
#include "core/flow/share_case.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using model::ShareDeal;

namespace {

constexpr std::string_view seen_here =
    "this machine sees the secret while it deals, and so will the one that recovers it: this is secret "
    "sharing, not threshold signing";

/// What a deal is wanted to be.
struct Wanted {
    std::int64_t threshold = 0;
    std::vector<model::Custodian> custodians;  // officer, member, key
    std::map<std::string, std::string> words;  // officer -> file with the passphrase
};

std::pair<std::string, std::string> halves(std::string const& flag, std::string const& text) {
    auto const at = text.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size())
        throw Error(Code::usage, fmt::format("--{} is not OFFICER=FILE: '{}'", flag, base::printable(text)),
                    fmt::format("--{} ada=ada.pub", flag));
    return {text.substr(0, at), text.substr(at + 1)};
}

model::Custodian custodian_named(State const& state, std::string const& officer, model::ShareKey key) {
    auto const* known = state.joined().officer(officer);
    if (known == nullptr || known->status != "active")
        throw Error(Code::not_found, fmt::format("'{}' is no active officer", base::printable(officer)),
                    "run 'consortium officer list'");
    return {officer, known->member, std::move(key), {}, {}};
}

Wanted read_wanted(State const& state, port::Custody const& custody, model::Request const& request) {
    auto const& arguments = *request.arguments;
    Wanted out;
    for (auto const& text : arguments.value("custodian", std::vector<std::string>{})) {
        auto const [officer, file] = halves("custodian", text);
        auto const content = base::read_text(file, max_share_file);
        try {
            out.custodians.push_back(custodian_named(state, officer, custody.read_key(content)));
        } catch (Error const& error) {
            if (error.code() != Code::malformed) throw;
            throw error.with("file", file);
        }
    }
    for (auto const& text : arguments.value("custodian-passphrase", std::vector<std::string>{})) {
        auto const [officer, file] = halves("custodian-passphrase", text);
        out.custodians.push_back(custodian_named(state, officer, {"passphrase", {}}));
        out.words[officer] = file;
    }
    out.threshold = arguments.value("threshold", std::int64_t{0});
    return out;
}

/// What the charter says of recovery: its rule for that, else that for roots; null: nothing.
model::ApprovalRule const* charter_rule(State const& state) {
    auto const& charter = state.joined().charter;
    auto const* rule = charter.approval("recovery");
    return rule != nullptr ? rule : charter.approval("root");
}

/// The fewest organizations that can put so many shares together.
std::int64_t fewest_organizations(State const& state, Wanted const& wanted) {
    std::map<std::string, std::int64_t> held;
    for (auto const& custodian : wanted.custodians) {
        auto const* member = state.joined().member(custodian.member);
        ++held[member == nullptr ? custodian.member : member->control_group];
    }
    std::vector<std::int64_t> counts;
    counts.reserve(held.size());
    for (auto const& [group, count] : held) counts.push_back(count);
    std::sort(counts.rbegin(), counts.rend());
    std::int64_t shares = 0, groups = 0;
    for (auto const count : counts) {
        if (shares >= wanted.threshold) break;
        shares += count;
        ++groups;
    }
    return groups;
}

void require_charter(State const& state, Wanted const& wanted, model::Plan& plan) {
    auto const count = static_cast<std::int64_t>(wanted.custodians.size());
    plan.verdict.require(
        "custodians", count >= wanted.threshold && count <= model::max_custodians,
        fmt::format("{} custodians hold {} shares; the threshold is {}, and at most {} keep one", count,
                    count, wanted.threshold, model::max_custodians));
    plan.verdict.require("threshold", wanted.threshold >= 2,
                         "one custodian alone would be enough: the threshold is at least 2");
    if (auto const* rule = charter_rule(state)) {
        plan.verdict.require(
            "charter threshold", wanted.threshold >= rule->officers,
            fmt::format("the charter's rule '{}' asks for {} officers", rule->id, rule->officers));
        plan.verdict.require(
            "charter members", fewest_organizations(state, wanted) >= rule->members,
            fmt::format("the charter's rule '{}' asks for {} members: {} could put {} shares together",
                        rule->id, rule->members, fewest_organizations(state, wanted), wanted.threshold));
    }
    if (count == wanted.threshold)
        plan.warnings.emplace_back("every custodian is needed: one lost share loses the key");
}

Json to_json(Wanted const& wanted) {
    Json out = Json::array();
    for (auto const& one : wanted.custodians)
        out.push_back({{"officer", one.officer},
                       {"member", one.member},
                       {"sort", one.key.sort},
                       {"point", base::to_base64(one.key.point)}});
    return out;
}

model::Step deal_step(port::KeyInfo const& key, Wanted const& wanted,
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

model::Step destroy_step(ShareCase const& old) {
    return {"share.destroy", old.deal.key,
            fmt::format("destroy what is here of the deal {}: its shares open nothing any more", old.name()),
            JsonValue(Json{{"id", base::to_hex(old.deal.id)}, {"name", old.name()}})};
}

/// Deals of this key whose place was taken and of which a crash left something.
void add_leftovers(State const& state, Services& services, port::KeyInfo const& key, model::Plan& plan) {
    for (auto const& one : share_cases(state.store, services.verifier))
        if (one.next && one.deal.key_id == key.id && one.member == state.self.member &&
            base::exists(dealt_folder(state.self.workspace, one.deal.id)))
            plan.steps.push_back(destroy_step(one));
}

bool is_same(Wanted const& wanted, ShareDeal const& deal) {
    bool const sized = wanted.custodians.size() == deal.custodians.size() &&
                       (wanted.threshold == 0 || wanted.threshold == deal.threshold);
    return wanted.custodians.empty() ||
           (sized && std::equal(wanted.custodians.begin(), wanted.custodians.end(), deal.custodians.begin(),
                                [](auto const& one, auto const& other) {
                                    return one.officer == other.officer && one.key == other.key;
                                }));
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

/// Custodians without a passphrase keep their keys; those with one need it again.
void keep_custodians(State const& state, ShareDeal const& deal, Wanted& wanted) {
    if (wanted.threshold == 0) wanted.threshold = deal.threshold;
    bool const only_words = wanted.custodians.size() == wanted.words.size();
    if (!only_words) return;
    auto const words = std::exchange(wanted.custodians, {});
    for (auto const& custodian : deal.custodians) {
        if (custodian.key.sort == "passphrase" && !wanted.words.contains(custodian.officer))
            throw Error(Code::usage, fmt::format("'{}' has no key here, but a passphrase", custodian.officer),
                        fmt::format("add --custodian-passphrase {}=FILE", custodian.officer));
        auto const& sort =
            wanted.words.contains(custodian.officer) ? model::ShareKey{"passphrase", {}} : custodian.key;
        wanted.custodians.push_back(custodian_named(state, custodian.officer, sort));
    }
    for (auto const& one : words)
        if (deal.index_of(one.officer) == 0) wanted.custodians.push_back(one);
}

}  // namespace

model::Plan plan_share_deal(State const& state, Services& services, model::Request const& request) {
    auto plan = share_plan(state, request);
    auto const key = key_to_deal(services, request);
    auto wanted = read_wanted(state, custody(services), request);
    if (auto const known = own_case(state.store, services.verifier, state.self.member, key.id)) {
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
    if (auto const* rule = charter_rule(state); wanted.threshold == 0 && rule != nullptr)
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
