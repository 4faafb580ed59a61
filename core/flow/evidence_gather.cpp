// Evidence as it leaves the workspace: entries, the keys that they were signed with, paths to a head.

#include "core/agreement/reference.h"
#include "core/base/error.h"
#include "core/flow/evidence.h"
#include "core/flow/exchange_read.h"
#include "core/flow/peer.h"
#include "core/flow/timestamp.h"
#include "core/journal/checkpoint.h"
#include "core/journal/entry.h"
#include "core/journal/tile.h"
#include "core/model/candidate.h"
#include "core/model/kind.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using journal::Dossier;

namespace {

constexpr std::size_t max_note = 16u << 10;

model::Act act_in(std::string_view leaf) {
    return model::act_from_text(model::envelope_from_text(leaf).payload);
}

/// The acts that made an epoch final, by its number.
std::vector<std::string> acts_of_epoch(port::Store const& store, std::uint64_t number, Digest const& hash) {
    port::ActQuery query{.kind = number == 0 ? "found" : "commit"};
    if (number > 0) query.epoch = number - 1;
    std::vector<std::string> out;
    for (auto const& held : store.acts(query))
        if (held.act.body->value("document", std::string()) == hash.hex()) out.push_back(held.envelope);
    return out;
}

void add_epochs(port::Store const& store, std::uint64_t first, std::uint64_t last, Dossier& dossier) {
    for (auto number = first; number <= last; ++number) {
        Dossier::Epoch epoch;
        epoch.number = number;
        epoch.document = model::document(*store.epoch(number));
        epoch.acts = acts_of_epoch(store, number, base::sha256(epoch.document));
        dossier.epochs.push_back(std::move(epoch));
    }
}

/// Collects what the acts among the records need beside themselves.
class Needs {
public:
    Needs(State const& state, bool files) : m_store(state.store), m_files(files) {}

    void add(Dossier::Record const& record) {
        if (journal::leaf_kind(record.leaf) != model::EntryKind::act) return;
        auto const act = act_in(record.leaf);
        m_first = std::min(m_first, act.epoch.number);
        m_held.insert(model::act_id(model::envelope_from_text(record.leaf)));
        auto const* kind = model::find_kind(act.kind);
        if (kind != nullptr && kind->author == model::Author::applicant && !act.refs.empty())
            m_invitations.insert(act.refs.front());
        if (m_files)
            for (auto const& file : agreement::named_by(m_store, act).files) m_named.insert(file);
    }
    /// The last epoch is always there: in it the keys stand with which the log and its witnesses sign now.
    void put(EpochSpan const& span, Dossier& dossier) {
        for (auto const& id : m_invitations) {
            auto const held = m_held.contains(id) ? std::nullopt : m_store.act(id);
            if (!held) continue;
            dossier.context.push_back(held->envelope);
            m_first = std::min(m_first, held->act.epoch.number);
        }
        if (auto const needed = std::min(m_first, span.last); span.first > needed)
            throw Error(
                Code::refused,
                "this evidence needs epoch " + std::to_string(needed) + ", which --epochs-from leaves out",
                "give a smaller number");
        add_epochs(m_store, span.first, span.last, dossier);
        for (auto const& epoch : dossier.epochs) m_named.erase(base::sha256(epoch.document));
        for (auto const& digest : m_named)
            if (auto file = m_store.file(digest)) dossier.files.push_back(*std::move(file));
    }

private:
    port::Store const& m_store;
    bool m_files;
    std::uint64_t m_first = ~std::uint64_t{0};
    std::set<Digest> m_held, m_invitations, m_named;
};

/// All signatures that are on one body.
struct Merged {
    journal::Note note;
    std::set<std::string> lines, cosigners;
};

/// As many as a note may have; the members' names keep it below the bound of its bytes.
void merge(journal::Note const& note, std::string const& cosigner, Merged& into) {
    if (into.note.body.empty()) into.note.body = note.body;
    if (into.note.signatures.size() == journal::max_note_signatures) return;
    for (auto const& signature : note.signatures)
        if (into.lines.insert(journal::signature_line(signature)).second)
            into.note.signatures.push_back(signature);
    into.cosigners.insert(cosigner);
}

std::string origin_of(port::Head const& head) {
    return head.checkpoint.substr(0, head.checkpoint.find('\n'));
}

/// What a member's cosignature in the exchange is worth: none unless both signatures hold and this journal
/// contains the head.
std::optional<journal::Note> cosigned_by(State const& state, port::Verifier const& verifier,
                                         port::Exchange const& exchange, model::Member const& witness) {
    auto const& epoch = state.joined();
    auto const* self = epoch.member(state.self.member);
    auto const text = read_if_sound(exchange, witness.id + "/cosig/" + state.self.member, max_note);
    if (!text || self == nullptr) return std::nullopt;
    try {
        std::vector<journal::NoteKey> const keys{log_key(epoch, *self), witness_key(epoch, witness)};
        auto const opened = journal::open_checkpoint(*text, keys, verifier);
        auto const& checkpoint = opened.checkpoint;
        // Of a journal that has begun a new origin: the heads of the old one are of another log.
        if (checkpoint.origin != origin_of(state.store.head())) return std::nullopt;
        if (opened.signers.size() != 2 || checkpoint.size > state.store.head().size || checkpoint.size == 0 ||
            journal::tree_root(checkpoint.size, subtrees(state.store)) != checkpoint.root)
            return std::nullopt;
        auto note = journal::Note::parse(*text);
        // Only what was checked, once: whatever else stands there is nobody's evidence.
        std::set<std::string> kept;
        std::erase_if(note.signatures, [&](journal::NoteSignature const& signature) {
            bool const known = std::ranges::any_of(keys, [&](journal::NoteKey const& key) {
                return key.name == signature.name && key.id() == signature.id;
            });
            return !known || !kept.insert(signature.name).second;
        });
        return note;
    } catch (Error const&) {
        return std::nullopt;  // a cosignature that does not hold counts for nothing
    }
}

}  // namespace

