#include "core/flow/peer.h"

#include "core/base/error.h"
#include "core/flow/workspace.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"

#include <algorithm>
#include <utility>

namespace consortium::flow {

using base::Code;
using base::Error;
using journal::Digest;

namespace {

constexpr std::size_t max_note = 16u << 10;
constexpr std::size_t max_tile = 256 * 32;
constexpr std::size_t max_bundle = 256 * (2 + model::max_entry);

[[noreturn]] void contradicted(std::string const& member, std::string const& what) {
    throw Error(Code::verification_failed,
                "the journal that '" + member + "' publishes does not hold: " + what,
                "ask '" + member + "'; nothing that does not hold was taken in", {{"member", member}});
}

model::Key const& key_of(model::Epoch const& epoch, base::Digest const& id, std::string const& member) {
    auto const* key = epoch.key(id);
    if (key == nullptr) throw Error(Code::internal, "epoch without a key of '" + member + "'");
    return *key;
}

journal::Checkpoint checkpoint_of(std::string const& note) {
    return journal::Checkpoint::parse(journal::Note::parse(note).body);
}

// The member has a new log key, and has not published anything under it yet.
bool is_of_replaced_key(model::Epoch const& epoch, model::Member const& member, std::string const& note) {
    auto const origin = note.substr(0, note.find('\n'));
    return std::any_of(epoch.keys.begin(), epoch.keys.end(), [&](model::Key const& key) {
        return key.member == member.id && key.owner == "log" && key.id != member.log &&
               journal_origin(member.id, key.id) == origin;
    });
}

}  // namespace

journal::NoteKey log_key(model::Epoch const& epoch, model::Member const& member) {
    return journal::NoteKey::from_spki(journal_origin(member), journal::NoteKeyType::log,
                                       key_of(epoch, member.log, member.id).spki);
}

journal::NoteKey witness_key(model::Epoch const& epoch, model::Member const& member) {
    return journal::NoteKey::from_spki("consortium/" + member.id + "/witness", journal::NoteKeyType::cosigner,
                                       key_of(epoch, member.witness, member.id).spki);
}

PeerTree::PeerTree(port::Exchange& exchange, std::string member, Allowance& allowance)
    : m_exchange(&exchange), m_allowance(&allowance), m_member(std::move(member)) {}

PeerTree::Look PeerTree::open(port::Verifier const& verifier, port::Exchange& exchange,
                              model::Epoch const& epoch, model::Member const& member, Known const& known,
                              Allowance& allowance) {
    auto note = exchange.read(member.id + "/checkpoint", max_note);
    // Where a part of a newer head is held, the old one again is a step back.
    if (!note || (note == known.seen && !known.part)) return {};
    if (is_of_replaced_key(epoch, member, *note)) return {};
    PeerTree tree(exchange, member.id, allowance);
    tree.m_note = *std::move(note);
    auto const key = log_key(epoch, member);
    try {
        tree.m_checkpoint = journal::open_checkpoint(tree.m_note, {key}, verifier).checkpoint;
    } catch (Error const& error) {
        contradicted(member.id, error.message());
    }
    if (tree.m_checkpoint.origin != key.name) contradicted(member.id, "its checkpoint is of another journal");
    if (auto fork = tree.check_history(known)) return {std::nullopt, std::move(fork)};
    if (tree.m_checkpoint.size == tree.m_seen && !tree.m_is_part_known) return {};
    return {std::move(tree), std::nullopt};
}

std::optional<Fork> PeerTree::check_history(Known const& known) {
    auto seen = known.seen;
    m_is_part_known = known.part && known.part->origin == m_checkpoint.origin;
    // A member whose log key an epoch has replaced has begun a new origin, which is read from its first entry
    // on: it need not continue the old one.
    if (seen && checkpoint_of(*seen).origin != m_checkpoint.origin) {
        m_ended = *std::exchange(seen, std::nullopt);
    }
    if (known.head && checkpoint_of(*known.head).origin != m_checkpoint.origin) m_ended = *known.head;
    // What was signed beyond the part must be continued too.
    if (m_is_part_known && known.head) seen = known.head;
    m_seen_root = journal::empty_root();
    if (m_is_part_known || seen) {
        auto const from = m_is_part_known ? *known.part : checkpoint_of(*seen);
        m_seen = from.size;
        m_seen_root = from.root;
    }
    auto const signed_size = seen ? checkpoint_of(*seen).size : m_seen;
    if (m_checkpoint.size < signed_size) {
        contradicted(m_member, "it has " + std::to_string(m_checkpoint.size) + " entries, but had " +
                                   std::to_string(signed_size) + " (a restored backup?)");
    }
    if (seen && (signed_size > m_seen || m_checkpoint.size == signed_size)) {
        if (auto fork = fork_from(*seen)) return fork;
    }
    return check_leaves(seen.value_or(""));
}

// The tiles are the peer's own, or whoever's who serves them: they accuse nobody before they are found to
// give the root that the peer has signed.
std::optional<Fork> PeerTree::fork_from(std::string const& seen) const {
    auto const before = checkpoint_of(seen);
    auto const tiles =
        journal::subtrees_of([this](int level, std::uint64_t number) { return tile_now(level, number); });
    auto const proof = journal::prove_growth(before.size, m_checkpoint, m_note, tiles);
    if (!proof) contradicted(m_member, "its tiles do not give the root that it has signed");
    if (proof->old_root == before.root) return std::nullopt;
    Fork fork{seen, m_note, before.size, {}};
    fork.proof = proof->text();
    return fork;
}

// C2SP tlog-tiles: a partial tile or bundle may go once the full one is there, so any later one will do.
std::string PeerTree::first_present(std::vector<std::string> const& paths, std::size_t max) const {
    for (auto const& path : paths) {
        if (auto content = m_exchange->read(m_member + "/" + path, max)) return *std::move(content);
    }
    contradicted(m_member, "'" + paths.front() + "' is missing");
}

// A tile as it was when the tree was seen last, or as it has grown since.
std::vector<Digest> PeerTree::old_tile(int level, std::uint64_t number) const {
    std::vector<std::string> paths;
    for (auto const width : {journal::tile_hashes(m_seen, level, number),
                             journal::tile_hashes(m_checkpoint.size, level, number), journal::tile_width}) {
        paths.push_back(journal::tile_path(level, number, width));
    }
    return journal::tile_from_bytes(base::as_bytes(first_present(paths, max_tile)));
}

std::vector<Digest> PeerTree::tile_now(int level, std::uint64_t number) const {
    auto const width = journal::tile_hashes(m_checkpoint.size, level, number);
    return journal::tile_from_bytes(base::as_bytes(first_present(
        {journal::tile_path(level, number, width), journal::tile_path(level, number, journal::tile_width)},
        max_tile)));
}

std::optional<Fork> PeerTree::fork_if_shown(std::string const& seen) const {
    if (seen.empty() || checkpoint_of(seen).size == 0) return std::nullopt;
    try {
        return fork_from(seen);
    } catch (Error const& error) {
        if (error.code() != Code::verification_failed && error.code() != Code::malformed) throw;
        return std::nullopt;  // damage, which says nothing of what was signed
    }
}

// Appending the new leaves to the tree as it was seen must give the new root: that is inclusion and
// consistency at once.
std::optional<Fork> PeerTree::check_leaves(std::string const& seen) {
    auto const tiles =
        journal::subtrees_of([this](int level, std::uint64_t number) { return old_tile(level, number); });
    // The peer's own tiles: they are only used once their root is found to be the one that was seen.
    auto frontier = journal::frontier_at(m_seen, tiles);
    if (frontier.root() != m_seen_root) {
        if (auto fork = fork_if_shown(seen)) return fork;
        contradicted(m_member,
                     "its tiles do not give the " + std::to_string(m_seen) + " entries that were seen of it");
    }
    for (auto number = first_bundle(); frontier.size() < m_checkpoint.size; ++number) {
        if (m_allowance->ends_checks()) return check_part(frontier, seen);
        m_allowance->take_bundle();
        auto const entries = bundle(number);
        for (auto i = first_fresh(number); i < entries.size(); ++i) {
            frontier.append(journal::leaf_hash(entries[i]));
        }
        m_bundles.push_back({base::sha256(journal::bundle_entries(entries)), frontier.root()});
    }
    if (frontier.root() == m_checkpoint.root) return std::nullopt;
    // What is left of the tree that was seen may still lie beside the tiles of another one.
    if (auto fork = fork_if_shown(seen)) return fork;
    contradicted(m_member, "its entries do not give the root that it has signed" + misfit());
}

// What is taken in before all of it was read must be of the tree that was signed: the peer's tiles prove it,
// or nothing is.
std::optional<Fork> PeerTree::check_part(journal::Frontier const& part, std::string const& seen) const {
    if (m_bundles.empty()) return std::nullopt;
    auto const tiles =
        journal::subtrees_of([this](int level, std::uint64_t number) { return tile_now(level, number); });
    auto const proof = journal::consistency_proof(part.size(), m_checkpoint.size, tiles);
    if (journal::verify_consistency(part.size(), m_checkpoint.size, part.root(), m_checkpoint.root, proof))
        return std::nullopt;
    if (auto fork = fork_if_shown(seen)) return fork;
    contradicted(m_member, "its entries do not give the root that it has signed" + misfit());
}

// Names the first new entry that is not what the peer's own tile of hashes says; empty if they agree.
std::string PeerTree::misfit() const {
    for (auto number = first_bundle(); number - first_bundle() < m_bundles.size(); ++number) {
        if (m_allowance->is_late()) return {};
        auto const entries = bundle(number);
        auto const path = journal::tile_path(0, number, entries.size());
        auto const content = m_exchange->read(m_member + "/" + path, max_tile);
        if (!content) continue;
        auto const hashes = journal::tile_from_bytes(base::as_bytes(*content));
        for (auto i = first_fresh(number); i < std::min(entries.size(), hashes.size()); ++i) {
            if (journal::leaf_hash(entries[i]) == hashes[i]) continue;
            return "; entry " + std::to_string(number * journal::tile_width + i) + " is not the one in '" +
                   path + "'";
        }
    }
    return {};
}

std::vector<std::string> PeerTree::bundle(std::uint64_t number) const {
    auto const width = std::min(journal::tile_width, m_checkpoint.size - number * journal::tile_width);
    auto const path = journal::entries_path(number, width);
    auto const full = journal::entries_path(number, journal::tile_width);
    auto entries = journal::unbundle_entries(first_present({path, full}, max_bundle));
    if (entries.size() < width) contradicted(m_member, "'" + path + "' is too short");
    entries.resize(width);
    return entries;
}

void PeerTree::leaves(EachBundle const& each) const {
    auto reached = part();
    auto number = first_bundle();
    for (auto const& checked : m_bundles) {
        // One at least, so that the next look begins further on.
        if (m_allowance->is_late() && reached.size > m_seen) break;
        auto entries = bundle(number);
        if (base::sha256(journal::bundle_entries(entries)) != checked.content) {
            contradicted(m_member, "it changed while it was being read");
        }
        reached.size = number * journal::tile_width + entries.size();
        reached.root = checked.root;
        entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(first_fresh(number)));
        each(entries, reached);
        ++number;
    }
}

}  // namespace consortium::flow
