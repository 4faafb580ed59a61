#pragma once

#include "core/base/json.h"
#include "core/base/rational.h"

#include <map>
#include <span>

namespace consortium::model {

/// ">=2/3" or ">1/2": a bound with its comparison.
struct Bound {
    bool strict = false;  // '>' rather than '>='
    base::Rational value;
    bool operator==(Bound const&) const = default;
    bool holds(base::Rational const& share) const;
    std::string text() const;
    static Bound from_text(std::string_view text);
};

/// The roles that officers have: governance security legal operator auditor automation.
std::span<std::string_view const> known_roles();

struct Tier {
    std::string id;
    std::vector<std::string> rights;  // read write validate vote
    std::int64_t weight = 1;          // with decision.weight = "per_tier"
};

/// How one type of decision is taken. Times as facts/governance.md; all optional ones default to zero.
struct Decision {
    std::string id;                       // "protocol_upgrade"
    std::vector<std::string> actions;     // action kinds that this decision covers, see model/proposal.h
    std::vector<std::string> electorate;  // tiers
    std::vector<std::string> proposers;   // roles; default {"governance"}
    std::string weight = "per_member";    // per_member | per_tier | custom
    std::map<std::string, std::int64_t> weights;  // custom: by member
    std::string quorum_of = "eligible";           // eligible
    std::vector<std::string> quorum_counts;       // of yes, no, abstain; default all
    Bound quorum;
    std::string pass_of = "yes+no";  // yes+no | cast | eligible
    Bound pass;
    base::Duration window;
    base::Duration timelock;
    base::Duration lapses;  // default P30D
    bool ballot_change = true;
};

/// Who must approve a digest: of root keys, key ceremonies, node steps.
struct ApprovalRule {
    std::string id;  // "root"
    int officers = 0;
    int members = 0;  // distinct members, control groups counting once
    std::vector<std::string> roles;
    bool exclude_proposer = false;
};

struct Gate {
    std::string id;                  // legal | technical | compliance
    std::vector<std::string> items;  // evidence that an applicant hands in
    std::vector<std::string> roles;  // who may check it
};

/// One pool of cost and how it is shared.
struct CostPool {
    std::string id;
    std::string method;                           // equal | volume | weighted
    std::string driver;                           // volume: the usage column
    std::map<std::string, std::int64_t> weights;  // weighted: by member
    std::string fallback;                         // "" or "equal": when the total weight is zero
};

/// The policy that the members sign. Authored in TOML, hashed as canonical JSON of the same shape (tables
/// tier, decision, approval, gate and pool by id; see templates/charter). Lists are sorted by id.
struct Charter {
    std::string name;  // of the consortium
    std::string time_zone = "UTC";
    std::string currency = "EUR";
    base::Duration grace, settle, attempt, away;  // agreement
    int raised_quorum = 0;                        // 0: the quorum of PROTOCOL P4
    std::vector<Tier> tiers;
    std::vector<Decision> decisions;
    std::vector<ApprovalRule> approvals;
    std::vector<Gate> gates;
    std::vector<CostPool> pools;
    base::Duration exit_notice;
    std::string midvote =
        "finish";  // restart | finish: open proposals when the charter or membership changes

    Tier const* tier(std::string_view id) const;
    Decision const* decision(std::string_view id) const;
    Decision const* decision_for(std::string_view action) const;
    ApprovalRule const* approval(std::string_view id) const;
};

base::Json to_json(Charter const& charter);
/// Throws Error(malformed) with detail "pointer": unknown key, wrong type, a name used but not defined, an
/// action decided in two ways, a threshold that no vote can reach. What is left out gets its default, so that
/// to_json(charter_from_json(x)) is the one canonical form.
Charter charter_from_json(base::Json const& value);
base::Digest digest(Charter const& charter);

}  // namespace consortium::model
