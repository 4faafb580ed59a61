#include "core/flow/root_shares.h"

#include "core/base/text.h"
#include "core/flow/root_compose.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::Verdict;

namespace {

std::string key_of(std::int64_t generation) {
    return "ca-" + root_of(generation);
}

std::vector<ShareCase> deals_of(State const& state, port::Verifier const& verifier, std::string const& member,
                                std::string const& key) {
    auto out = share_cases(state.store, verifier);
    std::erase_if(out, [&](ShareCase const& one) { return one.member != member || one.deal.key != key; });
    return out;
}

std::optional<ShareCase> last_in_force(std::vector<ShareCase> cases) {
    auto const found =
        std::find_if(cases.rbegin(), cases.rend(), [](ShareCase const& one) { return !one.next; });
    if (found == cases.rend()) return std::nullopt;
    return std::move(*found);
}

std::vector<std::string> without_share(Custodians const& agreed, std::optional<ShareCase> const& deal) {
    auto out = agreed.officers;
    std::erase_if(out, [&](std::string const& officer) {
        auto const index = deal ? deal->deal.index_of(officer) : 0;
        return index != 0 && deal->is_kept(index);
    });
    return out;
}

/// What this officer does about the shares that are not kept yet.
std::string next_of(State const& state, Rotation const& rotation, NewRootShares const& shares) {
    bool const deals = rotation.keeper == state.self.member;
    if (!shares.deal) return deals ? "consortium share deal " + shares.key : "consortium exchange sync";
    if (std::ranges::find(shares.missing, state.self.officer) != shares.missing.end())
        return "consortium share accept FILE";
    return "consortium share show " + shares.key;
}

std::vector<std::string> still_keeping(ShareCase const& deal) {
    return deal.without([&](std::int64_t index) { return deal.destroyed.contains(index); });
}

void show_new(State const& state, port::Verifier const& verifier, Rotation const& rotation,
              SharesShown& out) {
    auto const shares = new_root_shares(state, verifier, rotation);
    auto const need = shares.agreed.officers.size();
    if (need == 0) return;
    auto const have = need - shares.missing.size();
    out.fresh = JsonValue(Json{{"key", shares.key},
                               {"deal", shares.deal ? Json(shares.deal->name()) : Json()},
                               {"threshold", shares.agreed.threshold},
                               {"have", have},
                               {"need", need},
                               {"missing", shares.missing}});
    auto words = fmt::format("{} of {} custodians keep a share of '{}'", have, need, shares.key);
    if (have < need && rotation.stage == "trust" && rotation.state != "agreed")
        words += "; due before 'root distribute'";
    out.rows.emplace_back("shares", std::move(words));
    if (have < need) out.rows.emplace_back("without a share", base::join(shares.missing, ", "));
}

void show_old(State const& state, port::Verifier const& verifier, Rotation const& rotation,
              SharesShown& out) {
    if (rotation.state != "destroyed") return;
    auto const old = last_in_force(old_root_shares(state, verifier, rotation));
    if (!old) return;
    auto const missing = still_keeping(*old);
    auto const need = old->deal.custodians.size();
    out.old = JsonValue(Json{{"key", old->deal.key},
                             {"deal", old->name()},
                             {"have", need - missing.size()},
                             {"need", need},
                             {"missing", missing}});
    out.rows.emplace_back("old shares", fmt::format("{} of {} custodians have destroyed theirs of {}",
                                                    need - missing.size(), need, old->name()));
    if (!missing.empty()) out.rows.emplace_back("still to destroy", base::join(missing, ", "));
    if (std::ranges::find(missing, state.self.officer) != missing.end())
        out.next = "consortium share destroy " + old->name();
}

}  // namespace

std::optional<AgreedCustodians> agreed_custodians(port::Store const& store, std::string const& key) {
    std::optional<AgreedCustodians> out;
    store.objects({.kind = "root"}, [&](model::Object const& object) {
        auto const found = rotation_from_object(object);
        auto const plan = rotation_plan(store, found);
        if (found.state == "abandoned" || key_of(plan.to) != key || plan.officers("custodian").empty())
            return;
        bool const trusted = found.stage != "trust" || found.state == "agreed";
        out = {found.name, new_custodians(plan), !trusted};
    });
    return out;
}

NewRootShares new_root_shares(State const& state, port::Verifier const& verifier, Rotation const& rotation) {
    auto const plan = rotation_plan(state.store, rotation);
    NewRootShares out;
    out.key = key_of(plan.to);
    out.agreed = new_custodians(plan);
    if (out.agreed.officers.empty()) return out;
    out.deal = last_in_force(deals_of(state, verifier, rotation.keeper, out.key));
    out.missing = without_share(out.agreed, out.deal);
    return out;
}

Verdict shares_verdict(State const& state, port::Verifier const& verifier, Rotation const& rotation) {
    auto const plan = rotation_plan(state.store, rotation);
    auto const shares = new_root_shares(state, verifier, rotation);
    Verdict verdict;
    if (shares.agreed.officers.empty() || plan.emergency) return verdict;
    auto const need = shares.agreed.officers.size();
    verdict.state = fmt::format("{} of {} custodians", need - shares.missing.size(), need);
    verdict.require("shares", shares.missing.empty(),
                    fmt::format("every agreed custodian keeps a share of '{}'{}", shares.key,
                                shares.deal ? "" : ": none was dealt yet"),
                    Verdict::Ruling::pending);
    verdict.require("threshold", !shares.deal || shares.deal->deal.threshold == shares.agreed.threshold,
                    fmt::format("'{}' was dealt with another threshold than the agreed {}", shares.key,
                                shares.agreed.threshold));
    verdict.missing = shares.missing;
    auto const date = plan.dates.find("trust");
    if (date != plan.dates.end()) verdict.deadline = date->second;
    if (!verdict.allowed()) verdict.next = next_of(state, rotation, shares);
    return verdict;
}

std::vector<ShareCase> old_root_shares(State const& state, port::Verifier const& verifier,
                                       Rotation const& rotation) {
    return deals_of(state, verifier, rotation.keeper, key_of(rotation_plan(state.store, rotation).from));
}

SharesShown shares_shown(State const& state, port::Verifier const& verifier, Rotation const& rotation) {
    SharesShown out;
    show_new(state, verifier, rotation, out);
    show_old(state, verifier, rotation, out);
    return out;
}

void add_end_of_shares(State const& state, port::Verifier const& verifier, Rotation const& rotation,
                       model::Plan& plan) {
    auto const deals = old_root_shares(state, verifier, rotation);
    for (auto const& one : deals)
        if (has_remains(state.self, one)) plan.steps.push_back(destroy_step(one));
    auto const last = last_in_force(deals);
    if (!last) return;
    plan.warnings.push_back(fmt::format(
        "the shares of {} are dead with the key: destroy every copy of {} that was carried elsewhere",
        last->name(), wrapped_name));
    plan.warnings.push_back(
        fmt::format("each custodian destroys the share and says so with 'consortium share destroy {}': {}",
                    last->name(), base::join(still_keeping(*last), ", ")));
}

}  // namespace consortium::flow
