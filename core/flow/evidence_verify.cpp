// Files that left a workspace, verified where there is none.

#include "core/base/compress.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/audit_row.h"
#include "core/flow/dossier_verify.h"
#include "core/flow/evidence.h"
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

/// What a file turned out to show.
struct Shown {
    std::string form;
    std::string words;  // the first sentence
    journal::SignedCheckpoint head;
    std::string note;            // the head's
    Json data = Json::object();  // what only files of this form have
    Findings findings;
    std::vector<journal::SignedCheckpoint> older;  // heads that it continues, by size
    std::uint64_t needs = 0;  // how many entries a head must have to contain what is shown
};

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
    if (arguments.contains("policy")) {
        told.policy =
            journal::quorum_policy(base::read_text(arguments["policy"].get<std::string>(), max_policy));
        for (auto& key : told.policy->keys()) told.keys.push_back(std::move(key));
    }
    return told;
}

void require_key(Told const& told) {
    if (!told.keys.empty()) return;
    throw Error(Code::usage, "a proof or checkpoint is checked with the key of its log",
                "give it with --key, as 'consortium audit checkpoint' prints it");
}

std::string at_entries(journal::Checkpoint const& checkpoint) {
    return "'" + checkpoint.origin + "' at " + std::to_string(checkpoint.size) + " entries";
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
    shown.data["entry"] = to_json(row);
    shown.data["entry"].erase("received");
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
    shown.head = journal::verify_proof(proof, proof.extra, told.keys, verifier);
    shown.note = proof.checkpoint;
    shown.words = fmt::format("entry {} is in {}", proof.index, at_entries(shown.head.checkpoint));
    shown.data["index"] = proof.index;
    shown.needs = proof.index + 1;
    tell_entry(proof, shown);
    return shown;
}

Shown show_checkpoint(std::string const& text, Told const& told, port::Verifier const& verifier) {
    require_key(told);
    Shown shown;
    shown.form = "checkpoint";
    shown.head = journal::open_checkpoint(text, told.keys, verifier);
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
    shown.head = journal::verify_proof(proof, told.keys, verifier);
    shown.note = proof.checkpoint;
    shown.words = fmt::format("{} continues the tree of {} entries with the root {}",
                              at_entries(shown.head.checkpoint), proof.old_size, proof.old_root.hex());
    shown.data["since"] = proof.old_size;
    shown.data["old_root"] = proof.old_root.hex();
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
                                              told.keys, verifier)
                         .checkpoint;
    if (old.origin != shown.head.checkpoint.origin || old.size != proof.old_size ||
        old.root != proof.old_root)
        throw Error(
            Code::verification_failed,
            "the proof begins at another head than the one given with --old, which is " + at_entries(old));
    shown.findings.checked.emplace_back("the old tree is that of the head given with --old");
    return shown;
}

Json entries_of(journal::Dossier const& dossier) {
    Json entries = Json::array();
    for (auto const& record : dossier.records) {
        model::Entry entry;
        entry.index = record.index;
        entry.leaf = record.leaf;
        entry.kind = journal::leaf_kind(record.leaf);
        auto item = to_json(audit_row(entry));
        item.erase("received");  // only the log's owner knows
        item["disclosed"] = !record.body.empty();
        entries.push_back(std::move(item));
    }
    return entries;
}

Json witness(journal::NoteSigner const& signer, journal::Checkpoint const& checkpoint) {
    return {{"name", signer.key.name},
            {"size", checkpoint.size},
            {"time", signer.time ? Json(signer.time->text()) : Json()}};
}

void add_witnesses(journal::SignedCheckpoint const& head, Json& witnesses) {
    for (auto const& signer : head.signers)
        if (signer.key.type == journal::NoteKeyType::cosigner)
            witnesses.push_back(witness(signer, head.checkpoint));
}

/// An earlier head of the same log, which the head continues; `how` it stands in the file.
journal::SignedCheckpoint older_head(std::string const& note, std::vector<base::Digest> const& path,
                                     journal::Checkpoint const& head,
                                     std::vector<journal::NoteKey> const& keys,
                                     port::Verifier const& verifier, std::string_view how) {
    auto opened = journal::open_checkpoint(note, keys, verifier);
    auto const& old = opened.checkpoint;
    if (old.origin != head.origin ||
        !journal::verify_consistency(old.size, head.size, old.root, head.root, path))
        throw Error(Code::verification_failed,
                    fmt::format("the head does not continue the one that was {}, {}", how, at_entries(old)));
    return opened;
}

