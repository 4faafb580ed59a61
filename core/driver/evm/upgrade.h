#pragma once

#include "core/driver/evm/contract.h"
#include "core/driver/evm/log.h"
#include "core/driver/evm/proxy.h"
#include "core/driver/evm/timelock.h"

/// The upgrade of a proxy through a timelock: planned from what was read of the chain, without asking
/// anybody.
namespace consortium::driver::evm {

/// What holds at one block.
struct UpgradeFacts {
    Proxy proxy;
    /// Who alone may upgrade: the owner of the proxy's implementation, of its administrator, of its beacon.
    std::string owner;
    std::string timelock;
    std::uint64_t min_delay = 0;
    std::uint64_t time = 0;  // the block's
    base::Bytes code;        // of the wanted implementation
    /// What that answers to proxiableUUID(); zero if it answers nothing. A UUPS proxy takes no implementation
    /// but one that names EIP-1967's slot.
    Word proxiable_uuid;
};

struct UpgradeRequest {
    std::string implementation;
    base::Bytes init;         // what is called on the new implementation at once; may be empty
    std::uint64_t delay = 0;  // seconds
    Word salt;
};

/// The two operations: one that upgrades, and one that restores the implementation of today. The second names
/// the first as its predecessor: it can be scheduled at once, too, and be executed only after the first.
struct UpgradeOperations {
    TimelockOperation upgrade, rollback;
    Word upgrade_id, rollback_id;
};
/// Throws Error(refused) for what cannot be upgraded so: no proxy, an implementation without code, the one
/// that is in place already or is none of the proxy's kind, an owner that is not the timelock, a delay below
/// the timelock's minimum, initial data for a beacon.
UpgradeOperations upgrade_operations(UpgradeFacts const& facts, UpgradeRequest const& request,
                                     port::Hash keccak256);

/// What getTimestamp says of both.
struct UpgradeTimestamps {
    std::uint64_t upgrade = 0, rollback = 0;
};

struct UpgradeStep {
    enum class Kind { schedule, stage_rollback, execute, cancel, cancel_rollback, roll_back };
    Kind kind = Kind::schedule;
    std::string to;
    base::Bytes data;
    std::uint64_t not_before = 0;  // the time of a block; 0: at once
    std::string words;             // one line for people
};

struct UpgradePlan {
    UpgradeOperations operations;
    std::uint64_t ready_at = 0;             // if it is scheduled in the block of the facts
    std::vector<UpgradeStep> steps;         // in order: schedule, stage_rollback, execute
    std::vector<UpgradeStep> alternatives;  // instead: cancel, cancel_rollback; afterwards: roll_back
};
/// Throws Error(refused) as upgrade_operations does, and Error(conflict) for an operation whose id waits, is
/// ready, or is done.
UpgradePlan plan_upgrade(UpgradeFacts const& facts, UpgradeRequest const& request,
                         UpgradeTimestamps const& timestamps, port::Hash keccak256);

/// What a call from an account that does not go through the timelock would do: one step, if the account is
/// the owner. Throws Error(refused) otherwise: the transaction would be taken, and revert.
UpgradeStep plan_direct_upgrade(UpgradeFacts const& facts, UpgradeRequest const& request,
                                std::string_view sender, port::Hash keccak256);

/// Whether the execution of an operation took effect, read and not believed: the receipt succeeded, the
/// timelock logged the operation in it, and `after`, read at a block from then on, has the implementation.
/// Throws Error(verification_failed) for a failure, Error(unconfirmed) for what is not seen.
void confirm_execution(Word const& id, std::string_view timelock, std::string_view implementation,
                       TransactionReceipt const& receipt, Proxy const& after, port::Hash keccak256);

}  // namespace consortium::driver::evm
