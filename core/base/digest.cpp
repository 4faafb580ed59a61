#include "core/base/digest.h"

#include "core/base/error.h"

#include <algorithm>
#include <cstring>
#include <openssl/evp.h>

namespace consortium::base {

namespace {

/// Fetching an algorithm costs more than hashing a short message, so it is done once a process.
EVP_MD const* fetched_sha256() {
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (fetched == nullptr) throw Error(Code::internal, "OpenSSL offers no SHA-256");
    return fetched;
}

}  // namespace

std::string Digest::hex() const {
    return to_hex(bytes);
}

std::string Digest::brief() const {
    return to_hex(BytesView(bytes).first(6));
}

bool Digest::is_zero() const {
    return *this == Digest{};
}

Digest Digest::from_hex(std::string_view text) {
    constexpr unsigned no_digit = 0x100;
    unsigned any = 0;
    auto const value = [&](char letter) -> unsigned {
        auto const found = letter >= '0' && letter <= '9'   ? static_cast<unsigned>(letter - '0')
                           : letter >= 'a' && letter <= 'f' ? static_cast<unsigned>(letter - 'a' + 10)
                                                            : no_digit;
        any |= found;
        return found;
    };
    Digest digest;
    bool const fits = text.size() == 2 * digest.bytes.size();
    for (std::size_t i = 0; fits && i < digest.bytes.size(); ++i)
        digest.bytes[i] = static_cast<std::uint8_t>(value(text[2 * i]) << 4U | value(text[2 * i + 1]));
    if (!fits || any >= no_digit)
        throw Error(Code::malformed, "not a SHA-256 digest: 64 lower-case hexadecimal digits expected");
    return digest;
}

Digest Digest::from_bytes(BytesView bytes) {
    Digest digest;
    if (bytes.size() != digest.bytes.size())
        throw Error(Code::malformed, "not a SHA-256 digest: 32 bytes expected");
    std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
    return digest;
}

struct Sha256::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    bool started = false;

    State() = default;
    State(State const&) = delete;
    State& operator=(State const&) = delete;
    ~State() { EVP_MD_CTX_free(context); }

    void start() {
        if (started) return;
        if (context == nullptr || EVP_DigestInit_ex2(context, fetched_sha256(), nullptr) != 1) {
            throw Error(Code::internal, "OpenSSL cannot start a SHA-256");
        }
        started = true;
    }
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(BytesView bytes) {
    m_state->start();
    if (EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size()) != 1) {
        throw Error(Code::internal, "OpenSSL cannot continue a SHA-256");
    }
    return *this;
}

Sha256& Sha256::update(std::string_view text) {
    return update(as_bytes(text));
}

Digest Sha256::finish() {
    m_state->start();
    Digest digest;
    if (EVP_DigestFinal_ex(m_state->context, digest.bytes.data(), nullptr) != 1) {
        throw Error(Code::internal, "OpenSSL cannot finish a SHA-256");
    }
    m_state->started = false;
    return digest;
}

Digest sha256(BytesView bytes) {
    thread_local Sha256 reused;
    return reused.update(bytes).finish();
}

Digest sha256(std::string_view text) {
    return sha256(as_bytes(text));
}

namespace {

/// 16 bits as consonant-vowel-consonant-vowel-consonant (arXiv:0901.4016).
std::string proquint(std::uint16_t value) {
    constexpr std::string_view consonants = "bdfghjklmnprstvz";
    constexpr std::string_view vowels = "aiou";
    return {consonants[value >> 12U & 15U], vowels[value >> 10U & 3U], consonants[value >> 6U & 15U],
            vowels[value >> 4U & 3U], consonants[value & 15U]};
}

}  // namespace

std::string spoken(Digest const& digest) {
    std::string out;
    for (std::size_t word = 0; word < 16; ++word) {
        if (word > 0) out += word % 4 == 0 ? ' ' : '-';
        out += proquint(read_u16(digest.view().subspan(word * 2)));
    }
    return out;
}

}  // namespace consortium::base

std::size_t std::hash<consortium::base::Digest>::operator()(
    consortium::base::Digest const& digest) const noexcept {
    std::size_t value = 0;
    std::memcpy(&value, digest.bytes.data(), sizeof value);
    return value;
}
