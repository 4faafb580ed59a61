#include "core/flow/share.h"

#include "cli/session.h"
#include "cli/spec.h"
#include "core/flow/operation.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

template <auto Planner>
model::Outcome planned(Session& session, model::Request const& request) {
    auto begun = flow::begun_before(session.state(), request);
    return session.carry_out(begun ? *std::move(begun)
                                   : Planner(session.state(), session.services(), request));
}

model::Outcome show(Session& session, model::Request const& request) {
    return flow::share_show(session.state(), session.services(), request);
}

model::Outcome list(Session& session, model::Request const&) {
    return flow::share_list(session.state(), session.services());
}

/// What was written, and which of the given files were not used and why.
model::Outcome shown(Session&, model::Outcome outcome) {
    auto const& results = outcome.data->at("results");
    for (auto const& result : results) {
        if (!result.is_object()) continue;
        if (result.contains("name")) outcome.text.emplace_back("name: " + result["name"].get<std::string>());
        if (result.contains("folder")) {
            outcome.text.emplace_back("written to " + result["folder"].get<std::string>());
            outcome.by_hand = {"carry each sealed share to its custodian",
                               "keep a copy of wrapped-key.json where it outlives this machine, and not with "
                               "the custodians"};
        }
        if (result.contains("file"))
            outcome.text.emplace_back("written to " + result["file"].get<std::string>());
        if (auto const left = result.find("left"); left != result.end() && left->is_string())
            outcome.warnings.push_back("the passphrase that the share was dealt with still opens the file: " +
                                       left->get<std::string>());
        for (auto const& bad : result.value("bad", base::Json::array()))
            outcome.warnings.push_back("not used: " + bad["file"].get<std::string>() + ": " +
                                       bad["why"].get<std::string>());
    }
    return outcome;
}

constexpr Flag threshold_flag{"--threshold", Kind::integer, "K",
                              "so many custodians recover the key; default: the charter's rule"};
constexpr Flag custodian_flag{"--custodian", Kind::text, "OFFICER=FILE",
                              "a custodian, and the public key that the share is sealed to",
                              Need::repeatable};
constexpr Flag custodian_word_flag{"--custodian-passphrase", Kind::text, "OFFICER=FILE",
                                   "a custodian without such a key, and the passphrase to seal by",
                                   Need::repeatable};
constexpr Flag word_flag{"--share-passphrase-file", Kind::secret, "FILE",
                         "the passphrase of a share that was sealed by one"};
constexpr Flag own_word_flag{"--new-passphrase-file", Kind::secret, "FILE",
                             "of a share that was sealed by a passphrase: your own, to keep it under"};
constexpr Flag share_flag{"--share", Kind::input, "FILE", "a share as 'share submit' sealed it",
                          Need::repeatable};

constexpr Flag deal_flags[] = {threshold_flag, custodian_flag, custodian_word_flag};
constexpr Flag accept_flags[] = {word_flag, own_word_flag};
constexpr Flag custodian_flags[] = {word_flag};
constexpr Flag open_flags[] = {
    {"--purpose", Kind::choice, "WHY", "what the session is for", Need::optional, "recovery|drill",
     "recovery"},
    {"--open-for", Kind::duration, "DUR", "how long it takes shares", Need::optional, {}, "P1D"},
    {"--no-passphrase", Kind::toggle, "", "keep the session's key unencrypted until it ends"},
};
constexpr Flag recover_flags[] = {
    share_flag,
    {"--wrapped", Kind::input, "FILE",
     "the wrapped key that was handed out with the shares; default: that of this workspace"},
    {"--no-passphrase", Kind::toggle, "", "keep the recovered key unencrypted"},
};
constexpr Flag drill_flags[] = {word_flag, share_flag};

