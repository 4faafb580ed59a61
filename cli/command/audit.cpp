#include "core/flow/audit.h"

#include "cli/command/audit_files.h"
#include "cli/command/audit_recover.h"
#include "cli/command/audit_stamp.h"
#include "cli/session.h"
#include "cli/spec.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

model::Outcome log(Session& session, model::Request const& request) {
    if (request.arguments->value("cef", false) && session.common().format != Format::text)
        throw base::Error(Code::usage, "--cef is a form of its own", "leave out --format");
    return flow::audit_log(session.state(), request);
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::audit_show(session.state(), request);
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
    {"--from", Kind::integer, "INDEX", "from this entry on, for a reader that comes again"},
    {"--cef", Kind::toggle, "", "as lines of the Common Event Format, for a log collector"},
};
constexpr Flag tsa_ca{"--tsa-ca", Kind::input, "FILE",
                      "root certificates of time-stamping authorities (PEM); default: the setting 'tsa-ca'"};
constexpr Flag verify_flags[] = {
    {"--level", Kind::choice, "LEVEL",
     "how far to go: head (its signature, and that the tree leads to it), new (everything in what was "
     "appended "
     "since the last time), bytes (every stored byte, no signature), all, as without this",
     Need::optional, "head|new|bytes|all"},
    {"--projection", Kind::toggle, "", "also fold the whole journal anew and compare"},
    {"--key", Kind::text, "VKEY", "a verifier key that the file's signatures are checked with",
     Need::repeatable},
    {"--genesis", Kind::digest, "HASH", "the consortium that evidence must be of; its epochs give the keys"},
    {"--epoch", Kind::digest, "HASH", "an epoch of it that you know instead"},
    {"--old", Kind::input, "FILE", "the checkpoint that a consistency proof must begin at"},
    {"--policy", Kind::input, "FILE",
     "who must have cosigned the head (C2SP tlog-policy); brings their keys"},
    {"--timestamp", Kind::input, "FILE", "a timestamp token (RFC 3161) of the head in the file"},
    tsa_ca,
};
constexpr Flag checkpoint_flags[] = {
    {"--timestamp", Kind::toggle, "", "ask the authority of the setting 'tsa' when this head existed"},
    tsa_ca,
};
constexpr Flag cosigned{"--cosigned", Kind::toggle, "",
                        "name the heads that other members have cosigned, from the exchange"};
constexpr Flag with{"--with", Kind::text, "DIR",
                    "the exchange to look for them in; default: the setting 'exchange'"};
constexpr Flag epochs_from{"--epochs-from", Kind::integer, "NUMBER",
                           "leave out the epochs before this one, which the reader knows"};
constexpr Flag archive_flags[] = {
    {"--to", Kind::output, "FILE", "the archive, such as 2026.evidence.gz", Need::required},
    cosigned,
    with,
    epochs_from,
};
constexpr Flag export_flags[] = {
    {"--for", Kind::text, "NAME", "whom it is disclosed to, as the journal records it", Need::required},
    {"--to", Kind::output, "PATH", "the file; with --all a folder, which is made", Need::required},
    {"--scope", Kind::text, "SCOPE",
     "entries:100-250, time:FROM..TO, member:, kind:, proposal: or operation:"},
    {"--all", Kind::toggle, "", "the whole log, as files that need no program of ours"},
    cosigned,
    with,
    epochs_from,
};
constexpr Flag witness_flags[] = {
    {"--log", Kind::text, "VKEY", "the log's verifier key, as 'audit checkpoint' prints it", Need::required},
    {"--signing-key", Kind::secret, "FILE", "the witness's Ed25519 key (PEM), see 'key create'",
     Need::required},
    {"--name", Kind::text, "NAME", "the witness's name in notes, such as witness.example.org",
     Need::required},
    {"--state", Kind::text, "DIR", "where it remembers what it has cosigned; a folder of its own",
     Need::required},
    {"--folder", Kind::name, "MEMBER",
     "the log's folder in the place; default: the place is the log's folder"},
    {"--publish", Kind::name, "NAME", "also write the cosigned head into the place, as NAME/cosig/MEMBER"},
};
constexpr Flag prove_flags[] = {
    {"--proposal", Kind::text, "PROPOSAL", "everything about a proposal, as one file of evidence"},
    {"--since", Kind::integer, "SIZE", "that this journal continues what it was at this size"},
    {"--to", Kind::output, "FILE", "write it there; evidence of several entries needs it"},
    {"--cosigned", Kind::toggle, "", "under heads that other members have cosigned, from the exchange"},
    {"--with", Kind::text, "DIR", "the exchange to look for them in; default: the setting 'exchange'"},
    {"--epochs-from", Kind::integer, "NUMBER",
     "leave out the epochs before this one, which the reader knows"},
};

