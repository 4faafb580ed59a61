#include "core/driver/evm/rlp.h"

#include "core/base/error.h"

namespace consortium::driver::evm::rlp {

namespace {

[[noreturn]] void fail(std::string what) {
    throw base::Error(base::Code::malformed, "not RLP: " + std::move(what));
}

base::Bytes big_endian(std::uint64_t value) {
    base::Bytes out;
    for (int shift = 56; shift >= 0; shift -= 8) {
        auto const byte = static_cast<std::uint8_t>(value >> shift);
        if (byte != 0 || !out.empty()) out.push_back(byte);
    }
    return out;
}

base::Bytes with_prefix(std::uint8_t base, base::BytesView content) {
    base::Bytes out;
    if (content.size() < 56) {
        out.push_back(static_cast<std::uint8_t>(base + content.size()));
    } else {
        auto const length = big_endian(content.size());
        out.push_back(static_cast<std::uint8_t>(base + 55 + length.size()));
        out.insert(out.end(), length.begin(), length.end());
    }
    out.insert(out.end(), content.begin(), content.end());
    return out;
}

// The length that follows a prefix of the long form; `count` bytes of it.
std::size_t long_length(base::BytesView bytes, std::size_t count) {
    if (bytes.size() < 1 + count) fail("it ends inside a length");
    if (bytes[1] == 0) fail("a length with a leading zero");
    if (count > 4) fail("a length over 4 GiB");
    std::size_t length = 0;
    for (std::size_t i = 1; i <= count; ++i) length = length << 8 | bytes[i];
    if (length < 56) fail("a short length in its long form");
    return length;
}

Item first(base::BytesView bytes) {
    if (bytes.empty()) fail("nothing where an item should be");
    auto const prefix = bytes[0];
    if (prefix < 0x80) return {false, bytes.first(1), bytes.first(1)};
    bool const is_list = prefix >= 0xc0;
    std::size_t const kind = is_list ? prefix - 0xc0u : prefix - 0x80u;
    std::size_t const extra = kind > 55 ? kind - 55 : 0;
    std::size_t const length = extra > 0 ? long_length(bytes, extra) : kind;
    if (bytes.size() - 1 - extra < length) fail("it ends inside an item");
    Item item{is_list, bytes.subspan(1 + extra, length), bytes.first(1 + extra + length)};
    if (!is_list && length == 1 && item.content[0] < 0x80) fail("a single byte with a prefix");
    return item;
}

}  // namespace

Item read(base::BytesView bytes) {
    auto const item = first(bytes);
    if (item.whole.size() != bytes.size()) fail("bytes after its end");
    return item;
}

Item read_whole(base::BytesView bytes, Limits const& limits) {
    if (bytes.size() > limits.bytes) fail("it is too large");
    auto const item = read(bytes);
    std::vector<base::BytesView> open;  // what is left of each list around the place
    if (item.is_list) open.push_back(item.content);
    std::size_t seen = 1;
    while (!open.empty()) {
        if (open.back().empty()) {
            open.pop_back();
            continue;
        }
        if (++seen > limits.items) fail("too many items");
        auto const next = first(open.back());
        open.back() = open.back().subspan(next.whole.size());
        if (!next.is_list) continue;
        if (open.size() >= limits.depth) fail("lists too deep in lists");
        open.push_back(next.content);
    }
    return item;
}

Item read_whole(base::BytesView bytes) {
    return read_whole(bytes, Limits());
}

std::vector<Item> items(Item const& list, std::size_t max) {
    if (!list.is_list) fail("a string where a list should be");
    std::vector<Item> out;
    auto rest = list.content;
    while (!rest.empty()) {
        if (out.size() == max) fail("too many items");
        out.push_back(first(rest));
        rest = rest.subspan(out.back().whole.size());
    }
    return out;
}

base::Bytes string(base::BytesView bytes) {
    if (bytes.size() == 1 && bytes[0] < 0x80) return {bytes.begin(), bytes.end()};
    return with_prefix(0x80, bytes);
}

base::Bytes list(std::vector<base::Bytes> const& encoded) {
    base::Bytes content;
    for (auto const& item : encoded) content.insert(content.end(), item.begin(), item.end());
    return with_prefix(0xc0, content);
}

base::Bytes number(std::uint64_t value) {
    return string(big_endian(value));
}

}  // namespace consortium::driver::evm::rlp
