#include "core/flow/proposal.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/execution.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome open(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_proposal_open(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::proposal_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::proposal_show(session.state(), session.services().certifier, request);
}

model::Outcome tally(Session& session, model::Request const& request) {
    return flow::proposal_tally(session.state(), request);
}

model::Outcome execute(Session& session, model::Request const& request) {
    auto const state = session.state();
    auto const proposal = flow::find_proposal(state, request.arguments->at("operand").get<std::string>());
    if (!flow::is_for_nodes(state, proposal)) return flow::proposal_execute(state, request);
    auto plan = flow::plan_execution(state, request, proposal);
    flow::preflight(plan, session.services(), session.self());
    return session.carry_out(std::move(plan));
}

constexpr Operand action{"ACTION", Kind::text, "what is to be done, e.g. release.upgrade"};
constexpr Operand proposal{"PROPOSAL", Kind::text, "'p-' and the first digits of its id"};

constexpr Flag open_flags[] = {
    {"--set", Kind::text, "KEY=VALUE", "a field of the action", Need::repeatable},
    {"--title", Kind::text, "TEXT", "one line for people"},
    {"--closes", Kind::instant, "TIME", "when voting ends; default: now and the decision's window"},
    {"--timelock", Kind::duration, "DURATION",
     "a longer wait before it is carried out than the charter asks"},
    {"--lapses", Kind::duration, "DURATION", "how long after the close it may be carried out"},
    {"--require", Kind::text, "KIND:SUBJECT=VALUE", "what must still hold when it is decided",
     Need::repeatable},
    {"--executor", Kind::text, "STEP=MEMBER", "who carries out a shared step", Need::repeatable},
};
constexpr Flag list_flags[] = {{"--all", Kind::toggle, "", "also those that are decided"}};

constexpr Example open_examples[] = {
    {"consortium proposal open release.upgrade --set network=payments --set release=r-2.1",
     "put an upgrade to the vote"},
    {"consortium proposal open validator.add --set network=payments --set address=0x… --set member=initech",
     "let a member's node seal blocks"},
};
constexpr Example list_examples[] = {{"consortium proposal list", "what can be voted on now"}};
constexpr Example show_examples[] = {
    {"consortium proposal show p-3fa9c1", "what exactly is asked, and its digest"}};
constexpr Example tally_examples[] = {
    {"consortium proposal tally p-3fa9c1", "who voted how, and what that means"}};
constexpr Example execute_examples[] = {
    {"consortium proposal execute p-3fa9c1", "carry out on one's own nodes what was decided"}};

constexpr Code open_codes[] = {Code::not_authorized, Code::refused, Code::conflict, Code::declined};
constexpr Code read_codes[] = {Code::not_found, Code::conflict, Code::refused};
constexpr Code execute_codes[] = {Code::not_found, Code::refused,  Code::pending,
                                  Code::partial,   Code::conflict, Code::unavailable};

constexpr Command commands[] = {
    {"proposal", "open", Effect::write, "put something to the vote", action, open_flags,
     "The charter's decision for the action says who votes, how long, and what passes. The body of the "
     "proposal is "
     "fixed for good: what is approved is what will be carried out. Electorate and weights are those of the "
     "present "
     "epoch, whatever follows.\n\nActions: charter.amend, member.admit, member.remove, member.exit, "
     "network.add, "
     "release.upgrade, validator.add, validator.remove, root.rotate, root.trust. Most have a command of "
     "their own that "
     "checks more before it proposes.",
     open_examples, open_codes, open},
    {"proposal",
     "list",
     Effect::read,
     "list what is open",
     {},
     list_flags,
     "Reads this workspace only; 'consortium exchange sync' brings what others opened.",
     list_examples,
     read_codes,
     list},
    {"proposal",
     "show",
     Effect::read,
     "show what a proposal asks for",
     proposal,
     {},
     "Shows the action with its digest, its times, and once it is decided the epoch that did so. Then what "
     "would become of what: of an amendment every place of the charter that it changes, with what it asks "
     "less "
     "of than the charter in force; certificates that would be trusted or no longer; an applicant's "
     "officers, "
     "tier and gates; the release that one follows on. Also which open proposals would have to be opened "
     "anew, "
     "and why it could not be enacted as things stand.",
     show_examples,
     read_codes,
     show},
    {"proposal",
     "tally",
     Effect::read,
     "show the votes and what they amount to",
     proposal,
     {},
     "Before the close: what the ballots held here would add up to if all of them were in time. After it: "
     "the tally "
     "that the epoch agreed on, in which a ballot counts if f+1 of the pinned statements list it.",
     tally_examples,
     read_codes,
     tally},
    {"proposal",
     "execute",
     Effect::write,
     "carry out what was decided",
     proposal,
     {},
     "Only from a final epoch, after the timelock, before it lapses. What concerns nodes is planned for "
     "one's own "
     "nodes, shown, and after confirmation done, verified from sealed headers and journaled. What the epoch "
     "itself "
     "enacts needs nothing more.",
     execute_examples,
     execute_codes,
     execute},
};

}  // namespace

extern Noun const proposal_noun;
constexpr Noun proposal_noun{"GOVERN", "proposal", "what is put to the vote, and what became of it",
                             commands};

}  // namespace consortium::cli
