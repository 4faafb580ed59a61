#include "core/flow/dispute.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome open(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_dispute_open(session.state(), request));
}

model::Outcome submit(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_dispute_submit(session.state(), request));
}

model::Outcome assign(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_dispute_assign(session.state(), request));
}

model::Outcome rule(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_dispute_rule(session.state(), request));
}

model::Outcome appeal(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_dispute_appeal(session.state(), request));
}

model::Outcome close(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_dispute_close(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::dispute_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::dispute_show(session.state(), request);
}

constexpr Operand respondent{"MEMBER", Kind::name, "the member that it is against"};
constexpr Operand dispute{"DISPUTE", Kind::text, "'d-' and the first digits of its id"};

constexpr Flag exhibit{"--exhibit", Kind::input, "FILE", "a document, published with this", Need::repeatable};
constexpr Flag sealed{"--sealed", Kind::input, "FILE", "a document of which the digest only is published",
                      Need::repeatable};
constexpr Flag sanction{"--sanction",   Kind::choice,
                        "STEP",         "a rung of the charter's ladder",
                        Need::optional, "warn|suspend_vote|rotate_node|expel"};

constexpr Flag open_flags[] = {
    {"--title", Kind::text, "TEXT", "one line for people", Need::required},
    {"--text", Kind::text, "TEXT", "what happened, in public"},
    sanction,
    {"--about", Kind::text, "PROPOSAL",
     "the vote that it is about: whom to keep from it, or what is left to a panel"},
    {"--carry", Kind::toggle, "", "ask the panel to decide what nobody was left to vote on"},
    exhibit,
    sealed,
};
constexpr Flag submit_flags[] = {
    {"--text", Kind::text, "TEXT", "an answer, in public"},
    exhibit,
    sealed,
    {"--strike", Kind::name, "OFFICER", "refuse one of those drawn", Need::repeatable},
    {"--no-strike", Kind::toggle, "", "refuse nobody"},
};
constexpr Flag rule_flags[] = {
    {"--finding", Kind::choice, "FINDING", "what the panelist finds", Need::required, "upheld|dismissed"},
    sanction,
    {"--recuse", Kind::name, "MEMBER", "keep a member from the vote that it is about", Need::repeatable},
    {"--reasons", Kind::text, "TEXT", "why", Need::required},
    exhibit,
    sealed,
};
constexpr Flag appeal_flags[] = {
    {"--text", Kind::text, "TEXT", "what is wrong with the ruling", Need::required},
    exhibit,
    sealed,
};
constexpr Flag close_flags[] = {
    {"--withdraw", Kind::toggle, "", "take back what one's own member opened"},
    {"--no-appeal", Kind::toggle, "", "say that one's own member makes no appeal"},
};
constexpr Flag list_flags[] = {{"--all", Kind::toggle, "", "also those that are closed"}};

constexpr Example open_examples[] = {
    {"consortium dispute open initech --title 'Invoice 2026-07 unpaid' --sanction warn --exhibit invoice.pdf",
     "complain about a member"},
    {"consortium dispute open initech --title 'It owns the supplier' --about p-3fa9c1",
     "ask that a member be kept from a vote"},
};
constexpr Example submit_examples[] = {
    {"consortium dispute submit d-71c0de --text 'Paid on 2 July' --exhibit receipt.pdf", "answer"},
    {"consortium dispute submit d-71c0de", "reveal one's salt, when both have committed"},
    {"consortium dispute submit d-71c0de --strike umbrella-legal", "refuse one of those drawn"},
};
constexpr Example assign_examples[] = {
    {"consortium dispute assign d-71c0de", "state the panel, or that a party let its time pass"}};
constexpr Example rule_examples[] = {
    {"consortium dispute rule d-71c0de --finding upheld --sanction warn --reasons 'It paid in September'",
     "rule, as one of the panel"}};
constexpr Example appeal_examples[] = {
    {"consortium dispute appeal d-71c0de --text 'The receipt was not looked at'", "ask another panel"}};
constexpr Example close_examples[] = {
    {"consortium dispute close d-71c0de", "state the outcome, when nobody can appeal any more"},
    {"consortium dispute close d-71c0de --no-appeal", "accept the ruling"},
};
constexpr Example list_examples[] = {{"consortium dispute list", "who disputes what, and who is waited for"}};
constexpr Example show_examples[] = {
    {"consortium dispute show d-71c0de", "everything said, drawn and ruled, and what comes next"}};

constexpr Code open_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                               Code::declined};
constexpr Code wait_codes[] = {Code::not_found, Code::not_authorized, Code::refused,
                               Code::pending,   Code::conflict,       Code::declined};
