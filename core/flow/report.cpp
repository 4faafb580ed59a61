#include "core/flow/report.h"

#include "core/account/statement.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/change_record.h"
#include "core/flow/charter.h"
#include "core/flow/charter_chart.h"
#include "core/flow/charter_file.h"
#include "core/flow/cost_input.h"
#include "core/flow/dispute_words.h"
#include "core/flow/exit_report.h"
#include "core/flow/proposal.h"
#include "core/flow/root_record.h"
#include "core/port/renderer.h"

#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

Json line_view(model::CostLine const& line, model::CostInputs const& inputs) {
    auto const money = [&](std::int64_t minor) { return base::Money{minor, inputs.currency}.text(); };
    return {{"pool", line.pool},
            {"method", line.method},
            {"quantity", account::quantity_words(line, inputs)},
            {"quota", line.quota.decimal(3)},
            {"adjustment", account::signed_decimal(line.adjustment)},
            {"share", money(line.share)},
            {"billed", money(line.billed)},
            {"amount", money(line.minor)}};
}

Json statement_view(model::Invoice const& invoice, HeldAllocation const& held) {
    auto view = to_json(invoice);
    Json lines = Json::array();
    for (auto const& line : invoice.lines) lines.push_back(line_view(line, *invoice.inputs));
    view["lines"] = lines;
    view["issuer"] = held.issuer;
    view["act"] = held.act.hex();
    view["month_days"] = invoice.inputs->days;
    view["epoch"] = invoice.inputs->epoch.number;
    return view;
}

Json statements_view(State const& state, std::string const& month, std::string const& member) {
    Json pages = Json::array();
    auto const& name = state.joined().charter.name;
    auto const held = need_allocations(state.store, month);
    for (auto const& one : held)
        for (auto const& invoice : account::statements(one.allocation, name))
            if (invoice.party.member == member) pages.push_back(statement_view(invoice, one));
    if (pages.empty())
        throw Error(Code::not_found, "'" + base::printable(member) + "' has no statement for " + month,
                    "run 'consortium cost list'");
    return {{"month", month},
            {"member", member},
            {"consortium", name},
            {"rehearsal", state.joined().rehearsal},
            {"statements", pages}};
}

/// A decision of the charter in force, tried on its members.
Json simulation_view(State const& state, std::string const& decision) {
    auto const& epoch = state.joined();
    Json view = simulation(epoch.charter, parties_of(epoch), {{"decision", decision}});
    view["chart"] = drawing(view);
    view["item"] = view["items"].front();
    view["epoch"] = epoch.number;
    view["rehearsal"] = epoch.rehearsal;
    auto const rule = epoch.charter.decision(decision);
    view["quorum"] = rule->quorum.text() + " of " + rule->quorum_of;
    view["pass"] = rule->pass.text() + " of " + rule->pass_of;
    view["many_kinds"] = view["patterns"].is_null();
    for (char const* key : {"deciding", "blocking", "absent"})
        view["item"][key] = view["item"][key].is_null() ? Json("nobody can") : Json(view["item"][key].size());
    return view;
}

Json dispute_view(State const& state, std::string const& name) {
    auto const dispute = find_dispute(state, name);
    Json sections = Json::array();
    for (auto const& section : dispute_sections(dispute)) {
        Json rows = Json::array();
        for (auto const& [label, words] : section.fields.rows)
            rows.push_back({{"label", label}, {"words", words}});
        sections.push_back({{"heading", section.heading}, {"rows", rows}});
    }
    auto const closing = closing_words(dispute);
    return {{"name", dispute_name(dispute.first.stage.id)},
            {"title", base::printable(dispute.first.stage.complaint.title)},
            {"consortium", state.joined().charter.name},
            {"rehearsal", state.joined().rehearsal},
            {"status", closing.empty() ? "Not closed yet: " + dispute.status() + "." : closing},
            {"sections", sections}};
}

struct Document {
    std::string page;  // of templates/report
    Json view;
    std::string (*markdown)(Json const& view) = nullptr;  // null: only as a page
};

Document document_of(State const& state, Services& services, std::string const& name) {
    auto const parts = base::split(name, '/');
    if (parts.size() == 2 && parts[0] == "exit") {
        auto view = exit_report({state, exit_case(state, parts[1]), services});
        view["signature"] = nullptr;
        return {"exit.html", std::move(view)};
    }
    if ((parts.size() == 2 || parts.size() == 3) && parts[0] == "statement") {
        auto const& member = parts.size() == 3 ? parts[2] : state.self.member;
        return {"statement.html", statements_view(state, parts[1], member)};
    }
    if (parts.size() == 2 && parts[0] == "dispute") return {"dispute.html", dispute_view(state, parts[1])};
    if (parts.size() == 2 && parts[0] == "charter")
        return {"simulation.html", simulation_view(state, parts[1])};
    if (parts.size() == 2 && parts[0] == "change")
        return {"change.html", change_record(state, find_proposal(state, parts[1])), change_markdown};
    if (name == "ceremony-script") return {"ceremony-script.html", ceremony_script(state)};
    throw Error(Code::not_found, "there is no report '" + base::printable(name) + "'",
                "run 'consortium report list'");
}

std::string markdown_of(Document const& document, std::string const& name) {
    if (document.markdown != nullptr) return document.markdown(document.view);
    throw Error(Code::unsupported, "there is no Markdown of the report '" + base::printable(name) + "'",
                "leave out --as, or use --as json");
}

}  // namespace

model::Outcome report_render(State const& state, Services& services, model::Request const& request) {
    auto const name = text_argument(request, "operand");
    auto document = document_of(state, services, name);
    auto const form = request.arguments->value("as", std::string("html"));
    model::Outcome outcome;
    outcome.schema = "consortium.report/1";
    if (form != "html") {
        auto const text =
            form == "json" ? base::canonical(document.view) + "\n" : markdown_of(document, name);
        outcome.data = JsonValue(Json{{"name", name}, {form, form == "json" ? document.view : Json(text)}});
        outcome.text.emplace_back(text);
        return outcome;
    }
    auto const html = services.renderer("html").render(document.page, services.report_template,
                                                       JsonValue(std::move(document.view)));
    outcome.data = JsonValue(Json{{"name", name}, {"html", html}});
    outcome.text.emplace_back(html);
    return outcome;
}

model::Outcome report_list(State const& state, model::Request const&) {
    std::set<std::string> names;
    for (auto const& one : exit_cases(state.store)) names.insert("exit/" + one.notice.member);
    for (auto const& id : agreement::disputes(state.store)) names.insert("dispute/" + dispute_name(id));
    if (state.epoch)
        for (auto const& decision : state.epoch->charter.decisions) names.insert("charter/" + decision.id);
    for (auto const& id : changes(state.store)) names.insert("change/" + model::short_name(id));
    if (has_rotation(state)) names.insert("ceremony-script");
    for (auto const& held : held_allocations(state.store))
        for (auto const& line : held.allocation.lines)
            names.insert("statement/" + held.allocation.inputs.month + "/" + line.member);
    model::Outcome outcome;
    outcome.schema = "consortium.report-list/1";
    Json items = Json::array();
    model::Table table;
    table.columns = {"report"};
    table.when_empty = "nothing to report: no exit, no allocation";
    for (auto const& name : names) {
        items.push_back({{"name", name}});
        table.rows.push_back({name});
    }
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

}  // namespace consortium::flow
