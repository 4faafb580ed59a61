// The tree that another member publishes: made honestly from the input, then spoiled as the input says. What
// is taken in must continue what was seen and hash to the root that was signed. Signatures always hold here:
// who lies has signed the lie.

#include "core/flow/peer.h"
#include "core/flow/workspace.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/fakes.h"
#include "tests/support/memory_exchange.h"

#include <fuzzer/FuzzedDataProvider.h>

using namespace consortium;

namespace {

struct Trusting : port::Verifier {
    bool verify(std::string_view, base::BytesView, base::BytesView, base::BytesView) const override {
        return true;
    }
};

struct Unsigning : port::Signer {
    std::string algorithm() const override { return "ed25519"; }
    base::Bytes public_key() const override {
        auto spki = base::from_hex("302a300506032b6570032100");
        spki.resize(spki.size() + 32, 7);
        return spki;
    }
    base::Bytes sign(base::BytesView) override { return base::Bytes(64, 9); }
};

struct Published {
    std::string origin;
    std::vector<std::string> entries;

    base::Digest root(std::uint64_t size) const {
        journal::Frontier frontier;
        for (std::uint64_t i = 0; i < size; ++i) frontier.append(journal::leaf_hash(entries[i]));
        return frontier.root();
    }
    std::string checkpoint(std::uint64_t size) const {
        Unsigning signer;
        return journal::sign_checkpoint({origin, size, root(size)}, signer);
    }
    void publish(MemoryExchange& exchange) const {
        std::vector<base::Digest> hashes, above;
        for (std::size_t at = 0; at < entries.size(); at += 256) {
            auto const end = std::min(at + 256, entries.size());
            std::vector<std::string> const part(entries.begin() + static_cast<std::ptrdiff_t>(at),
                                                entries.begin() + static_cast<std::ptrdiff_t>(end));
            hashes.clear();
            for (auto const& entry : part) hashes.push_back(journal::leaf_hash(entry));
            exchange.write("acme/" + journal::entries_path(at / 256, end - at),
                           journal::bundle_entries(part));
            put(exchange, 0, at / 256, hashes);
            if (hashes.size() == 256) above.push_back(journal::tile_root(hashes));
        }
        if (!above.empty()) put(exchange, 1, 0, above);
        exchange.write("acme/checkpoint", checkpoint(entries.size()));
    }

private:
    static void put(MemoryExchange& exchange, int level, std::uint64_t number,
                    std::vector<base::Digest> const& hashes) {
        exchange.write("acme/" + journal::tile_path(level, number, hashes.size()),
                       base::as_text(journal::tile_bytes(hashes)));
    }
};

bool spoil(FuzzedDataProvider& input, MemoryExchange& exchange) {
    auto const times = input.ConsumeIntegralInRange<int>(0, 4);
    for (int i = 0; i < times && !exchange.blobs.empty(); ++i) {
        auto blob = exchange.blobs.begin();
        std::advance(blob, input.ConsumeIntegralInRange<std::size_t>(0, exchange.blobs.size() - 1));
        auto& content = blob->second;
        switch (input.ConsumeIntegralInRange<int>(0, 4)) {
            case 0:
                exchange.blobs.erase(blob);
                break;
            case 1:
                content.resize(input.ConsumeIntegralInRange<std::size_t>(0, content.size()));
                break;
            case 2:
                if (!content.empty())
                    content[input.ConsumeIntegralInRange<std::size_t>(0, content.size() - 1)] ^=
                        input.ConsumeIntegral<char>();
                break;
            case 3:
                content += input.ConsumeRandomLengthString(40);
                break;
            default:
                content = input.ConsumeRandomLengthString(200);
        }
    }
    return times > 0;
}

std::vector<std::string> entries_of(FuzzedDataProvider& input) {
    std::vector<std::string> out;
    auto const count = input.ConsumeIntegralInRange<std::size_t>(1, 600);
    while (out.size() < count)
        out.push_back(input.remaining_bytes() > 100 && out.size() % 50 == 0
                          ? input.ConsumeRandomLengthString(60)
                          : std::to_string(out.size()));
    return out;
}

/// A tree that was taken in whole, or in part, up to some entry.
flow::Known known_of(FuzzedDataProvider& input, Published const& tree) {
    auto const seen = input.ConsumeIntegralInRange<std::uint64_t>(0, tree.entries.size());
    flow::Known known;
    if (input.ConsumeBool()) {
        auto const head = input.ConsumeIntegralInRange<std::uint64_t>(seen, tree.entries.size());
        known.part = journal::Checkpoint{tree.origin, seen, tree.root(seen)};
        known.head = tree.checkpoint(head);
    } else if (seen > 0) {
        known.seen = tree.checkpoint(seen);
    }
    return known;
}

journal::Checkpoint checkpoint_of(std::string const& note) {
    return journal::Checkpoint::parse(journal::Note::parse(note).body);
}

std::uint64_t seen_of(flow::Known const& known) {
    if (known.part) return known.part->size;
    return known.seen ? checkpoint_of(*known.seen).size : 0;
}

void require_continuation(flow::PeerTree const& opened, Published const& tree, std::uint64_t seen) {
    fuzz::require(opened.seen() == seen);
    journal::Frontier frontier;
    for (std::uint64_t i = 0; i < seen; ++i) frontier.append(journal::leaf_hash(tree.entries[i]));
    auto reached = opened.part();
    opened.leaves([&](std::vector<std::string> const& leaves, journal::Checkpoint const& to) {
        for (auto const& leaf : leaves) frontier.append(journal::leaf_hash(leaf));
        reached = to;
    });
    fuzz::require(frontier.size() == reached.size && frontier.root() == reached.root);
    auto const signed_head = checkpoint_of(opened.note());
    fuzz::require(reached.size < signed_head.size || reached.root == signed_head.root);
    // A part is one of the tree that was signed.
    bool const honest =
        signed_head.size <= tree.entries.size() && signed_head.root == tree.root(signed_head.size);
    fuzz::require(!honest || reached.root == tree.root(reached.size));
}

/// A tree that differs from the one whose newest head was seen, before the end of that.
std::optional<Published> forked_at(FuzzedDataProvider& input, Published const& tree,
                                   flow::Known const& known) {
    auto const head = known.head ? known.head : known.seen;
    if (!head || !input.ConsumeBool()) return std::nullopt;
    auto const seen = checkpoint_of(*head).size;
    if (seen == 0) return std::nullopt;
    auto other = tree;
    auto const from = input.ConsumeIntegralInRange<std::uint64_t>(0, seen - 1);
    for (auto at = from; at < other.entries.size(); ++at) other.entries[at] += " of another tree";
    return other;
}

bool is_contradiction(flow::Fork const& fork, journal::NoteKey const& key) {
    auto const seen = checkpoint_of(fork.seen);
    auto const proof = journal::ConsistencyProof::parse(fork.proof);
    journal::verify_proof(proof, {key}, Trusting());
    return proof.checkpoint == fork.shown && proof.old_size == seen.size && proof.old_root != seen.root;
}

/// What is called a fork is one, for whoever has the two heads and the proof.
void require_contradiction(flow::Fork const& fork, journal::NoteKey const& key) {
    try {
        fuzz::require(is_contradiction(fork, key));
    } catch (base::Error const&) {
        fuzz::require(false);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    FuzzedDataProvider input(data, size);
    Unsigning const signer;
    model::Member member;
    member.id = "acme";
    member.log = signer.id();
    model::Epoch epoch;
    epoch.keys.push_back({signer.id(), "ed25519", signer.public_key(), "acme", "log", "active", "", 0});
    Published const tree{flow::journal_origin(member), entries_of(input)};
    flow::Known const known = known_of(input, tree);
    MemoryExchange exchange;
    tree.publish(exchange);
    // Another tree over it, of the same log and not smaller.
    auto const forked = forked_at(input, tree, known);
    if (forked) forked->publish(exchange);
    bool const spoiled = spoil(input, exchange);
    FixedClock const clock;
    flow::Allowance allowance(clock,
                              {.time = {300}, .bundles = input.ConsumeIntegralInRange<unsigned>(1, 4)});
    flow::Allowance::Turn const turn(allowance);
    return fuzz::probe([&] {
        flow::PeerTree::Look look;
        try {
            look = flow::PeerTree::open(Trusting(), exchange, epoch, member, known, allowance);
        } catch (base::Error const&) {
            fuzz::require(spoiled);
            throw;
        }
        fuzz::require(spoiled || look.fork.has_value() == forked.has_value());
        if (look.fork) require_contradiction(*look.fork, flow::log_key(epoch, member));
        if (look.tree) require_continuation(*look.tree, tree, seen_of(known));
    });
}
