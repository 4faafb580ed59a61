#pragma once

#include "core/model/charter.h"

namespace consortium::policy {

/// A member as far as a charter looks at it.
struct Party {
    std::string id;
    std::string tier;
};

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
/// looked at; with them also vetoes, control by one, quorum sizes (PROTOCOL P4), rules that cannot be met.
std::vector<Finding> lint(model::Charter const& charter, std::vector<Party> const& parties);

}  // namespace consortium::policy
