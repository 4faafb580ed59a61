#include "core/crypto/share.h"

#include "core/base/error.h"

#include <botan/pwdhash.h>
#include <botan/rng.h>
#include <botan/tss.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::Code;
using base::Error;
using base::Secret;

/// Botan draws from the one source of randomness that there is.
class Drawing : public Botan::RandomNumberGenerator {
public:
    explicit Drawing(port::Entropy& entropy) : m_entropy(entropy) {}
    void randomize(std::uint8_t* output, std::size_t length) override {
        m_entropy.fill(std::span(output, length));
    }
    bool accepts_input() const override { return false; }
    void add_entropy(std::uint8_t const*, std::size_t) override {}
    std::string name() const override { return "entropy"; }
    void clear() override {}
    bool is_seeded() const override { return true; }

private:
    port::Entropy& m_entropy;
};

Secret secret_of(Botan::secure_vector<std::uint8_t> const& bytes) {
    return Secret(Bytes(bytes.begin(), bytes.end()));
}

}  // namespace

std::vector<Secret> rtss_split(Secret const& secret, base::BytesView identifier, int threshold, int count,
                               std::string const& hash, port::Entropy& entropy) {
    if (threshold < 2 || count < threshold || count > 255 || identifier.size() > 16)
        throw Error(Code::internal, "a secret is not split so");
    Drawing drawing(entropy);
    auto const shares =
        Botan::RTSS_Share::split(static_cast<std::uint8_t>(threshold), static_cast<std::uint8_t>(count),
                                 secret.view().data(), static_cast<std::uint16_t>(secret.view().size()),
                                 {identifier.begin(), identifier.end()}, hash, drawing);
    std::vector<Secret> out;
    out.reserve(shares.size());
    for (auto const& share : shares) out.push_back(secret_of(share.data()));
    return out;
}

std::optional<Secret> rtss_join(std::vector<base::BytesView> const& shares) {
    try {
        std::vector<Botan::RTSS_Share> parts;
        parts.reserve(shares.size());
        for (auto const& share : shares) parts.emplace_back(share.data(), share.size());
        return secret_of(Botan::RTSS_Share::reconstruct(parts));
    } catch (Botan::Exception const&) {
        return std::nullopt;
    }
}

Secret argon2id(Secret const& word, base::BytesView salt, model::Argon2Cost const& cost) {
    auto const family = Botan::PasswordHashFamily::create("Argon2id");
    if (!family) throw Error(Code::unsupported, "this Botan has no Argon2id");
    auto const hash =
        family->from_params(static_cast<std::size_t>(cost.memory), static_cast<std::size_t>(cost.passes),
                            static_cast<std::size_t>(cost.lanes));
    Bytes out(32);
    hash->derive_key(out.data(), out.size(), word.text().data(), word.text().size(), salt.data(),
                     salt.size());
    return Secret(std::move(out));
}

}  // namespace consortium::crypto
