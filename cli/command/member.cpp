#include "core/flow/member.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/tier.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome invite(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_member_invite(session.state(), request));
}

model::Outcome submit(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_member_submit(session.state(), request));
}

model::Outcome check(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_member_check(session.state(), request));
}

model::Outcome admit(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_member_admit(session.state(), request));
}

model::Outcome suspend(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_member_suspend(session.state(), request));
}

model::Outcome reinstate(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_member_reinstate(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::member_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::member_show(session.state(), request);
}

constexpr Flag invite_flags[] = {
    {"--name", Kind::text, "TEXT", "name of the organization; its id if left out"},
    {"--key", Kind::input, "FILE", "public key of the applicant's officer: PEM, or an SSH public key",
     Need::required},
    {"--tier", Kind::name, "TIER", "tier of the charter that it is to join", Need::required},
};
constexpr Flag submit_flags[] = {
    {"--evidence", Kind::text, "GATE/ITEM=FILE", "a document for one item of a gate", Need::repeatable},
    {"--node", Kind::text, "NETWORK=ADDRESS", "where a node of yours is to be found", Need::repeatable},
};
constexpr Flag check_flags[] = {
    {"--gate", Kind::name, "GATE", "gate of the charter", Need::required},
    {"--result", Kind::choice, "RESULT", "what was found", Need::required, "pass|fail"},
    {"--evidence", Kind::input, "FILE", "what was looked at, or the checker's report; kept as its digest",
     Need::repeatable},
    {"--note", Kind::text, "TEXT", "a sentence on what was found; in private, see consortium-privacy(7)"},
};
constexpr Flag admit_flags[] = {
    {"--title", Kind::text, "TEXT", "title of the proposal"},
    {"--closes", Kind::instant, "INSTANT", "when voting ends; the charter's window if left out"},
};

constexpr Flag suspend_flags[] = {
    {"--reason", Kind::text, "TEXT", "a public reason; no personal data", Need::required},
    {"--until", Kind::instant, "INSTANT", "when it ends; left out: with 'member reinstate' only"},
    {"--title", Kind::text, "TEXT", "title of the proposal"},
    {"--closes", Kind::instant, "INSTANT", "when voting ends; the charter's window if left out"},
};

constexpr Example invite_examples[] = {
    {"consortium member invite umbrella --name 'Umbrella AG' --key umbrella-gov.pub.pem --tier validator",
     "let the owner of that key apply"},
};
constexpr Example submit_examples[] = {
    {"consortium member submit --evidence legal/articles=articles.pdf --node payments=0x5aa0",
     "hand in the application, in the applicant's own workspace"},
};
constexpr Example check_examples[] = {
    {"consortium member check umbrella --gate legal --result pass --evidence opinion.pdf --note 'no "
     "objection'",
     "say what the legal check found"},
};
constexpr Example admit_examples[] = {
    {"consortium member admit umbrella", "put an application to the vote once all gates are passed"},
};
constexpr Example suspend_examples[] = {
    {"consortium member suspend umbrella --reason 'ruling of the panel' --until 2027-01-01T00:00:00Z",
     "ask that umbrella has no vote until then"},
};
constexpr Example reinstate_examples[] = {
    {"consortium member reinstate umbrella", "ask that umbrella votes again"},
};
constexpr Example list_examples[] = {
    {"consortium member list", "members, and applicants with the state of their gates"},
};
constexpr Example show_examples[] = {
    {"consortium member show umbrella", "one organization: officers, keys, gates"},
};

constexpr Code invite_codes[] = {Code::not_found, Code::not_authorized, Code::refused,
                                 Code::conflict,  Code::malformed,      Code::declined};
constexpr Code submit_codes[] = {Code::not_found, Code::not_authorized, Code::refused,
                                 Code::conflict,  Code::malformed,      Code::declined};
constexpr Code check_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::pending,
                                Code::declined};
constexpr Code admit_codes[] = {Code::not_found, Code::not_authorized, Code::refused,
                                Code::pending,   Code::conflict,       Code::declined};
