#include "cli/session.h"
#include "cli/spec.h"
#include "core/base/error.h"
#include "core/base/file.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

constexpr std::size_t max_plan = 64u << 20;

Json read(model::Request const& request) {
    auto const file = base::JsonReader(*request.arguments).text("operand");
    try {
        auto limits = base::JsonLimits{};
        limits.bytes = max_plan;
        return base::parse_json(base::read_text(file, max_plan), limits);
    } catch (Error const& error) {
        throw error.with("file", file);
    }
}

Command const& command_of(model::Request const& planned) {
    auto const blank = planned.command.find(' ');
    auto const noun = planned.command.substr(0, blank);
    auto const verb = blank == std::string::npos ? std::string() : planned.command.substr(blank + 1);
    auto const* command = find_command(noun, verb);
    if (command == nullptr || command->effect == Effect::read || command->noun == "plan") {
        throw Error(Code::malformed, "no command '" + planned.command + "' that makes a plan",
                    "make the plan with --save-plan, or see 'consortium help'");
    }
    return *command;
}

model::Outcome make(Session& session, model::Request const& request) {
    auto const value = read(request);
    base::JsonReader in(value);
    model::Request planned{in.text("command"), JsonValue(in.value("arguments"))};
    in.done();
    auto common = session.common();
    common.dry_run = true;
    Session inner(common);
    return inner.run(command_of(planned), planned);
}

model::Outcome apply(Session& session, model::Request const& request) {
    auto const plan = model::plan_from_json(read(request));
    session.expect(model::digest(plan));
    return session.run(command_of(plan.request), plan.request);
}

constexpr Example make_examples[] = {
    {R"(echo '{"command":"node remove","arguments":{"operand":"n1"}}' | consortium plan make - --format json)",
     "the plan of a request, for programs"}};
constexpr Example apply_examples[] = {
    {"consortium vote cast p-3fa9c1 --choice yes --save-plan vote.plan && consortium plan apply vote.plan",
     "look at a plan before it is carried out"}};

constexpr Code make_codes[] = {Code::malformed, Code::not_found, Code::refused, Code::pending};
constexpr Code apply_codes[] = {Code::malformed, Code::not_found, Code::refused,
                                Code::pending,   Code::conflict,  Code::declined};

constexpr Command commands[] = {
    {
        .noun = "plan",
        .verb = "make",
        .effect = Effect::read,
        .summary = "make the plan of a request",
        .operand = {"FILE", Kind::input, "the request as JSON ('-': standard input)"},
        .description = "The request is {\"command\":\"NOUN VERB\",\"arguments\":{…}}, with the operand as "
                       "\"operand\" and flags by their names without dashes, as 'consortium __spec' lists "
                       "them. People use --save-plan of the command itself.",
        .examples = make_examples,
        .codes = make_codes,
        .handler = make,
    },
    {
        .noun = "plan",
        .verb = "apply",
        .effect = Effect::write,
        .summary = "carry out a saved plan, if it still is the plan",
        .operand = {"FILE", Kind::input, "the plan that --save-plan wrote ('-': standard input)"},
        .description = "The command of the plan is planned again from the present state. If another plan "
                       "follows, nothing is done and the exit status is 8. What has nothing to do with the "
                       "plan does not void it.",
        .examples = apply_examples,
        .codes = apply_codes,
        .handler = apply,
    },
};

}  // namespace

extern Noun const plan_noun;
constexpr Noun plan_noun{"OPERATE", "plan", "plans made before they are carried out", commands};

}  // namespace consortium::cli
