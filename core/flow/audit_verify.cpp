#include "core/base/error.h"
#include "core/flow/audit.h"
#include "core/flow/genesis.h"
#include "core/journal/checkpoint.h"
#include "core/journal/entry.h"
#include "core/journal/tile.h"
#include "core/model/member.h"

#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;
using port::Damage;

namespace {

constexpr std::size_t most_named = 100;

struct Found {
    std::vector<Damage> damages;
    std::uint64_t entries = 0, acts = 0, events = 0, checkpoints = 0;

    void add(std::string where, std::string what) {
        if (damages.size() < most_named) damages.push_back({std::move(where), std::move(what)});
    }
    /// Runs a check; what it throws is a finding.
    void probe(std::string const& where, std::function<void()> const& check) {
        try {
            check();
        } catch (Error const& error) {
            add(where, error.message());
        }
    }
};

/// Recomputes the tree from leaf hashes and holds every stored tile against it.
class Rehash {
public:
    Rehash(port::Store const& store, Found& found) : m_store(store), m_found(found) {}

    void append(Digest const& leaf) {
        m_frontier.append(leaf);
        push(0, leaf);
    }
    Digest finish() {
        for (std::size_t level = 0; level < m_edges.size(); ++level)
            if (!m_edges[level].hashes.empty()) compare(static_cast<int>(level));
        return m_frontier.root();
    }

private:
    struct Edge {
        std::uint64_t number = 0;
        std::vector<Digest> hashes;
    };

    void push(int level, Digest const& hash) {
        if (m_edges.size() <= static_cast<std::size_t>(level)) m_edges.emplace_back();
        auto& edge = m_edges[static_cast<std::size_t>(level)];
        edge.hashes.push_back(hash);
        if (edge.hashes.size() < journal::tile_width) return;
        compare(level);
        auto const root = journal::tile_root(edge.hashes);
        edge = {edge.number + 1, {}};
        push(level + 1, root);
    }

    void compare(int level) {
        auto const& edge = m_edges[static_cast<std::size_t>(level)];
        auto const name = journal::tile_path(level, edge.number, edge.hashes.size());
        m_found.probe(name, [&] {
            auto const stored = m_store.tile(level, edge.number);
            if (stored == edge.hashes) return;
            m_found.add(name, "does not fit the entries below it");
            if (level == 0) name_entries(edge, stored);
        });
    }

    void name_entries(Edge const& edge, std::vector<Digest> const& stored) {
        for (std::size_t at = 0; at < edge.hashes.size(); ++at)
            if (at >= stored.size() || stored[at] != edge.hashes[at])
                m_found.add("entry " + std::to_string(edge.number * journal::tile_width + at),
                            "its bytes do not have the hash that the tree has for them");
    }

    port::Store const& m_store;
    Found& m_found;
    journal::Frontier m_frontier;
    std::vector<Edge> m_edges;
};

/// The keys that acts were signed with, by the epoch that each act names.
class Keys {
public:
    explicit Keys(port::Store const& store) : m_store(store) {}

    /// Throws Error(verification_failed) naming what is missing.
    base::Bytes of(model::Act const& act) {
        auto const& epoch = named(act.epoch);
        if (auto const* key = epoch->key(act.key)) return key->spki;
        return applicant(act);
    }

private:
    std::shared_ptr<model::Epoch const> const& named(model::EpochReference const& reference) {
        auto& known = m_epochs[reference.hash];
        if (known) return known;
        auto epoch = m_store.epoch(reference.number);
        if (!epoch) epoch = known_epoch(m_store);
        if (!epoch || model::reference(*epoch) != reference)
            throw Error(Code::verification_failed,
                        "the epoch " + std::to_string(reference.number) + " that it names is not held");
        known = std::move(epoch);
        return known;
    }

    /// An applicant's key stands in the invitation, which the act refers to first.
    base::Bytes applicant(model::Act const& act) {
        auto const invitation = act.refs.empty() ? std::nullopt : m_store.act(act.refs.front());
        if (!invitation || invitation->act.kind != "invite")
            throw Error(Code::verification_failed, "its key is not of its epoch");
        auto const body = model::invitation_from_json(*invitation->act.body);
        if (body.key() != act.key)
            throw Error(Code::verification_failed, "its key is not the one that the invitation names");
        return body.spki;
    }

