#include "cli/help.h"

#include "cli/output.h"
#include "cli/session.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

// "help NOUN VERB" has two operands, so the parser answers it; this handler is reached by nothing else.
model::Outcome help(Session&, model::Request const&) {
    model::Outcome outcome;
    outcome.schema = "consortium.help/1";
    outcome.data = base::JsonValue(base::Json{{"text", help_text({})}});
    outcome.text.emplace_back(help_text({}));
    return outcome;
}

constexpr Example examples[] = {
    {"consortium help vote", "the verbs of a noun"},
    {"consortium help vote cast", "flags, examples and exit status of one command"},
};

constexpr Command commands[] = {{
    .noun = "help",
    .verb = {},
    .effect = Effect::read,
    .summary = "explain a noun, or a noun and a verb",
    .operand = {"NOUN [VERB]", Kind::text, "what to explain; nothing: all nouns", Need::optional},
    .flags = {},
    .description = "The same as --help, which may stand anywhere on a command line.",
    .examples = examples,
    .codes = {},
    .handler = help,
}};

}  // namespace

extern Noun const help_noun;
constexpr Noun help_noun{"TOOL", "help", "explain a noun, or a noun and a verb", commands};

}  // namespace consortium::cli
