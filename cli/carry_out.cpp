#include "cli/output.h"
#include "cli/session_parts.h"
#include "cli/spec.h"
#include "cli/suggest.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/apply.h"
#include "core/flow/certificate.h"
#include "core/model/private_part.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using model::Outcome;
using model::Plan;
using model::Verdict;

Json plan_record(Plan const& plan) {
    auto record = model::to_json(plan);
    record["digest"] = model::digest(plan).hex();
    return record;
}

std::vector<std::string> by_hand(Plan const& plan) {
    std::vector<std::string> out;
    for (auto const& step : plan.by_hand) {
        auto const after = step.check.empty() ? "" : "; go on when '" + step.check + "' is content";
        out.push_back(step.node + ": " + step.summary + after);
    }
    return out;
}

std::string steps_text(Plan const& plan) {
    std::string text;
    for (auto const& step : plan.steps) text += "  - " + base::printable(step.summary) + '\n';
    return text;
}

/// The block of multi-party work: state, missing, deadline, next command; then the rules that do not hold.
model::Fields verdict_fields(Verdict const& verdict) {
    model::Fields fields;
    auto const add = [&](char const* name, std::string value) {
        if (!value.empty()) fields.rows.emplace_back(name, std::move(value));
    };
    add("state", verdict.state);
    add("missing", base::join(verdict.missing, ", "));
    if (verdict.deadline) add("deadline", verdict.deadline->text());
    for (auto const& rule : verdict.rules) {
        if (!rule.holds) add(rule.name.c_str(), rule.words);
    }
    return fields;
}

Outcome of_verdict(Plan const& plan) {
    bool const refused = plan.verdict.ruling == Verdict::Ruling::refused;
    Outcome outcome;
    outcome.schema = "consortium.verdict/1";
    outcome.data = JsonValue(Json{{"command", plan.request.command}, {"verdict", to_json(plan.verdict)}});
    outcome.text.emplace_back((refused ? "refused: " : "waits for others: ") + plan.request.command);
    if (auto fields = verdict_fields(plan.verdict); !fields.rows.empty()) outcome.text.emplace_back(fields);
    outcome.warnings = plan.warnings;
    if (!plan.verdict.next.empty()) outcome.next.push_back(plan.verdict.next);
    outcome.status = refused ? Code::refused : Code::pending;
    return outcome;
}

Outcome of_plan(Plan const& plan, std::string const& sentence) {
    Outcome outcome;
    outcome.schema = "consortium.plan/1";
    outcome.is_private = true;  // the request has its words
    outcome.data = JsonValue(plan_record(plan));
    outcome.text.emplace_back(sentence);
    if (!plan.steps.empty()) outcome.text.emplace_back(steps_text(plan));
    outcome.warnings = plan.warnings;
    outcome.by_hand = by_hand(plan);
    return outcome;
}

Outcome of_record(Plan const& plan, JsonValue const& record) {
    Outcome outcome;
    outcome.schema = "consortium.operation/1";
    outcome.data = record;
    if (!plan.by_hand.empty()) {
        Json data = *record;
        data["by_hand"] = to_json(plan.by_hand);
        outcome.data = JsonValue(std::move(data));
        outcome.by_hand = by_hand(plan);
    }
    std::string text;
    for (auto const& step : plan.steps) text += base::printable(step.summary) + '\n';
    outcome.text.emplace_back(text);
    outcome.warnings = plan.warnings;
    if (!plan.verdict.next.empty()) outcome.next.push_back(plan.verdict.next);
    return outcome;
}

/// What must be typed: the plan's name; for a verb that is danger by its spec, at least its operand.
std::string dangerous_name(Plan const& plan, Command const* command) {
    if (!plan.danger.empty()) return plan.danger;
    if (command == nullptr || command->effect != Effect::danger) return {};
    return plan.request.arguments->value("operand", plan.request.command);
}

[[noreturn]] void unconfirmed(std::string const& message, std::string hint) {
    throw Error(Code::declined, message, std::move(hint));
}

/// What a person decides about: what would be done, and what the planner warns of.
std::string in_question(Plan const& plan, Session& session) {
    auto text = steps_text(plan);
    for (auto const& warning : plan.warnings) text += "  warning: " + base::printable(warning) + '\n';
    return session.local_times(text).in(text);
}

/// A number in hexadecimal without what may be spelt in several ways: colons, capitals, zeros at its head.
std::string digits_of(std::string_view text) {
    auto out = flow::hexadecimal_digits(text);
    out.erase(0, out.find_first_not_of('0'));
    return out;
}

/// Serials and hashes are the same number as other programs print them: "5F:0C" and "5f0c".
bool is_same_name(std::string_view typed, std::string_view name) {
    constexpr std::size_t shortest = 32;
    bool const number =
        name.size() >= shortest && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return typed == name || (number && digits_of(typed) == digits_of(name));
}