    port::Store const& m_store;
    std::map<Digest, std::shared_ptr<model::Epoch const>> m_epochs;
};

void check_act(model::Entry const& entry, Keys& keys, port::Verifier const& verifier) {
    auto const envelope = model::envelope_from_text(entry.leaf);
    auto const act = model::act_from_json(base::parse_canonical(envelope.payload));
    auto const key = keys.of(act);
    auto const message = model::pre_authentication(envelope);
    if (!verifier.verify(envelope.scheme, key, base::as_bytes(message), envelope.signature))
        throw Error(Code::verification_failed, "the signature of this act does not hold");
}

void check_entry(model::Entry const& entry, Keys& keys, port::Verifier const& verifier, Found& found) {
    if (journal::leaf_kind(entry.leaf) != entry.kind)
        throw Error(Code::verification_failed, "it is not of the kind that it is listed under");
    switch (entry.kind) {
        case model::EntryKind::act:
            ++found.acts;
            check_act(entry, keys, verifier);
            break;
        case model::EntryKind::event:
            ++found.events;
            static_cast<void>(journal::open_event(entry.leaf, entry.body));
            break;
        case model::EntryKind::checkpoint:
            ++found.checkpoints;
            static_cast<void>(journal::open_checkpoint_leaf(entry.leaf));
            break;
    }
}

void check_entries(Services& services, port::Head const& head, Found& found) {
    auto const& store = services.store;
    Keys keys(store);
    Rehash rehash(store, found);
    services.progress.start("verifying entries", head.size);
    std::uint64_t next = 0;
    found.probe("entry " + std::to_string(next), [&] {
        store.entries(0, head.size, [&](model::Entry const& entry) {
            if (entry.index != next) throw Error(Code::verification_failed, "is missing");
            rehash.append(journal::leaf_hash(entry.leaf));
            found.probe("entry " + std::to_string(entry.index),
                        [&] { check_entry(entry, keys, services.verifier, found); });
            services.progress.advance(++next);
        });
    });
    services.progress.finish();
    found.entries = next;
    if (next != head.size) {
        found.add("entry " + std::to_string(next),
                  "cannot be read; the head has " + std::to_string(head.size));
        return;
    }
    if (rehash.finish() != head.root) found.add("head", "its root is not the root of the entries");
}

void check_head(Services const& services, port::Head const& head, Found& found) {
    if (head.size == 0 && head.checkpoint.empty()) return;
    found.probe("head", [&] {
        auto const key = own_log_key(services);
        auto const signed_head =
            journal::open_checkpoint(head.checkpoint, {key}, services.verifier).checkpoint;
        if (signed_head.size != head.size || signed_head.root != head.root)
            found.add("head", "is not the one that was signed");
    });
}

void check_high_water(Services const& services, port::Head const& head, Found& found) {
    found.probe("high-water mark", [&] {
        auto const mark = services.store.high_water();
        if (!mark) return;
        auto const known =
            journal::open_checkpoint(*mark, {own_log_key(services)}, services.verifier).checkpoint;
        if (known.size > head.size) {
            found.add("head", "has " + std::to_string(head.size) + " entries, but the high-water mark says " +
                                  std::to_string(known.size) + ": this journal was restored from a backup");
            return;
        }
        auto const read = journal::subtrees_of(
            [&](int level, std::uint64_t number) { return services.store.tile(level, number); });
        if (journal::tree_root(known.size, read) != known.root)
            found.add("head",
                      "does not contain the high-water mark at " + std::to_string(known.size) + " entries");
    });
}

model::Outcome report(Found const& found, port::Head const& head) {
    Json damages = Json::array();
    model::Table table{{"where", "what"}, {}, {}};
    for (auto const& damage : found.damages) {
        damages.push_back({{"where", damage.where}, {"what", damage.what}});
        table.rows.push_back({damage.where, damage.what});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.verification/1";
    bool const holds = found.damages.empty();
    outcome.data = JsonValue(Json{{"holds", holds},
                                  {"size", head.size},
                                  {"root", head.root.hex()},
                                  {"acts", found.acts},
                                  {"events", found.events},
                                  {"checkpoints", found.checkpoints},
                                  {"damages", std::move(damages)}});
    if (holds) {
        outcome.text.emplace_back("the journal holds: " + std::to_string(head.size) + " entries, " +
                                  std::to_string(found.acts) + " acts, root " + head.root.hex());
        return outcome;
    }
    outcome.text.emplace_back("the journal does not hold:");
    outcome.text.emplace_back(std::move(table));
    outcome.next = {"restore a backup of this workspace, then run 'consortium audit verify'"};
    outcome.status = Code::verification_failed;
    return outcome;
}

}  // namespace

model::Outcome audit_verify(Services& services, model::Request const& request) {
    Found found;
    // The storage first: nothing that is read from a damaged page can be judged.
    found.damages = services.store.inspect();
    port::Head head;
    if (!found.damages.empty()) return report(found, head);
    head = services.store.head();
    check_head(services, head, found);
    check_entries(services, head, found);
    check_high_water(services, head, found);
    if (request.arguments->value("projection", false)) {
        found.probe("projection", [&] {
            for (auto& damage : services.store.compare_projection())
                found.add(std::move(damage.where), std::move(damage.what));
        });
    }
    return report(found, head);
}

}  // namespace consortium::flow
