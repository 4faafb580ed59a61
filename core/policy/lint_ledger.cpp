#include "core/base/text.h"
#include "core/policy/coalition.h"
#include "core/policy/lint_parts.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace consortium::policy {

namespace {

using parts::Findings;

/// The fewest owners, those of most validators first, that have more than half of them.
std::vector<std::string> majority_of(std::vector<std::string> const& owners) {
    std::map<std::string, std::size_t> counts;
    for (std::string const& owner : owners)
        if (!owner.empty()) ++counts[owner];
    std::vector<std::pair<std::size_t, std::string>> ranked;
    ranked.reserve(counts.size());
    for (auto const& [owner, count] : counts) ranked.emplace_back(count, owner);
    std::sort(ranked.begin(), ranked.end(), [](auto const& left, auto const& right) {
        return std::tie(right.first, left.second) < std::tie(left.first, right.second);
    });
    std::vector<std::string> out;
    std::size_t reached = 0;
    for (auto const& [count, owner] : ranked) {
        if (2 * reached > owners.size()) break;
        reached += count;
        out.push_back(owner);
    }
    return 2 * reached > owners.size() ? out : std::vector<std::string>{};
}

void compare(model::Decision const& decision, std::vector<Elector> const& electors, LedgerRule const& ledger,
             Findings& out) {
    auto const ledgers = majority_of(ledger.owners);
    auto const charters = smallest_coalitions(decision, electors).deciding;
    if (ledgers.empty() || !charters) return;
    bool const fewer = ledgers.size() < charters->size();
    out.push_back(
        {fewer ? Severity::warning : Severity::note, fewer ? "ledger-weaker" : "ledger-rule",
         parts::place(decision, ""),
         fmt::format(
             "on '{}' more than half of {} validators change the validators: {} ({}) can; '{}' takes {}{}",
             ledger.network, ledger.owners.size(), ledgers.size(), base::join(ledgers, ", "), decision.id,
             charters->size(), fewer ? ": they do not need the decision" : "")});
}

}  // namespace

std::vector<Finding> lint_ledger(model::Charter const& charter, std::vector<Party> const& parties,
                                 LedgerRule const& ledger) {
    Findings out;
    auto const strangers = std::count(ledger.owners.begin(), ledger.owners.end(), "");
    if (strangers > 0)
        out.push_back({Severity::warning, "ledger-stranger", "/tier",
                       fmt::format("{} of {} validators on '{}' belong to no known node of a member",
                                   strangers, ledger.owners.size(), ledger.network)});
    std::vector<std::string> idle;
    for (Party const& party : parties) {
        model::Tier const* tier = charter.tier(party.tier);
        bool const validates = tier != nullptr && std::find(tier->rights.begin(), tier->rights.end(),
                                                            "validate") != tier->rights.end();
        bool const runs =
            std::find(ledger.owners.begin(), ledger.owners.end(), party.id) != ledger.owners.end();
        if (validates && !runs) idle.push_back(party.id);
        if (!validates && runs)
            out.push_back(
                {Severity::warning, "ledger-right", "/tier/" + party.tier,
                 fmt::format("'{}' validates on '{}' without the right to", party.id, ledger.network)});
    }
    if (!idle.empty())
        out.push_back({Severity::note, "ledger-idle", "/tier",
                       fmt::format("{} may validate on '{}' and run no validator", base::join(idle, ", "),
                                   ledger.network)});
    for (std::string_view action : {"validator.add", "validator.remove"}) {
        model::Decision const* decision = charter.decision_for(action);
        bool const again = action == "validator.remove" && decision == charter.decision_for("validator.add");
        if (decision != nullptr && !again)
            compare(*decision, electors_of(charter, *decision, parties), ledger, out);
    }
    std::stable_sort(out.begin(), out.end(), [](Finding const& left, Finding const& right) {
        return left.severity < right.severity;
    });
    return out;
}

}  // namespace consortium::policy
