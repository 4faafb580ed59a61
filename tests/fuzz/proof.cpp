// A .tlog-proof file. One that is taken is written the same again, and proves nothing for another root.

#include "core/journal/proof.h"

#include "core/journal/checkpoint.h"
#include "tests/fuzz/fuzz.h"

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    return fuzz::probe([&] {
        auto const text = fuzz::text(data, size);
        auto const proof = journal::Proof::parse(text);
        fuzz::require(proof.text() == text);
        auto const checkpoint = journal::Checkpoint::parse(journal::Note::parse(proof.checkpoint).body);
        auto const leaf = journal::leaf_hash(proof.extra);
        auto const holds = [&](base::Digest const& root) {
            return journal::verify_inclusion(proof.index, checkpoint.size, leaf, proof.hashes, root);
        };
        auto other = checkpoint.root;
        other.bytes[7] ^= 1;
        fuzz::require(!(holds(checkpoint.root) && holds(other)));
        static_cast<void>(
            journal::verify_consistency(proof.index, checkpoint.size, leaf, checkpoint.root, proof.hashes));
    });
}
