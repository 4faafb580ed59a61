#include "core/base/digest.h"

#include "core/base/error.h"

#include <algorithm>
#include <cstring>
#include <openssl/sha.h>

namespace consortium::base {

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

/// OpenSSL's functions for SHA-256 alone: those for any digest set up their context anew for each message,
/// which costs as much as hashing a short one. OpenSSL 3 calls them deprecated; CMakeLists.txt lets this file
/// use them.
struct Sha256::State {
    SHA256_CTX context;

    State() { start(); }
    void start() {
        if (SHA256_Init(&context) != 1) throw Error(Code::internal, "OpenSSL cannot start a SHA-256");
    }
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(BytesView bytes) {
    if (SHA256_Update(&m_state->context, bytes.data(), bytes.size()) != 1) {
        throw Error(Code::internal, "OpenSSL cannot continue a SHA-256");
    }
    return *this;
}

Sha256& Sha256::update(std::string_view text) {
    return update(as_bytes(text));
}

Digest Sha256::finish() {
    Digest digest;
    if (SHA256_Final(digest.bytes.data(), &m_state->context) != 1) {
        throw Error(Code::internal, "OpenSSL cannot finish a SHA-256");
    }
    m_state->start();
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
