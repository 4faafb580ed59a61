#pragma once

#include "core/flow/root_shares.h"

namespace consortium::flow {

/// What a deal is wanted to be.
struct WantedDeal {
    std::int64_t threshold = 0;                // 0: not said
    std::vector<model::Custodian> custodians;  // officer, member, key
    std::map<std::string, std::string> words;  // officer -> file with the passphrase

    Custodians people() const;
};

/// From --custodian, --custodian-passphrase and --threshold.
WantedDeal read_wanted(State const& state, port::Custody const& custody, model::Request const& request);
/// Whether it is what was dealt, as far as it was said.
bool is_same(WantedDeal const& wanted, model::ShareDeal const& deal);
/// For a refresh: custodians without a passphrase keep their keys; those with one need it again.
void keep_custodians(State const& state, model::ShareDeal const& deal, WantedDeal& wanted);

/// Takes what was not said from the agreed roster: the threshold, and custodians whose key is known here
/// because they have proven to open a share with it. Refused where others are wanted. Throws Error(usage)
/// that names whose key is missing.
void follow_roster(State const& state, port::Verifier const& verifier, AgreedCustodians const& agreed,
                   WantedDeal& wanted, model::Plan& plan);
/// Other custodians, or another threshold, than members agreed on: refused while that binds, else said.
void compare_with_roster(AgreedCustodians const& agreed, WantedDeal const& wanted, model::Plan& plan);

/// What the charter says of recovery: its rule for that, else that for roots; null: nothing.
model::ApprovalRule const* recovery_rule(State const& state);
/// So many officers, and so many members, as that rule asks for are needed to put the key together.
void require_recovery_rule(State const& state, Custodians const& custodians, model::Verdict& verdict);

}  // namespace consortium::flow