constexpr Example deal_examples[] = {
    {"consortium share deal ca-root-g1 --threshold 2 --custodian ada=ada.pub --custodian bob=bob.pub "
     "--custodian eve=eve.pub",
     "any two of three custodians recover the root's key"},
    {"consortium share deal ca-root-g1", "write the files again that a crash kept from being written"},
};
constexpr Example accept_examples[] = {
    {"consortium share accept ada.share.json --share-passphrase-file told --new-passphrase-file own",
     "one that was sealed by a passphrase"},
    {"consortium share accept ada.share.json", "keep the share that was dealt to ada"},
};
constexpr Example open_examples[] = {
    {"consortium share open ca-root-g1", "begin a recovery on this machine"},
    {"consortium share open ca-root-g1 --purpose drill", "rehearse it, without recovering the key"},
};
constexpr Example submit_examples[] = {
    {"consortium share submit r-3fa9c1 --confirm r-3fa9c1", "seal this custodian's share to the session"},
};
constexpr Example recover_examples[] = {
    {"consortium share recover r-3fa9c1 --share ada.share.json --share bob.share.json --confirm r-3fa9c1",
     "put the key together and keep it in keys/"},
};
constexpr Example drill_examples[] = {
    {"consortium share drill ca-root-g1", "a custodian proves to hold the share"},
    {"consortium share drill r-3fa9c1 --share ada.share.json --share bob.share.json",
     "the host of a drill puts the wrapping key together, compares it and forgets it"},
};
constexpr Example refresh_examples[] = {
    {"consortium share refresh ca-root-g1 --confirm ca-root-g1", "new shares for the same custodians"},
    {"consortium share refresh ca-root-g1 --threshold 3 --custodian ada=ada.pub --custodian bob=bob.pub "
     "--custodian eve=eve.pub --custodian kim=kim.pub --confirm ca-root-g1",
     "another threshold, other custodians, the same key"},
};
constexpr Example destroy_examples[] = {
    {"consortium share destroy ca-root-g1 --confirm ca-root-g1", "after its root was destroyed"},
};
constexpr Example show_examples[] = {
    {"consortium share show ca-root-g1", "who keeps a share, and who must act"},
};
constexpr Example list_examples[] = {{"consortium share list", "every deal that is known here"}};

constexpr Code deal_codes[] = {Code::not_found, Code::not_authorized, Code::refused,
                               Code::conflict,  Code::unsupported,    Code::declined};
constexpr Code custodian_codes[] = {Code::not_found, Code::not_authorized, Code::refused,
                                    Code::verification_failed, Code::declined};
constexpr Code session_codes[] = {Code::not_found, Code::not_authorized,      Code::refused,
                                  Code::pending,   Code::verification_failed, Code::declined};
constexpr Code read_codes[] = {Code::not_found, Code::conflict};

