// Files that left a workspace, verified where there is none.

#include "core/base/compress.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/audit_row.h"
#include "core/flow/evidence.h"
#include "core/flow/evidence_shown.h"
#include "core/journal/entry.h"
#include "core/journal/proof.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

Json witness(journal::NoteSigner const& signer, journal::Checkpoint const& checkpoint) {
    return {{"name", signer.key.name},
            {"size", checkpoint.size},
            {"time", signer.time ? Json(signer.time->text()) : Json()}};
}

}  // namespace

Shown::Shown() : data(std::make_shared<Json>(Json::object())) {}

std::string at_entries(journal::Checkpoint const& checkpoint) {
    return "'" + checkpoint.origin + "' at " + std::to_string(checkpoint.size) + " entries";
}

void add_witnesses(journal::SignedCheckpoint const& head, Json& witnesses) {
    for (auto const& signer : head.signers)
        if (signer.key.type == journal::NoteKeyType::cosigner)
            witnesses.push_back(witness(signer, head.checkpoint));
}

/// A token that was looked at, or would have been.
void tell_stamp(Stamping const* stamping, base::BytesView token, std::string_view note,
                journal::Checkpoint const& checkpoint, Shown& shown) {
    auto const what = fmt::format("the timestamp of the first {} entries", checkpoint.size);
    if (stamping == nullptr) {
        shown.findings.unchecked.push_back(what);
        return;
    }
    auto const look = look_at(*stamping, token, note);
    (*shown.data)["timestamps"].push_back(look.json(checkpoint.size));
    if (look.trusted) {
        shown.findings.checked.push_back(
            fmt::format("the first {} entries existed on {}", checkpoint.size, look.words()));
    } else if (!look.reason.empty()) {
        shown.findings.unchecked.push_back(fmt::format("{}: {}; under the roots of 'tsa-ca', {}", what,
                                                       look.words(), base::printable(look.reason)));
    } else {
        shown.findings.unchecked.push_back(
            fmt::format("{}: {}; give the root that you trust with --tsa-ca", what, look.words()));
    }
}