constexpr Code read_codes[] = {Code::not_found, Code::conflict, Code::refused};

constexpr Command commands[] = {
    {"dispute", "open", Effect::write, "complain about a member before a panel of others", respondent,
     open_flags,
     "The charter's [arbitration] says who may sit on the panel; parties, whoever is under one control with "
     "them, and their people never do. Opening commits to a salt, which is kept in this workspace below "
     "private/ until it is revealed: from the salts of both parties anybody can compute who is drawn, and "
     "neither can choose.\n\nA sanction that lies higher on the charter's ladder follows only on findings "
     "that were made before; those that are held here are relied on.\n\n--exhibit publishes a file to all "
     "members; --sealed publishes its digest, and the file is handed to the panel privately.\n\nA vote from "
     "which all were recused is left to a panel: --about names it and --carry asks the panel to decide; "
     "MEMBER "
     "is who speaks against it. What the panel upholds passes when it is proposed anew on that finding.",
     open_examples, open_codes, open},
    {"dispute", "submit", Effect::write, "answer, reveal one's salt, or strike", dispute, submit_flags,
     "A party's next step. The member that the dispute is against answers first, within the charter's "
     "'answer', and commits to a salt of its own. When both have committed, each reveals its salt by this "
     "command without flags, which draws the panel. Then each may refuse as many of those drawn as the "
     "charter's 'strikes' say; --no-strike saves the others the wait.\n\nA party that does not answer or "
     "reveal in time loses its strikes.",
     submit_examples, open_codes, submit},
    {"dispute",
     "assign",
     Effect::write,
     "state the panel, or that a time has passed",
     dispute,
     {},
     "Anybody may state the panel: it follows from what both parties put in, and an act that states another "
     "is refused everywhere. Where a party let its time pass, members that are no party say so by this "
     "command; f+1 of them are believed, so that a party cannot cut the other off.",
     assign_examples,
     wait_codes,
     assign},
    {"dispute", "rule", Effect::write, "rule, as one of the panel", dispute, rule_flags,
     "Each of the panel rules once. Of the rulings, ordered from dismissal to the highest rung of the "
     "ladder, the middle one stands: a majority wants at least that. --recuse keeps a member from the vote "
     "that the dispute is about, if a majority says so.",
     rule_examples, wait_codes, rule},
    {"dispute", "appeal", Effect::write, "ask another panel, once", dispute, appeal_flags,
     "Where the charter gives an appeal, either party may ask once, within its time from the ruling, for a "
     "panel of people who did not sit. It is answered and drawn like the first.",
     appeal_examples, open_codes, appeal},
    {"dispute", "close", Effect::write, "state what became of a dispute", dispute, close_flags,
     "Possible when the ruling is in force, and either no appeal is given, or both parties said --no-appeal, "
     "or f+1 members that are no party say by this command that the time for it has passed. What is closed "
     "with a sanction is carried out by a proposal that rests on it; the command for that is shown.",
     close_examples, wait_codes, close},
    {"dispute",
     "list",
     Effect::read,
     "list open disputes",
     {},
     list_flags,
     "Reads this workspace only; 'consortium exchange sync' brings what others signed.",
     list_examples,
     read_codes,
     list},
    {"dispute",
     "show",
     Effect::read,
     "show a dispute in words",
     dispute,
     {},
     "Shows what was said, the salts, the seed and the draw with which anybody can check the panel, the "
     "rulings with their reasons, who is waited for until when, and this member's next command. "
     "consortium-agreement(7) says how the draw is computed.",
     show_examples,
     read_codes,
     show},
};

}  // namespace

extern Noun const dispute_noun;
constexpr Noun dispute_noun{"GOVERN", "dispute", "complaints between members, settled by a panel", commands};

}  // namespace consortium::cli
