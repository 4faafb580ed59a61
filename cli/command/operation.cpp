#include "core/flow/operation.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome list(Session& session, model::Request const& request) {
    return flow::operation_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::operation_show(session.state(), request);
}

model::Outcome resume(Session& session, model::Request const& request) {
    if (session.common().dry_run) return flow::operation_list(session.state(), request);
    return flow::operation_resume(session.services(), session.self(), request);
}

model::Outcome abandon(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_operation_abandon(session.state(), request));
}

constexpr Operand operation_operand{"OPERATION", Kind::name, "name of the operation"};

constexpr Flag list_flags[] = {{"--all", Kind::toggle, "", "also those that are done"}};

constexpr Example list_examples[] = {{"consortium operation list", "what is not finished"}};
constexpr Example show_examples[] = {{"consortium operation show o-5f21", "its steps and what nodes showed"}};
constexpr Example resume_examples[] = {
    {"consortium operation resume", "go on with everything that is open"},
    {"consortium operation resume o-5f21", "go on with one"},
};
constexpr Example abandon_examples[] = {
    {"consortium operation abandon o-5f21 --confirm o-5f21", "give it up, and clean up"}};

constexpr Code show_codes[] = {Code::not_found};
constexpr Code resume_codes[] = {Code::not_found,           Code::refused,     Code::pending,
                                 Code::verification_failed, Code::unavailable, Code::unconfirmed};
constexpr Code abandon_codes[] = {Code::not_found, Code::refused, Code::unavailable, Code::declined};

constexpr Command commands[] = {
    {
        .noun = "operation",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list operations that are open",
        .flags = list_flags,
        .description = "An operation is open while it waits for other members, for a node that was down, or "
                       "since this program was interrupted.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "operation",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show an operation and what nodes showed",
        .operand = operation_operand,
        .description = "Shows the steps and, for each node, how far the change has come.",
        .examples = show_examples,
        .codes = show_codes,
        .handler = show,
    },
    {
        .noun = "operation",
        .verb = "resume",
        .effect = Effect::write,
        .summary = "go on with operations that are open",
        .operand = {"OPERATION", Kind::name, "name of the operation; all open ones if left out",
                    Need::optional},
        .description =
            "What was confirmed when the operation began is not asked again. The nodes are read before "
            "anything is sent again, and what is sent again has one effect. Exit 6 while other members must "
            "act, 9 if an own node is down, 10 if another member's node could not be asked.",
        .examples = resume_examples,
        .codes = resume_codes,
        .handler = resume,
        .planned = Planned::no,
    },
    {
        .noun = "operation",
        .verb = "abandon",
        .effect = Effect::danger,
        .summary = "give up an operation that is open",
        .operand = operation_operand,
        .description = "Own nodes discard the votes that they still propose. Votes that are in blocks "
                       "already stay: an undecided vote cannot be taken back.",
        .examples = abandon_examples,
        .codes = abandon_codes,
        .handler = abandon,
    },
};

}  // namespace

extern Noun const operation_noun;
constexpr Noun operation_noun{"OPERATE", "operation", "changes that are under way", commands};

}  // namespace consortium::cli
