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

model::Outcome delegate(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_vote_delegate(session.state(), request));
}

model::Outcome recuse(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_vote_recuse(session.state(), request));
}

model::Outcome prepare(Session& session, model::Request const& request) {
    return flow::vote_prepare(session.services(), session.state(), request);
}

constexpr Operand proposal{"PROPOSAL", Kind::text, "'p-' and the first digits of its id"};
constexpr Flag cast_flags[] = {
    {"--choice", Kind::choice, "CHOICE", "the vote", Need::required, "yes|no|abstain|veto"},
    {"--reason", Kind::text, "TEXT", "why; in private, see consortium-privacy(7)"},
};
constexpr Example cast_examples[] = {
    {"consortium vote cast p-3fa9c1 --choice yes", "vote for one's own organization"},
    {"consortium vote cast p-3fa9c1 --choice no --reason 'no rollback plan'",
     "change the vote before the close"},
};
constexpr Code cast_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                               Code::declined};

constexpr Flag delegate_flags[] = {
    {"--to", Kind::name, "MEMBER", "whose ballot counts for one's own"},
    {"--back", Kind::toggle, "", "let nobody vote for one's own member any more"},
};
constexpr Example delegate_examples[] = {
    {"consortium vote delegate p-3fa9c1 --to globex", "let globex vote for one's own organization"},
    {"consortium vote delegate p-3fa9c1 --back", "take that back"},
};
constexpr Flag recuse_flags[] = {
    {"--reason", Kind::text, "TEXT", "why; in private, see consortium-privacy(7)"}};
constexpr Example recuse_examples[] = {
    {"consortium vote recuse p-3fa9c1 --reason 'we sell this release'", "take no part in a vote"}};

constexpr Flag prepare_flags[] = {
    {"--choice", Kind::choice, "CHOICE", "the vote", Need::required, "yes|no|abstain|veto"},
    {"--for", Kind::name, "OFFICER", "who will sign, with an SSH key", Need::required},
    {"--to", Kind::output, "FILE", "the bytes to sign; FILE.txt says what they mean", Need::required},
    {"--reason", Kind::text, "TEXT", "why; in private, see consortium-privacy(7)"},
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
    {"vote", "delegate", Effect::write, "let another member vote for one's own", proposal, delegate_flags,
     "Where the charter allows it. One's own ballot, cast at any time before the close, overrides it; whom "
     "the other member has delegated to is not followed.",
     delegate_examples, cast_codes, delegate},
    {"vote", "recuse", Effect::write, "take no part in a vote", proposal, recuse_flags,
     "Declares a conflict of interest, where the charter allows it: the member's weight leaves the vote as "
     "consortium-charter(5) says. It cannot be taken back.",
     recuse_examples, cast_codes, recuse},
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
