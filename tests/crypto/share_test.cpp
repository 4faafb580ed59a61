#include "core/crypto/share.h"

#include "core/base/file.h"
#include "core/base/json.h"
#include "tests/support/data_folder.h"
#include "tests/support/fakes.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Bytes;
using base::BytesView;
using base::Json;
using base::Secret;

namespace {

Json data(std::string const& name) {
    auto const path = base::Path(consortium::test::data_folder()) / "share" / name;
    return base::parse_json(base::read_text(path, 65'536));
}

Bytes bytes(Json const& row, char const* key) {
    return base::from_hex(row.at(key).get<std::string>());
}

/// Hands out these bytes, in their order, and no more.
class Prepared : public port::Entropy {
public:
    explicit Prepared(Bytes bytes) : m_bytes(std::move(bytes)) {}
    void fill(std::span<std::uint8_t> out) override {
        REQUIRE(out.size() <= m_bytes.size() - m_used);
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(m_used), out.size(), out.begin());
        m_used += out.size();
    }
    std::size_t left() const { return m_bytes.size() - m_used; }

private:
    Bytes m_bytes;
    std::size_t m_used = 0;
};

std::vector<Bytes> shares_of(Json const& row) {
    std::vector<Bytes> out;
    for (auto const& share : row.at("shares")) out.push_back(base::from_hex(share.get<std::string>()));
    return out;
}

std::string joined(std::vector<Bytes> const& shares) {
    auto const out = crypto::rtss_join({shares.begin(), shares.end()});
    return out ? base::to_hex(out->view()) : "none";
}

}  // namespace

TEST_CASE("share: the published vectors of RTSS are made") {
    auto const rows = data("rtss.json").at("generation");
    REQUIRE(rows.size() == 6);
    for (auto const& row : rows) {
        Prepared entropy(bytes(row, "rng"));
        auto const made =
            crypto::rtss_split(Secret(bytes(row, "input")), bytes(row, "id"), row.at("m").get<int>(),
                               row.at("n").get<int>(), row.at("hash").get<std::string>(), entropy);
        auto const expected = shares_of(row);
        REQUIRE(made.size() == expected.size());
        for (std::size_t i = 0; i < made.size(); ++i)
            CHECK(base::to_hex(made[i].view()) == base::to_hex(expected[i]));
        CHECK(entropy.left() == 0);
    }
}

TEST_CASE("share: the published vectors of RTSS are recovered, and a changed one is not") {
    auto const rows = data("rtss.json").at("recovery");
    REQUIRE(rows.size() == 4);
    for (auto const& row : rows) {
        auto const shares = shares_of(row);
        auto const recovered = row.at("recovered").get<std::string>();
        CHECK((joined(shares) == recovered) == (row.at("result").get<std::string>() == "valid"));
        if (row.at("result") == Json("invalid")) CHECK(joined(shares) == "none");
    }
}

TEST_CASE("share: any threshold of them recovers the secret, and one less does not") {
    SeededEntropy entropy("kek");
    Secret const kek(entropy.bytes(32));
    auto const made = crypto::rtss_split(kek, entropy.bytes(16), 3, 5, "SHA-256", entropy);
    std::vector<BytesView> all;
    for (auto const& share : made) all.push_back(share.view());
    int sets = 0;
    for (unsigned mask = 0; mask < 32; ++mask) {
        std::vector<BytesView> chosen;
        for (unsigned i = 0; i < 5; ++i)
            if ((mask >> i & 1U) != 0) chosen.push_back(all[i]);
        auto const out = crypto::rtss_join(chosen);
        CHECK(out.has_value() == (chosen.size() >= 3));
        if (out) CHECK(std::ranges::equal(out->view(), kek.view()));
        sets += out ? 1 : 0;
    }
    CHECK(sets == 16);
}

TEST_CASE("share: Argon2id says what the reference implementation says") {
    auto const rows = data("argon2id.json");
    REQUIRE(rows.size() == 2);
    auto const salt = base::to_bytes("0123456789abcdef");
    for (auto const& row : rows) {
        model::Argon2Cost const cost{row.at("memory").get<std::int64_t>(),
                                     row.at("passes").get<std::int64_t>(),
                                     row.at("lanes").get<std::int64_t>()};
        auto const out = crypto::argon2id(Secret::from_text("correct horse"), salt, cost);
        CHECK(base::to_hex(out.view()) == row.at("out").get<std::string>());
    }
}
