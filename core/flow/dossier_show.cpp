// What a file of evidence shows, verified where there is no workspace.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/audit_row.h"
#include "core/flow/evidence_shown.h"
#include "core/journal/entry.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;

namespace {

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
        add_witnesses(opened, (*shown.data)["witnesses"]);
        shown.older.push_back(opened);
    }
}

/// Who else's cosignatures are on a head that contains all that is shown, the record of its disclosure too.
std::vector<std::string> cosigners(VerifiedEpochs const& epochs, model::Key const& log, Shown const& shown) {
    auto const needs = std::max(shown.needs, shown.recorded);
    std::vector<std::string> names;
    auto heads = shown.older;
    heads.push_back(shown.head);
    for (auto const& head : heads) {
        if (head.checkpoint.size < needs) continue;
        for (auto const& signer : head.signers) {
            auto const* key = epochs.latest(signer.key);
            bool const other = key == nullptr || key->member != log.member;
            if (signer.key.type == journal::NoteKeyType::cosigner && other) names.push_back(signer.key.name);
        }
    }
    return names;
}

std::string removal(VerifiedEpochs const& epochs, model::Key const& key) {
    return fmt::format("was removed{}, by epoch {} at the latest",
                       key.cause.empty() ? "" : " for " + base::printable(key.cause),
                       epochs.evidence.latest()->number);
}

/// Whoever stole a witness's key cosigns what they like, with any time that they like: where a policy or
/// --key names it, it does not count either.
std::vector<journal::NoteKey> without_removed(VerifiedEpochs const& epochs,
                                              std::vector<journal::NoteKey> const& keys, Shown& shown) {
    std::vector<journal::NoteKey> out;
    std::set<std::string> removed;
    for (auto const& key : keys) {
        auto const* known = key.type == journal::NoteKeyType::cosigner ? epochs.latest(key) : nullptr;
        if (known == nullptr || known->status != "removed") {
            out.push_back(key);
        } else {
            removed.insert(fmt::format("'{}', whose key {}", key.name, removal(epochs, *known)));
        }
    }
    for (auto const& one : removed) {
        shown.findings.unchecked.push_back("what was cosigned by " + one);
        shown.uncounted.push_back(one);
    }
    return out;
}

/// Whoever stole a log's key makes another log with it: what it signed is worth what others have cosigned of
/// it.
void judge_removed_key(VerifiedEpochs const& epochs, Told const& told, Shown& shown) {
    auto const& origin = shown.head.checkpoint.origin;
    auto const signer = std::ranges::find_if(shown.head.signers, [&](journal::NoteSigner const& one) {
        return one.key.type == journal::NoteKeyType::log && one.key.name == origin;
    });
    auto const* log = epochs.latest(signer->key);
    if (log == nullptr || log->status != "removed") return;
    auto const why = fmt::format("the key of '{}' {}", origin, removal(epochs, *log));
    if (auto const names = cosigners(epochs, *log, shown); !names.empty()) {
        shown.findings.checked.push_back(
            why + "; that all this was in its log is what others have cosigned: " + base::join(names, ", "));
        return;
    }
    bool const told_key = std::ranges::any_of(
        told.keys, [&](journal::NoteKey const& key) { return key.vkey() == signer->key.vkey(); });
    if (!told_key)
        throw Error(Code::verification_failed,
                    why + ", and nobody else has cosigned a head with all this in it",
                    "ask for evidence with --cosigned, or under the log's present key");
    shown.findings.unchecked.push_back("that this is the log and not one that a thief of its key has made: " +
                                       why);
}

/// Between a new origin and the epoch that enacts its key, the epochs do not have it.
void require_log_key(journal::Dossier const& dossier, std::vector<journal::NoteKey> const& keys) {
    auto const origin = journal::Checkpoint::parse(journal::Note::parse(dossier.head).body).origin;
    if (std::ranges::any_of(keys, [&](journal::NoteKey const& key) { return key.name == origin; })) return;
    throw Error(Code::verification_failed,
                "no epoch of this evidence has the key of the log '" + origin + "'",
                "get the key by another way, as 'consortium audit checkpoint' prints it, and give it with "
                "--key too");
}

void check_stamped(journal::Dossier const& dossier, std::vector<journal::NoteKey> const& keys,
                   port::Verifier const& verifier, Stamping const* stamping, Shown& shown) {
    for (auto const& stamped : dossier.stamped) {
        auto const opened = older_head(stamped.checkpoint, stamped.path, shown.head.checkpoint, keys,
                                       verifier, "stamped with a time");
        tell_stamp(stamping, stamped.token, stamped.checkpoint, opened.checkpoint, shown);
    }
}

}  // namespace

Shown show_dossier(std::string const& text, Told const& told, port::Verifier const& verifier,
                   Stamping const* stamping) {
    auto const told_keys = told.note_keys();
    if (told_keys.empty() && !told.names_epochs())
        throw Error(Code::usage, "evidence is checked with something that you were told by another way",
                    "give --genesis HASH, as members read it to you from 'consortium epoch show', or --key");
    auto const dossier = journal::dossier_from_text(text);
    Shown shown;
    shown.form = "evidence";
    auto const epochs = verify_epochs(dossier, told, verifier, shown.findings);
    auto keys = without_removed(epochs, told_keys, shown);
    if (told.names_epochs())
        for (auto& key : epochs.note_keys()) keys.push_back(std::move(key));
    if (told.names_epochs()) require_log_key(dossier, keys);
    shown.head = journal::open_checkpoint(dossier.head, keys, verifier);
    (*shown.data)["witnesses"] = Json::array();
    check_cosigned(dossier, keys, verifier, shown);
    check_stamped(dossier, keys, verifier, stamping, shown);
    verify_records(dossier, shown.head.checkpoint, epochs, verifier, shown.findings);
    shown.words =
        fmt::format("{} entries are in {}", dossier.records.size(), at_entries(shown.head.checkpoint));
    if (!dossier.records.empty()) shown.needs = dossier.records.back().index + 1;
    if (dossier.disclosure) shown.recorded = dossier.disclosure->index + 1;
    judge_removed_key(epochs, told, shown);
    (*shown.data)["genesis"] = dossier.genesis.hex();
    (*shown.data)["for"] = dossier.recipient.empty() ? Json() : Json(dossier.recipient);
    (*shown.data)["scope"] = *dossier.scope;
    (*shown.data)["epochs"] = {{"from", dossier.epochs.front().number}, {"to", dossier.epochs.back().number}};
    (*shown.data)["entries"] = entries_of(dossier);
    return shown;
}

}  // namespace consortium::flow
