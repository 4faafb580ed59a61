#pragma once

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

namespace consortium::policy {

/// Values by member, in order. Electors and ballots come by member, so what is looked for mostly stands right
/// after what was found last: of 100,000 members a hash table finds each in memory that no cache holds.
/// Views the names; one thread at a time.
template <class Value>
class ByMember {
public:
    void add(std::string_view member, Value value) {
        m_ordered = m_ordered && (m_entries.empty() || m_entries.back().first < member);
        m_entries.emplace_back(member, std::move(value));
    }

    /// To be called after the last `add`. A member that was added twice; none is empty.
    std::string_view put_in_order() {
        if (m_ordered) return {};
        auto const less = [](auto const& left, auto const& right) { return left.first < right.first; };
        std::stable_sort(m_entries.begin(), m_entries.end(), less);
        auto const same = [](auto const& left, auto const& right) { return left.first == right.first; };
        auto const twice = std::adjacent_find(m_entries.begin(), m_entries.end(), same);
        return twice == m_entries.end() ? std::string_view() : twice->first;
    }

    Value const* find(std::string_view member) const {
        for (std::size_t i = m_last; i < std::min(m_last + 2, m_entries.size()); ++i)
            if (m_entries[i].first == member) return &m_entries[m_last = i].second;
        auto const less = [](auto const& entry, std::string_view name) { return entry.first < name; };
        auto const found = std::lower_bound(m_entries.begin(), m_entries.end(), member, less);
        if (found == m_entries.end() || found->first != member) return nullptr;
        m_last = static_cast<std::size_t>(found - m_entries.begin());
        return &found->second;
    }
    bool contains(std::string_view member) const { return find(member) != nullptr; }

private:
    std::vector<std::pair<std::string_view, Value>> m_entries;
    bool m_ordered = true;
    mutable std::size_t m_last = 0;
};

}  // namespace consortium::policy
