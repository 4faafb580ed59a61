#include "core/flow/audit.h"

#include "cli/place.h"
#include "cli/session.h"
#include "cli/settings.h"
#include "cli/spec.h"
#include "core/crypto/verifier.h"
#include "core/flow/recover.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome log(Session& session, model::Request const& request) {
    return flow::audit_log(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::audit_show(session.state(), request);
}

model::Outcome prove(Session& session, model::Request const& request) {
    return flow::audit_prove(session.state(), request);
}

model::Outcome checkpoint(Session& session, model::Request const& request) {
    return flow::audit_checkpoint(session.services(), request);
}

model::Outcome verify(Session& session, model::Request const& request) {
    if (request.arguments->contains("operand")) return flow::audit_verify_file(crypto::verifier(), request);
    return flow::audit_verify(session.services(), request);
}

/// The exchange, if one is set: what it shows helps, but a journal is recovered without it too.
std::unique_ptr<port::Exchange> place_if_any(Session& session, model::Request const& request) {
    bool const known = request.arguments->contains("with") || !session.settings().text("exchange").empty();
    if (!known) return nullptr;
    try {
        return exchange_place(session, request);
    } catch (base::Error const& error) {
        if (error.code() != Code::unavailable && error.code() != Code::not_found) throw;
        return nullptr;
    }
}

model::Outcome recover(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    bool const asks = !arguments.contains("cause") && !arguments.value("newest", false);
    if (auto progress = flow::recovery_progress(session.state()); progress && asks)
        return *std::move(progress);
    auto const place = place_if_any(session, request);
    auto const loss = flow::look_for_loss(session.services(), session.self(), place.get());
    auto outcome = session.carry_out(flow::plan_recover(session.state(), request, loss));
    bool const done = !outcome.status && outcome.schema == "consortium.operation/1";
    if (auto progress = done ? flow::recovery_progress(session.state()) : std::nullopt) {
        outcome.text.insert(outcome.text.end(), progress->text.begin(), progress->text.end());
        outcome.next = std::move(progress->next);
    }
    return outcome;
}

constexpr Flag recover_flags[] = {
    {"--cause", Kind::choice, "WHY", "why the journal cannot go on as it was; left out: what is found",
     Need::optional, "restored|compromise"},
    {"--newest", Kind::toggle, "", "nothing was journaled after the backup: go on with the copy as it is"},
    {"--with", Kind::text, "DIR", "the shared folder; default: the setting 'exchange'"},
};
constexpr Flag log_flags[] = {
    {"--kind", Kind::text, "KIND", "only entries of this kind: ballot, operation.done, act, event …"},
    {"--member", Kind::name, "MEMBER", "only acts and checkpoints of this member"},
    {"--since", Kind::instant, "TIME", "only entries received at or after this time"},
    {"--limit", Kind::integer, "N", "at most this many, the newest; 0 for all", Need::optional, {}, "50"},
};
constexpr Flag verify_flags[] = {
    {"--projection", Kind::toggle, "", "also fold the whole journal anew and compare"},
    {"--key", Kind::text, "VKEY", "a verifier key that the file's signatures are checked with",
     Need::repeatable},
};

constexpr Example log_examples[] = {
    {"consortium audit log --kind ballot --member globex", "how a member has voted"},
    {"consortium audit log --since 2026-11-01 --limit 0 --format jsonl",
     "everything of a month, for a program"},
};
constexpr Example show_examples[] = {
    {"consortium audit show p-3fa9c1", "what an act says"},
    {"consortium audit show 17", "what entry 17 holds"},
};
constexpr Example prove_examples[] = {
    {"consortium audit prove p-3fa9c1 -o ballot.tlog-proof", "evidence that stands without this workspace"},
};
constexpr Example checkpoint_examples[] = {
    {"consortium audit checkpoint -o head", "the signed head, for anybody's C2SP tool"},
};
constexpr Example verify_examples[] = {
    {"consortium audit verify", "check every byte of this journal"},
    {"consortium audit verify --projection", "also that what commands show follows from the journal"},
    {"consortium audit verify ballot.tlog-proof --key acme/1f2e3d4c+0a1b2c3d+AXkt…",
     "check a proof without a workspace"},
};

