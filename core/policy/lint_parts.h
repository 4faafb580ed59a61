#pragma once

#include "core/policy/charter_lint.h"

/// The parts of charter_lint.
namespace consortium::policy::parts {

using Findings = std::vector<Finding>;

/// "/decision/ID" and a part of it.
std::string place(model::Decision const& decision, std::string_view part);

/// For any membership.
void look_at_amendment(model::Charter const& charter, Findings& out);
void look_at_coverage(model::Charter const& charter, Findings& out);
void look_at_decision_rules(model::Charter const& charter, Findings& out);
void look_at_emergencies(model::Charter const& charter, Findings& out);
void look_at_pools(model::Charter const& charter, Findings& out);
void look_at_certificates(model::Charter const& charter, Findings& out);
/// What certificates may be by `next` that they may not be by `now`, profile by profile.
void compare_certificates(model::Charter const& now, model::Charter const& next, Findings& out);

/// For these members.
void look_at_decisions(model::Charter const& charter, std::vector<Party> const& parties, Findings& out);
void look_at_arbitration(model::Charter const& charter, std::vector<Party> const& parties, Findings& out);

}  // namespace consortium::policy::parts
