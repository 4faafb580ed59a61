#pragma once

#include "core/base/bytes.h"

namespace consortium::base {

/// Bytes that are wiped when they go: passphrases, private keys, shares. Not copyable; locked into memory
/// where the system allows it.
class Secret {
public:
    Secret() = default;
    explicit Secret(Bytes&& bytes);
    static Secret from_text(std::string&& text);  // wipes the source
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(Secret const&) = delete;
    Secret& operator=(Secret const&) = delete;

    BytesView view() const { return m_bytes; }
    std::string_view text() const { return as_text(m_bytes); }
    bool empty() const { return m_bytes.empty(); }
    Secret clone() const;

private:
    void wipe() noexcept;
    Bytes m_bytes;
};

/// Overwrites in a way that the compiler cannot remove.
void wipe(std::span<std::uint8_t> bytes) noexcept;
void wipe(std::string& text) noexcept;

}  // namespace consortium::base
