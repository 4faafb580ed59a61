#include "core/flow/officer.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/tier.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome list(Session& session, model::Request const& request) {
    return flow::officer_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::officer_show(session.state(), request);
}

model::Outcome add(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_officer_add(session.state(), request));
}

model::Outcome rotate(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_officer_rotate(session.state(), request));
}

model::Outcome suspend(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_officer_suspend(session.state(), request));
}

model::Outcome remove(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_officer_remove(session.state(), request));
}

model::Outcome recover(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_officer_recover(session.state(), request));
}

constexpr Operand officer{"OFFICER", Kind::name, "the officer's id"};
constexpr Flag new_key{"--key", Kind::input, "FILE", "the public key: PEM, or an SSH public key",
                       Need::required};
constexpr Flag cause{"--cause",      Kind::choice, "WHY", "why the old key ends; left out: in order",
                     Need::optional, "compromise"};

constexpr Flag list_flags[] = {{"--member", Kind::name, "MEMBER", "only the officers of this member"}};
constexpr Flag add_flags[] = {
    new_key,
    {"--role", Kind::choice, "ROLE", "a role that the officer has", Need::repeatable,
     "governance|security|legal|operator|auditor|automation"},
    {"--name", Kind::text, "TEXT", "the person's name; in private, see consortium-privacy(7)"},
    {"--contact", Kind::text, "TEXT", "how to reach the person; in private"},
    {"--person", Kind::name, "NAME",
     "pseudonym of the person, who counts once in an approval; the id if left out"},
    {"--until", Kind::instant, "INSTANT", "when the roles end"},
    {"--for", Kind::duration, "DUR", "for how long the roles are granted"},
};
constexpr Flag rotate_flags[] = {new_key, cause};
constexpr Flag suspend_flags[] = {
    {"--reason", Kind::text, "TEXT", "why; in private, see consortium-privacy(7)"}};
constexpr Flag remove_flags[] = {cause};

constexpr Flag recover_flags[] = {
    new_key,
    {"--evidence", Kind::input, "FILE", "what shows that the key is the officer's; kept as its digest",
     Need::required},
    {"--title", Kind::text, "TEXT", "title of the proposal"},
    {"--closes", Kind::instant, "INSTANT", "when voting ends; the charter's window if left out"},
};

constexpr Example list_examples[] = {
    {"consortium officer list --member acme", "who acts for acme, and in which roles"},
};
constexpr Example show_examples[] = {
    {"consortium officer show eve", "one officer, and what waits to be enacted about them"},
};
constexpr Example add_examples[] = {
    {"consortium officer add eve --key eve.pub --role auditor --for P365D",
     "an auditor who signs with ssh-keygen"},
    {"consortium officer add eve --key eve.pub --role auditor --person p-07 --name 'Eve Example'",
     "the same, with a name that can be erased"},
    {"consortium officer add bot --key bot.pub.pem --role automation", "a key for continuous integration"},
};
constexpr Example rotate_examples[] = {
    {"consortium key create ada-2", "first make the new key, then have it enacted:"},
    {"consortium officer rotate ada --key keys/ada-2.pub.pem", "in order"},
    {"consortium officer rotate ada --key keys/ada-2.pub.pem --cause compromise --as bob",
     "the old key was stolen: what it signed and is not enacted does not count"},
};
constexpr Example suspend_examples[] = {
    {"consortium officer suspend ada --reason 'laptop stolen' --as bob", "at once, before anything else"},
};
constexpr Example remove_examples[] = {
    {"consortium officer remove eve --confirm eve", "eve has left the organization"},
};

constexpr Example recover_examples[] = {
    {"consortium officer recover globex-gov --key globex-gov-2.pub.pem --evidence letter.pdf",
     "globex has lost its only key, and has handed over a new one with a letter"},
};

constexpr Code read_codes[] = {Code::not_found, Code::refused};
constexpr Code write_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::declined};
constexpr Code key_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::malformed,
                              Code::declined};

