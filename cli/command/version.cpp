#include "cli/session.h"
#include "cli/spec.h"
#include "core/model/act.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

model::Outcome version(Session&, model::Request const&) {
    base::Json const data{{"version", CONSORTIUM_VERSION}, {"protocol", model::protocol_number}};
    model::Outcome outcome;
    outcome.schema = "consortium.version/1";
    outcome.data = base::JsonValue(data);
    outcome.text.emplace_back("consortium " CONSORTIUM_VERSION ", protocol " +
                              std::to_string(model::protocol_number));
    return outcome;
}

constexpr Example examples[] = {
    {"consortium version", "which build this is, and the protocol that it speaks"},
};

constexpr Command commands[] = {{
    .noun = "version",
    .verb = {},
    .effect = Effect::read,
    .summary = "print the version and the protocol number",
    .operand = {},
    .flags = {},
    .description =
        "Members whose epoch names a higher protocol number than this binary knows can read with it, but not "
        "vote, prepare or execute.",
    .examples = examples,
    .codes = {},
    .handler = version,
}};

}  // namespace

extern Noun const version_noun;
constexpr Noun version_noun{"TOOL", "version", "print the version and the protocol number", commands};

}  // namespace consortium::cli
