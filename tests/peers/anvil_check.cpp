/// Upgrades proxies on a development node, whose accounts sign for whoever asks, and compares what the driver
/// computes with what the node does:
///   anvil_check URL BUILD.json
/// Ends with 1 at the first thing that is not as it must be, and says which.

#include "core/base/file.h"
#include "core/crypto/keccak.h"
#include "core/driver/evm/upgrade.h"
#include "core/driver/transport.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace {

using namespace consortium;
using namespace driver::evm;
using base::Bytes;
using base::Json;
using crypto::keccak256;

constexpr std::uint64_t delay = 3600;

void check(bool holds, std::string const& what) {
    if (!holds) throw base::Error(base::Code::verification_failed, what);
}

class Node {
public:
    Node(std::string url, std::vector<ContractBuild> builds)
        : m_transport(driver::make_transport(base::Duration{30})),
          m_url(std::move(url)),
          m_builds(std::move(builds)) {
        sender = ask("eth_accounts", Json::array())->at(0).get<std::string>();
    }

    base::JsonValue ask(std::string const& method, Json params) {
        return ask(driver::jsonrpc::Call{method, std::move(params)});
    }
    base::JsonValue ask(driver::jsonrpc::Call const& call) {
        return driver::jsonrpc::request(*m_transport, {m_url, {}, {}}, call);
    }

    // With gas of our own: else the node refuses what would revert, and nothing is seen of receipts.
    Json send(Json call) {
        call["from"] = sender;
        call["gas"] = "0x4c4b40";
        auto const hash = ask("eth_sendTransaction", Json::array({call}));
        for (int tries = 0; tries < 10'000; ++tries) {
            auto const receipt = ask("eth_getTransactionReceipt", Json::array({*hash}));
            if (!receipt->is_null()) return *receipt;
        }
        throw base::Error(base::Code::unavailable, "the node does not put a transaction into a block");
    }
    TransactionReceipt send(std::string const& to, Bytes const& data) {
        auto const answer = send({{"to", to}, {"data", data_text(data)}});
        return *read_transaction_receipt(answer,
                                         Word::from_text(answer["transactionHash"].get<std::string>()));
    }

    std::string deploy(std::string const& name, abi::Writer const& arguments = {}) {
        auto data = find_build(m_builds, name).creation;
        auto const encoded = arguments.finish();
        data.insert(data.end(), encoded.begin(), encoded.end());
        auto const answer = send({{"data", data_text(data)}});
        check(answer["status"] == "0x1", "the deployment of " + name);
        auto const address = answer["contractAddress"].get<std::string>();
        auto const code = compare(name, address);
        check(code.holds(), name + ": " + code.words);
        return address;
    }

    CodeComparison compare(std::string const& name, std::string const& address) {
        auto const code = ask(code_call(address, block().number));
        return compare_code(find_build(m_builds, name), read_data(code->get<std::string>(), "code"));
    }

    BlockPoint block() {
        auto const answer = ask("eth_getBlockByNumber", Json::array({"latest", false}));
        time = Word::from_quantity(answer->at("timestamp").get<std::string>()).number();
        return {Word::from_quantity(answer->at("number").get<std::string>()).number(),
                Word::from_text(answer->at("stateRoot").get<std::string>())};
    }

    Proxy proxy(std::string const& address) {
        return read_proxy([this](auto const& call) { return ask(call); }, address, block(), &keccak256);
    }

    Word view(std::string const& to, Bytes const& data) {
        return read_storage(*ask(view_call(to, data, block().number)));
    }

    void later(std::uint64_t seconds) {
        ask("evm_increaseTime", Json::array({seconds}));
        ask("evm_mine", Json::array());
    }

    std::string sender;
    std::uint64_t time = 0;  // of the last block that was asked for

private:
    std::unique_ptr<port::Transport> m_transport;
    std::string m_url;
    std::vector<ContractBuild> m_builds;
};

Word address(std::string const& text) {
    return Word::from_address(text);
}

struct World {
    std::string timelock, first, second, almost, proxy, transparent, beacon, beacon_proxy;
};

World build(Node& node) {
    World out;
    std::vector<Word> const sender{address(node.sender)};
    out.timelock =
        node.deploy("TimelockController",
                    abi::Writer().word(Word::number(delay)).words(sender).words(sender).word(Word()));
    out.first = node.deploy("First");
    out.second = node.deploy("Second");
    out.almost = node.deploy("Almost");
    auto const init = abi::call("initialize(address)", abi::Writer().word(address(out.timelock)), &keccak256);
    out.proxy = node.deploy("ERC1967Proxy", abi::Writer().word(address(out.first)).bytes(init));
    out.transparent =
        node.deploy("TransparentUpgradeableProxy",
                    abi::Writer().word(address(out.first)).word(address(out.timelock)).bytes(init));
    out.beacon =
        node.deploy("UpgradeableBeacon", abi::Writer().word(address(out.first)).word(address(out.timelock)));
    out.beacon_proxy = node.deploy("BeaconProxy", abi::Writer().word(address(out.beacon)).bytes(init));
    check(node.compare("Second", out.almost).match == CodeMatch::differs, "what Almost differs in is hidden");
    return out;
}

UpgradeFacts facts(Node& node, World const& world, std::string const& proxy) {
    UpgradeFacts out;
    out.proxy = node.proxy(proxy);
    out.timelock = world.timelock;
    auto const owned = out.proxy.kind == ProxyKind::transparent ? out.proxy.admin
                       : out.proxy.kind == ProxyKind::beacon    ? out.proxy.beacon
                                                                : proxy;
    out.owner = node.view(owned, abi::call("owner()", {}, &keccak256)).address();
    out.min_delay = node.view(world.timelock, min_delay_call(&keccak256)).number();
    out.code = read_data(node.ask(code_call(world.second, node.block().number))->get<std::string>(), "code");
    out.proxiable_uuid = node.view(world.second, abi::call("proxiableUUID()", {}, &keccak256));
    out.time = node.time;
    return out;
}

