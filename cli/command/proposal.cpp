#include "core/flow/proposal.h"

#include "cli/live.h"
#include "cli/place.h"
#include "cli/settings.h"
#include "cli/spec.h"
#include "core/flow/exchange.h"
#include "core/flow/execution.h"
#include "core/flow/proposal_remind.h"
#include "core/flow/proposal_watch.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome open(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_proposal_open(session.state(), request));
}

model::Outcome withdraw(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_proposal_withdraw(session.state(), request));
}

model::Outcome ratify(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_proposal_ratify(session.state(), request));
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

flow::WatchOptions watch_options(model::Request const& request) {
    auto const& arguments = *request.arguments;
    flow::WatchOptions options;
    auto const until = arguments.value("until", std::string("decided"));
    options.until = until == "settled"  ? flow::WatchEnd::settled
                    : until == "closed" ? flow::WatchEnd::closed
                                        : flow::WatchEnd::decided;
    options.every = base::Duration::from_text(arguments.value("every", std::string("PT30S")));
    if (arguments.contains("rounds")) options.rounds = arguments["rounds"].get<std::int64_t>();
    if (arguments.value("once", false)) options.rounds = 1;
    if (options.every < base::Duration{1} && !options.rounds)
        throw base::Error(Code::usage, "without a pause between two looks this would never rest",
                          "give --every 1S or more, or --rounds");
    return options;
}

model::Outcome watch(Session& session, model::Request const& request) {
    LiveView view(session);
    bool const pulls = has_exchange_place(session, request);
    auto const take_in = [&] {
        if (pulls) {
            auto const report = flow::pull(session.services(), session.self(),
                                           *exchange_place(session, request), exchanged_over(request));
            for (auto const& peer : report.peers)
                if (peer.problem) view.warn(peer.problem->message());
        }
        return session.state();
    };
    auto const show = [&](flow::ProposalLook const& look, std::vector<std::string> const& news,
                          base::Instant now) {
        model::Outcome outcome;
        outcome.data = base::JsonValue(flow::to_json(look, now));
        outcome.text = flow::in_words(look, now);
        view.show(outcome, news);
    };
    auto outcome = flow::watch_proposal(request.arguments->at("operand").get<std::string>(),
                                        watch_options(request), {take_in, show, LiveView::pause});
    if (request.arguments->value("once", false)) outcome.status.reset();
    return view.end(std::move(outcome));
}

model::Outcome remind(Session& session, model::Request const& request) {
    auto found = flow::remind(session.state(), request);
    if (!request.arguments->contains("calendar")) return std::move(found.outcome);
    auto const file = request.arguments->at("calendar").get<std::string>();
    base::write_file(file, found.calendar);
    auto data = *found.outcome.data;
    data["calendar"] = file;
    found.outcome.data = base::JsonValue(std::move(data));
    found.outcome.text.emplace_back("\nwrote " + file);
    return std::move(found.outcome);
}

model::Outcome execute(Session& session, model::Request const& request) {
    auto const state = session.state();
    auto const proposal = flow::find_proposal(state, request.arguments->at("operand").get<std::string>());
    bool const back = request.arguments->value("rollback", false);
    if (!flow::is_for_nodes(state, proposal) && !back) return flow::proposal_execute(state, request);
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
    {"--track", Kind::choice, "TRACK", "a shorter vote, or an emergency's, where the charter has one",
     Need::optional, "expedited|emergency"},
    {"--executor", Kind::text, "STEP=MEMBER", "who carries out a shared step", Need::repeatable},
    {"--rollback", Kind::text, "RELEASE", "of an upgrade: what nodes may go back to if it does not do"},
    {"--finding", Kind::text, "DISPUTE", "the closed dispute that it rests on"},
};
constexpr Flag execute_flags[] = {
    {"--rollback", Kind::toggle, "", "go back to the release that was decided for that"}};

constexpr Example ratify_examples[] = {
    {"consortium proposal ratify p-3fa9c1", "put to the vote that what an emergency did lasts"}};
constexpr Flag withdraw_flags[] = {
    {"--reason", Kind::text, "TEXT", "why; in private, see consortium-privacy(7)"}};
constexpr Flag list_flags[] = {{"--all", Kind::toggle, "", "also those that are decided"}};

constexpr Flag watch_flags[] = {
    {"--until", Kind::choice, "WHAT", "what ends the watching", Need::optional, "settled|closed|decided",
     "decided"},
    {"--every",
     Kind::duration,
     "DURATION",
     "how long to wait between two looks",
     Need::optional,
     {},
     "PT30S"},
    {"--rounds", Kind::integer, "N", "look at most so many times"},
    {"--once", Kind::toggle, "", "look once, whatever is found"},
    {"--with", Kind::text, "PLACE", "one place for everything; default: the settings 'exchange', 'peer'"},
};

constexpr Operand one_or_all{"PROPOSAL", Kind::text, "one alone; default: all that is open", Need::optional};
constexpr Flag remind_flags[] = {
    {"--to", Kind::name, "MEMBER", "only what this member is to be told"},
    {"--calendar", Kind::output, "FILE", "also write the dates as an iCalendar file"},
};

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
constexpr Example watch_examples[] = {
    {"consortium proposal watch p-3fa9c1", "who has voted and what is missing, until it is decided"},
    {"consortium proposal watch p-3fa9c1 --format jsonl --until settled",
     "a line of JSON a change, for a program"},
    {"consortium proposal watch p-3fa9c1 --once", "how it stands"}};
