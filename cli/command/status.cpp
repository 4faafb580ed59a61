#include "core/flow/status.h"

#include "cli/session.h"
#include "cli/settings.h"
#include "cli/spec.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

model::Outcome status(Session& session, model::Request const& request) {
    auto const within = request.arguments->value("within", std::string("P30D"));
    auto outcome = flow::status(session.services().store, session.self(), session.now(),
                                base::Duration::from_text(within),
                                base::Duration::from_text(session.settings().text("alarm")));
    auto const& items = outcome.data->at("items");
    bool const alarms = std::ranges::any_of(items, [](base::Json const& item) {
        return item.at("heading") == "wrong" || item.at("heading") == "expires";
    });
    if (request.arguments->contains("exit-code") && alarms) outcome.status = base::Code::verification_failed;
    return outcome;
}

constexpr Flag flags[] = {
    {"--within", Kind::duration, "DURATION", "how far ahead expiries are shown", Need::optional, {}, "P30D"},
    {"--exit-code", Kind::toggle, "", "exit with 7 if anything is wrong or expires"},
};

constexpr Example examples[] = {
    {"consortium status", "what waits for you here"},
    {"consortium status --within 90D --format json", "the same as a record, looking further ahead"},
    {"consortium status --within 2D --exit-code --quiet",
     "for a monitor: exit 0 if nothing is wrong or ends within two days, else 7"},
};

constexpr base::Code codes[] = {base::Code::not_found, base::Code::verification_failed};

constexpr Command commands[] = {{
    .noun = "status",
    .verb = {},
    .effect = Effect::read,
    .summary = "show what waits for you, what expires and what is wrong",
    .operand = {},
    .flags = flags,
    .description =
        "Reads this workspace only; run 'consortium exchange sync' first to see what others have said since. "
        "The first line names the member, the consortium, the epoch and the size of the journal. Each "
        "further "
        "line ends with the command that deals with it. A member is wrong whose head stands still for longer "
        "than "
        "the setting 'alarm' (P3D) though others said something that it should have taken note of.",
    .examples = examples,
    .codes = codes,
    .handler = status,
}};

}  // namespace

extern Noun const status_noun;
constexpr Noun status_noun{"", "status", "show what waits for you, what expires and what is wrong", commands};

}  // namespace consortium::cli
