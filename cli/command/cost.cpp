#include "core/flow/cost.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome import(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_cost_import(session.state(), request));
}

model::Outcome allocate(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_cost_allocate(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::cost_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::cost_show(session.state(), request);
}

model::Outcome verify(Session& session, model::Request const& request) {
    return flow::cost_verify(session.state(), request);
}

constexpr Flag correction{"--correction", Kind::text, "REASON",
                          "put right what was done before, and say why"};

constexpr Flag import_flags[] = {
    {"--month", Kind::month, "MONTH", "the month of every row", Need::required},
    correction,
};
constexpr Flag allocate_flags[] = {
    {"--month", Kind::month, "MONTH", "the month to charge", Need::required},
    {"--pool", Kind::text, "POOL=AMOUNT", "a pool of the charter and its whole amount", Need::repeatable},
    {"--due", Kind::duration, "DURATION", "time to pay, after the month's end", Need::optional, {}, "P30D"},
    {"--dispute", Kind::duration, "DURATION", "time to contest, likewise", Need::optional, {}, "P14D"},
    {"--hledger", Kind::output, "FILE", "write a journal that hledger and ledger check"},
    correction,
};
constexpr Flag show_flags[] = {{"--member", Kind::name, "MEMBER", "whose statement; default: one's own"}};
constexpr Flag verify_flags[] = {{"--usage", Kind::input, "FILE", "compare with this usage file"}};

constexpr Example import_examples[] = {
    {"consortium cost import usage-2026-10.csv --month 2026-10", "record a month of usage"},
    {"consortium cost import fixed.csv --month 2026-10 --correction 'node 2 was counted twice'",
     "replace what was recorded before"},
};
constexpr Example allocate_examples[] = {
    {"consortium cost allocate --month 2026-10 --pool infrastructure=12000.00 --pool support=900.00",
     "share two pools and write a statement for each member"},
    {"consortium cost allocate --month 2026-10 --pool infrastructure=12000.00 --hledger oct.journal",
     "the same with a journal: hledger -f oct.journal check"},
};
constexpr Example list_examples[] = {{"consortium cost list", "months with usage and charges"}};
constexpr Example show_examples[] = {
    {"consortium cost show 2026-10", "this member's statement"},
    {"consortium cost show 2026-10 --member delta-ports --format json", "another member's, for programs"},
};
constexpr Example verify_examples[] = {
    {"consortium cost verify 2026-10", "compute the month again"},
    {"consortium cost verify 2026-10 --usage usage-2026-10.csv", "and compare with the usage file"},
};

constexpr Code import_codes[] = {Code::not_found, Code::malformed, Code::conflict, Code::storage,
                                 Code::declined};
constexpr Code allocate_codes[] = {Code::not_found, Code::not_authorized, Code::refused,
                                   Code::conflict,  Code::storage,        Code::declined};
constexpr Code read_codes[] = {Code::not_found};
constexpr Code verify_codes[] = {Code::not_found, Code::malformed, Code::verification_failed};

constexpr Operand month_operand{"MONTH", Kind::month, "the month, such as 2026-10"};

constexpr Command commands[] = {
    {
        .noun = "cost",
        .verb = "import",
        .effect = Effect::write,
        .summary = "record a month of usage from a CSV file",
        .operand = {"FILE", Kind::input, "the usage file ('-': standard input)"},
        .flags = import_flags,
        .description =
            "The file is CSV in UTF-8 without quoting. Its header names the columns date, member, node, "
            "transactions, bytes and gas, in any order, and any further quantity that a pool of the charter "
            "is "
            "shared by. Dates lie in the month, members are members, quantities are whole and not "
            "negative, the last line ends like the others; anything else is refused with its line, and "
            "nothing is recorded.\n\n"
            "The file is read once, as a stream. Its SHA-256 and the sums of each member are journaled. The "
            "same file again changes nothing; another one for the same month needs --correction.",
        .examples = import_examples,
        .codes = import_codes,
        .handler = import,
    },
    {
        .noun = "cost",
        .verb = "allocate",
        .effect = Effect::write,
        .summary = "share a month's costs and write the statements",
        .flags = allocate_flags,
        .description =
            "The charter's [pool.NAME] tables say how each pool is shared: equal, by volume of a usage "
            "column, "
            "or by weights. Equal shares and weights count member-days, from the day of joining to the day "
            "before leaving. Shares are rounded to minor units once a pool, by largest remainder, so that "
            "they "
            "sum to the pool exactly; a negative amount is a credit.\n\n"
            "The allocation with all its inputs is signed as an act, which the other members receive and "
            "check with 'cost verify'. Statements are written to out/costs/MONTH as JSON and text.\n\n"
            "A month is allocated once. With --correction it is computed again and each line asks for the "
            "difference only; earlier statements stay as they are.",
        .examples = allocate_examples,
        .codes = allocate_codes,
        .handler = allocate,
    },
    {
        .noun = "cost",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the months with usage and charges",
        .description = "Shows what was imported here and what any member has allocated.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "cost",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show a member's statement of a month",
        .operand = month_operand,
        .flags = show_flags,
        .description = "Shows parties, period, pools, quantities, exact quotas, rounding and dates; after a "
                       "correction, both statements.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
    {
        .noun = "cost",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "compute a month's charges again and compare",
        .operand = month_operand,
        .flags = verify_flags,
        .description =
            "Computes every line from the allocation's inputs, and compares the inputs with the charter and "
            "the membership of the epoch that it names, with earlier allocations of the month, and with the "
            "usage that was imported here or is given. Says what it could not check. Exit 7 if anything "
            "differs.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
};

}  // namespace

extern Noun const cost_noun;
constexpr Noun cost_noun{"ACCOUNT", "cost", "usage, shared costs and statements", commands};

}  // namespace consortium::cli
