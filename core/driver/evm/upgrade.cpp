#include "core/driver/evm/upgrade.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Bytes;
using base::Code;
using base::Error;
using Kind = UpgradeStep::Kind;

namespace {

[[noreturn]] void refuse(std::string what, std::string hint = {}) {
    throw Error(Code::refused, std::move(what), std::move(hint));
}

// What makes the proxy use an implementation, and of whom it is asked. OpenZeppelin 5: a UUPS proxy itself,
// the ProxyAdmin of a transparent one, the beacon.
TimelockCall change_of(Proxy const& proxy, std::string_view implementation, Bytes const& init,
                       port::Hash keccak256) {
    auto const wanted = Word::from_address(implementation);
    switch (proxy.kind) {
        case ProxyKind::erc1967:
            return {proxy.address,
                    {},
                    abi::call("upgradeToAndCall(address,bytes)", abi::Writer().word(wanted).bytes(init),
                              keccak256)};
        case ProxyKind::transparent:
            return {proxy.admin,
                    {},
                    abi::call("upgradeAndCall(address,address,bytes)",
                              abi::Writer().word(Word::from_address(proxy.address)).word(wanted).bytes(init),
                              keccak256)};
        case ProxyKind::beacon:
            if (!init.empty()) refuse("a beacon calls nothing on its new implementation: no initial data");
            return {proxy.beacon, {}, abi::call("upgradeTo(address)", abi::Writer().word(wanted), keccak256)};
        default:
            refuse(fmt::format("{} is no proxy: none of EIP-1967's slots is set", proxy.address));
    }
}

void check_wanted(UpgradeFacts const& facts, UpgradeRequest const& request, port::Hash keccak256) {
    auto const wanted = Word::from_address(request.implementation).address();
    if (facts.code.empty())
        refuse(fmt::format("there is no code at {}: calls to the proxy would do nothing", wanted));
    if (facts.proxy.kind != ProxyKind::none && wanted == facts.proxy.implementation) {
        refuse(fmt::format("{} is the implementation already", wanted));
    }
    bool const uups = facts.proxy.kind == ProxyKind::erc1967;
    if (uups && facts.proxiable_uuid != proxy_slots(keccak256).implementation) {
        refuse(fmt::format(
            "{} is no implementation of a UUPS proxy: its proxiableUUID() is not EIP-1967's slot, "
            "and the upgrade would revert",
            wanted));
    }
}

bool is_owner(UpgradeFacts const& facts, std::string_view account) {
    return Word::from_address(facts.owner) == Word::from_address(account);
}

void check_free(OperationState state, std::string_view which, Word const& id) {
    if (state == OperationState::unset) return;
    auto const hint = state == OperationState::done ? "an id is used once: take another salt"
                                                    : "execute it, cancel it, or take another salt";
    throw Error(Code::conflict, fmt::format("the {}, {}, is {} already", which, id.text(), words_of(state)),
                hint, {{"id", id.text()}, {"state", std::string(words_of(state))}});
}

std::vector<UpgradeStep> steps_of(UpgradePlan const& plan, UpgradeFacts const& facts,
                                  UpgradeRequest const& request, port::Hash keccak256) {
    auto const& [upgrade, rollback, id, rollback_id] = plan.operations;
    std::vector<UpgradeStep> out;
    out.push_back({Kind::schedule, facts.timelock, schedule_call(upgrade, request.delay, keccak256), 0,
                   fmt::format("schedule {}: {} to {}, ready {} s later", id.text(),
                               words_of(facts.proxy.kind), request.implementation, request.delay)});
    out.push_back(
        {Kind::stage_rollback, facts.timelock, schedule_call(rollback, request.delay, keccak256), 0,
         fmt::format("schedule {}, which restores {}: now, so that it is ready when it is needed, or "
                     "later, and then {} s before it can be executed; never before the upgrade is "
                     "executed",
                     rollback_id.text(), facts.proxy.implementation, request.delay)});
    out.push_back({Kind::execute, facts.timelock, execute_call(upgrade, keccak256), plan.ready_at,
                   fmt::format("execute {}, not before it is ready", id.text())});
    return out;
}

std::vector<UpgradeStep> alternatives_of(UpgradePlan const& plan, UpgradeFacts const& facts,
                                         port::Hash keccak256) {
    auto const& [upgrade, rollback, id, rollback_id] = plan.operations;
    std::vector<UpgradeStep> out;
    out.push_back({Kind::cancel, facts.timelock, cancel_call(id, keccak256), 0,
                   fmt::format("cancel {}: possible until it is executed", id.text())});
    out.push_back(
        {Kind::cancel_rollback, facts.timelock, cancel_call(rollback_id, keccak256), 0,
         fmt::format("cancel {} once the upgrade has proved itself: whoever may execute could restore "
                     "the old implementation at any time",
                     rollback_id.text())});
    out.push_back({Kind::roll_back, facts.timelock, execute_call(rollback, keccak256), plan.ready_at,
                   fmt::format("execute {} after the upgrade: nothing but a scheduled operation reverts it",
                               rollback_id.text())});
    return out;
}

}  // namespace

