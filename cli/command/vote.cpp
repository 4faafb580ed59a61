#include "core/flow/vote.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome cast(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_vote_cast(session.state(), request));
}

constexpr Operand proposal{"PROPOSAL", Kind::text, "'p-' and the first digits of its id"};
constexpr Flag cast_flags[] = {
    {"--choice", Kind::choice, "CHOICE", "the vote", Need::required, "yes|no|abstain"},
    {"--reason", Kind::text, "TEXT", "a public reason"},
};
constexpr Example cast_examples[] = {
    {"consortium vote cast p-3fa9c1 --choice yes", "vote for one's own organization"},
    {"consortium vote cast p-3fa9c1 --choice no --reason 'no rollback plan'",
     "change the vote before the close"},
};
constexpr Code cast_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                               Code::declined};

constexpr Command commands[] = {
    {"vote", "cast", Effect::write, "vote on a proposal, or change the vote", proposal, cast_flags,
     "Signs a ballot with the officer's key. A later ballot replaces the earlier one until the proposal "
     "closes, where "
     "the charter lets votes be changed. Run 'consortium exchange sync' in time: a ballot counts if enough "
     "members' "
     "seats held it before the close.",
     cast_examples, cast_codes, cast},
};

}  // namespace

extern Noun const vote_noun;
constexpr Noun vote_noun{"GOVERN", "vote", "opinion: ballots on proposals", commands};

}  // namespace consortium::cli
