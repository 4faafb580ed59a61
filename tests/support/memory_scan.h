#pragma once

#include "core/base/bytes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <unistd.h>

/// Looks for secrets in the memory of this process. What is looked for is kept under a mask, or it would find
/// itself.
namespace consortium::test {

class Needle {
public:
    static constexpr std::uint8_t mask = 0xa7;
    static constexpr std::size_t length = 16;  // a part of a secret is too much already

    explicit Needle(base::BytesView secret) {
        for (auto const byte : secret) m_masked.push_back(static_cast<std::uint8_t>(byte ^ mask));
    }
    /// Whether any 16 bytes of the secret that begin at a multiple of 8 stand in the block.
    bool is_in(base::BytesView block) const {
        for (std::size_t from = 0; from + length <= m_masked.size(); from += 8) {
            auto const first = static_cast<std::uint8_t>(m_masked[from] ^ mask);
            for (std::size_t at = 0; at + length <= block.size(); ++at)
                if (block[at] == first && stands(block.subspan(at), from)) return true;
        }
        return false;
    }

    /// The secret itself.
    base::Bytes revealed() const {
        base::Bytes out;
        for (auto const byte : m_masked) out.push_back(static_cast<std::uint8_t>(byte ^ mask));
        return out;
    }

private:
    bool stands(base::BytesView block, std::size_t from) const {
        for (std::size_t i = 0; i < length; ++i)
            if ((block[i] ^ mask) != m_masked[from + i]) return false;
        return true;
    }
    base::Bytes m_masked;
};

/// Where the writable memory of this process holds one of them: its mappings, by name, as a core dump would.
inline std::vector<std::string> places_in_memory(std::vector<Needle> const& needles) {
    constexpr std::size_t most = 1U << 28U;  // the shadow of a sanitizer is larger
    static std::array<std::uint8_t, 1U << 20U> block;
    auto const own = reinterpret_cast<std::uintptr_t>(block.data());
    int const memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    std::vector<std::string> out;
    if (memory < 0) return {"/proc/self/mem cannot be read"};
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t begin = 0, end = 0;
        auto const dash = line.find('-'), blank = line.find(' ');
        std::from_chars(line.data(), line.data() + dash, begin, 16);
        std::from_chars(line.data() + dash + 1, line.data() + blank, end, 16);
        if (line.compare(blank + 1, 2, "rw") != 0 || end - begin > most) continue;
        for (auto at = begin; at < end;) {
            auto size = std::min<std::size_t>(block.size(), end - at);
            // The block itself holds what was read last.
            if (at < own + block.size() && own < at + size) {
                if (at >= own) {
                    at = std::min<std::uintptr_t>(own + block.size(), end);
                    continue;
                }
                size = own - at;
            }
            auto const got = ::pread(memory, block.data(), size, static_cast<off_t>(at));
            if (got <= 0) break;
            for (auto const& needle : needles)
                if (needle.is_in(base::BytesView(block).first(static_cast<std::size_t>(got))))
                    out.push_back(line);
            // What is cut in two by the end of a block is read whole with the next one.
            auto const next = at + static_cast<std::size_t>(got);
            at = next >= end || next - at <= Needle::length ? next : next - Needle::length;
        }
    }
    ::close(memory);
    return out;
}

}  // namespace consortium::test
