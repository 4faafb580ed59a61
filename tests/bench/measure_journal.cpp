/// Times what the journal does, for benches; prints seconds or a rate.
///   measure_journal rehash WORKSPACE          a rehash of every stored byte, on all processors: seconds
///   measure_journal flatten WORKSPACE FILE    the same bytes in a flat file, each entry after its length
///   measure_journal flat FILE                 a loop of OpenSSL's SHA-256 over such a file, leaves and
///   nodes, as
///                                             many threads: seconds
///   measure_journal import WORKSPACE COUNT    acts appended in one batch, without signature checks: acts/s
///   measure_journal verify ALGORITHM COUNT    signatures verified on all processors, each its own message:
///   per second

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/crypto/keystore.h"
#include "core/crypto/verifier.h"
#include "core/flow/audit_rehash.h"
#include "core/flow/intake.h"
#include "core/journal/merkle.h"
#include "tests/bench/workspace.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>

namespace {

using namespace consortium;
using bench::Workspace;

double seconds(std::function<void()> const& action) {
    auto const begun = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

void rehash(base::Path const& folder) {
    Workspace const workspace(folder);
    auto const head = workspace.store->head();
    flow::Found found;
    base::Digest root;
    double const taken = seconds([&] {
        flow::Rehash work(*workspace.store, crypto::verifier(), flow::Depth::bytes, {0, head.size});
        work.run(found, [](std::uint64_t, base::Digest const&) {});
        root = work.root();
    });
    if (root != head.root || !found.damages.empty())
        throw base::Error(base::Code::internal, "it does not hold");
    std::printf("%.9f\n", taken);
}

void flatten(base::Path const& folder, std::string const& file) {
    Workspace const workspace(folder);
    std::ofstream out(file, std::ios::binary);
    workspace.store->leaves(0, workspace.store->head().size, [&](std::string_view leaf) {
        auto const size = static_cast<std::uint16_t>(leaf.size());
        out.write(reinterpret_cast<char const*>(&size), sizeof size);
        out << leaf;
    });
    if (!out.flush()) throw base::Error(base::Code::storage, "cannot write " + file);
}

/// Offsets at which each thread's share begins, found before the clock runs.
std::vector<std::uint64_t> shares(std::string const& file, unsigned threads) {
    std::ifstream in(file, std::ios::binary);
    auto const whole = std::filesystem::file_size(file);
    std::vector<std::uint64_t> out{0};
    std::uint16_t size = 0;
    for (std::uint64_t at = 0; in.read(reinterpret_cast<char*>(&size), sizeof size);
         at += sizeof size + size) {
        if (at >= whole * out.size() / threads) out.push_back(at);
        in.seekg(size, std::ios::cur);
    }
    out.push_back(whole);
    return out;
}

/// RFC 6962's hashes with OpenSSL alone: every leaf, and a node for every leaf, as a tree has them.
class RawLoop {
public:
    void leaf(std::string_view entry) {
        std::uint8_t hash[32];
        digest({{"\0", 1}, entry}, hash);
        std::uint8_t node[64];
        std::memcpy(node, hash, 32);
        std::memcpy(node + 32, m_last, 32);
        digest({{"\1", 1}, {reinterpret_cast<char const*>(node), 64}}, m_last);
    }

private:
    void digest(std::initializer_list<std::string_view> parts, std::uint8_t* out) {
        EVP_DigestInit_ex2(m_context.get(), m_digest.get(), nullptr);
        for (auto const part : parts) EVP_DigestUpdate(m_context.get(), part.data(), part.size());
        EVP_DigestFinal_ex(m_context.get(), out, nullptr);
    }

    std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> m_digest{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                        EVP_MD_free};
    std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> m_context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
    std::uint8_t m_last[32]{};
};

void hash_share(std::string const& file, std::uint64_t begin, std::uint64_t end) {
    std::ifstream in(file, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(begin));
    std::string buffer;
    RawLoop loop;
    for (std::uint64_t read = 0, total = end - begin; read < total;) {
        auto const held = buffer.size();
        buffer.resize(held + std::min<std::uint64_t>(1u << 18, total - read));
        in.read(buffer.data() + held, static_cast<std::streamsize>(buffer.size() - held));
        read += buffer.size() - held;
        std::size_t at = 0;
        while (at + 2 <= buffer.size()) {
            std::uint16_t size = 0;
            std::memcpy(&size, buffer.data() + at, 2);
            if (at + 2 + size > buffer.size()) break;
            loop.leaf(std::string_view(buffer).substr(at + 2, size));
            at += 2u + size;
        }
        buffer.erase(0, at);
    }
}

void flat(std::string const& file) {
    auto const at = shares(file, base::processors());
    std::printf("%.9f\n", seconds([&] {
                    std::vector<std::thread> threads;
                    for (std::size_t i = 0; i + 1 < at.size(); ++i)
                        threads.emplace_back([&, i] { hash_share(file, at[i], at[i + 1]); });
                    for (auto& thread : threads) thread.join();
                }));
}

void import(base::Path const& folder, std::uint64_t count) {
    Workspace workspace(folder);
    std::vector<std::string> acts;
    auto const log = workspace.keys->open("log");
    auto const first = workspace.store->head().size;
    for (std::uint64_t i = 0; i < count; ++i)
        acts.push_back(bench::ballot(std::to_string(first + i), workspace.clock.now(), *log));
    double const taken = seconds([&] {
        workspace.store->write([&](port::Transaction& transaction) {
            flow::read_acts(acts, [&](std::size_t, std::optional<model::SignedAct>&& act) {
                transaction.append_act(act.value());
            });
        });
    });
    std::printf("%.3f\n", static_cast<double>(count) / taken);
}

void verify(std::string const& algorithm, std::uint64_t count) {
    constexpr std::uint64_t keys = 16;
    base::TemporaryFolder const folder;
    auto const keyring = crypto::open_keyring(folder.path(), [](std::string_view) { return base::Secret(); });
    std::vector<base::Bytes> spkis, signatures;
    for (std::uint64_t i = 0; i < keys; ++i)
        spkis.push_back(keyring->create("k" + std::to_string(i), algorithm, base::Secret()).public_key);
    auto const message = [](std::uint64_t i) { return "message " + std::to_string(i); };
    constexpr std::uint64_t distinct = 1024;
    for (std::uint64_t i = 0; i < distinct; ++i)
        signatures.push_back(keyring->open("k" + std::to_string(i % keys))->sign(base::as_bytes(message(i))));
    constexpr std::uint64_t batch = 256;
    std::uint64_t held = 0;
    double const taken = seconds([&] {
        auto const make = [&]() -> base::InOrder<std::uint64_t>::Worker {
            return [&](std::uint64_t job) {
                std::uint64_t good = 0;
                for (std::uint64_t i = job * batch; i < (job + 1) * batch; ++i)
                    good += crypto::verifier().verify("raw", spkis[i % keys],
                                                      base::as_bytes(message(i % distinct)),
                                                      signatures[i % distinct]);
                return good;
            };
        };
        base::InOrder<std::uint64_t>(count / batch, base::processors(), make)
            .take([&](std::uint64_t, std::uint64_t&& good) { held += good; });
    });
    if (held != count / batch * batch) throw base::Error(base::Code::internal, "a signature does not hold");
    std::printf("%.3f\n", static_cast<double>(held) / taken);
}

bool run(std::vector<std::string> const& words) {
    if (words.size() == 2 && words[0] == "rehash")
        rehash(words[1]);
    else if (words.size() == 2 && words[0] == "flat")
        flat(words[1]);
    else if (words.size() == 3 && words[0] == "flatten")
        flatten(words[1], words[2]);
    else if (words.size() == 3 && words[0] == "import")
        import(words[1], std::stoull(words[2]));
    else if (words.size() == 3 && words[0] == "verify")
        verify(words[1], std::stoull(words[2]));
    else
        return false;
    return true;
}

}  // namespace

int main(int count, char** texts) {
    try {
        if (run({texts + 1, texts + count})) return 0;
        std::fputs("usage: see the head of measure_journal.cpp\n", stderr);
        return 2;
    } catch (base::Error const& error) {
        std::fprintf(stderr, "measure_journal: %s\n", error.message().c_str());
        return 1;
    }
}