namespace {

constexpr std::size_t max_policy = 64u << 10;

std::optional<base::Digest> digest_in(Json const& arguments, char const* name) {
    if (!arguments.contains(name)) return std::nullopt;
    return base::Digest::from_hex(arguments.at(name).get<std::string>());
}

Told told_of(Json const& arguments) {
    Told told;
    for (auto const& text : arguments.value("key", Json::array()))
        told.keys.push_back(journal::NoteKey::from_vkey(text.get<std::string>()));
    told.genesis = digest_in(arguments, "genesis");
    told.epoch = digest_in(arguments, "epoch");
    if (arguments.contains("policy"))
        told.policy =
            journal::quorum_policy(base::read_text(arguments["policy"].get<std::string>(), max_policy));
    return told;
}

void require_key(Told const& told) {
    if (!told.keys.empty() || told.policy) return;
    throw Error(Code::usage, "a proof or checkpoint is checked with the key of its log",
                "give it with --key, as 'consortium audit checkpoint' prints it");
}

/// What the entry is, where it is one of ours: a proof of any other log holds as well.
void tell_entry(journal::Proof const& proof, Shown& shown) {
    AuditRow row;
    try {
        model::Entry entry;
        entry.index = proof.index;
        entry.leaf = proof.extra;
        entry.kind = journal::leaf_kind(proof.extra);
        row = audit_row(entry);
    } catch (Error const&) {
        return;
    }
    (*shown.data)["entry"] = to_json(row);
    (*shown.data)["entry"].erase("received");
    shown.findings.checked.push_back(
        fmt::format("the entry, of kind '{}', is in the tree of the head", base::printable(row.kind)));
    if (row.type == "act")
        shown.findings.unchecked.push_back(
            fmt::format("the signature of '{}' on the act: the keys of members are in a file of evidence "
                        "('consortium audit prove FROM-TO --to FILE')",
                        base::printable(row.member)));
}

Shown show_proof(std::string const& text, Told const& told, port::Verifier const& verifier) {
    require_key(told);
    auto const proof = journal::Proof::parse(text);
    Shown shown;
    shown.form = "proof";
    shown.head = journal::verify_proof(proof, proof.extra, told.note_keys(), verifier);
    shown.note = proof.checkpoint;
    shown.words = fmt::format("entry {} is in {}", proof.index, at_entries(shown.head.checkpoint));
    (*shown.data)["index"] = proof.index;
    shown.needs = proof.index + 1;
    tell_entry(proof, shown);
    return shown;
}

Shown show_checkpoint(std::string const& text, Told const& told, port::Verifier const& verifier) {
    require_key(told);
    Shown shown;
    shown.form = "checkpoint";
    shown.head = journal::open_checkpoint(text, told.note_keys(), verifier);
    shown.note = text;
    shown.words = "the head of " + at_entries(shown.head.checkpoint);
    return shown;
}

Shown show_consistency(std::string const& text, Told const& told, port::Verifier const& verifier,
                       Json const& arguments) {
    require_key(told);
    auto const proof = journal::ConsistencyProof::parse(text);
    Shown shown;
    shown.form = "consistency";
    shown.head = journal::verify_proof(proof, told.note_keys(), verifier);
    shown.note = proof.checkpoint;
    shown.words = fmt::format("{} continues the tree of {} entries with the root {}",
                              at_entries(shown.head.checkpoint), proof.old_size, proof.old_root.hex());
    (*shown.data)["since"] = proof.old_size;
    (*shown.data)["old_root"] = proof.old_root.hex();
    shown.findings.checked.push_back(
        fmt::format("nothing of the first {} entries was changed or removed", proof.old_size));
    if (!arguments.contains("old")) {
        shown.findings.unchecked.emplace_back(
            "that the log ever signed the old root: compare it with the head that you hold, or give that "
            "with "
            "--old");
        return shown;
    }
    constexpr std::size_t max_note = 16u << 10;
    auto const old = journal::open_checkpoint(base::read_text(arguments["old"].get<std::string>(), max_note),
                                              told.note_keys(), verifier)
                         .checkpoint;
    bool const is_same_place = old.origin == shown.head.checkpoint.origin && old.size == proof.old_size;
    if (is_same_place && old.root != proof.old_root)
        throw Error(
            Code::verification_failed,
            fmt::format("'{}' has forked: it has signed the head given with --old, with the root {} at {} "
                        "entries, and another one whose tree has the root {} there",
                        old.origin, old.root.hex(), old.size, proof.old_root.hex()),
            "keep both files: with the key of the log they prove it to anybody");
    if (!is_same_place)
        throw Error(
            Code::verification_failed,
            "the proof begins at another head than the one given with --old, which is " + at_entries(old));
    shown.findings.checked.emplace_back("the old tree is that of the head given with --old");
    return shown;
}

/// The head as its log alone has signed it: what an authority was shown. Others may have cosigned it since.
std::string as_stamped(std::string const& note) {
    auto parsed = journal::Note::parse(note);
    auto const origin = journal::Checkpoint::parse(parsed.body).origin;
    std::erase_if(parsed.signatures,
                  [&](journal::NoteSignature const& signature) { return signature.name != origin; });
    return parsed.text();
}

/// The token given beside a file, of the head in it.
void check_given_stamp(Json const& arguments, Stamping const* stamping, Shown& shown) {
    if (!arguments.contains("timestamp")) return;
    if (shown.note.empty())
        throw Error(Code::usage, "evidence brings its timestamps itself", "leave out --timestamp");
    auto const token =
        base::read_file(arguments["timestamp"].get<std::string>(), port::Timestamps::max_token);
    auto const note = as_stamped(shown.note);
    if (stamping == nullptr) return tell_stamp(stamping, token, note, shown.head.checkpoint, shown);
    // Whoever gives a token asks about this one: roots that are set are meant for it as if they were named.
    auto asked = *stamping;
    asked.roots = Roots::named;
    tell_stamp(&asked, token, note, shown.head.checkpoint, shown);
}

Shown show(std::string const& text, Told const& told, model::Request const& request,
           port::Verifier const& verifier, Stamping const* stamping) {
    constexpr std::string_view only_growth = "is for a proof that a log continues what it was";
    if (journal::is_dossier(text)) {
        refuse_arguments(request, {"old"}, only_growth);
        return show_dossier(text, told, verifier, stamping);
    }
    refuse_arguments(request, {"genesis", "epoch"}, "is for evidence that brings epochs: this file has none",
                     "give the log's key with --key");
    if (journal::ConsistencyProof::is_one(text))
        return show_consistency(text, told, verifier, *request.arguments);
    refuse_arguments(request, {"old"}, only_growth);
    if (text.starts_with("c2sp.org/tlog-proof@")) return show_proof(text, told, verifier);
    return show_checkpoint(text, told, verifier);
}

/// The head must satisfy the policy, or an earlier one that contains all that is shown.
void hold_policy(journal::QuorumPolicy const& policy, Shown& shown) {
    auto const verdict = judge(policy, shown.head.signers);
    auto held = verdict;
    auto size = shown.head.checkpoint.size;
    for (auto at = shown.older.rbegin(); at != shown.older.rend() && !held.holds; ++at) {
        if (at->checkpoint.size < shown.needs) break;
        held = judge(policy, at->signers);
        size = at->checkpoint.size;
    }
    if (!held.holds)
        throw Error(
            Code::verification_failed,
            fmt::format("the quorum policy does not hold: {}{}{}", verdict.words,
                        shown.uncounted.empty() ? "" : "; not counted: ", base::join(shown.uncounted, ", ")),
            "ask for evidence under a head that more have cosigned",
            {{"have", base::join(verdict.have, ", ")}});
    shown.findings.checked.push_back(
        fmt::format("the head at {} entries satisfies the policy; cosigned by: {}", size,
                    held.have.empty() ? "nobody, and nobody need" : base::join(held.have, ", ")));
    if (size < shown.recorded)
        shown.findings.unchecked.emplace_back(
            "that the record of this disclosure is the log's: no head that satisfies the policy contains it");
    (*shown.data)["policy"] = {{"size", size}, {"have", held.have}};
}

std::string sentences(std::string_view title, std::vector<std::string> const& lines) {
    std::string text(title);
    for (auto const& line : lines) text += "\n  - " + line;
    return text;
}

std::string witnesses_in_words(Json const& witnesses) {
    if (witnesses.empty()) return "cosigned by nobody whose key is known here";
    std::vector<std::string> names;
    for (auto const& one : witnesses)
        names.push_back(fmt::format("{} at {} entries on {}", one["name"].get<std::string>(),
                                    one["size"].get<std::uint64_t>(), one["time"].get<std::string>()));
    return "cosigned by " + base::join(names, ", ");
}

model::Outcome outcome_of(Shown shown) {
    auto const& checkpoint = shown.head.checkpoint;
    auto& data = *shown.data;
    Json signers = Json::array();
    for (auto const& signer : shown.head.signers) signers.push_back(signer.key.name);
    if (!data.contains("witnesses")) data["witnesses"] = Json::array();
    if (!data.contains("index")) data["index"] = nullptr;
    if (!data.contains("policy")) data["policy"] = nullptr;
    if (!data.contains("timestamps")) data["timestamps"] = Json::array();
    add_witnesses(shown.head, data["witnesses"]);
    shown.findings.checked.insert(shown.findings.checked.begin(), "the head is signed by the key of its log");
    data["form"] = shown.form;
    data["origin"] = checkpoint.origin;
    data["size"] = checkpoint.size;
    data["root"] = checkpoint.root.hex();
    data["signers"] = std::move(signers);
    data["checked"] = shown.findings.checked;
    data["unchecked"] = shown.findings.unchecked;
    model::Outcome outcome;
    outcome.schema = "consortium.file-verification/1";
    outcome.text.emplace_back(shown.words);
    outcome.text.emplace_back(sentences("checked:", shown.findings.checked));
    if (!shown.findings.unchecked.empty())
        outcome.text.emplace_back(sentences("not checked:", shown.findings.unchecked));
    outcome.text.emplace_back(witnesses_in_words(data["witnesses"]));
    outcome.data = JsonValue(std::move(data));
    return outcome;
}

}  // namespace

void refuse_arguments(model::Request const& request, std::initializer_list<char const*> names,
                      std::string_view why, std::string const& hint) {
    for (auto const* name : names)
        if (request.arguments->contains(name) && request.arguments->at(name) != Json(false))
            throw Error(Code::usage, fmt::format("--{} {}", name, why), hint);
}

model::Outcome audit_verify_file(port::Verifier const& verifier, model::Request const& request,
                                 Stamping const* stamping) {
    auto const path = request.arguments->at("operand").get<std::string>();
    auto text = base::read_text(path, journal::max_dossier);
    bool const archived = base::is_gzip(text);
    if (archived) text = base::gunzip(text, journal::max_dossier);
    refuse_arguments(request, {"level", "projection"}, "is about this journal, not about a file");
    auto const told = told_of(*request.arguments);
    auto shown = show(text, told, request, verifier, stamping);
    check_given_stamp(*request.arguments, stamping, shown);
    if (archived) shown.form = "archive";
    if (told.policy) hold_policy(*told.policy, shown);
    return outcome_of(std::move(shown));
}

}  // namespace consortium::flow
