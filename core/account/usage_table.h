#pragma once

#include "core/model/usage.h"

#include <array>

namespace consortium::account {

/// The sums of one member while a file is read; quantities in the order of the columns.
struct UsageSlot {
    std::string member;
    std::uint64_t rows = 0;
    int first = 32, last = 0;  // days of the month
    std::vector<std::int64_t> quantities;
};

/// Finds a member's slot by name in a few nanoseconds: a guess first (files are mostly in a fixed order of
/// members), then a hash table with open addressing.
class UsageTable {
public:
    UsageTable(std::vector<std::string> members, std::size_t quantities);

    /// None for an unknown member.
    UsageSlot* find(std::string_view member);
    std::vector<UsageSlot> const& slots() const { return m_slots; }

private:
    static std::size_t hash(std::string_view member);

    std::vector<UsageSlot> m_slots;
    std::vector<std::uint32_t> m_places;  // slot + 1; 0: free
    std::vector<std::uint32_t> m_next;    // the slot that followed last time
    std::size_t m_last = 0;
};

}  // namespace consortium::account
