#include "core/account/allocation.h"
#include "core/account/proration.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/cost_input.h"
#include "core/flow/usage_file.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::CostInputs;
using model::Verdict;

namespace {

/// The rules that were looked at, and what could not be.
struct Findings {
    Verdict verdict;
    std::vector<std::string> unchecked;
};

std::string joined(std::vector<std::string> const& parts, std::string const& otherwise) {
    return parts.empty() ? otherwise : base::join(parts, "; ");
}

void check_arithmetic(model::Allocation const& allocation, Findings& findings) {
    auto const differences = account::differences(allocation);
    findings.verdict.require(
        "arithmetic", differences.empty(),
        joined(differences, fmt::format("{} lines computed again, all equal", allocation.lines.size())));
}

bool same_rule(model::CostPool const& left, model::CostPool const& right) {
    return left.id == right.id && left.method == right.method && left.driver == right.driver &&
           left.weights == right.weights && left.fallback == right.fallback;
}

void check_policy(CostInputs const& inputs, model::Epoch const& epoch, Findings& findings) {
    bool holds = inputs.policy == model::digest(epoch.charter);
    for (auto const& pool : inputs.pools) {
        auto const& rules = epoch.charter.pools;
        holds = holds && std::any_of(rules.begin(), rules.end(),
                                     [&](model::CostPool const& rule) { return same_rule(rule, pool.rule); });
    }
    findings.verdict.require(
        "policy", holds,
        holds ? fmt::format("the pools are those of the charter of epoch {}", epoch.number)
              : fmt::format("the pools are not those of the charter of epoch {}", epoch.number));
}

void check_membership(CostInputs const& inputs, model::Epoch const& epoch, Findings& findings) {
    std::vector<std::string> wrong;
    auto const month = base::Month::from_text(inputs.month);
    if (inputs.days != account::days_in(month)) wrong.emplace_back("the month has other days");
    for (auto const& member : epoch.members) {
        auto const days = account::member_days(month, member.joined_at, member.left_at);
        auto const said =
            std::find_if(inputs.members.begin(), inputs.members.end(),
                         [&](model::Participant const& one) { return one.member == member.id; });
        auto const counted = said == inputs.members.end() ? 0 : said->days;
        if (counted != days)
            wrong.push_back(
                fmt::format("'{}' is counted for {} days, the epoch says {}", member.id, counted, days));
    }
    for (auto const& one : inputs.members)
        if (epoch.member(one.member) == nullptr)
            wrong.push_back(fmt::format("'{}' is not a member", one.member));
    findings.verdict.require("membership", wrong.empty(),
                             joined(wrong, fmt::format("member-days as epoch {} gives them", epoch.number)));
}

void check_epoch(CostInputs const& inputs, State const& state, Findings& findings) {
    auto const epoch = state.store.epoch(inputs.epoch.number);
    if (!epoch) {
        findings.unchecked.push_back(
            fmt::format("policy and membership: epoch {} is not held here", inputs.epoch.number));
        return;
    }
    bool const equal = model::reference(*epoch) == inputs.epoch;
    findings.verdict.require(
        "epoch", equal,
        fmt::format("epoch {} {} the one it names", inputs.epoch.number, equal ? "is" : "is not"));
    check_policy(inputs, *epoch, findings);
    check_membership(inputs, *epoch, findings);
}

/// The file given, or what was imported here for the month.
std::optional<model::Usage> usage_to_compare(CostInputs const& inputs, State const& state,
                                             model::Request const& request) {
    auto const file = optional_argument(request, "usage");
    if (file) return read_usage(*file, usage_rules(state.joined(), inputs.month));
    auto imported = imported_usage(state.store, inputs.month);
    if (imported && imported->file != inputs.usage) return std::nullopt;
    return imported;
}

void check_usage(CostInputs const& inputs, State const& state, model::Request const& request,
                 Findings& findings) {
    if (!inputs.usage) return;
    auto const usage = usage_to_compare(inputs, state, request);
    if (!usage) {
        findings.unchecked.push_back("usage: the file " + inputs.usage->brief() +
                                     " was not imported here; give it with --usage FILE");
        return;
    }
    std::vector<std::string> wrong;
    if (usage->file != *inputs.usage)
        wrong.push_back("the file is " + usage->file.brief() + ", not " + inputs.usage->brief());
    for (auto const& used : usage->members) {
        auto const said =
            std::find_if(inputs.members.begin(), inputs.members.end(),
                         [&](model::Participant const& one) { return one.member == used.member; });
        if (said == inputs.members.end() || said->quantities != used.quantities)
            wrong.push_back("'" + used.member + "' has other sums in the file");
    }
    for (auto const& one : inputs.members)
        for (auto const& [column, quantity] : one.quantities)
            if (quantity != 0 && usage->member(one.member) == nullptr)
                wrong.push_back("'" + one.member + "' has no " + column + " in the file");
    findings.verdict.require("usage", wrong.empty(),
                             joined(wrong, fmt::format("the sums of {} rows are the same", usage->rows)));
}

void check_billed(HeldAllocation const& held, std::vector<HeldAllocation> const& earlier,
                  Findings& findings) {
    auto const expected = billed_so_far(earlier);
    auto const& said = held.allocation.inputs.billed;
    bool const equal = std::equal(expected.begin(), expected.end(), said.begin(), said.end(),
                                  [](model::Billed const& left, model::Billed const& right) {
                                      return left.pool == right.pool && left.member == right.member &&
                                             left.minor == right.minor;
                                  });
    findings.verdict.require(
        "earlier", equal,
        equal ? fmt::format("{} earlier allocations of the month are taken into account", earlier.size())
              : "what it says was billed before is not what was");
}

Findings verify(State const& state, model::Request const& request, std::vector<HeldAllocation> const& held) {
    Findings findings;
    for (std::size_t i = 0; i < held.size(); ++i) {
        auto const& inputs = held[i].allocation.inputs;
        check_arithmetic(held[i].allocation, findings);
        check_epoch(inputs, state, findings);
        check_billed(held[i], {held.begin(), held.begin() + static_cast<std::ptrdiff_t>(i)}, findings);
        // Corrections exist because usage was wrong before: only the last one must fit the present file.
        if (i + 1 == held.size()) check_usage(inputs, state, request, findings);
    }
    return findings;
}

}  // namespace

model::Outcome cost_verify(State const& state, model::Request const& request) {
    auto const month = text_argument(request, "operand");
    auto const held = need_allocations(state.store, month);
    auto const findings = verify(state, request, held);
    bool const holds = findings.verdict.allowed();

    model::Outcome outcome;
    outcome.schema = "consortium.cost-verification/1";
    outcome.data = JsonValue(Json{{"month", month},
                                  {"holds", holds},
                                  {"allocation", held.back().digest.hex()},
                                  {"verdict", to_json(findings.verdict)},
                                  {"unchecked", findings.unchecked}});
    outcome.text.emplace_back(month + (holds ? ": verified" : ": DOES NOT HOLD"));
    model::Fields fields;
    for (auto const& rule : findings.verdict.rules)
        fields.rows.emplace_back((rule.holds ? "ok    " : "WRONG ") + rule.name, rule.words);
    for (auto const& words : findings.unchecked) fields.rows.emplace_back("not checked", words);
    outcome.text.emplace_back(std::move(fields));
    if (!holds) outcome.status = base::Code::verification_failed;
    return outcome;
}

}  // namespace consortium::flow