constexpr Command commands[] = {
    {
        .noun = "officer",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the officers of the members",
        .flags = list_flags,
        .description =
            "Officers of the latest final epoch, by their pseudonyms. Warns where one person is an "
            "officer of two members.",
        .examples = list_examples,
        .codes = read_codes,
        .handler = list,
    },
    {
        .noun = "officer",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show one officer",
        .operand = officer,
        .description =
            "Roles and when they end, the key and since when it holds, what is signed about the "
            "officer and waits for the next epoch, and, for the day when the key is lost or stolen, "
            "who gives the officer a new one and by which commands.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
    {
        .noun = "officer",
        .verb = "add",
        .effect = Effect::write,
        .summary = "have a new officer of this member enacted",
        .operand = officer,
        .flags = add_flags,
        .description =
            "An officer with role governance or security signs it; the next epoch enacts it without ballots. "
            "The key is registered once, ever. An officer with an SSH key needs no workspace: 'vote prepare' "
            "and 'approval prepare' write what they sign with 'ssh-keygen -Y sign -n consortium'.\n\n"
            "The others see pseudonyms: give --person one that does not tell the name. What --name and "
            "--contact say stands in no act; it is kept sealed here and goes to named recipients only, until "
            "'privacy erase'.\n\n"
            "Where the charter grants a role for a term only, the grant ends with it unless an earlier end "
            "is given. Ends by --for are rounded down to the minute, from a week on to the day. The charter "
            "may keep roles apart and bound how many officers have one: what it does not allow is refused "
            "here, and would not be enacted.",
        .examples = add_examples,
        .codes = key_codes,
        .handler = add,
    },
    {
        .noun = "officer",
        .verb = "rotate",
        .effect = Effect::write,
        .summary = "have a new key of an officer enacted",
        .operand = officer,
        .flags = rotate_flags,
        .description =
            "The new key acts from the epoch that enacts it, the old one until then. With --cause compromise "
            "nothing counts that the old key has signed and no epoch has enacted yet; without it, open "
            "ballots stand. A suspended officer acts again with the new key.\n\n"
            "Of a key that was lost or stolen: the officer makes a new one ('key create', or any SSH key) "
            "and "
            "hands over its public part; a fellow officer with role governance or security compares it with "
            "the officer, aloud, and signs this with --cause compromise. No vote is taken, unless the "
            "charter "
            "says rekey = \"decision\" (then see 'officer recover'), and no other member can do it. One who "
            "takes over a fellow's id so is seen by all: the next epoch says whose "
            "key was replaced, and organizations count once, whoever signs for them.\n\n"
            "Keep the old key in keys/ until the new one is enacted. A member whose only officer has lost "
            "the key cannot sign this: see 'officer recover'.",
        .examples = rotate_examples,
        .codes = key_codes,
        .handler = rotate,
    },
    {
        .noun = "officer",
        .verb = "suspend",
        .effect = Effect::write,
        .summary = "stop an officer's key at once",
        .operand = officer,
        .flags = suspend_flags,
        .description =
            "A fellow officer with role governance or security says that a key is not to be relied on from "
            "now. A ballot of that key does not count on a proposal when enough members' seats held the "
            "suspension before its close, else the suspension acts from the epoch that enacts it. The "
            "officer "
            "acts again after 'officer rotate'.",
        .examples = suspend_examples,
        .codes = write_codes,
        .handler = suspend,
    },
    {
        .noun = "officer",
        .verb = "remove",
        .effect = Effect::danger,
        .summary = "end what an officer may do, for good",
        .operand = officer,
        .flags = remove_flags,
        .description =
            "From the epoch that enacts it the officer signs nothing; the id and the key are never given "
            "again. A member keeps at least one officer, and one who may change officers.",
        .examples = remove_examples,
        .codes = write_codes,
        .handler = remove,
    },
    {
        .noun = "officer",
        .verb = "recover",
        .effect = Effect::write,
        .summary = "the last key of a member is lost: ask the others for a new one",
        .operand = officer,
        .flags = recover_flags,
        .description =
            "There is no master key: whoever cannot sign any more gets a new key from a fellow officer "
            "('officer rotate'), or, where none is left who can sign, or the charter says rekey = "
            "\"decision\", "
            "by a decision of the members. 'officer show' says which of the two it is.\n\n"
            "1. The officer makes a new key in the same workspace, with 'key create', and hands the .pub.pem "
            "file and a letter that says whose it is to another member. Without the workspace any Ed25519, "
            "P-256 or SSH key will do; its private part is brought into the new workspace with 'key "
            "import'.\n\n"
            "2. That member runs this, which opens the proposal 'officer.recover'. Refused while a fellow "
            "officer could sign 'officer rotate'. With rekey = \"decision\" it is such a fellow officer who "
            "runs this, as long as there is one.\n\n"
            "3. Every other member looks at the evidence and votes. The evidence, say a letter signed before "
            "a "
            "notary, does not enter the exchange: hand it to every member privately. The proposal pins its "
            "SHA-256, which 'proposal show' prints as 'evidence', and the new key, whose id is in the title: "
            "compare the one with 'sha256sum', the other with the officer, aloud.\n\n"
            "4. Once the epoch is final the officer signs with the new key; roles that were granted for a "
            "term have it anew. What the old key signed and no epoch has enacted, ballots and approvals "
            "included, does not count from then on.",
        .examples = recover_examples,
        .codes = key_codes,
        .handler = recover,
    },
};

}  // namespace

extern Noun const officer_noun;
constexpr Noun officer_noun{"GOVERN", "officer", "people who sign for a member; lost and stolen keys",
                            commands};

}  // namespace consortium::cli
