#include "core/flow/report.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome render(Session& session, model::Request const& request) {
    return flow::report_render(session.state(), session.services(), request);
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::report_list(session.state(), request);
}

constexpr Flag render_flags[] = {
    {"--as", Kind::choice, "FORM", "of the page; Markdown for changes only", Need::optional,
     "html|markdown|json", "html"},
};

constexpr Example render_examples[] = {
    {"consortium report render exit/delta-ports -o exit.html", "the report on an exit as it stands"},
    {"consortium report render change/p-3fa9c1 --as markdown -o change.md",
     "what was decided and done, for a ticket"},
    {"consortium report render statement/2026-10 -o october.html", "this member's statement, to print"},
};
constexpr Example list_examples[] = {{"consortium report list", "the names of all reports"}};

constexpr Code codes[] = {Code::not_found, Code::configuration, Code::conflict, Code::refused,
                          Code::unsupported};

constexpr Command commands[] = {
    {
        .noun = "report",
        .verb = "render",
        .effect = Effect::read,
        .summary = "render a report as HTML",
        .operand =
            {"NAME", Kind::text,
             "exit/MEMBER, change/PROPOSAL, statement/MONTH[/MEMBER], dispute/DISPUTE, charter/DECISION or "
             "ceremony-script"},
        .flags = render_flags,
        .description =
            "Writes one page without anything from outside: no script, no font, no image is loaded. It "
            "prints "
            "well. Templates are in templates/report; every value in them is escaped. The page is a view: "
            "what counts is the signed JSON of 'exit report' and the signed allocation.\n\n"
            "change/PROPOSAL is the record of what was decided and then done to one's own nodes: what, why, "
            "who voted how, the epoch and its hash, who carried it out on which node and when, the block "
            "that "
            "was sealed when its effect was seen, what came of it, and which way back was prepared.\n\n"
            "ceremony-script is for paper, before and during the rotation of a root: roles, steps, digests "
            "and "
            "boxes to tick. What was done is told by 'root transcript'.",
        .examples = render_examples,
        .codes = codes,
        .handler = render,
    },
    {
        .noun = "report",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list what can be rendered",
        .description = "Shows every exit, statement, dispute and change of nodes that this workspace "
                       "holds, and every decision of the charter.",
        .examples = list_examples,
        .handler = list,
    },
};

}  // namespace

extern Noun const report_noun;
constexpr Noun report_noun{"LEAVE", "report", "pages for people", commands};

}  // namespace consortium::cli
