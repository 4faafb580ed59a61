#include "core/account/usage_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace consortium::account {

UsageTable::UsageTable(std::vector<std::string> members, std::size_t quantities) {
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    m_places.resize(std::bit_ceil(members.size() * 4 + 1));
    for (auto const& member : members) {
        auto place = hash(member) & (m_places.size() - 1);
        while (m_places[place] != 0) place = (place + 1) & (m_places.size() - 1);
        UsageSlot slot;
        slot.member = member;
        slot.quantities.resize(quantities);
        m_slots.push_back(std::move(slot));
        m_places[place] = static_cast<std::uint32_t>(m_slots.size());
    }
    m_next.resize(m_slots.size());
}

std::size_t UsageTable::hash(std::string_view member) {
    std::uint64_t value = member.size();
    for (std::size_t i = 0; i < member.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, member.data() + i, std::min<std::size_t>(8, member.size() - i));
        value = (std::rotl(value, 23) ^ word) * 0x9e3779b97f4a7c15u;
    }
    return value ^ (value >> 32);
}

UsageSlot* UsageTable::find(std::string_view member) {
    if (m_slots.empty()) return nullptr;
    auto& guess = m_slots[m_next[m_last]];
    if (guess.member == member) {
        m_last = m_next[m_last];
        return &guess;
    }
    for (auto place = hash(member) & (m_places.size() - 1); m_places[place] != 0;
         place = (place + 1) & (m_places.size() - 1)) {
        auto const slot = m_places[place] - 1;
        if (m_slots[slot].member != member) continue;
        m_next[m_last] = slot;
        m_last = slot;
        return &m_slots[slot];
    }
    return nullptr;
}

}  // namespace consortium::account
