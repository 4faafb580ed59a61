// The tree that another member publishes: made honestly from the input, then spoiled as the input says. What
// is taken in must continue what was seen and hash to the root that was signed. Signatures always hold here:
// who lies has signed the lie.

#include "core/flow/peer.h"
#include "core/flow/workspace.h"
#include "core/journal/tile.h"
#include "tests/fuzz/fuzz.h"
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

void spoil(FuzzedDataProvider& input, MemoryExchange& exchange) {
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
    auto const seen = input.ConsumeIntegralInRange<std::uint64_t>(0, tree.entries.size());
    auto const note = seen == 0 ? std::nullopt : std::optional(tree.checkpoint(seen));
    MemoryExchange exchange;
    tree.publish(exchange);
    spoil(input, exchange);
    return fuzz::probe([&] {
        auto const opened = flow::PeerTree::open(Trusting(), exchange, epoch, member, note);
        if (!opened) return;
        fuzz::require(opened->seen() == seen);
        journal::Frontier frontier;
        for (std::uint64_t i = 0; i < seen; ++i) frontier.append(journal::leaf_hash(tree.entries[i]));
        opened->leaves([&](std::vector<std::string> const& leaves) {
            for (auto const& leaf : leaves) frontier.append(journal::leaf_hash(leaf));
        });
        auto const signed_head = journal::Checkpoint::parse(journal::Note::parse(opened->note()).body);
        fuzz::require(frontier.size() == signed_head.size && frontier.root() == signed_head.root);
    });
}