UpgradeOperations upgrade_operations(UpgradeFacts const& facts, UpgradeRequest const& request,
                                     port::Hash keccak256) {
    UpgradeOperations out;
    auto const& proxy = facts.proxy;
    out.upgrade.calls.push_back(change_of(proxy, request.implementation, request.init, keccak256));
    out.upgrade.salt = request.salt;
    check_wanted(facts, request, keccak256);
    if (!is_owner(facts, facts.timelock)) {
        refuse(
            fmt::format("the proxy is upgraded by {}, not by the timelock {}: what the timelock executes "
                        "would revert",
                        facts.owner, facts.timelock));
    }
    if (request.delay < facts.min_delay) {
        refuse(fmt::format("a delay of {} s is less than the timelock's minimum of {} s", request.delay,
                           facts.min_delay));
    }
    if (request.delay > UINT64_MAX - facts.time) refuse("a delay that never ends");
    out.upgrade_id = operation_id(out.upgrade, keccak256);
    out.rollback.calls.push_back(change_of(proxy, proxy.implementation, {}, keccak256));
    out.rollback.predecessor = out.upgrade_id;
    out.rollback.salt = request.salt;
    out.rollback_id = operation_id(out.rollback, keccak256);
    return out;
}

UpgradePlan plan_upgrade(UpgradeFacts const& facts, UpgradeRequest const& request,
                         UpgradeTimestamps const& timestamps, port::Hash keccak256) {
    UpgradePlan plan;
    plan.operations = upgrade_operations(facts, request, keccak256);
    check_free(state_at(timestamps.upgrade, facts.time), "operation", plan.operations.upgrade_id);
    check_free(state_at(timestamps.rollback, facts.time), "operation of the rollback",
               plan.operations.rollback_id);
    plan.ready_at = facts.time + request.delay;
    plan.steps = steps_of(plan, facts, request, keccak256);
    plan.alternatives = alternatives_of(plan, facts, keccak256);
    return plan;
}

UpgradeStep plan_direct_upgrade(UpgradeFacts const& facts, UpgradeRequest const& request,
                                std::string_view sender, port::Hash keccak256) {
    auto call = change_of(facts.proxy, request.implementation, request.init, keccak256);
    check_wanted(facts, request, keccak256);
    if (!is_owner(facts, sender)) {
        refuse(
            fmt::format("{} does not own the proxy: a node would take its transaction, and it would revert "
                        "(receipt status 0x0)",
                        sender),
            fmt::format("its owner is {}", facts.owner));
    }
    return {Kind::execute, call.target, std::move(call.data), 0,
            fmt::format("upgrade to {} at once: nobody can cancel it", request.implementation)};
}

void confirm_execution(Word const& id, std::string_view timelock, std::string_view implementation,
                       TransactionReceipt const& receipt, Proxy const& after, port::Hash keccak256) {
    require_success(receipt, fmt::format("the execution of {}", id.text()));
    auto const events = read_events(receipt.logs, timelock, keccak256);
    bool const logged = std::any_of(events.begin(), events.end(), [&](auto const& event) {
        return event.kind == TimelockEvent::Kind::executed && event.id == id;
    });
    if (!logged) {
        throw Error(Code::verification_failed,
                    fmt::format("the transaction succeeded, but the timelock {} executed nothing of {} in it",
                                timelock, id.text()));
    }
    if (Word::from_address(implementation).address() != after.implementation) {
        throw Error(Code::unconfirmed,
                    fmt::format("{} was executed, but the proxy's implementation is {}", id.text(),
                                after.implementation),
                    "read it again from a later block, at another member's node");
    }
}

}  // namespace consortium::driver::evm