journal::SubtreeReader subtrees(port::Store const& store) {
    return journal::subtrees_of([&](int level, std::uint64_t number) { return store.tile(level, number); });
}

std::vector<CosignedHead> cosigned_heads(State const& state, port::Verifier const& verifier,
                                         port::Exchange const& exchange) {
    std::map<std::uint64_t, Merged> by_size;
    for (auto const& member : state.joined().members) {
        if (member.id == state.self.member) continue;
        auto const note = cosigned_by(state, verifier, exchange, member);
        if (note) merge(*note, member.id, by_size[journal::Checkpoint::parse(note->body).size]);
    }
    std::vector<CosignedHead> out;
    out.reserve(by_size.size());
    for (auto const& [size, merged] : by_size)
        out.push_back({size, merged.cosigners.size(), merged.note.text()});
    return out;
}

journal::Dossier gather(State const& state, EvidenceScope const& scope, std::string recipient,
                        EpochSpan const& span) {
    Dossier dossier;
    dossier.genesis = model::reference(*state.store.epoch(0)).hash;
    dossier.recipient = std::move(recipient);
    dossier.scope = scope.stated;
    Needs needs(state, scope.files);
    for (auto const index : scope.indexes) {
        auto entry = state.store.entry(index);
        Dossier::Record record;
        record.index = index;
        record.leaf = std::move(entry.leaf);
        if (scope.opens) record.body = std::move(entry.body);
        needs.add(record);
        dossier.records.push_back(std::move(record));
    }
    needs.put(span, dossier);
    return dossier;
}

bool names_head_key(State const& state, std::uint64_t number) {
    auto const epoch = state.store.epoch(number);
    auto const* self = epoch ? epoch->member(state.self.member) : nullptr;
    return self != nullptr && log_key(*epoch, *self).name == origin_of(state.store.head());
}

void seal(journal::Dossier& dossier, port::Store const& store, std::vector<CosignedHead> const& cosigned) {
    auto const head = store.head();
    auto const read = subtrees(store);
    dossier.head = head.checkpoint;
    for (auto const& other : cosigned) {
        if (other.size == head.size) {
            dossier.head = other.note;
        } else {
            dossier.cosigned.push_back({other.note, journal::consistency_proof(other.size, head.size, read)});
        }
    }
    auto const needs = dossier.records.empty() ? 0 : dossier.records.back().index + 1;
    for (auto& stamped : stamps_over(store, needs, head.size)) {
        Dossier::Stamped part;
        if (stamped.checkpoint.size != head.size)
            part.path = journal::consistency_proof(stamped.checkpoint.size, head.size, read);
        part.checkpoint = std::move(stamped.note);
        part.token = std::move(stamped.token);
        dossier.stamped.push_back(std::move(part));
    }
    for (auto& record : dossier.records)
        record.path = journal::inclusion_proof(record.index, head.size, read);
    if (dossier.disclosure)
        dossier.disclosure->path = journal::inclusion_proof(dossier.disclosure->index, head.size, read);
}

}  // namespace consortium::flow