constexpr Example recover_examples[] = {
    {"consortium audit recover --confirm acme", "after a restore, when the newer journal is lost"},
    {"consortium audit recover", "what remains to be done"},
    {"consortium audit recover --newest --confirm acme", "after a move to another host, nothing was lost"},
    {"consortium audit recover --cause compromise --confirm acme", "the log key was stolen"},
};

constexpr Code recover_codes[] = {Code::refused, Code::conflict, Code::declined, Code::storage};
constexpr Code read_codes[] = {Code::not_found, Code::verification_failed};
constexpr Code find_codes[] = {Code::not_found, Code::malformed, Code::verification_failed};
constexpr Code verify_codes[] = {Code::not_found, Code::malformed, Code::usage, Code::verification_failed};

constexpr Operand entry_operand{"ENTRY", Kind::text,
                                "an entry's number, or p- and the first digits of an act"};

constexpr Command commands[] = {
    {
        .noun = "audit",
        .verb = "log",
        .effect = Effect::read,
        .summary = "list the entries of this journal",
        .operand = {},
        .flags = log_flags,
        .description = "Shows the newest entries that match, oldest first: acts of all members, this "
                       "workspace's own events, and the checkpoints of other members' journals.",
        .examples = log_examples,
        .codes = read_codes,
        .handler = log,
    },
    {
        .noun = "audit",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show what one entry holds",
        .operand = entry_operand,
        .flags = {},
        .description = "Of an event it also shows the part that is not public: the journal's tree holds only "
                       "a commitment to it.",
        .examples = show_examples,
        .codes = find_codes,
        .handler = show,
    },
    {
        .noun = "audit",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "verify this journal, or a proof or checkpoint file",
        .operand = {"FILE", Kind::input, "a .tlog-proof or checkpoint; without it, this journal",
                    Need::optional},
        .flags = verify_flags,
        .description =
            "Without a file: checks every page of the database, the head's signature, every entry against "
            "the "
            "tree, what events commit to, the signature of every act under its epoch's key, and the "
            "high-water mark outside the workspace. Everything that does not hold is named: the entry, the "
            "tile, the head or the page.\n\n"
            "With a file: needs no workspace, only the log's key as 'audit checkpoint' prints it.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
    {
        .noun = "audit",
        .verb = "prove",
        .effect = Effect::read,
        .summary = "write a proof that an entry is in this journal",
        .operand = entry_operand,
        .flags = {},
        .description = "Prints a C2SP tlog-proof: the entry, its path to the root and the signed head. With "
                       "-o it goes to a file.",
        .examples = prove_examples,
        .codes = find_codes,
        .handler = prove,
    },
    {
        .noun = "audit",
        .verb = "checkpoint",
        .effect = Effect::read,
        .summary = "print the signed head of this journal",
        .operand = {},
        .flags = {},
        .description = "Prints a C2SP checkpoint, and below it the verifier key with which others check it.",
        .examples = checkpoint_examples,
        .codes = read_codes,
        .handler = checkpoint,
    },
    {
        .noun = "audit",
        .verb = "recover",
        .effect = Effect::danger,
        .summary = "go on after a restore, under a new origin",
        .operand = {},
        .flags = recover_flags,
        .description =
            "A journal that lacks entries which others have seen must not grow: what it appended would "
            "contradict "
            "them. Where the newer journal is lost for good, this begins a new origin: a new log key, and "
            "with it a "
            "new name in checkpoints. What is left of the old journal stays in front of it, readable as "
            "before; then "
            "come the last head that is known of the old one, signed by the old key, and the reason. No "
            "other copy "
            "of the old journal can go on with it. A seat is silenced, since it may have signed what is not "
            "known "
            "here.\n\n"
            "Then 'exchange sync' brings back the acts that were published, one's own too; 'key replace log' "
            "has the "
            "new key enacted, and from that epoch on the others read the new journal. What this workspace "
            "alone "
            "knew, its own events since the backup, is lost. Run again, it says what remains to be done.\n\n"
            "After 'workspace restore', --newest goes on with the copy as it is, where nothing was journaled "
            "after "
            "the backup.",
        .examples = recover_examples,
        .codes = recover_codes,
        .handler = recover,
    },
};

}  // namespace

extern Noun const audit_noun;
constexpr Noun audit_noun{"EVIDENCE", "audit", "the journal: list, verify, prove", commands};

}  // namespace consortium::cli
