#include "core/driver/evm/contract.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;

namespace {

// A reader of the few forms of CBOR (RFC 8949) that the metadata is made of: texts, byte strings, true and
// false, with lengths in the shortest form.
class Cbor {
public:
    explicit Cbor(BytesView bytes) : m_rest(bytes) {}

    bool is_metadata() {
        auto const pairs = length(5);
        if (!pairs || *pairs == 0) return false;
        for (std::size_t i = 0; i < *pairs; ++i) {
            if (!key() || !value()) return false;
        }
        return m_rest.empty();
    }

private:
    // The length in the head of an item of this major type.
    std::optional<std::size_t> length(int major) {
        if (m_rest.empty() || m_rest[0] >> 5 != major) return std::nullopt;
        std::size_t const low = m_rest[0] & 0x1f;
        bool const one_more = low == 24;
        if (low > 24 || (one_more && (m_rest.size() < 2 || m_rest[1] < 24))) return std::nullopt;
        std::size_t const out = one_more ? m_rest[1] : low;
        m_rest = m_rest.subspan(one_more ? 2 : 1);
        return out;
    }

    bool skip(std::optional<std::size_t> size) {
        if (!size || *size > m_rest.size()) return false;
        m_rest = m_rest.subspan(*size);
        return true;
    }

    bool key() {
        auto const before = m_rest;
        if (!skip(length(3))) return false;
        auto const text = base::as_text(before.subspan(1, before.size() - m_rest.size() - 1));
        return text == "ipfs" || text == "bzzr0" || text == "bzzr1" || text == "solc" ||
               text == "experimental";
    }

    bool value() {
        if (m_rest.empty()) return false;
        if (m_rest[0] == 0xf4 || m_rest[0] == 0xf5) return skip(1);
        return m_rest[0] >> 5 == 2 ? skip(length(2)) : skip(length(3));
    }

    BytesView m_rest;
};

Bytes masked(ContractBuild const& build, BytesView code) {
    Bytes out(code.begin(), code.end());
    for (auto const& [id, places] : build.immutables) {
        for (auto const& place : places) {
            auto const begin = out.begin() + static_cast<std::ptrdiff_t>(place.start);
            std::fill_n(begin, place.length, std::uint8_t{0});
        }
    }
    return out;
}

CodeComparison differing(std::string words) {
    return {CodeMatch::differs, {}, std::move(words)};
}

// The first byte at which the bodies differ, and how many do.
std::string difference(BytesView wanted, BytesView found) {
    std::size_t count = 0, first = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] != found[i] && count++ == 0) first = i;
    }
    return fmt::format("the code is not the build's: {} of {} bytes differ, the first at {}", count,
                       wanted.size(), first);
}

}  // namespace

std::size_t metadata_size(BytesView code) {
    if (code.size() < 2) return 0;
    std::size_t const size = base::read_u16(code.last(2));
    if (size + 2 > code.size()) return 0;
    return Cbor(code.subspan(code.size() - 2 - size, size)).is_metadata() ? size + 2 : 0;
}

CodeComparison compare_code(ContractBuild const& build, BytesView code) {
    if (code.empty()) return {CodeMatch::no_code, {}, "there is no code at this address"};
    auto const wanted =
        BytesView(build.deployed).first(build.deployed.size() - metadata_size(build.deployed));
    auto const body = code.first(code.size() - metadata_size(code));
    if (body.size() != wanted.size()) {
        return differing(fmt::format("the code is not the build's: {} bytes instead of {}", code.size(),
                                     build.deployed.size()));
    }
    if (auto const found = masked(build, body); !std::equal(found.begin(), found.end(), wanted.begin())) {
        return differing(difference(wanted, found));
    }
    CodeComparison out;
    for (auto const& [id, places] : build.immutables) {
        auto const value = body.subspan(places.front().start, places.front().length);
        for (auto const& place : places) {
            auto const other = body.subspan(place.start, place.length);
            if (std::equal(value.begin(), value.end(), other.begin())) continue;
            return differing(
                fmt::format("the code is not the build's: the immutable at {} has another value at {}",
                            places.front().start, place.start));
        }
        out.values.push_back({id, places.front().start, {value.begin(), value.end()}});
    }
    auto const metadata = code.subspan(body.size());
    auto const expected = BytesView(build.deployed).subspan(wanted.size());
    bool const same = std::equal(metadata.begin(), metadata.end(), expected.begin(), expected.end());
    out.match = same ? CodeMatch::equal : CodeMatch::metadata_differs;
    out.words = same ? "the code is the build's"
                     : "the code differs from the build's in the compiler's metadata only: its sources or "
                       "settings were others, though they compile to the same";
    return out;
}

}  // namespace consortium::driver::evm
