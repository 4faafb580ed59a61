#include "core/policy/panel.h"

#include "core/model/dispute.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

namespace consortium::policy {

namespace {

using base::Digest;
using model::Epoch;
using model::Member;
using model::Officer;
using Names = std::set<std::string, std::less<>>;

bool contains(std::vector<std::string> const& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::string group_of(Member const& member) {
    return member.control_group.empty() ? member.id : member.control_group;
}

Names groups_of(Epoch const& base, Parties const& parties) {
    Names out;
    for (auto const& party : parties)
        if (auto const* member = base.member(party)) out.insert(group_of(*member));
    return out;
}

/// Everybody who has, or had, a say in one of these groups, with the epoch since when.
std::map<std::string, std::uint64_t, std::less<>> people_of(Epoch const& base, Names const& groups) {
    std::map<std::string, std::uint64_t, std::less<>> out;
    for (Officer const& officer : base.officers) {
        auto const* member = base.member(officer.member);
        if (member == nullptr || !groups.contains(group_of(*member))) continue;
        auto const since = registered(base, officer);
        auto const [at, fresh] = out.emplace(officer.person, since);
        if (!fresh) at->second = std::min(at->second, since);
    }
    return out;
}

bool may_sit(Epoch const& base, model::Arbitration const& rule, Officer const& officer) {
    auto const& roles = officer.roles;
    auto const* member = base.member(officer.member);
    auto const* key = base.key(officer.key);
    return member != nullptr && member->status == "active" && contains(rule.tiers, member->tier) &&
           officer.status == "active" && key != nullptr && key->status == "active" &&
           std::any_of(roles.begin(), roles.end(),
                       [&](std::string const& role) { return contains(rule.roles, role); });
}

Digest ticket(std::string_view what, Digest const& seed, std::string_view name) {
    return base::sha256(fmt::format("consortium.panel/1 {}\n{}\n{}\n", what, seed.hex(), name));
}

}  // namespace

std::vector<Candidate> candidates(Epoch const& base, model::Arbitration const& rule, Parties const& parties,
                                  std::vector<std::string> const& sat) {
    auto const excluded = groups_of(base, parties);
    auto const theirs = people_of(base, excluded);
    // A party that registers somebody else's person later keeps nobody from the panel.
    auto const was_theirs = [&](Officer const& officer) {
        auto const at = theirs.find(officer.person);
        return at != theirs.end() && at->second <= registered(base, officer);
    };
    Names people, heard;
    for (Officer const& officer : base.officers) {
        if (!contains(sat, officer.id)) continue;
        people.insert(officer.person);
        if (auto const* member = base.member(officer.member)) heard.insert(group_of(*member));
    }
    std::vector<Officer const*> sorted;
    sorted.reserve(base.officers.size());
    for (Officer const& officer : base.officers) sorted.push_back(&officer);
    std::sort(sorted.begin(), sorted.end(),
              [](auto const* left, auto const* right) { return left->id < right->id; });
    std::vector<Candidate> out;
    for (Officer const* officer : sorted) {
        if (!may_sit(base, rule, *officer)) continue;
        auto const group = group_of(*base.member(officer->member));
        if (excluded.contains(group) || was_theirs(*officer) || !people.insert(officer->person).second)
            continue;
        out.push_back({officer->id, officer->member, group, heard.contains(group)});
    }
    return out;
}

int organizations(std::vector<Candidate> const& candidates) {
    Names groups;
    for (auto const& one : candidates) groups.insert(one.group);
    return static_cast<int>(groups.size());
}

std::vector<std::string> bystanders(Epoch const& base, Parties const& parties) {
    auto const excluded = groups_of(base, parties);
    Names groups;
    for (Member const* member : base.voting())
        if (!excluded.contains(group_of(*member))) groups.insert(group_of(*member));
    return {groups.begin(), groups.end()};
}

int witnesses_needed(Epoch const& base, Parties const& parties) {
    auto const able = static_cast<int>(bystanders(base, parties).size());
    return std::max(1, std::min(able, model::sizes(base).f + 1));
}

Digest draw_seed(Digest const& stage, Parties const& put_in) {
    return base::sha256(fmt::format("consortium.panel/1\n{}\n{}\n{}\n", stage.hex(), put_in[0], put_in[1]));
}

std::vector<std::string> draw(std::vector<Candidate> const& candidates, Digest const& seed) {
    struct Drawn {
        bool heard;
        Digest group, officer;
        std::string name;
        auto key() const { return std::tie(heard, group, officer); }
    };
    std::vector<Drawn> tickets;
    tickets.reserve(candidates.size());
    for (auto const& one : candidates)
        tickets.push_back(
            {one.heard, ticket("group", seed, one.group), ticket("officer", seed, one.officer), one.officer});
    std::sort(tickets.begin(), tickets.end(),
              [](Drawn const& left, Drawn const& right) { return left.key() < right.key(); });
    std::vector<std::string> out;
    for (std::size_t i = 0; i < tickets.size(); ++i)
        if (i == 0 || tickets[i].group != tickets[i - 1].group) out.push_back(tickets[i].name);
    return out;
}

Shortlist shortlist(std::vector<std::string> const& drawn, int seats, int strikes) {
    auto const able = static_cast<int>(drawn.size());
    Shortlist out;
    out.strikes = std::clamp((able - seats) / 2, 0, strikes);
    out.officers.assign(drawn.begin(), drawn.begin() + std::min(able, seats + 2 * out.strikes));
    return out;
}

std::vector<std::string> seated(Shortlist const& list, int seats,
                                std::array<std::vector<std::string>, 2> const& struck) {
    std::vector<std::string> out;
    for (auto const& officer : list.officers) {
        bool const refused = contains(struck[0], officer) || contains(struck[1], officer);
        if (!refused && static_cast<int>(out.size()) < seats) out.push_back(officer);
    }
    return out;
}

int level_of(std::string_view finding, std::string_view sanction) {
    if (finding != "upheld") return 0;
    return sanction.empty() ? 1 : 2 + model::rung_of(sanction);
}

std::string finding_of(int level) {
    return level > 0 ? "upheld" : "dismissed";
}

std::string sanction_of(int level) {
    return level < 2 ? std::string()
                     : std::string(model::sanction_steps()[static_cast<std::size_t>(level) - 2]);
}

Majority count_rulings(int panel, std::vector<int> const& levels) {
    auto const majority = static_cast<std::size_t>(panel) / 2 + 1;
    auto const absent =
        static_cast<std::size_t>(panel) - std::min(levels.size(), static_cast<std::size_t>(panel));
    Majority out;
    out.reached = levels.size() >= majority;
    if (!out.reached) return out;
    int reachable = 0;
    for (int level = 1; level < 2 + static_cast<int>(model::sanction_steps().size()); ++level) {
        auto const wanted = static_cast<std::size_t>(
            std::count_if(levels.begin(), levels.end(), [&](int one) { return one >= level; }));
        if (wanted >= majority) out.level = level;
        if (wanted + absent >= majority) reachable = level;
    }
    out.settled = reachable == out.level;
    return out;
}

bool may_sanction(std::vector<model::Sanction> const& ladder, int highest, std::string_view sanction) {
    if (sanction.empty()) return true;
    int const wanted = model::rung_of(sanction);
    bool known = false;
    for (auto const& rung : ladder) {
        int const at = model::rung_of(rung.step);
        known = known || at == wanted;
        if (at > highest && at < wanted) return false;
    }
    return known;
}

}  // namespace consortium::policy
