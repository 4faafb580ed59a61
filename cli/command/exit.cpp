#include "core/flow/exit.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/base/error.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome open(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_exit_open(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::exit_list(session.state(), request);
}

model::Outcome check(Session& session, model::Request const& request) {
    return flow::exit_check(session.state(), session.services(), request);
}

model::Outcome complete(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_exit_complete(session.state(), session.services(), request));
}

/// -o is a flag of every command; here it is the folder that the report is written into, and so part of the
/// request.
model::Outcome report(Session& session, model::Request const& request) {
    auto arguments = *request.arguments;
    auto const& out = session.common().out;
    if (!arguments.contains("out")) {
        if (out.empty() || out == "-")
            throw base::Error(Code::usage, "'exit report' writes several files and needs a folder",
                              "give it with -o DIR");
        arguments["out"] = std::filesystem::absolute(out).lexically_normal().string();
    }
    model::Request const whole{request.command, base::JsonValue(std::move(arguments))};
    return session.carry_out(flow::plan_exit_report(session.state(), whole));
}

constexpr Operand member_operand{"MEMBER", Kind::name, "the leaving member; default: this one",
                                 Need::optional};

constexpr Flag open_flags[] = {
    {"--member", Kind::name, "MEMBER", "who leaves; default: this member"},
    {"--reason", Kind::choice, "REASON", "why", Need::required, "voluntary|expelled|insolvent"},
    {"--settles", Kind::month, "MONTH", "the month whose costs settle the account; default: the last one"},
};
constexpr Flag complete_flags[] = {
    {"--waive", Kind::choice, "GATE", "do without a gate, if the members agree", Need::repeatable,
     "notice|obligations|settlement|quorum"},
};

constexpr Example open_examples[] = {
    {"consortium exit open --reason voluntary", "this member gives notice"},
    {"consortium exit open --member delta-ports --reason insolvent --settles 2026-10",
     "give notice to another member"},
};
constexpr Example list_examples[] = {{"consortium exit list", "who leaves or left"}};
constexpr Example check_examples[] = {
    {"consortium exit check delta-ports", "which gates are passed, and what opens the others"},
};
constexpr Example complete_examples[] = {
    {"consortium exit complete delta-ports --confirm delta-ports",
     "put the end of the membership to the vote"},
    {"consortium exit complete delta-ports --waive notice --confirm delta-ports",
     "the same before the notice period is over"},
};
constexpr Example report_examples[] = {
    {"consortium exit report delta-ports -o exit-delta-ports", "write the signed report and its proofs"},
};

constexpr Code open_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                               Code::declined};
constexpr Code check_codes[] = {Code::not_found, Code::refused, Code::pending};
constexpr Code complete_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::pending,
                                   Code::declined};
constexpr Code report_codes[] = {Code::not_found, Code::not_authorized, Code::storage, Code::declined};

constexpr Command commands[] = {
    {
        .noun = "exit",
        .verb = "open",
        .effect = Effect::write,
        .summary = "give notice that a member leaves",
        .flags = open_flags,
        .description =
            "Signs the notice as an act. A member gives notice for itself (voluntary); another member can "
            "open the exit of one that is expelled or insolvent. The charter's notice period counts from "
            "the receipt of the act; it applies to voluntary exits. Nothing else changes yet.",
        .examples = open_examples,
        .codes = open_codes,
        .handler = open,
    },
    {
        .noun = "exit",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list who leaves or left",
        .description = "Shows every notice that this workspace holds.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "exit",
        .verb = "check",
        .effect = Effect::read,
        .summary = "look at every gate of an exit",
        .operand = member_operand,
        .description =
            "The gates: notice (the charter's period), obligations (no open proposal of the member, none "
            "that "
            "it must carry out), settlement (the month is allocated and the allocation signed by another "
            "member), quorum (at least four voting members remain), certificates (all revoked, each with its "
            "reason in a list "
            "that the authority signed and that is not out of date), validator (on no other member's node). "
            "Each is allowed, refused or pending, "
            "with its evidence and the command that opens it. What cannot be seen from this workspace is "
            "pending.",
        .examples = check_examples,
        .codes = check_codes,
        .handler = check,
    },
    {
        .noun = "exit",
        .verb = "complete",
        .effect = Effect::danger,
        .summary = "end the membership, when every gate is passed",
        .operand = {"MEMBER", Kind::name, "the leaving member; --confirm repeats it"},
        .flags = complete_flags,
        .description =
            "Opens the proposal that ends the membership (member.exit; member.remove when expelled or "
            "insolvent). Notice, obligations, settlement and quorum can be waived: the proposal says so in "
            "its title, and the members decide. Certificates and validator cannot.\n\n"
            "While the proposal is open the answer is pending. Once the epoch that ends the membership is "
            "final, run it again to record the end.",
        .examples = complete_examples,
        .codes = complete_codes,
        .handler = complete,
    },
    {
        .noun = "exit",
        .verb = "report",
        .effect = Effect::write,
        .summary = "write the signed report on an exit",
        .operand = member_operand,
        .description =
            "Writes into the folder of -o: report.json (canonical JSON), report.dsse.json (a DSSE envelope "
            "over it, signed with the officer's key), report.html, and a .tlog-proof file for each act that "
            "the report cites. The report says what was not checked. A proof is verified with 'consortium "
            "audit verify FILE --key VKEY' or any C2SP tool; the key is in the report.",
        .examples = report_examples,
        .codes = report_codes,
        .handler = report,
    },
};

}  // namespace

extern Noun const exit_noun;
constexpr Noun exit_noun{"LEAVE", "exit", "leave in order: gates, settlement, report", commands};

}  // namespace consortium::cli