void confirm_danger(std::string const& name, Plan const& plan, Session& session) {
    auto const& common = session.common();
    if (is_same_name(common.confirm, name)) return;
    auto const hint = "repeat the command with --confirm '" + name + "'";
    if (!common.confirm.empty()) {
        unconfirmed("--confirm is '" + common.confirm + "', but this needs '" + name + "'", hint);
    }
    auto const what = "'" + plan.request.command + "' cannot be undone and needs its name confirmed";
    if (common.no_input || common.yes) unconfirmed(what, hint);
    Terminal terminal(hint);
    terminal.say(in_question(plan, session));
    auto const typed =
        terminal.ask("This cannot be undone. Type '" + base::printable(name) + "' to confirm: ");
    if (!is_same_name(typed, name))
        unconfirmed("not confirmed: '" + base::printable(typed) + "' is not '" + name + "'", hint);
}

void confirm_write(Plan const& plan, Session& session) {
    auto const& common = session.common();
    if (common.yes) return;
    if (common.no_input) {
        unconfirmed("'" + plan.request.command + "' asks before it changes anything, but --no-input is given",
                    "repeat the command with --yes");
    }
    Terminal terminal("look at it with --dry-run, then repeat the command with --yes");
    terminal.say(in_question(plan, session));
    auto const answer = terminal.ask("Go on? [y/N] ");
    if (answer != "y" && answer != "Y" && answer != "yes") unconfirmed("declined; nothing was changed", {});
}

void confirm(Plan const& plan, Session& session, Command const* command) {
    auto const name = dangerous_name(plan, command);
    if (name.empty()) {
        confirm_write(plan, session);
    } else {
        confirm_danger(name, plan, session);
    }
}

void check_expected(Plan const& plan, std::optional<base::Digest> const& expected) {
    if (!expected || model::digest(plan) == *expected) return;
    throw Error(Code::conflict, "the plan is stale: from the present state another one follows",
                "make the plan again with --save-plan, and look at it",
                {{"planned", expected->hex()}, {"now", model::digest(plan).hex()}});
}

/// The result of the same request under the same --operation, if that was carried out.
std::optional<Outcome> done_before(Session& session, Session::Parts& parts) {
    auto const& command = *parts.command;
    auto const& request = *parts.request;
    auto const& operation = parts.common.operation;
    bool const repeatable = command.effect != Effect::read && command.noun != "plan" && !operation.empty();
    if (!repeatable || !session.has_workspace() || !base::exists(session.workspace() / "journal.db"))
        return std::nullopt;
    auto const earlier = parts.adapters(session).store().object("operation", operation);
    if (!earlier) return std::nullopt;
    if (earlier->data->value("request", std::string{}) != model::digest(request).hex()) {
        throw Error(Code::conflict, "operation '" + operation + "' was another request",
                    "choose another --operation, or run 'consortium operation show " + operation + "'");
    }
    if (earlier->state != "done") return std::nullopt;
    Outcome outcome;
    outcome.schema = "consortium.operation/1";
    outcome.data = earlier->data;
    outcome.text.emplace_back("done before, as operation '" + operation + "'");
    auto const words = model::private_arguments(request.command, *request.arguments);
    if (!words.empty())
        outcome.warnings.push_back(
            "--" + base::join(words, ", --") +
            " of then stands: such words are not compared, since no digest of them is kept");
    return outcome;
}

/// Before it runs: afterwards something would have changed.
void refuse_saved_plan(Command const& command, std::string const& file) {
    if (file.empty() || command.effect == Effect::read || command.planned == Planned::yes) return;
    throw Error(Code::usage, "'" + full_name(command) + "' has no plan that could be saved",
                "leave out --save-plan, or look first with --dry-run");
}

}  // namespace

Outcome Session::carry_out(Plan plan) {
    settings();
    auto& parts = *m_parts;
    auto const& common = parts.common;
    // What was typed identifies the operation and can be planned again, even where the handler added to it.
    if (parts.request) plan.request = *parts.request;
    check_expected(plan, parts.expected);
    if (plan.operation.empty()) plan.operation = common.operation;
    if (!plan.verdict.allowed()) return of_verdict(plan);
    if (common.dry_run) return of_plan(plan, "would do, changing nothing now:");
    if (!common.save_plan.empty()) {
        base::write_file(common.save_plan, base::canonical(model::to_json(plan)) + "\n",
                         base::FileMode::owner);
        auto outcome = of_plan(plan, "plan written to " + common.save_plan + ":");
        outcome.next.push_back("consortium plan apply " + common.save_plan);
        return outcome;
    }
    if (plan.steps.empty()) return of_plan(plan, "nothing to do");
    confirm(plan, *this, parts.command);
    return of_record(plan, flow::apply(plan, services(), self()));
}

Outcome Session::run(Command const& command, model::Request const& request) {
    m_parts->command = &command;
    m_parts->request = request;
    refuse_saved_plan(command, m_parts->common.save_plan);
    auto before = done_before(*this, *m_parts);
    auto outcome = before ? *std::move(before) : command.handler(*this, request);
    bool const carried_out = outcome.schema == "consortium.operation/1" && outcome.data->contains("results");
    return command.shown != nullptr && carried_out ? command.shown(*this, std::move(outcome)) : outcome;
}

}  // namespace consortium::cli
