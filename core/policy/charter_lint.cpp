#include "core/policy/charter_lint.h"

#include "core/model/epoch.h"
#include "core/policy/lint_parts.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace consortium::policy {

namespace {

using model::Charter;
using parts::Findings;

/// How many they are when organizations under one control count once, as they do in approvals (G25).
std::size_t distinct_members(std::vector<Party> const& parties) {
    std::set<std::pair<std::string, std::string>> controls;
    for (Party const& party : parties)
        controls.emplace(party.group, party.group.empty() ? party.id : std::string());
    return controls.size();
}

void look_at_approvals(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    std::size_t const distinct = distinct_members(parties);
    for (model::ApprovalRule const& rule : charter.approvals) {
        if (static_cast<std::size_t>(rule.members) <= distinct) continue;
        std::string const grouped =
            distinct == parties.size() ? "" : ", those under one control counting once";
        out.push_back(
            {Severity::refused, "unreachable", fmt::format("/approval/{}/members", rule.id),
             fmt::format("'{}' needs {} members, there are {}{}", rule.id, rule.members, distinct, grouped)});
    }
}

std::string share_in_words(model::Sizes const& sizes) {
    std::string out = fmt::format("{} voting members: {} of them must agree on each epoch", sizes.n, sizes.q);
    if (sizes.f == 0) {
        out += "; none may lie: one cheat can fork, provably";
    } else {
        out += fmt::format("; up to {} may lie or be lost", sizes.f);
    }
    int const stalling = sizes.n - sizes.q + 1;
    return out + (stalling == 1 ? "; one that stays away stalls it"
                                : fmt::format("; {} that stay away stall it", stalling));
}

void look_at_tiers(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    for (Party const& party : parties) {
        if (charter.tier(party.tier) != nullptr) continue;
        out.push_back({Severity::refused, "tier-missing", "/tier",
                       fmt::format("'{}' is in the tier '{}', which this charter does not have", party.id,
                                   party.tier)});
    }
}

void look_at_sizes(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    auto const votes = std::count_if(parties.begin(), parties.end(), [&](Party const& party) {
        model::Tier const* tier = charter.tier(party.tier);
        return tier != nullptr &&
               std::find(tier->rights.begin(), tier->rights.end(), "vote") != tier->rights.end();
    });
    auto const n = static_cast<int>(votes);
    if (n == 0) {
        out.push_back(
            {Severity::refused, "unreachable", "/tier", "no member may vote: nothing can be agreed"});
        return;
    }
    if (charter.raised_quorum > n) {
        out.push_back({Severity::refused, "unreachable", "/agreement/raised_quorum",
                       fmt::format("a quorum of {} with {} voting members", charter.raised_quorum, n)});
        return;
    }
    model::Sizes const sizes = model::sizes(n, charter.raised_quorum);
    out.push_back(
        {sizes.f == 0 ? Severity::warning : Severity::note, "sizes", "/agreement", share_in_words(sizes)});
}

}  // namespace

std::vector<Finding> lint(Charter const& charter, std::vector<Party> const& parties) {
    Findings out;
    parts::look_at_amendment(charter, out);
    parts::look_at_coverage(charter, out);
    parts::look_at_decision_rules(charter, out);
    parts::look_at_emergencies(charter, out);
    parts::look_at_pools(charter, out);
    parts::look_at_certificates(charter, out);
    if (!parties.empty()) {
        look_at_tiers(charter, parties, out);
        look_at_sizes(charter, parties, out);
        parts::look_at_decisions(charter, parties, out);
        look_at_approvals(charter, parties, out);
        parts::look_at_arbitration(charter, parties, out);
    }
    std::stable_sort(out.begin(), out.end(), [](Finding const& left, Finding const& right) {
        return left.severity < right.severity;
    });
    return out;
}

}  // namespace consortium::policy
