#pragma once

#include "core/model/decision.h"
#include "core/model/profile.h"

namespace consortium::model {

/// The roles that officers have: governance security legal operator auditor automation.
std::span<std::string_view const> known_roles();

struct Tier {
    std::string id;
    std::vector<std::string> rights;  // read write validate vote
    std::int64_t weight = 1;          // with decision.weight = "per_tier"
};

/// What the charter asks of those who have a role; a role without such a rule is open to anybody.
struct RoleRule {
    std::string id;                  // of known_roles()
    std::vector<std::string> apart;  // roles that nobody has besides this one: separation of duties
    base::Duration term;             // how long a grant lasts; zero: until it is revoked
    int least = 0;                   // officers of each member that has any; zero: no such rule
    int most = 0;
    bool operator==(RoleRule const&) const = default;
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

/// How disputes are settled: by a panel drawn from officers of members that are no party.
struct Arbitration {
    int panel = 3;                   // odd
    std::vector<std::string> tiers;  // whose officers may sit on it
    std::vector<std::string> roles;
    int strikes = 0;              // how many of those drawn each party may refuse
    base::Duration answer;        // for the other party to reply
    base::Duration ruling;        // for the panel, from its drawing
    base::Duration appeal;        // within which one appeal may be opened; zero: none
    std::optional<int> appealed;  // size of the appeal's panel, odd; none: as large as the first
    bool operator==(Arbitration const&) const = default;
};

/// One rung of the ladder; a rung is taken only after the ones before it.
struct Sanction {
    std::string step;      // warn | suspend_vote | rotate_node | expel
    base::Duration lasts;  // of suspend_vote
    bool operator==(Sanction const&) const = default;
};

/// The policy that the members sign. Authored in TOML, hashed as canonical JSON of the same shape (tables
/// tier, decision, approval, gate, pool, role and certificate by id; see templates/charter). Lists are sorted
/// by id.
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
    std::vector<RoleRule> roles;
    /// Who gives an officer whose key is lost or was stolen a new one: fellow, an officer of the same member;
    /// or decision, which such a fellow has to ask for where there is one.
    std::string rekey = "fellow";
    std::vector<std::string> unamendable;  // JSON pointers into the canonical charter, sorted
    std::optional<Arbitration> arbitration;
    std::vector<Sanction> sanctions;  // in the order of the ladder
    std::vector<ProfileRule> certificates;

    Tier const* tier(std::string_view id) const;
    Decision const* decision(std::string_view id) const;
    Decision const* decision_for(std::string_view action) const;
    ApprovalRule const* approval(std::string_view id) const;
    RoleRule const* role(std::string_view id) const;
    /// "restart" or "finish" for this decision: its own word, else the charter's.
    std::string const& midvote_of(Decision const& decision) const;
};

/// The certificate profiles under this charter: the built-in ones as it has them, then its own, by id.
std::vector<Profile> profiles_of(Charter const& charter);
/// Throws Error(not_found) naming the nearest.
Profile profile_of(Charter const& charter, std::string_view id);

base::Json to_json(Charter const& charter);
/// Throws Error(malformed) with detail "pointer": unknown key, wrong type, a name used but not defined, an
/// action decided in two ways, a threshold that no vote can reach. What is left out gets its default, so that
/// to_json(charter_from_json(x)) is the one canonical form; what came later than the first charters is left
/// out of it where it has its default (PROTOCOL P12).
Charter charter_from_json(base::Json const& value);
base::Digest digest(Charter const& charter);

}  // namespace consortium::model
