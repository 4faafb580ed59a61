#include "core/flow/tier.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome list(Session& session, model::Request const& request) {
    return flow::tier_list(session.state(), request);
}

model::Outcome set(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_tier_set(session.state(), request));
}

constexpr Flag set_flags[] = {
    {"--tier", Kind::name, "TIER", "tier of the charter", Need::required},
    {"--title", Kind::text, "TEXT", "title of the proposal"},
    {"--closes", Kind::instant, "INSTANT", "when voting ends; the charter's window if left out"},
};

constexpr Example list_examples[] = {{"consortium tier list", "classes of members, and what each may do"}};
constexpr Example set_examples[] = {
    {"consortium tier set umbrella --tier observer", "ask that umbrella no longer votes"},
};

constexpr Code list_codes[] = {Code::refused};
constexpr Code set_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                              Code::declined};

constexpr Command commands[] = {
    {
        .noun = "tier",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the tiers of the charter",
        .description = "The tiers with their rights and weights, and the members in each.",
        .examples = list_examples,
        .codes = list_codes,
        .handler = list,
    },
    {
        .noun = "tier",
        .verb = "set",
        .effect = Effect::write,
        .summary = "ask that a member moves to another tier",
        .operand = {"MEMBER", Kind::name, "the member"},
        .flags = set_flags,
        .description =
            "Opens the proposal 'member.tier'. Says what becomes of quorums if it passes, and refuses what "
            "would leave nobody to decide. From the epoch that enacts it the member has the rights of the "
            "new "
            "tier; proposals that are open are counted as their base epoch says.",
        .examples = set_examples,
        .codes = set_codes,
        .handler = set,
    },
};

}  // namespace

extern Noun const tier_noun;
constexpr Noun tier_noun{"GOVERN", "tier", "classes of members with rights", commands};

}  // namespace consortium::cli
