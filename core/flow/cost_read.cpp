#include "core/account/statement.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/cost_input.h"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

struct MonthRecord {
    std::optional<model::Usage> usage;
    std::vector<HeldAllocation> allocations;
};

std::map<std::string, MonthRecord> months(port::Store const& store) {
    std::map<std::string, MonthRecord> out;
    port::ObjectQuery query;
    query.kind = "usage";
    store.objects(query, [&](model::Object const& object) {
        out[object.name].usage = model::usage_from_json(object.data->at("usage"));
    });
    for (auto& held : held_allocations(store)) {
        auto const month = held.allocation.inputs.month;
        out[month].allocations.push_back(std::move(held));
    }
    return out;
}

std::string charged(MonthRecord const& record) {
    if (record.allocations.empty()) return {};
    std::int64_t sum = 0;
    for (auto const& held : record.allocations)
        for (auto const& line : held.allocation.lines) sum += line.minor;
    return base::Money{sum, record.allocations.front().allocation.inputs.currency}.text();
}

Json item(std::string const& month, MonthRecord const& record) {
    auto const* last = record.allocations.empty() ? nullptr : &record.allocations.back();
    return {{"month", month},
            {"usage", record.usage ? Json(record.usage->file.hex()) : Json()},
            {"rows", record.usage ? Json(record.usage->rows) : Json()},
            {"allocation", last ? Json(last->digest.hex()) : Json()},
            {"issuer", last ? Json(last->issuer) : Json()},
            {"amount", last ? Json(charged(record)) : Json()},
            {"currency", last ? Json(last->allocation.inputs.currency.code) : Json()},
            {"corrections", last ? Json(record.allocations.size() - 1) : Json()},
            {"due", last ? Json(last->allocation.inputs.due.text()) : Json()}};
}

std::vector<std::string> row(std::string const& month, MonthRecord const& record) {
    auto const* last = record.allocations.empty() ? nullptr : &record.allocations.back();
    return {month,
            record.usage ? std::to_string(record.usage->rows) : "-",
            last ? charged(record) : "-",
            last ? last->allocation.inputs.currency.code : "",
            last ? last->issuer : "-",
            last ? last->allocation.inputs.due.text() : "-",
            last ? std::to_string(record.allocations.size() - 1) : "-"};
}

}  // namespace

std::vector<HeldAllocation> need_allocations(port::Store const& store, std::string const& month) {
    static_cast<void>(base::Month::from_text(month));
    auto held = held_allocations(store, month);
    if (held.empty())
        throw Error(Code::not_found, "no allocation of " + month + " is held here",
                    "run 'consortium cost allocate --month " + month +
                        " --pool POOL=AMOUNT', or "
                        "'consortium exchange sync' if another member made it");
    return held;
}

model::Outcome cost_list(State const& state, model::Request const&) {
    model::Outcome outcome;
    outcome.schema = "consortium.cost-list/1";
    Json items = Json::array();
    model::Table table;
    table.columns = {"month", "usage rows", "charged", "", "by", "due", "corrections"};
    table.when_empty = "no usage was imported and nothing was allocated";
    for (auto const& [month, record] : months(state.store)) {
        items.push_back(item(month, record));
        table.rows.push_back(row(month, record));
    }
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome cost_show(State const& state, model::Request const& request) {
    auto const month = text_argument(request, "operand");
    auto const member = optional_argument(request, "member").value_or(state.self.member);
    auto const held = need_allocations(state.store, month);
    model::Outcome outcome;
    outcome.schema = "consortium.statement/1";
    Json statements = Json::array();
    for (auto const& one : held) {
        for (auto const& invoice : account::statements(one.allocation, state.joined().charter.name)) {
            if (invoice.party.member != member) continue;
            statements.push_back(to_json(invoice));
            outcome.text.emplace_back(account::text_of(invoice));
        }
    }
    if (statements.empty())
        throw Error(Code::not_found, "'" + base::printable(member) + "' has no statement for " + month,
                    "run 'consortium cost list'");
    outcome.data = JsonValue(Json{{"month", month}, {"member", member}, {"statements", statements}});
    outcome.next.push_back("consortium cost verify " + month);
    return outcome;
}

}  // namespace consortium::flow
