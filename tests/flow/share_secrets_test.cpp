// No secret of a custody stays in the process or on disk (facts of the issue: a core dump, the workspace).

#include "core/base/text.h"
#include "core/crypto/entropy.h"
#include "tests/support/custodians.h"
#include "tests/support/memory_scan.h"

#include <algorithm>
#include <filesystem>

using namespace consortium;
using test::Custodians;
using test::Needle;

namespace {

/// Passes on everything, and keeps what is secret, under a mask.
class Watched : public port::Custody {
public:
    Watched(port::Custody& inner, std::vector<Needle>& kept) : m_inner(inner), m_kept(kept) {}

    std::vector<base::Secret> split(base::Secret const& secret, base::BytesView deal, std::int64_t threshold,
                                    std::size_t count) override {
        auto shares = m_inner.split(secret, deal, threshold, count);
        m_kept.emplace_back(secret.view());
        // The header of a share is no secret: identifier, hash, threshold, length, index.
        for (auto const& share : shares) {
            m_kept.emplace_back(share.view().first(model::share_salt_bytes));
            m_kept.emplace_back(share.view().subspan(model::share_salt_bytes + 21));
        }
        return shares;
    }

    void lock() override { m_inner.lock(); }
    std::string elsewhere(std::string_view name) const override { return m_inner.elsewhere(name); }
    model::ShareKey read_key(std::string_view text) const override { return m_inner.read_key(text); }
    base::Secret private_key(std::string_view name) override { return m_inner.private_key(name); }
    void keep_private_key(std::string_view name, base::Digest const& id, base::Secret const& pkcs8,
                          base::Secret const& word) override {
        m_inner.keep_private_key(name, id, pkcs8, word);
    }
    std::optional<base::Secret> join(std::vector<base::Secret> const& shares) const override {
        return m_inner.join(shares);
    }
    model::WrappedKey wrap(model::WrappedKey head, base::Secret const& kek,
                           base::Secret const& key) override {
        return m_inner.wrap(std::move(head), kek, key);
    }
    std::optional<base::Secret> unwrap(model::WrappedKey const& wrapped,
                                       base::Secret const& kek) const override {
        return m_inner.unwrap(wrapped, kek);
    }
    model::ShareBox seal(model::ShareBox head, base::Secret const& share, base::Secret const& word) override {
        return m_inner.seal(std::move(head), share, word);
    }
    std::optional<base::Secret> open(model::ShareBox const& box, base::Secret const& word) override {
        return m_inner.open(box, word);
    }
    base::Bytes proof_key(base::Secret const& share) const override { return m_inner.proof_key(share); }
    base::Bytes prove(base::Secret const& share, base::BytesView message) const override {
        return m_inner.prove(share, message);
    }
    model::ShareKey begin_session(base::Secret const& word) override { return m_inner.begin_session(word); }
    bool has_session(model::ShareKey const& key) const override { return m_inner.has_session(key); }
    void end_session(model::ShareKey const& key) override { m_inner.end_session(key); }
    void end_other_sessions(std::vector<model::ShareKey> const& told) override {
        m_inner.end_other_sessions(told);
    }
    void destroy(base::Path const& file) override { m_inner.destroy(file); }

private:
    port::Custody& m_inner;
    std::vector<Needle>& m_kept;
};

/// The files of a folder that hold one of the secrets, as they are, in hexadecimal or in base64.
std::vector<std::string> files_with(base::Path const& folder, std::vector<Needle> const& needles) {
    std::vector<std::string> out;
    for (auto const& each : std::filesystem::recursive_directory_iterator(folder)) {
        if (!each.is_regular_file()) continue;
        auto const content = base::read_file(each.path(), 1U << 26U);
        std::vector<base::Bytes> readings{content};
        for (std::size_t begin = 0; begin < content.size();) {  // every word of the file, decoded
            auto const is_part = [&](std::size_t at) {
                return at < content.size() && (std::isalnum(content[at]) != 0 || content[at] == '+' ||
                                               content[at] == '/' || content[at] == '=');
            };
            auto end = begin;
            while (is_part(end)) ++end;
            std::string const word(content.begin() + static_cast<std::ptrdiff_t>(begin),
                                   content.begin() + static_cast<std::ptrdiff_t>(end));
            for (auto* decode : {&base::from_hex, &base::from_base64}) try {
                    if (word.size() >= 20) readings.push_back((*decode)(word));
                } catch (base::Error const&) {
                    continue;  // another word
                }
            begin = end + 1;
        }
        for (auto const& reading : readings)
            if (test::any_in(reading, needles)) out.push_back(each.path().string());
    }
    return out;
}

}  // namespace

TEST_CASE("shares: the scan of memory finds a secret that is there, and only then") {
    std::vector<Needle> const needles{Needle(base::Secret(crypto::system_entropy().bytes(48)).view())};
    CHECK(test::places_in_memory(needles).empty());
    base::TemporaryFolder const folder;
    {
        base::Secret const there(needles.front().revealed());
        CHECK_FALSE(test::places_in_memory(needles).empty());
        base::write_file(folder.path() / "hex", "{\"x\":\"" + base::to_hex(there.view()) + "\"}");
    }
    CHECK(files_with(folder.path(), needles).size() == 1);
}

TEST_CASE("shares: no KEK and no share stays in memory or on disk") {
    Custodians all;
    std::vector<Needle> kept;
    Watched watched(*all.acme.custody, kept);
    all.acme.services().custody = &watched;
    // Looked for at once: what comes after might write over what was left by chance.
    auto const check = [&] { CHECK(base::join(test::places_in_memory(kept), "; ").empty()); };
    all.acme.apply(all.deal_plan());
    check();
    REQUIRE(kept.size() == 7);
    all.sync();
    all.accept(check);
    all.globex.apply(all.drill_plan("globex"));
    check();
    auto const drill = all.open("drill");
    for (char const* member : {"globex", "initech"}) all.submit(member, drill);
    check();
    all.drill_files(drill, {all.submitted("globex", drill), all.submitted("initech", drill)});
    check();
    all.lose_key();
    auto const session = all.open("recovery");
    for (char const* member : {"globex", "initech"}) all.submit(member, session);
    all.acme.apply(all.recover_plan(session, {"globex", "initech"}));
    check();
    all.refresh();
    check();
    REQUIRE(kept.size() == 14);
    for (auto* one : {&all.acme, &all.globex, &all.initech})
        CHECK(base::join(files_with(one->folder(), kept), "; ").empty());
}
