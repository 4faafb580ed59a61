#include "core/flow/charter.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/genesis.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome check(Session& session, model::Request const& request) {
    if (request.arguments->contains("network"))
        return flow::charter_check_network(session.state(), session.services(), request);
    if (!session.has_workspace()) return flow::charter_check(nullptr, request);
    auto const epoch = flow::known_epoch(session.services().store);
    return flow::charter_check(epoch.get(), request);
}

model::Outcome simulate(Session& session, model::Request const& request) {
    if (!session.has_workspace()) return flow::charter_simulate(nullptr, request);
    auto const epoch = flow::known_epoch(session.services().store);
    return flow::charter_simulate(epoch.get(), request);
}

model::Outcome diff(Session& session, model::Request const& request) {
    return flow::charter_diff(session.state(), request);
}

model::Outcome amend(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_charter_amend(session.state(), request));
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::charter_show(session.state(), request);
}

constexpr Operand file{"FILE", Kind::input, "the charter, in TOML"};

constexpr Flag check_flags[] = {
    {"--members", Kind::text, "TIER=COUNT", "suppose these members instead of the present ones",
     Need::repeatable},
    {"--network", Kind::name, "NAME",
     "also compare with the rule by which this ledger changes its validators"},
};
constexpr Operand file_or_present{"FILE", Kind::input, "the charter, in TOML; the one in force if left out",
                                  Need::optional};
constexpr Flag simulate_flags[] = {
    {"--decision", Kind::text, "ID", "this decision only, with charts of what its turnout makes of it"},
    {"--members", Kind::text, "TIER=COUNT", "suppose these members instead of the present ones",
     Need::repeatable},
    {"--turnout", Kind::text, "[TIER=]SHARE", "how many of the members, or of a tier, vote; 80% if left out",
     Need::repeatable},
    {"--support",
     Kind::text,
     "SHARE",
     "how many of those who do not abstain say yes",
     Need::optional,
     {},
     "60%"},
    {"--abstain", Kind::text, "SHARE", "how many of those who vote abstain", Need::optional, {}, "0"},
    {"--track", Kind::choice, "TRACK", "how it is put", Need::optional, "ordinary|expedited|emergency",
     "ordinary"},
    {"--rounds", Kind::integer, "N", "how many votes are cast by chance", Need::optional, {}, "10000"},
    {"--seed", Kind::integer, "N", "another number casts other votes", Need::optional, {}, "1"},
};
constexpr Flag amend_flags[] = {
    {"--title", Kind::text, "TEXT", "title of the proposal"},
    {"--closes", Kind::instant, "INSTANT", "when voting ends; the charter's window if left out"},
};

constexpr Example check_examples[] = {
    {"consortium charter check charter.toml", "read a charter and say what it means"},
    {"consortium charter check charter.toml --members founder=1 --members partner=5",
     "what it would mean for these members"},
    {"consortium charter check charter.toml --network main", "whether the ledger's own rule undoes it"},
};
constexpr Example simulate_examples[] = {
    {"consortium charter simulate charter.toml --members member=9 --turnout 70%",
     "how often each decision passes, and what it takes"},
    {"consortium charter simulate --decision upgrade --turnout observer=20% --support 3/4",
     "one decision of the charter in force"},
};
constexpr Example diff_examples[] = {
    {"consortium charter diff charter.toml", "what the file would change"},
};
constexpr Example amend_examples[] = {
    {"consortium charter amend charter.toml --title 'Admit by simple majority'",
     "put a new charter to the vote"},
};
constexpr Example show_examples[] = {
    {"consortium charter show", "who decides what, and how"},
    {"consortium charter show --format json -o charter.json", "the same as a record"},
};

constexpr Code check_codes[] = {Code::configuration, Code::not_found, Code::refused, Code::unavailable};
constexpr Code simulate_codes[] = {Code::usage, Code::configuration, Code::not_found};
constexpr Code diff_codes[] = {Code::configuration, Code::not_found, Code::refused};
constexpr Code amend_codes[] = {Code::configuration, Code::not_found, Code::not_authorized,
                                Code::refused,       Code::conflict,  Code::declined};
constexpr Code show_codes[] = {Code::not_found, Code::refused};

constexpr Command commands[] = {
    {
        .noun = "charter",
        .verb = "check",
        .effect = Effect::read,
        .summary = "say what a charter means, and refuse one that cannot work",
        .operand = file,
        .flags = check_flags,
        .description =
            "Works without a workspace. A mistake in the text is reported with its line and column. Then the "
            "charter is tried on the members: those of the present epoch, or those that --members supposes. "
            "Refused are rules that no vote can meet and an amendment rule weaker than what it amends. "
            "Warnings "
            "name a member that can decide or stop something alone, short windows, missing quorums and cost "
            "that "
            "hangs on one member. The note on sizes says how many members must agree on each epoch, how many "
            "may "
            "lie, and how many can stall it by staying away: with three voting members or fewer, one cheat "
            "can "
            "fork the consortium, provably. With --network one of the network's nodes is asked for its "
            "validators: "
            "where fewer members hold most of them than the charter's decision takes, they do not need it.",
        .examples = check_examples,
        .codes = check_codes,
        .handler = check,
    },
    {
        .noun = "charter",
        .verb = "simulate",
        .effect = Effect::read,
        .summary = "try a charter's decisions on votes by chance",
        .operand = file_or_present,
        .flags = simulate_flags,
        .description =
            "Casts many votes, each member for itself by the given shares, and says how often a decision "
            "passes and which rule the others missed first; and for its ordinary vote how many members at "
            "least pass it against all others, stop it by voting no, and stop it by staying away. With "
            "--decision two charts follow: for every turnout and every number of yes whether it passes, "
            "whoever votes; and how often it passes as turnout grows. The same seed gives the same votes on "
            "any machine. 'consortium report render charter/ID' draws the charts of a decision in force.",
        .examples = simulate_examples,
        .codes = simulate_codes,
        .handler = simulate,
    },
    {
        .noun = "charter",
        .verb = "diff",
        .effect = Effect::read,
        .summary = "compare a charter with the one in force",
        .operand = file,
        .description = "Lists every field that differs. What a file leaves out has its default.",
        .examples = diff_examples,
        .codes = diff_codes,
        .handler = diff,
    },
    {
        .noun = "charter",
        .verb = "amend",
        .effect = Effect::write,
        .summary = "propose a new charter",
        .operand = file,
        .flags = amend_flags,
        .description =
            "Opens a proposal of the action charter.amend, decided as the present charter says. The proposal "
            "names the digest of the new charter, whose canonical text travels with it, and holds only as "
            "long as "
            "the present charter is in force. Refused where 'charter check' refuses.",
        .examples = amend_examples,
        .codes = amend_codes,
        .handler = amend,
    },
    {
        .noun = "charter",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show the charter in force",
        .description = "Before every founder has signed, the charter that is being founded on.",
        .examples = show_examples,
        .codes = show_codes,
        .handler = show,
    },
};

}  // namespace

extern Noun const charter_noun;
constexpr Noun charter_noun{"GOVERN", "charter", "the policy that the members sign", commands};

}  // namespace consortium::cli