constexpr Code vote_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::declined};
constexpr Code read_codes[] = {Code::not_found};

constexpr Command commands[] = {
    {
        .noun = "member",
        .verb = "invite",
        .effect = Effect::write,
        .summary = "let an organization apply",
        .operand = {"ID", Kind::name, "the id that it is to have"},
        .flags = invite_flags,
        .description = "An officer with role governance signs who may apply and with which key. Until the "
                       "organization is "
                       "admitted, that key signs 'member submit' for this invitation and nothing else.",
        .examples = invite_examples,
        .codes = invite_codes,
        .handler = invite,
    },
    {
        .noun = "member",
        .verb = "submit",
        .effect = Effect::write,
        .summary = "hand in an application",
        .flags = submit_flags,
        .description =
            "Run in the applicant's workspace, after 'join' and 'exchange sync' have brought the invitation. "
            "Signs the organization's record (out/founder.json: officers, keys, seat) and the SHA-256 of "
            "each "
            "document. The documents themselves do not enter the exchange: hand them to the checkers "
            "privately. Every item of every gate of the charter is needed.",
        .examples = submit_examples,
        .codes = submit_codes,
        .handler = submit,
    },
    {
        .noun = "member",
        .verb = "check",
        .effect = Effect::write,
        .summary = "say what a gate of an application was found to be",
        .operand = {"APPLICANT", Kind::name, "who applied"},
        .flags = check_flags,
        .description =
            "Needs a role that the charter's gate names. Nobody checks themselves: not the applicant, nor an "
            "organization under the same control. A later check of the same officer replaces the earlier; a "
            "failed one stands against the application whatever the others found.",
        .examples = check_examples,
        .codes = check_codes,
        .handler = check,
    },
    {
        .noun = "member",
        .verb = "admit",
        .effect = Effect::write,
        .summary = "put an application to the vote",
        .operand = {"APPLICANT", Kind::name, "who applied"},
        .flags = admit_flags,
        .description =
            "Opens the proposal 'member.admit' if every gate of the charter is passed. A failed gate refuses "
            "it "
            "(exit 5); a missing item or check leaves it waiting (exit 6), naming what is missing.",
        .examples = admit_examples,
        .codes = admit_codes,
        .handler = admit,
    },
    {
        .noun = "member",
        .verb = "suspend",
        .effect = Effect::write,
        .summary = "ask that a member is suspended",
        .operand = {"MEMBER", Kind::name, "the member"},
        .flags = suspend_flags,
        .description =
            "Opens the proposal 'member.suspend'. A suspended member has no vote and no seat in agreement, "
            "and its officers sign nothing but changes of their own keys and that they leave; it is still "
            "served, pays its share, and reads along. Says what becomes of quorums if it passes, and refuses "
            "what would leave nobody to decide.\n\n"
            "With --until the suspension ends with the first proposal that is passed and closed at that "
            "instant or later, since no other time is agreed on; 'member reinstate' ends it before.",
        .examples = suspend_examples,
        .codes = vote_codes,
        .handler = suspend,
    },
    {
        .noun = "member",
        .verb = "reinstate",
        .effect = Effect::write,
        .summary = "ask that a suspended member is reinstated",
        .operand = {"MEMBER", Kind::name, "the member"},
        .flags = admit_flags,
        .description = "Opens the proposal 'member.reinstate'. From the epoch that enacts it the member "
                       "votes again, its seat included.",
        .examples = reinstate_examples,
        .codes = vote_codes,
        .handler = reinstate,
    },
    {
        .noun = "member",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list members and applicants",
        .description = "Members of the latest final epoch, then those who were invited.",
        .examples = list_examples,
        .codes = read_codes,
        .handler = list,
    },
    {
        .noun = "member",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show a member or an applicant",
        .operand = {"ID", Kind::name, "the organization"},
        .description = "A member's officers and keys; an applicant's gates, and what is missing.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
};

}  // namespace

extern Noun const member_noun;
constexpr Noun member_noun{"GOVERN", "member", "who belongs, and how others join", commands};

}  // namespace consortium::cli