constexpr Example remind_examples[] = {
    {"consortium proposal remind --to globex", "a text to paste into a mail"},
    {"consortium proposal remind p-3fa9c1 --calendar upgrade.ics", "its dates for a calendar, too"}};
constexpr Example withdraw_examples[] = {
    {"consortium proposal withdraw p-3fa9c1 --reason 'r-2.2 is out'", "take one's own proposal back"}};
constexpr Example execute_examples[] = {
    {"consortium proposal execute p-3fa9c1", "carry out on one's own nodes what was decided"},
    {"consortium proposal execute p-3fa9c1 --rollback", "go back on the nodes that were upgraded"}};

constexpr Code open_codes[] = {Code::not_authorized, Code::refused, Code::conflict, Code::declined};
constexpr Code read_codes[] = {Code::not_found, Code::conflict, Code::refused};
constexpr Code watch_codes[] = {Code::not_found, Code::conflict,    Code::refused,
                                Code::pending,   Code::unavailable, Code::verification_failed};
constexpr Code remind_codes[] = {Code::not_found, Code::conflict, Code::refused, Code::storage};
constexpr Code execute_codes[] = {Code::not_found, Code::refused,  Code::pending,
                                  Code::partial,   Code::conflict, Code::unavailable};

constexpr Command commands[] = {
    {"proposal", "open", Effect::write, "put something to the vote", action, open_flags,
     "The charter's decision for the action says who votes, how long, and what passes. The body of the "
     "proposal is "
     "fixed for good: what is approved is what will be carried out. Electorate and weights are those of the "
     "present "
     "epoch, whatever follows.\n\nActions: charter.amend, member.admit, member.remove, member.exit, "
     "member.tier, member.suspend, member.reinstate, officer.recover, network.add, network.pause, "
     "network.resume, release.upgrade, validator.add, validator.remove, root.rotate, root.trust. Most have a "
     "command of "
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
    {"proposal", "watch", Effect::write, "wait for a vote, and show how it goes", proposal, watch_flags,
     "Takes in what the others have published, as 'exchange pull' does, looks, and waits; without an "
     "exchange it only looks. It shows each member's vote, what each rule of the charter still needs, and "
     "who "
     "of those who have not voted could make it pass or stop it.\n\n"
     "On a terminal the table is drawn anew when something changes; elsewhere what changed is said in a line "
     "on standard error and the table comes at the end; with --format jsonl each change is one line of JSON. "
     "It ends by itself when the vote is settled (nothing that anybody can still say changes the outcome), "
     "closed or decided, as asked; Ctrl-C ends it at any time. Where --rounds ends it earlier the exit "
     "status "
     "is 6.",
     watch_examples, watch_codes, watch, nullptr, Planned::no},
    {"proposal", "remind", Effect::read, "write reminders for those who have not voted", one_or_all,
     remind_flags,
     "One text a member, to be pasted into a mail: what is put to the vote, by when in the charter's time "
     "zone "
     "and in UTC, how it stands, and the commands that show it and vote. Nothing is sent.\n\n"
     "--calendar writes the dates of all these proposals, or of the one that is named, for any calendar (RFC "
     "5545): when voting ends, from when on it may be carried out and when that lapses, with alarms; "
     "tentatively "
     "until it has passed. A later file replaces what an earlier one said.",
     remind_examples, remind_codes, remind},
    {"proposal",
     "ratify",
     Effect::write,
     "put to the vote that an emergency's measure lasts",
     proposal,
     {},
     "What was done on the emergency track ends on its own after the time that the charter gives it. This "
     "proposes the same again, by the ordinary vote; if that passes, it lasts.",
     ratify_examples,
     open_codes,
     ratify},
    {"proposal", "withdraw", Effect::write, "take one's own proposal back", proposal, withdraw_flags,
     "Before the close, by an officer of the member that proposed it who may propose such things. It counts "
     "as ballots do: if enough seats held it before the close, the outcome is 'withdrawn'.",
     withdraw_examples, open_codes, withdraw},
    {"proposal", "execute", Effect::write, "carry out what was decided", proposal, execute_flags,
     "Only from a final epoch, after the timelock, before it lapses. What concerns nodes is planned for "
     "one's own "
     "nodes, shown, and after confirmation done, verified from sealed headers and journaled. What the epoch "
     "itself "
     "enacts needs nothing more.\n\n"
     "An upgrade may be decided together with the release to go back to ('proposal open --rollback'). "
     "--rollback then goes back, to exactly that release and digest, on those of one's own nodes on which "
     "the "
     "upgrade was begun; until the decision lapses, as an operation of its own, and after its name was typed "
     "or given with --confirm. An upgrade that is still under way there is finished or given up first.",
     execute_examples, execute_codes, execute},
};

}  // namespace

extern Noun const proposal_noun;
constexpr Noun proposal_noun{"GOVERN", "proposal", "what is put to the vote, and what became of it",
                             commands};

}  // namespace consortium::cli
