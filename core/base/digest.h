#pragma once

#include "core/base/bytes.h"

#include <array>
#include <compare>
#include <memory>

namespace consortium::base {

/// A SHA-256 value: the id of acts, files, keys, epochs, plans and leaves.
struct Digest {
    std::array<std::uint8_t, 32> bytes{};

    auto operator<=>(Digest const&) const = default;
    BytesView view() const { return bytes; }
    std::string hex() const;
    /// The first 12 hexadecimal digits, for people.
    std::string brief() const;
    bool is_zero() const;

    /// Exactly 64 lower-case hexadecimal digits. Throws Error(malformed).
    static Digest from_hex(std::string_view text);
    static Digest from_bytes(BytesView bytes);
};

Digest sha256(BytesView bytes);
Digest sha256(std::string_view text);

/// A running SHA-256 that can be used again after finish(): a context that is reused costs less than one for
/// each message.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    Sha256& update(BytesView bytes);
    Sha256& update(std::string_view text);
    Digest finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// A digest as pronounceable words for reading aloud: 16 proquints of 16 bits each (arXiv:0901.4016),
/// joined by '-', four to a group, groups separated by a blank.
std::string spoken(Digest const& digest);

}  // namespace consortium::base

template <>
struct std::hash<consortium::base::Digest> {
    std::size_t operator()(consortium::base::Digest const& digest) const noexcept;
};
