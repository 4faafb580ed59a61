// What several threads use at once: keys that are kept for the next signature, hashes that are used again, a
// journal that each reads by a connection of its own. The thread sanitizer watches.

#include "core/base/digest.h"
#include "core/base/parallel.h"
#include "core/crypto/verifier.h"
#include "core/flow/audit_rehash.h"
#include "core/journal/merkle.h"
#include "tests/support/audited.h"

using namespace consortium;
using test::Founded;

namespace {

constexpr unsigned threads = 4;

/// Runs `work` for so many jobs on four threads; true if each said yes.
bool all_hold(std::uint64_t jobs, std::function<bool(std::uint64_t job)> const& work) {
    std::uint64_t held = 0;
    base::InOrder<bool>(jobs, threads, [&] { return work; }).take([&](std::uint64_t, bool&& yes) {
        held += yes ? 1 : 0;
    });
    return held == jobs;
}

}  // namespace

TEST_CASE("threads: signatures by more keys than one thread keeps are verified by all at once") {
    std::vector<base::Bytes> keys, signatures;
    auto const message = base::to_bytes("a message");
    for (int i = 0; i < 300; ++i) {
        TestSigner signer("signer " + std::to_string(i));
        keys.push_back(signer.public_key());
        signatures.push_back(signer.sign(message));
    }
    CHECK(all_hold(1200, [&](std::uint64_t job) {
        auto const mine = job % keys.size();
        auto const other = (mine + 1) % keys.size();
        return crypto::verifier().verify("raw", keys[mine], message, signatures[mine]) &&
               !crypto::verifier().verify("raw", keys[other], message, signatures[mine]);
    }));
}

TEST_CASE("threads: hashes of entries and nodes are each thread's own") {
    auto const left = journal::leaf_hash("left");
    auto const node = journal::node_hash(left, journal::leaf_hash("right"));
    auto const whole = base::sha256(std::string_view("whole"));
    CHECK(all_hold(2000, [&](std::uint64_t) {
        return journal::node_hash(left, journal::leaf_hash("right")) == node &&
               base::sha256(std::string_view("whole")) == whole;
    }));
}

TEST_CASE("threads: acts, events and heads of a journal are read and judged by all at once") {
    Founded journal;
    journal.store().write([&](port::Transaction& transaction) {
        for (int i = 0; i < 3000; ++i) {
            if (i % 3 == 0) transaction.append_checkpoint("globex", "head " + std::to_string(i));
            if (i % 3 == 1) transaction.append_event({"test.filled", journal.services().clock.now(), {}, {}});
            if (i % 3 != 2) continue;
            auto act = journal.act();
            act.nonce.clear();
            transaction.append_act(signed_envelope(act, journal.officer, i));
        }
    });
    auto const head = journal.store().head();
    flow::Found found;
    flow::Rehash rehash(journal.store(), crypto::verifier(), flow::Depth::contents, {0, head.size});
    rehash.run(found, [](std::uint64_t, base::Digest const&) {});
    CHECK(found.damages.empty());
    CHECK(found.acts == 1000);
    CHECK(rehash.root() == head.root);
}
