#include "core/account/allocation.h"
#include "core/account/proration.h"
#include "core/account/statement.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/cost_input.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using model::CostInputs;

namespace {

constexpr std::string_view default_due = "P30D";
constexpr std::string_view default_dispute = "P14D";

base::Day day_after(base::Month const& month, model::Request const& request, std::string const& flag,
                    std::string_view fallback) {
    auto const typed = optional_argument(request, flag).value_or(std::string(fallback));
    return base::Day::of(month.end.start() + base::Duration::from_text(typed));
}

void check_earlier(std::string const& month, std::vector<HeldAllocation> const& earlier, bool correction) {
    if (correction && earlier.empty())
        throw Error(Code::not_found, "there is no allocation of " + month + " that could be corrected",
                    "run the command without --correction");
    if (!correction && !earlier.empty())
        throw Error(Code::conflict,
                    fmt::format("{} was allocated before, by {}: a closed month is never computed again",
                                month, earlier.back().issuer),
                    "repeat the command with --correction REASON: it charges or credits the differences",
                    {{"allocation", earlier.back().digest.hex()}});
}

/// A correction names every pool again: one left out would silently stay as it was.
void check_pools(CostInputs const& inputs) {
    for (auto const& billed : inputs.billed) {
        bool found = false;
        for (auto const& pool : inputs.pools) found = found || pool.rule.id == billed.pool;
        if (!found)
            throw Error(Code::usage, "the correction leaves out the pool '" + billed.pool + "'",
                        "give --pool " + billed.pool + "=AMOUNT with its whole right amount, which may be 0");
    }
}

/// Whoever was billed before takes part in a correction, even with nothing left to share.
void add_billed(CostInputs& inputs, model::Epoch const& epoch) {
    auto& members = inputs.members;
    for (auto const& billed : inputs.billed) {
        auto const at = std::lower_bound(
            members.begin(), members.end(), billed.member,
            [](model::Participant const& one, std::string const& id) { return one.member < id; });
        if (at != members.end() && at->member == billed.member) continue;
        auto const* member = epoch.member(billed.member);
        members.insert(at, {billed.member, member == nullptr ? billed.member : member->name, 0, {}});
    }
}

CostInputs inputs_of(State const& state, model::Request const& request,
                     std::vector<HeldAllocation> const& earlier) {
    auto const& epoch = state.joined();
    auto const typed = request.arguments->value("pool", std::vector<std::string>{});
    CostInputs inputs;
    inputs.month = text_argument(request, "month");
    auto const month = base::Month::from_text(inputs.month);
    auto const usage = imported_usage(state.store, inputs.month);
    inputs.currency = base::Currency::from_code(epoch.charter.currency);
    inputs.epoch = model::reference(epoch);
    inputs.policy = model::digest(epoch.charter);
    if (usage) inputs.usage = usage->file;
    inputs.days = account::days_in(month);
    inputs.members = participants(epoch, month, usage ? &*usage : nullptr);
    inputs.pools = pool_amounts(epoch.charter, typed);
    if (!earlier.empty()) inputs.corrects = earlier.back().digest;
    inputs.billed = billed_so_far(earlier);
    inputs.due = day_after(month, request, "due", default_due);
    inputs.dispute_by = day_after(month, request, "dispute", default_dispute);
    check_pools(inputs);
    add_billed(inputs, epoch);
    return inputs;
}

std::string sum_text(model::Allocation const& allocation) {
    std::int64_t sum = 0;
    for (auto const& line : allocation.lines) sum += line.minor;
    return base::Money{sum, allocation.inputs.currency}.text();
}

model::Step allocation_step(model::Allocation const& allocation, std::string const& document) {
    auto const& inputs = allocation.inputs;
    model::Draft draft;
    draft.kind = "allocation";
    draft.body =
        JsonValue(to_json(model::AllocationNotice{inputs.month, base::sha256(document), inputs.corrects}));
    auto const what = inputs.corrects ? "a correction of " : "the costs of ";
    return act_step(
        draft, "allocation of " + inputs.month,
        fmt::format("sign {}{}: {} {} over {} pools and {} members", what, inputs.month, sum_text(allocation),
                    inputs.currency.code, inputs.pools.size(), inputs.members.size()),
        {document});
}

model::Step record_step(model::Allocation const& allocation, std::string const& document,
                        std::optional<std::string> const& reason, State const& state) {
    auto const& inputs = allocation.inputs;
    Json data{{"month", inputs.month},
              {"document", base::sha256(document).hex()},
              {"corrects", inputs.corrects ? Json(inputs.corrects->hex()) : Json()},
              {"reason", reason ? Json(*reason) : Json()},
              {"amount", sum_text(allocation)},
              {"currency", inputs.currency.code}};
    model::Object object{"allocation", inputs.month, "stated", state.self.member, inputs.due.start(), {}, 0};
    object.data = JsonValue(data);
    return event_step("cost.allocation", data, {object}, "allocation of " + inputs.month,
                      "record it, due on " + inputs.due.text());
}

void add_outputs(model::Plan& plan, model::Allocation const& allocation, State const& state,
                 std::optional<std::string> const& ledger) {
    auto const& name = state.joined().charter.name;
    auto folder = state.self.workspace / "out" / "costs" / allocation.inputs.month;
    for (auto const& invoice : account::statements(allocation, name)) {
        auto file = invoice.party.member;
        if (allocation.inputs.corrects) file += "-" + invoice.allocation.hex().substr(0, 6);
        auto const what = fmt::format("write the statement of {}: {} {}", invoice.party.member,
                                      base::Money{invoice.total, allocation.inputs.currency}.text(),
                                      allocation.inputs.currency.code);
        plan.steps.push_back(output_step(folder / (file + ".json"), base::canonical(to_json(invoice)) + "\n",
                                         base::FileMode::shared, what));
        plan.steps.push_back(output_step(folder / (file + ".txt"), account::text_of(invoice),
                                         base::FileMode::shared, what + ", as text"));
    }
    if (ledger)
        plan.steps.push_back(output_step(*ledger, account::hledger_journal(allocation, name),
                                         base::FileMode::shared,
                                         "write the journal for hledger to " + *ledger));
}

}  // namespace

model::Plan plan_cost_allocate(State const& state, model::Request const& request) {
    auto const& epoch = state.joined();
    auto const month = text_argument(request, "month");
    auto const reason = optional_argument(request, "correction");
    auto const earlier = held_allocations(state.store, month);
    check_earlier(month, earlier, reason.has_value());
    auto const allocation = account::allocate(inputs_of(state, request, earlier));
    auto const document = model::document(allocation);

    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    for (auto const* kind : {"usage", "allocation"}) {
        auto const object = state.store.object(kind, month);
        plan.pins[std::string(kind) + "/" + month] = object ? object->version : 0;
    }
    if (month >= base::Day::of(state.now).text().substr(0, 7))
        plan.warnings.push_back(month + " is not over yet");
    plan.steps.push_back(allocation_step(allocation, document));
    plan.steps.push_back(record_step(allocation, document, reason, state));
    add_outputs(plan, allocation, state, optional_argument(request, "hledger"));
    plan.verdict.next = "consortium cost verify " + month;
    return plan;
}

}  // namespace consortium::flow