void check_state(Node& node, World const& world, Word const& id, OperationState wanted) {
    auto const told = node.view(world.timelock, state_call(id, &keccak256));
    auto const timestamp = node.view(world.timelock, timestamp_call(id, &keccak256)).number();
    auto const state = read_state(told.view());
    check(state == wanted && state_at(timestamp, node.time) == wanted,
          "the operation is " + std::string(words_of(state)) + ", not " + std::string(words_of(wanted)));
}

void check_id(Node& node, World const& world, TimelockOperation const& operation, Word const& id) {
    check(node.view(world.timelock, hash_call(operation, &keccak256)) == id, "the node computes another id");
}

// An upgrade through the timelock and back, with everything that must fail on the way.
void upgrade(Node& node, World const& world, std::string const& proxy, ProxyKind kind, std::uint64_t salt) {
    auto const before = facts(node, world, proxy);
    check(before.proxy.kind == kind && before.proxy.implementation == world.first, "another kind of proxy");
    auto const plan = plan_upgrade(before, {world.second, {}, delay, Word::number(salt)}, {}, &keccak256);
    auto const& ids = plan.operations;
    check_id(node, world, ids.upgrade, ids.upgrade_id);
    check_id(node, world, ids.rollback, ids.rollback_id);
    auto const run = [&](UpgradeStep const& step) { return node.send(step.to, step.data).succeeded; };
    auto const& roll_back = plan.alternatives.at(2);
    check(!node.send(ids.upgrade.calls[0].target, ids.upgrade.calls[0].data).succeeded, "a direct upgrade");
    check(run(plan.steps.at(0)) && run(plan.steps.at(1)), "scheduling");
    check(!run(plan.steps.at(0)), "scheduling again");
    check_state(node, world, ids.upgrade_id, OperationState::waiting);
    check(!run(plan.steps.at(2)), "an execution before it is ready");
    node.later(delay + 1);
    check_state(node, world, ids.rollback_id, OperationState::ready);
    check(!run(roll_back), "a rollback before the upgrade");
    auto const receipt = node.send(plan.steps.at(2).to, plan.steps.at(2).data);
    confirm_execution(ids.upgrade_id, world.timelock, world.second, receipt, node.proxy(proxy), &keccak256);
    check_state(node, world, ids.upgrade_id, OperationState::done);
    check(!run(plan.alternatives.at(0)), "cancelling what is done");
    auto const back = node.send(roll_back.to, roll_back.data);
    confirm_execution(ids.rollback_id, world.timelock, world.first, back, node.proxy(proxy), &keccak256);
}

// Two calls in one operation, cancelled, scheduled again, executed.
void batch(Node& node, World const& world) {
    auto const call = [&](std::string const& target) {
        return TimelockCall{target,
                            {},
                            abi::call("upgradeToAndCall(address,bytes)",
                                      abi::Writer().word(address(world.second)).bytes({}), &keccak256)};
    };
    TimelockOperation const operation{
        OperationForm::batch,
        {call(world.proxy), {world.first, {}, abi::call("version()", {}, &keccak256)}},
        {},
        Word::number(99)};
    auto const id = operation_id(operation, &keccak256);
    check_id(node, world, operation, id);
    auto const run = [&](Bytes const& data) { return node.send(world.timelock, data).succeeded; };
    check(run(schedule_call(operation, delay, &keccak256)), "scheduling a batch");
    check(run(cancel_call(id, &keccak256)), "cancelling a batch");
    check_state(node, world, id, OperationState::unset);
    check(run(schedule_call(operation, delay, &keccak256)), "scheduling a batch again");
    node.later(delay + 1);
    check(run(execute_call(operation, &keccak256)), "executing a batch");
    check_state(node, world, id, OperationState::done);
    check(node.proxy(world.proxy).implementation == world.second, "the batch's effect");
}

// What the logs tell of all operations.
void history(Node& node, World const& world) {
    auto const logs =
        node.ask("eth_getLogs", Json::array({{{"fromBlock", "0x0"}, {"address", world.timelock}}}));
    auto const seen = fold_events(read_events(read_logs(*logs), world.timelock, &keccak256), &keccak256);
    check(seen.size() == 7, "operations in the logs: " + std::to_string(seen.size()));
    for (auto const& one : seen) check(one.executed && !one.cancelled, "an operation that is not done");
}

void run(std::string const& url, std::string const& file) {
    Node node(url, read_builds(base::read_text(file, 32u << 20)));
    auto const world = build(node);
    upgrade(node, world, world.proxy, ProxyKind::erc1967, 1);
    upgrade(node, world, world.transparent, ProxyKind::transparent, 2);
    upgrade(node, world, world.beacon_proxy, ProxyKind::beacon, 3);
    batch(node, world);
    history(node, world);
    check(node.proxy(world.first).kind == ProxyKind::none, "a contract that is no proxy");
    std::puts(
        "8 contracts are their builds, 3 kinds of proxy went there and back, a batch was cancelled and done");
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) return 2;
    try {
        run(arguments[1], arguments[2]);
    } catch (base::Error const& error) {
        std::fprintf(stderr, "%s\n%s\n", error.what(), error.hint().c_str());
        return 1;
    } catch (std::exception const& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