constexpr Command commands[] = {
    {
        .noun = "share",
        .verb = "deal",
        .effect = Effect::write,
        .summary = "deal recovery shares of a key to custodians",
        .operand = {"KEY", Kind::name, "a private key of this workspace"},
        .flags = deal_flags,
        .description =
            "Draws a key of 32 bytes, wraps the private key with it (AES-256-GCM), splits it with Shamir's "
            "secret sharing (RTSS), and seals one share to each custodian: to an X25519 key ('key create "
            "NAME --type age', the line age1…), a P-256 public key, or by a passphrase (Argon2id). Signs "
            "the manifest with a commitment to every share as an act, and then writes the sealed shares, "
            "the wrapped key and the manifest below out/shares. What was journaled can be written again: "
            "repeat the command.\n\n"
            "For the key of a rotation whose plan names custodians, those and their threshold are taken from "
            "the plan, and others are refused until members trust the new root; a custodian who has proven "
            "to keep a share of this member's before need not be given with a key again.\n\n"
            "The threshold is at least what the charter's rule [approval.recovery] asks for, or "
            "[approval.root] where there is none; no fewer organizations than the rule names may be able to "
            "recover.\n\n"
            "The machine that deals sees the secret, and so does the one that recovers: this is secret "
            "sharing, not threshold signing. A key on a token that never lets it out is recovered from its "
            "vendor's backup (exit 11). Keep the wrapped key where it outlives this machine: without it, "
            "the shares are nothing.",
        .examples = deal_examples,
        .codes = deal_codes,
        .handler = planned<flow::plan_share_deal>,
        .shown = shown,
    },
    {
        .noun = "share",
        .verb = "accept",
        .effect = Effect::write,
        .summary = "keep a share, if it is the right one",
        .operand = {"FILE", Kind::input, "the sealed share"},
        .flags = accept_flags,
        .description =
            "Opens the share with this workspace's key, compares it with what the deal commits to, keeps it "
            "sealed in private/shares, and signs a receipt with a proof that only the share's holder can "
            "make. A share of an earlier deal or of another custodian is refused. Shares of earlier deals "
            "of the same key that are kept here are destroyed.\n\n"
            "Who dealt knows the passphrase of a share that was sealed by one. It is kept under another, "
            "which only its custodian knows, asked for at the terminal or read with --new-passphrase-file; "
            "and FILE is destroyed.",
        .examples = accept_examples,
        .codes = custodian_codes,
        .handler = planned<flow::plan_share_accept>,
        .shown = shown,
    },
    {
        .noun = "share",
        .verb = "open",
        .effect = Effect::write,
        .summary = "open a session for a recovery or a drill",
        .operand = {"KEY", Kind::text, "the key whose shares are wanted, or the deal: s-…"},
        .flags = open_flags,
        .description =
            "Makes a key that is used for this session only, and signs an act that names it. Custodians seal "
            "their shares to it. The session closes by itself; its private key stays on this machine and is "
            "destroyed when the session ends. Where the charter has a rule [approval.recovery], a recovery "
            "waits for approvals of the act.",
        .examples = open_examples,
        .codes = session_codes,
        .handler = planned<flow::plan_share_open>,
        .shown = shown,
    },
    {
        .noun = "share",
        .verb = "submit",
        .effect = Effect::danger,
        .summary = "seal this custodian's share to a session",
        .operand = {"SESSION", Kind::text, "r-…, or the key where one session is open; --confirm repeats it"},
        .flags = custodian_flags,
        .description =
            "Opens the share that is kept here, compares it with what the deal commits to, and seals it to "
            "the session's key: only the machine that opened the session can read it. Signs a receipt and "
            "writes the file below out/shares, to be carried there. Ask whoever opened the session in person "
            "before you confirm.",
        .examples = submit_examples,
        .codes = session_codes,
        .handler = planned<flow::plan_share_submit>,
        .shown = shown,
    },
    {
        .noun = "share",
        .verb = "recover",
        .effect = Effect::danger,
        .summary = "recover a key from the shares of a session",
        .operand = {"SESSION", Kind::text, "r-…, or the key where one session is open; --confirm repeats it"},
        .flags = recover_flags,
        .description =
            "Compares each share with what the deal commits to before anything is put together: a bad one "
            "is named, with its custodian, and spoils nothing. Too few good ones: exit 6, or 7 where there "
            "are bad ones, saying how many more are needed. With enough, unwraps the private key, checks "
            "that it is the one that was dealt, keeps it in keys/, and destroys the session's key.",
        .examples = recover_examples,
        .codes = session_codes,
        .handler = planned<flow::plan_share_recover>,
        .shown = shown,
    },
    {
        .noun = "share",
        .verb = "drill",
        .effect = Effect::write,
        .summary = "prove that shares are held, without revealing them",
        .operand = {"KEY", Kind::text, "the key or deal (s-…); its host names the session (r-…) or files"},
        .flags = drill_flags,
        .description =
            "A custodian's drill opens the kept share, compares it, and signs a receipt with a proof: a "
            "signature by a key that comes from the share, which anybody checks with the manifest. Nothing "
            "of the share is revealed.\n\n"
            "The host of a session that was opened with --purpose drill puts the wrapping key together from "
            "the submitted shares, compares it with what the deal commits to, forgets it, and signs a "
            "receipt. The private key is not unwrapped.",
        .examples = drill_examples,
        .codes = session_codes,
        .handler = planned<flow::plan_share_drill>,
        .shown = shown,
    },
    {
        .noun = "share",
        .verb = "refresh",
        .effect = Effect::danger,
        .summary = "deal new shares of the same key",
        .operand = {"KEY", Kind::name, "a private key of this workspace; --confirm repeats it"},
        .flags = deal_flags,
        .description =
            "A new wrapping key, new shares, the same private key; with other custodians or another "
            "threshold where they are given, else the same. The old wrapped key and the old sealed shares "
            "of this workspace are destroyed, and the old deal is superseded: its shares open nothing. "
            "Where that departs from what was agreed with a root's rotation, it is said. "
            "Destroy copies of the old wrapped key that were carried elsewhere.",
        .examples = refresh_examples,
        .codes = deal_codes,
        .handler = planned<flow::plan_share_refresh>,
        .shown = shown,
    },
    {
        .noun = "share",
        .verb = "destroy",
        .effect = Effect::danger,
        .summary = "destroy this custodian's share of a deal that is over",
        .operand = {"KEY", Kind::text, "the key, or the deal: s-…; --confirm repeats it"},
        .description =
            "Once the key was destroyed with its root, or its shares were dealt anew: overwrites and removes "
            "the share that is kept here, and what was sealed of it to sessions, and signs a statement that "
            "it is kept no more. Refused (exit 5) for a deal that is in force. Copies that were made "
            "elsewhere are for the custodian to destroy.",
        .examples = destroy_examples,
        .codes = custodian_codes,
        .handler = planned<flow::plan_share_destroy>,
    },
    {
        .noun = "share",
        .verb = "show",
        .effect = Effect::read,
        .summary = "show who keeps the shares of a key",
        .operand = {"KEY", Kind::text, "the key, its deal (s-…) or a session (r-…)"},
        .description = "State, have and need, who is missing, the deadline of an open session, the next "
                       "command; and every custodian with the times of their receipts.",
        .examples = show_examples,
        .codes = read_codes,
        .handler = show,
    },
    {
        .noun = "share",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the deals of shares",
        .description = "Shows every deal that this workspace knows of, also those that were superseded.",
        .examples = list_examples,
        .handler = list,
    },
};

}  // namespace

extern Noun const share_noun;
constexpr Noun share_noun{"TRUST", "share", "recovery of keys by shares", commands};

}  // namespace consortium::cli