constexpr Example log_examples[] = {
    {"consortium audit log --kind ballot --member globex", "how a member has voted"},
    {"consortium audit log --since 2026-11-01 --limit 0 --format jsonl",
     "everything of a month, for a program"},
    {"consortium audit log --from 1200 --limit 0 --cef", "what is new, for a log collector"},
};
constexpr Example show_examples[] = {
    {"consortium audit show p-3fa9c1", "what an act says"},
    {"consortium audit show 17", "what entry 17 holds"},
};
constexpr Example prove_examples[] = {
    {"consortium audit prove p-3fa9c1 -o ballot.tlog-proof", "evidence that stands without this workspace"},
    {"consortium audit prove 100-250 --to october.evidence", "a range of entries, none left out"},
    {"consortium audit prove --proposal p-3fa9c1 --cosigned --to upgrade.evidence",
     "who decided what and how, under heads that others have cosigned"},
    {"consortium audit prove --since 100 --to growth.proof", "that nothing of the first 100 was changed"},
};
constexpr Example archive_examples[] = {
    {"consortium audit archive 0-9999 --cosigned --to 2026.evidence.gz",
     "for the vault, with all that proves it"},
};
constexpr Example export_examples[] = {
    {"consortium audit export --for 'Auditor Ltd' --scope time:2026-10-01..2026-11-01 --to october.evidence",
     "a month, none of it left out"},
    {"consortium audit export --for regulator --scope operation:o-3fa9c1 --to step.evidence",
     "what was done to a node, with what the log only commits to"},
    {"consortium audit export --for court --all --to log", "everything, for readers without this program"},
};
constexpr Example witness_examples[] = {
    {"consortium key create witness -o .", "first make its key, in the current folder"},
    {"consortium audit witness /srv/exchange/acme --log acme/1f2e3d4c+0a1b2c3d+AXkt… --signing-key "
     "witness.pem "
     "--name witness.example.org --state state -o acme.cosigned",
     "cosign the head of one log; from a timer"},
};
constexpr Example checkpoint_examples[] = {
    {"consortium audit checkpoint -o head", "the signed head, for anybody's C2SP tool"},
    {"consortium audit checkpoint --timestamp --tsa-ca tsa-root.pem -o head",
     "the same, and when it existed at the latest; from a timer"},
};
constexpr Example verify_examples[] = {
    {"consortium audit verify", "check every byte and every signature of this journal"},
    {"consortium audit verify --level new", "from a timer: what came since everything was verified"},
    {"consortium audit verify --projection", "also that what commands show follows from the journal"},
    {"consortium audit verify ballot.tlog-proof --key acme/1f2e3d4c+0a1b2c3d+AXkt…",
     "check a proof without a workspace"},
    {"consortium audit verify upgrade.evidence --genesis HASH",
     "check evidence with nothing but the hash of the genesis"},
};

constexpr Example recover_examples[] = {
    {"consortium audit recover --confirm acme", "after a restore, when the newer journal is lost"},
    {"consortium audit recover", "what remains to be done"},
    {"consortium audit recover --newest --confirm acme", "after a move to another host, nothing was lost"},
    {"consortium audit recover --cause compromise --confirm acme", "the log key was stolen"},
};