/// Heads that others cosigned earlier, which the head continues.
void check_cosigned(journal::Dossier const& dossier, std::vector<journal::NoteKey> const& keys,
                    port::Verifier const& verifier, Shown& shown) {
    auto const& head = shown.head.checkpoint;
    for (auto const& cosigned : dossier.cosigned) {
        auto const opened = older_head(cosigned.checkpoint, cosigned.path, head, keys, verifier, "cosigned");
        add_witnesses(opened, shown.data["witnesses"]);
        shown.older.push_back(opened);
    }
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
    shown.data["timestamps"].push_back(look.json(checkpoint.size));
    if (look.trusted) {
        shown.findings.checked.push_back(
            fmt::format("the first {} entries existed on {}", checkpoint.size, look.words()));
    } else {
        shown.findings.unchecked.push_back(
            fmt::format("{}: {}; give the root that you trust with --tsa-ca", what, look.words()));
    }
}

void check_stamped(journal::Dossier const& dossier, std::vector<journal::NoteKey> const& keys,
                   port::Verifier const& verifier, Stamping const* stamping, Shown& shown) {
    for (auto const& stamped : dossier.stamped) {
        auto const opened = older_head(stamped.checkpoint, stamped.path, shown.head.checkpoint, keys,
                                       verifier, "stamped with a time");
        tell_stamp(stamping, stamped.token, stamped.checkpoint, opened.checkpoint, shown);
    }
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
    tell_stamp(stamping, token, as_stamped(shown.note), shown.head.checkpoint, shown);
}

Shown show_dossier(std::string const& text, Told const& told, port::Verifier const& verifier,
                   Stamping const* stamping) {
    if (told.keys.empty() && !told.names_epochs())
        throw Error(Code::usage, "evidence is checked with something that you were told by another way",
                    "give --genesis HASH, as members read it to you from 'consortium epoch show', or --key");
    auto const dossier = journal::dossier_from_text(text);
    Shown shown;
    shown.form = "evidence";
    auto const epochs = verify_epochs(dossier, told, verifier, shown.findings);
    auto keys = told.keys;
    if (told.names_epochs())
        for (auto& key : epochs.note_keys()) keys.push_back(std::move(key));
    shown.head = journal::open_checkpoint(dossier.head, keys, verifier);
    shown.data["witnesses"] = Json::array();
    check_cosigned(dossier, keys, verifier, shown);
    check_stamped(dossier, keys, verifier, stamping, shown);
    verify_records(dossier, shown.head.checkpoint, epochs, verifier, shown.findings);
    shown.words =
        fmt::format("{} entries are in {}", dossier.records.size(), at_entries(shown.head.checkpoint));
    if (!dossier.records.empty()) shown.needs = dossier.records.back().index + 1;
    shown.data["genesis"] = dossier.genesis.hex();
    shown.data["for"] = dossier.recipient.empty() ? Json() : Json(dossier.recipient);
    shown.data["scope"] = *dossier.scope;
    shown.data["epochs"] = {{"from", dossier.epochs.front().number}, {"to", dossier.epochs.back().number}};
    shown.data["entries"] = entries_of(dossier);
    return shown;
}

Shown show(std::string const& text, Told const& told, Json const& arguments, port::Verifier const& verifier,
           Stamping const* stamping) {
    if (journal::is_dossier(text)) return show_dossier(text, told, verifier, stamping);
    if (journal::ConsistencyProof::is_one(text)) return show_consistency(text, told, verifier, arguments);
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
        throw Error(Code::verification_failed, "the quorum policy does not hold: " + verdict.words,
                    "ask for evidence under a head that more have cosigned",
                    {{"have", base::join(verdict.have, ", ")}});
    shown.findings.checked.push_back(
        fmt::format("the head at {} entries satisfies the policy; cosigned by: {}", size,
                    held.have.empty() ? "nobody, and nobody need" : base::join(held.have, ", ")));
    shown.data["policy"] = {{"size", size}, {"have", held.have}};
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
    auto& data = shown.data;
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

model::Outcome audit_verify_file(port::Verifier const& verifier, model::Request const& request,
                                 Stamping const* stamping) {
    auto const path = request.arguments->at("operand").get<std::string>();
    auto text = base::read_text(path, journal::max_dossier);
    bool const archived = base::is_gzip(text);
    if (archived) text = base::gunzip(text, journal::max_dossier);
    auto const told = told_of(*request.arguments);
    auto shown = show(text, told, *request.arguments, verifier, stamping);
    check_given_stamp(*request.arguments, stamping, shown);
    if (archived) shown.form = "archive";
    if (told.policy) hold_policy(*told.policy, shown);
    return outcome_of(std::move(shown));
}

}  // namespace consortium::flow
