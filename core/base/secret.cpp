#include "core/base/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

namespace consortium::base {

Secret::Secret(Bytes&& bytes) : m_bytes(std::move(bytes)) {
    // Best effort: a small limit on locked memory must not stop anybody from working.
    if (!m_bytes.empty()) static_cast<void>(mlock(m_bytes.data(), m_bytes.size()));
}

Secret Secret::from_text(std::string&& text) {
    Secret out(Bytes(text.begin(), text.end()));
    base::wipe(text);
    text.clear();
    return out;
}

Secret::~Secret() {
    wipe();
}

Secret::Secret(Secret&& other) noexcept : m_bytes(std::move(other.m_bytes)) {
    other.m_bytes.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        m_bytes = std::move(other.m_bytes);
        other.m_bytes.clear();
    }
    return *this;
}

Secret Secret::clone() const {
    return Secret(Bytes(m_bytes));
}

void Secret::wipe() noexcept {
    if (m_bytes.empty()) return;
    base::wipe(std::span(m_bytes));
    // Pages are locked once however often mlock is called, so unlocking here would unlock a neighbour's
    // secret too. They stay locked until the process ends.
    m_bytes.clear();
}

void wipe(std::span<std::uint8_t> bytes) noexcept {
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept {
    OPENSSL_cleanse(text.data(), text.size());
}

}  // namespace consortium::base
