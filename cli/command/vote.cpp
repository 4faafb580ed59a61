#include "core/flow/vote.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/prepare.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome cast(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_vote_cast(session.state(), request));
}

model::Outcome prepare(Session& session, model::Request const& request) {
    return flow::vote_prepare(session.services(), session.state(), request);
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

constexpr Flag prepare_flags[] = {
    {"--choice", Kind::choice, "CHOICE", "the vote", Need::required, "yes|no|abstain"},
    {"--for", Kind::name, "OFFICER", "who will sign, with an SSH key", Need::required},
    {"--to", Kind::output, "FILE", "the bytes to sign; FILE.txt says what they mean", Need::required},
    {"--reason", Kind::text, "TEXT", "a public reason"},
};
constexpr Example prepare_examples[] = {
    {"consortium vote prepare p-3fa9c1 --choice yes --for eve --to ballot", "write a ballot for eve to sign"},
    {"ssh-keygen -Y sign -n consortium -f ~/.ssh/id_ed25519 ballot", "what eve does, anywhere"},
    {"consortium exchange import ballot.sig", "take the signed ballot in"},
};
constexpr Code prepare_codes[] = {Code::not_found, Code::unsupported, Code::refused, Code::storage};

constexpr Command commands[] = {
    {"vote", "cast", Effect::write, "vote on a proposal, or change the vote", proposal, cast_flags,
     "Signs a ballot with the officer's key. A later ballot replaces the earlier one until the proposal "
     "closes, where "
     "the charter lets votes be changed. Run 'consortium exchange sync' in time: a ballot counts if enough "
     "members' "
     "seats held it before the close.",
     cast_examples, cast_codes, cast},
    {"vote", "prepare", Effect::read, "write a ballot for an officer to sign elsewhere", proposal,
     prepare_flags,
     "An officer with an SSH key needs no workspace. This writes the exact bytes of the ballot and, beside "
     "them, a summary to read; the officer signs the bytes with 'ssh-keygen -Y sign -n consortium' and sends "
     "the .sig file back; 'exchange import' takes both in.",
     prepare_examples, prepare_codes, prepare},
};

}  // namespace

extern Noun const vote_noun;
constexpr Noun vote_noun{"GOVERN", "vote", "opinion: ballots on proposals", commands};

}  // namespace consortium::cli
