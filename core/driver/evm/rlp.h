#pragma once

#include "core/base/bytes.h"

namespace consortium::driver::evm::rlp {

/// One item of Recursive Length Prefix (Ethereum Yellow Paper, appendix B): a string or a list. `content` is
/// the string, or the items of the list one after the other; `whole` includes the prefix.
struct Item {
    bool is_list = false;
    base::BytesView content;
    base::BytesView whole;
};

/// Reads exactly one item. Throws Error(malformed) for anything that is not the one canonical encoding:
/// trailing bytes, a length with leading zeros or too long a form, a single byte below 0x80 with a prefix.
Item read(base::BytesView bytes);
/// What an encoding from outside may hold.
struct Limits {
    std::size_t bytes = 16u << 20;
    std::size_t depth = 16;       // lists in lists
    std::size_t items = 100'000;  // strings and lists in all
};
/// Reads exactly one item and checks all that is in it, at every depth, without recursion. Throws
/// Error(malformed) as read() does, or when it is past `limits`.
Item read_whole(base::BytesView bytes, Limits const& limits);
Item read_whole(base::BytesView bytes);
/// The items of a list, at most `max`. Throws Error(malformed).
std::vector<Item> items(Item const& list, std::size_t max = 10'000);

base::Bytes string(base::BytesView bytes);
/// The list of items that are encoded already.
base::Bytes list(std::vector<base::Bytes> const& encoded);
/// Big-endian without leading zeros; zero is the empty string.
base::Bytes number(std::uint64_t value);

}  // namespace consortium::driver::evm::rlp
