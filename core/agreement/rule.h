#pragma once

#include "core/port/evidence.h"
#include "core/port/signer.h"

namespace consortium::agreement {

/// What a kind's own rule looks at. All that the act refers to is held; its author and signature are checked.
struct RuleInput {
    port::Evidence const& evidence;
    model::Epoch const& epoch;  // the one that the act names
    model::Act const& act;
    /// Of signatures in the body; that of the act is checked. Null: for kinds without them.
    port::Verifier const* verifier = nullptr;
};

/// Empty: the rule holds; else why it does not, in words. A rule must answer the same for ever and
/// everywhere: it sees only what the act refers to, and its epoch and earlier ones; never a clock.
using Rule = std::string (*)(RuleInput const&);

/// Null for a kind without a rule of its own.
Rule find_rule(std::string_view kind);

// The rules, by topic; rule.cpp lists them.
std::string proposal_rule(RuleInput const& input);
std::string ballot_rule(RuleInput const& input);
std::string delegation_rule(RuleInput const& input);
std::string recusal_rule(RuleInput const& input);
std::string withdrawal_rule(RuleInput const& input);
std::string suspension_rule(RuleInput const& input);
std::string own_rule(RuleInput const& input);
std::string ready_rule(RuleInput const& input);
std::string submission_rule(RuleInput const& input);
std::string check_rule(RuleInput const& input);
std::string attestation_rule(RuleInput const& input);
std::string handover_rule(RuleInput const& input);
std::string ceremony_rule(RuleInput const& input);
std::string countersign_rule(RuleInput const& input);
std::string dispute_rule(RuleInput const& input);
std::string plea_rule(RuleInput const& input);
std::string reveal_rule(RuleInput const& input);
std::string strike_rule(RuleInput const& input);
std::string overdue_rule(RuleInput const& input);
std::string assign_rule(RuleInput const& input);
std::string ruling_rule(RuleInput const& input);
std::string appeal_rule(RuleInput const& input);
std::string close_rule(RuleInput const& input);
std::string statement_rule(RuleInput const& input);
std::string candidate_rule(RuleInput const& input);
std::string prepare_rule(RuleInput const& input);
std::string commit_rule(RuleInput const& input);
std::string skip_rule(RuleInput const& input);
std::string share_rule(RuleInput const& input);

}  // namespace consortium::agreement
