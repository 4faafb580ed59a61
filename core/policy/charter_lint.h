#pragma once

#include "core/policy/tally.h"

namespace consortium::policy {

/// A member as far as a charter looks at it.
struct Party {
    std::string id;
    std::string tier;
    std::string group = {};  // organizations under one control vote as one
};

/// The parties that a decision asks, with their weights.
std::vector<Elector> electors_of(model::Charter const& charter, model::Decision const& decision,
                                 std::vector<Party> const& parties);

enum class Severity {
    refused,  // cannot work, or undoes itself
    warning,  // works, and somebody should know what it means
    note,     // a plain consequence
};

struct Finding {
    Severity severity = Severity::note;
    std::string rule;     // stable name: "amendment-weaker", "one-member-veto" …
    std::string pointer;  // into the charter's JSON
    std::string words;
};

/// What a charter means that its text does not say. Without parties only what holds for any membership is
/// looked at (an amendment rule weaker than what it amends, an emergency that extends itself …); with them
/// also thresholds that cannot be reached, vetoes and control by one member or group, the smallest coalitions
/// that decide and that block, concentrated weight, quorum sizes (PROTOCOL P4). The worst findings come
/// first.
std::vector<Finding> lint(model::Charter const& charter, std::vector<Party> const& parties);

/// Who can change a ledger's validators by its own rule: more than half of them (Besu, GoQuorum and rehearsal
/// networks vote so). By network; a validator that nobody of the consortium owns has an empty owner.
struct LedgerRule {
    std::string network;
    std::vector<std::string> owners;  // one a validator
};

/// The charter's rule on validators against the ledger's own: members that can change validators on the
/// ledger without a decision, strangers among the validators, members that decide without running any.
std::vector<Finding> lint_ledger(model::Charter const& charter, std::vector<Party> const& parties,
                                 LedgerRule const& ledger);

}  // namespace consortium::policy