constexpr Code recover_codes[] = {Code::refused, Code::conflict, Code::declined, Code::storage};
constexpr Code checkpoint_codes[] = {Code::not_found, Code::verification_failed, Code::unavailable,
                                     Code::configuration};
constexpr Code read_codes[] = {Code::not_found, Code::verification_failed};
constexpr Code find_codes[] = {Code::not_found, Code::malformed, Code::verification_failed};
constexpr Code export_codes[] = {Code::not_found, Code::refused, Code::conflict, Code::declined,
                                 Code::storage};
constexpr Code witness_codes[] = {Code::not_found, Code::malformed, Code::not_authorized,
                                  Code::verification_failed, Code::unavailable};
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
        .description =
            "Shows the newest entries that match, oldest first: acts of all members, this "
            "workspace's own events, and the checkpoints of other members' journals.\n\n"
            "With --from the oldest come first, and where to go on is said; with --format jsonl or "
            "--cef a collector reads them. Nothing is recorded: a collector is one's own. What is "
            "handed to others is 'audit export'.",
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
        .summary = "verify this journal, or a file of evidence",
        .operand = {"FILE", Kind::input, "a proof, checkpoint or evidence; without it, this journal",
                    Need::optional},
        .flags = verify_flags,
        .description =
            "Without a file: checks every page of the database, the head's signature, every entry against "
            "the "
            "tree, what events commit to, the signature of every act under its epoch's key, and the "
            "high-water mark outside the workspace, on all processors. Everything that does not hold is "
            "named: the entry, the tile, the head or the page; the last line says what was checked and what "
            "was not.\n\n"
            "What was verified is remembered, signed with the log key, beside the high-water mark: every "
            "65,536 entries, so that a run that is stopped has not been in vain. With --level new the next "
            "one begins there.\n\n"
            "With a file: needs no workspace. A proof or checkpoint needs the log's key as 'audit "
            "checkpoint' "
            "prints it. A file of evidence also brings the epochs in which keys stand: give it the hash of "
            "the genesis, or of one of its epochs, that you were told by another way. What was checked, what "
            "was not and who has cosigned the head is printed; consortium-evidence(5) describes the "
            "files.\n\n"
            "Timestamps, in this journal, in evidence or beside a file (--timestamp), are judged by the "
            "roots of "
            "--tsa-ca or the setting 'tsa-ca'; without any, they are named as not checked. Of a file, the "
            "setting of a workspace counts only where the workspace was named, with -C or "
            "CONSORTIUM_WORKSPACE: a folder that came with the file does not choose the roots. One's own "
            "setting always counts.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = audit_verify,
    },
    {
        .noun = "audit",
        .verb = "prove",
        .effect = Effect::read,
        .summary = "write a proof that entries are in this journal",
        .operand = {"ENTRY", Kind::text, "an entry's number, p- and digits of an act, or a range 100-250",
                    Need::optional},
        .flags = prove_flags,
        .description =
            "Of one entry: prints a C2SP tlog-proof, the entry, its path to the root and the signed head.\n\n"
            "Of a range (both ends included) or a proposal: writes one file of evidence with each entry, its "
            "path, and the epochs from the genesis on in which the keys of their authors stand. About a "
            "proposal it holds the proposal, its ballots, delegations, recusals, approvals and statements, "
            "how "
            "the epoch came about that decided it, the files that these name, and the events of what was "
            "done "
            "about it here, as commitments: 'audit export' discloses what they say.\n\n"
            "With --since: that the tree continues what it was at that size. With --cosigned, a single proof "
            "leads to the head that most members have cosigned; evidence names all such heads.",
        .examples = prove_examples,
        .codes = find_codes,
        .handler = audit_prove,
    },
    {
        .noun = "audit",
        .verb = "export",
        .effect = Effect::write,
        .summary = "disclose part of this journal to somebody",
        .operand = {},
        .flags = export_flags,
        .description =
            "Writes one file of evidence as 'audit prove' does, and records in this journal what was "
            "disclosed "
            "to whom, before the file can be seen. The file holds that record: an entry that is "
            "left out, or another name, does not fit it, and a file without a record of it is said to have "
            "none. How it is verified is written beside it.\n\n"
            "Scopes: 'entries:100-250' and 'time:2026-10-01..2026-11-01' are whole, and verification shows "
            "it; "
            "'member:NAME' is that member's acts, 'kind:ballot' the entries of a kind, 'proposal:p-3fa9c1' "
            "everything about a proposal; 'operation:ID' is the events of an operation of this workspace, "
            "opened: the salt and what was recorded are disclosed. All other events stay commitments.\n\n"
            "With --all the whole log is written into a new folder: tiles and entries as C2SP tools read "
            "them, "
            "acts as JSON with the bytes that were signed, signatures and keys, epochs, an index as CSV, and "
            "a "
            "README with the commands of sha256sum, openssl, ssh-keygen and Go that check it.",
        .examples = export_examples,
        .codes = export_codes,
        .handler = audit_disclose,
    },
    {
        .noun = "audit",
        .verb = "archive",
        .effect = Effect::read,
        .summary = "write entries with their proofs for long keeping",
        .operand = {"RANGE", Kind::text, "entries such as 100-250, both ends included"},
        .flags = archive_flags,
        .description =
            "Writes the file of evidence that 'audit prove' makes of a range, compressed by gzip: 'gunzip' "
            "gives the evidence, and 'audit verify FILE' checks it as it is. A part of a journal that is "
            "longer "
            "than one archive holds (256 MiB before it is compressed) is kept in several.",
        .examples = archive_examples,
        .codes = find_codes,
        .handler = audit_archive,
    },
    {
        .noun = "audit",
        .verb = "witness",
        .effect = Effect::write,
        .summary = "cosign the head of a log, as a third party",
        .operand = {"PLACE", Kind::text, "the folder that the log is published in"},
        .flags = witness_flags,
        .description =
            "Needs no workspace. Reads the head that a log has published, checks the log's signature and, "
            "from "
            "its tiles, that it continues the head that this witness cosigned last, and prints it with a "
            "cosignature (C2SP tlog-cosignature). What it cosigns it first keeps in its state: it never "
            "cosigns "
            "two heads of which one does not continue the other, nor one that is smaller than before; exit "
            "status 7 says so, and both heads of a fork are kept as evidence. The first head of a log is "
            "taken "
            "as it is. It asks nothing; --dry-run looks and signs nothing.\n\n"
            "The state is what makes a witness: without it, or with an old copy of it, a fork goes unseen.",
        .examples = witness_examples,
        .codes = witness_codes,
        .handler = audit_witness,
        .planned = Planned::no,
    },
    {
        .noun = "audit",
        .verb = "checkpoint",
        .effect = Effect::write,
        .summary = "print the signed head of this journal",
        .operand = {},
        .flags = checkpoint_flags,
        .description =
            "Prints a C2SP checkpoint, and below it the verifier key with which others check it.\n\n"
            "With --timestamp, which alone changes anything and asks nothing: a time-stamping authority (RFC "
            "3161, the settings 'tsa', 'tsa-policy') is shown "
            "the SHA-256 of the head and a random number, nothing else, and signs when it saw them. Its "
            "answer "
            "is judged at once, by the roots of --tsa-ca or the setting 'tsa-ca': it must grant, name that "
            "hash "
            "and number, and be signed by a certificate for timeStamping alone that leads to such a root at "
            "the "
            "time that it names, which may not be more than five minutes ahead of the clock here; revocation "
            "is "
            "not asked. The token is kept in out/timestamps and in the journal, whose next head therefore "
            "has "
            "one entry more than the one printed. 'audit verify' and 'audit export' bring it along.",
        .examples = checkpoint_examples,
        .codes = checkpoint_codes,
        .handler = audit_checkpoint,
        .planned = Planned::no,
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
        .handler = audit_recover,
    },
};

}  // namespace

extern Noun const audit_noun;
constexpr Noun audit_noun{"EVIDENCE", "audit", "the journal: list, verify, prove", commands};

}  // namespace consortium::cli
