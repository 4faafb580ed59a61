#include "core/flow/role.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome list(Session& session, model::Request const& request) {
    return flow::role_list(session.state(), request);
}

model::Outcome grant(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_role_grant(session.state(), request));
}

model::Outcome revoke(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_role_revoke(session.state(), request));
}

constexpr Operand officer{"OFFICER", Kind::name, "the officer's id"};
constexpr Flag role{"--role",   Kind::choice,   "ROLE",
                    "the role", Need::required, "governance|security|legal|operator|auditor|automation"};

constexpr Flag list_flags[] = {{"--member", Kind::name, "MEMBER", "only the officers of this member"}};
constexpr Flag grant_flags[] = {
    role,
    {"--until", Kind::instant, "INSTANT", "when it ends"},
    {"--for", Kind::duration, "DUR", "for how long it is granted"},
};
constexpr Flag revoke_flags[] = {role};

constexpr Example list_examples[] = {
    {"consortium role list --member acme",
     "who has which role until when, and what does not fit the charter"},
};
constexpr Example grant_examples[] = {
    {"consortium role grant eve --role legal --for P365D", "for a year"},
    {"consortium role grant eve --role auditor --until 2027-12-31T00:00:00Z",
     "also to put off the end of a role that eve has"},
};
constexpr Example revoke_examples[] = {
    {"consortium role revoke eve --role legal", "eve keeps the other roles"},
};

constexpr Code read_codes[] = {Code::refused};
constexpr Code write_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::declined};

constexpr Command commands[] = {
    {
        .noun = "role",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list who has which role",
        .flags = list_flags,
        .description =
            "Roles of the officers in the latest final epoch with their ends, what the charter asks of each "
            "role, and findings: roles together that the charter keeps apart, too few or too many officers, "
            "roles without the end that the charter asks for, one person at two members, members of whom "
            "nobody may change officers. A charter that was amended takes no role from anybody: it leaves a "
            "finding here.",
        .examples = list_examples,
        .codes = read_codes,
        .handler = list,
    },
    {
        .noun = "role",
        .verb = "grant",
        .effect = Effect::write,
        .summary = "have a role of an officer enacted",
        .operand = officer,
        .flags = grant_flags,
        .description =
            "An officer of the same member with role governance or security signs it; the next epoch enacts "
            "it without ballots. A role that the officer has already is granted anew with another end. "
            "From its end on, what the officer signs in that role is refused; a ballot is left out when "
            "enough seats received it at the end or later. Where the charter grants the role for a term "
            "only, the grant ends with it unless an earlier end is given.",
        .examples = grant_examples,
        .codes = write_codes,
        .handler = grant,
    },
    {
        .noun = "role",
        .verb = "revoke",
        .effect = Effect::write,
        .summary = "take a role from an officer",
        .operand = officer,
        .flags = revoke_flags,
        .description =
            "Takes effect with the epoch that enacts it; what the officer signed before stands. An officer "
            "keeps at least one role: use 'officer remove' to end all.",
        .examples = revoke_examples,
        .codes = write_codes,
        .handler = revoke,
    },
};

}  // namespace

extern Noun const role_noun;
constexpr Noun role_noun{"GOVERN", "role", "what officers may do, and until when", commands};

}  // namespace consortium::cli
