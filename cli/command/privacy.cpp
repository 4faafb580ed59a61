#include "core/flow/privacy.h"

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome list(Session& session, model::Request const& request) {
    return flow::privacy_list(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::privacy_show(session.state(), request);
}

model::Outcome erase(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_privacy_erase(session.state(), request));
}

model::Outcome readmit(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_privacy_readmit(session.state(), request));
}

constexpr Operand person{"PERSON", Kind::name, "the person's pseudonym, see 'officer list'"};

// The grounds of the GDPR's article 17(1): a free text would stay in the journal, and could name somebody.
constexpr Flag erase_flags[] = {
    {"--reason", Kind::choice, "GROUND", "the ground, as the GDPR's article 17(1) has them", Need::required,
     "unneeded|withdrawn|objection|unlawful|obligation|minor"},
    {"--decision", Kind::text, "PROPOSAL", "the proposal that decided it, which must have passed"},
};

constexpr Example list_examples[] = {{"consortium privacy list", "who is known here, and how much"}};
constexpr Example show_examples[] = {
    {"consortium privacy show ada --format json -o ada.json", "all that is held about ada, for ada"}};
constexpr Example erase_examples[] = {
    {"consortium privacy erase ada --reason withdrawn --confirm ada",
     "forget who 'ada' is, and what ada wrote"},
    {"consortium privacy erase eve --reason obligation --decision p-3fa9c1 --as lex --confirm eve",
     "as the members have decided"},
};
constexpr Example readmit_examples[] = {
    {"consortium privacy readmit ada", "what ada says from now on is kept again"}};

constexpr Code read_codes[] = {Code::not_found, Code::refused};
constexpr Code erase_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::conflict,
                                Code::declined};
constexpr Code write_codes[] = {Code::not_found, Code::not_authorized, Code::refused, Code::declined};

constexpr Command commands[] = {
    {
        .noun = "privacy",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the persons about whom something is kept in private",
        .description = "Names, contacts, reasons and notes stand in no act: acts commit to them, and this "
                       "workspace keeps "
                       "them sealed, a key a person in private/. 'key missing' is what a workspace restored "
                       "from a backup "
                       "shows: backups leave the keys out.",
        .examples = list_examples,
        .codes = read_codes,
        .handler = list,
    },
    {
        .noun = "privacy",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show all that is kept about a person",
        .operand = person,
        .description = "For a person who asks what is known about them, and before an erasure. Each text is "
                       "compared with what its act commits to.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
    {
        .noun = "privacy",
        .verb = "erase",
        .effect = Effect::danger,
        .summary = "erase what is kept about a person, for good",
        .operand = person,
        .flags = erase_flags,
        .description =
            "An officer with role legal or governance signs the order, which the journal keeps. Then the "
            "person's key is overwritten and removed, and what was sealed under it is deleted: what remains "
            "of "
            "it in backups made with 'workspace backup' cannot be opened any more. Acts, ballots, tallies "
            "and "
            "the journal still verify; names and texts show as '(erased)'. A run that was interrupted is "
            "finished by 'operation resume'.\n\n"
            "Erased here, and nowhere else: other members erase their own copies. consortium-privacy(7) says "
            "what the guarantee is and what lies outside of it. Texts about the person are refused from then "
            "on, until 'privacy readmit'.",
        .examples = erase_examples,
        .codes = erase_codes,
        .handler = erase,
    },
    {
        .noun = "privacy",
        .verb = "readmit",
        .effect = Effect::write,
        .summary = "let texts about a person who was erased come in again",
        .operand = person,
        .description =
            "What was erased does not come back by this; somebody else who still has it can send it "
            "again. An officer with role legal or governance signs it, as an erasure.",
        .examples = readmit_examples,
        .codes = write_codes,
        .handler = readmit,
    },
};

}  // namespace

extern Noun const privacy_noun;
constexpr Noun privacy_noun{"LEAVE", "privacy", "what is known about persons, and its erasure", commands};

}  // namespace consortium::cli
