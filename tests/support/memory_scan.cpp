#include "tests/support/memory_scan.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace consortium::test {
namespace {

constexpr std::uint8_t mask = 0xa7;

}  // namespace

Needle::Needle(base::BytesView secret) {
    m_masked.reserve(secret.size());
    for (auto const byte : secret) m_masked.push_back(static_cast<std::uint8_t>(byte ^ mask));
}

base::Bytes Needle::revealed() const {
    base::Bytes out;
    out.reserve(m_masked.size());
    for (auto const byte : m_masked) out.push_back(static_cast<std::uint8_t>(byte ^ mask));
    return out;
}

std::size_t Needle::end_of_parts() const {
    return m_masked.size() < length ? 0 : m_masked.size() - length + 1;
}

std::size_t Needle::begin_of(std::size_t part) const {
    return static_cast<std::size_t>(m_masked[part] ^ mask) << 8U | (m_masked[part + 1] ^ mask);
}

bool Needle::stands_at(std::uint8_t const* place, std::size_t part) const {
    for (std::size_t i = 0; i < length; ++i)
        if ((place[i] ^ mask) != m_masked[part + i]) return false;
    return true;
}

bool any_in(base::BytesView block, std::vector<Needle> const& needles) {
    std::bitset<1U << 16U> begins;
    for (auto const& needle : needles)
        for (std::size_t part = 0; part < needle.end_of_parts(); part += Needle::step)
            begins.set(needle.begin_of(part));
    auto const* const bytes = block.data();
    for (std::size_t at = 0; at + Needle::length <= block.size(); ++at) {
        if (!begins[static_cast<std::size_t>(bytes[at]) << 8U | bytes[at + 1]]) continue;
        for (auto const& needle : needles)
            for (std::size_t part = 0; part < needle.end_of_parts(); part += Needle::step)
                if (needle.stands_at(bytes + at, part)) return true;
    }
    return false;
}

std::vector<std::string> places_in_memory(std::vector<Needle> const& needles) {
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
            if (any_in(base::BytesView(block).first(static_cast<std::size_t>(got)), needles))
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
