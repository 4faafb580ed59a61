#include "core/base/error.h"
#include "core/driver/evm/upgrade.h"
#include "tests/driver/evm_exchange.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace abi = consortium::driver::evm::abi;
namespace at = consortium::test::at;
using base::Bytes;
using base::Code;
using consortium::crypto::keccak256;
using consortium::test::Exchanges;
using evm::ProxyKind;
using evm::Word;
using Kind = evm::UpgradeStep::Kind;

namespace {

// As recorded when the operations were scheduled.
evm::UpgradeFacts facts() {
    evm::UpgradeFacts out;
    out.proxy = {at::proxy, ProxyKind::erc1967, at::v1, {}, {}, true, {0x60}};
    out.owner = out.timelock = at::timelock;
    out.min_delay = 3600;
    out.time = 0x6b007352;
    out.code = {0x60};
    out.proxiable_uuid = evm::proxy_slots(&keccak256).implementation;
    return out;
}

evm::UpgradeRequest request() {
    return {at::v2, {}, 3600, Word::number(8)};
}

evm::UpgradePlan plan(evm::UpgradeFacts const& facts, evm::UpgradeRequest const& request = ::request(),
                      evm::UpgradeTimestamps const& timestamps = {}) {
    return evm::plan_upgrade(facts, request, timestamps, &keccak256);
}

std::optional<base::Error> refusal(evm::UpgradeFacts const& facts,
                                   evm::UpgradeRequest const& request = ::request(),
                                   evm::UpgradeTimestamps const& timestamps = {}) {
    try {
        static_cast<void>(plan(facts, request, timestamps));
    } catch (base::Error const& error) {
        return error;
    }
    return std::nullopt;
}

bool refused(std::optional<base::Error> const& error, std::string_view part, Code code = Code::refused) {
    return error && error->code() == code && error->message().find(part) != std::string::npos;
}

evm::TransactionReceipt receipt(Exchanges const& node, std::size_t line) {
    auto const hash = Word::from_text(node.line(line)["params"][0].get<std::string>());
    return evm::read_transaction_receipt(node.result(line), hash).value();
}

}  // namespace

TEST_CASE("an upgrade's plan is, byte for byte, what was recorded") {
    Exchanges const node;
    auto const made = plan(facts());
    CHECK(made.operations.upgrade_id.text() == node.text(78));
    CHECK(made.ready_at == 0x6b008162);
    REQUIRE(made.steps.size() == 3);
    CHECK(made.steps[0].kind == Kind::schedule);
    CHECK(made.steps[0].to == at::timelock);
    CHECK(made.steps[0].data == node.sent(79));
    CHECK(made.steps[0].not_before == 0);
    CHECK(made.steps[1].kind == Kind::stage_rollback);
    CHECK(made.steps[2].kind == Kind::execute);
    CHECK(made.steps[2].data == node.sent(91));
    CHECK(made.steps[2].not_before == made.ready_at);
    REQUIRE(made.alternatives.size() == 3);
    CHECK(made.alternatives[0].kind == Kind::cancel);
    CHECK(made.alternatives[0].data == node.sent(103));
}

TEST_CASE("the rollback restores the implementation of today, and only after the upgrade") {
    auto const made = plan(facts());
    auto const& [upgrade, rollback, id, rollback_id] = made.operations;
    CHECK(rollback.predecessor == id);
    CHECK(upgrade.predecessor.is_zero());
    CHECK(rollback_id == evm::operation_id(rollback, &keccak256));
    CHECK(rollback_id != id);
    auto const scheduled = evm::read_request(made.steps[1].data, &keccak256);
    CHECK(scheduled.operation == rollback);
    CHECK(scheduled.delay == 3600);
    auto const expected = abi::call("upgradeToAndCall(address,bytes)",
                                    abi::Writer().word(Word::from_address(at::v1)).bytes({}), &keccak256);
    REQUIRE(rollback.calls.size() == 1);
    CHECK(rollback.calls[0].data == expected);
    CHECK(rollback.calls[0].target == at::proxy);
    CHECK(made.alternatives[1].kind == Kind::cancel_rollback);
    CHECK(evm::read_request(made.alternatives[1].data, &keccak256).id == rollback_id);
    CHECK(made.alternatives[2].kind == Kind::roll_back);
    CHECK(evm::read_request(made.alternatives[2].data, &keccak256).operation == rollback);
    CHECK(made.alternatives[2].not_before == made.ready_at);
    CHECK(made.alternatives[2].words.find("nothing but a scheduled operation reverts it") !=
          std::string::npos);
}

TEST_CASE("each kind of proxy is upgraded by whom it obeys") {
    auto transparent = facts();
    transparent.proxy.kind = ProxyKind::transparent;
    transparent.proxy.address = at::transparent;
    transparent.proxy.admin = at::proxy_admin;
    transparent.proxiable_uuid = {};  // is nothing that it asks for
    auto asked = request();
    asked.init = {1, 2, 3};
    auto const call = plan(transparent, asked).operations.upgrade.calls[0];
    CHECK(call.target == at::proxy_admin);
    CHECK(call.data == abi::call("upgradeAndCall(address,address,bytes)",
                                 abi::Writer()
                                     .word(Word::from_address(at::transparent))
                                     .word(Word::from_address(at::v2))
                                     .bytes(asked.init),
                                 &keccak256));
    CHECK(base::to_hex(base::BytesView(call.data).first(4)) ==
          "9623609d");  // in the recorded ProxyAdmin's code
    CHECK(Exchanges().text(42).find("9623609d") != std::string::npos);

    auto beacon = facts();
    beacon.proxy.kind = ProxyKind::beacon;
    beacon.proxy.beacon = at::beacon;
    beacon.proxiable_uuid = {};
    auto const moved = plan(beacon).operations.upgrade.calls[0];
    CHECK(moved.target == at::beacon);
    CHECK(moved.data == Exchanges().sent(105));
    CHECK(refused(refusal(beacon, asked), "initial data"));
}

TEST_CASE("upgrades that could not work are refused when they are planned") {
    CHECK_FALSE(refusal(facts()));
    auto changed = facts();
    changed.code.clear();
    CHECK(refused(refusal(changed), "no code"));
    changed = facts();
    changed.proxy.implementation = at::v2;
    CHECK(refused(refusal(changed), "already"));
    changed = facts();
    changed.proxy.kind = ProxyKind::none;
    CHECK(refused(refusal(changed), "no proxy"));
    changed = facts();
    changed.owner = at::sender;
    CHECK(refused(refusal(changed), "would revert"));
    changed = facts();
    changed.proxiable_uuid = Word::number(1);
    CHECK(refused(refusal(changed), "proxiableUUID"));
    auto asked = request();
    asked.delay = 3599;
    CHECK(refused(refusal(facts(), asked), "less than the timelock's minimum of 3600 s"));
    asked.delay = UINT64_MAX;
    CHECK(refused(refusal(facts(), asked), "never ends"));
    asked = request();
    asked.implementation = "0x00";
    CHECK(refused(refusal(facts(), asked), "not an address", Code::malformed));
}

TEST_CASE("an operation that is pending or done is not scheduled again") {
    auto const now = facts().time;
    CHECK(refused(refusal(facts(), request(), {now + 10, 0}), "waiting already", Code::conflict));
    CHECK(refused(refusal(facts(), request(), {now, 0}), "ready already", Code::conflict));
    CHECK(refused(refusal(facts(), request(), {1, 0}), "done already", Code::conflict));
    CHECK(refused(refusal(facts(), request(), {0, now + 10}), "of the rollback", Code::conflict));
    auto other = request();
    other.salt = Word::number(9);
    CHECK(plan(facts(), other).operations.upgrade_id != plan(facts()).operations.upgrade_id);
}

TEST_CASE("G7 a direct upgrade that was recorded to revert is refused, though the node took it") {
    Exchanges const node;
    CHECK(node.result(60).is_string());  // the node: success
    CHECK_FALSE(receipt(node, 61).succeeded);
    auto const direct = [&](evm::UpgradeFacts const& facts, std::string const& sender) {
        return evm::plan_direct_upgrade(facts, request(), sender, &keccak256);
    };
    CHECK_THROWS_AS(direct(facts(), at::sender), base::Error);
    try {
        static_cast<void>(direct(facts(), at::sender));
    } catch (base::Error const& error) {
        CHECK(error.code() == Code::refused);
        CHECK(error.message().find("it would revert") != std::string::npos);
        CHECK(error.hint().find(at::timelock) != std::string::npos);
    }
    // The beacon's owner is the sender: that was taken, and took effect.
    auto beacon = facts();
    beacon.proxy.kind = ProxyKind::beacon;
    beacon.proxy.beacon = at::beacon;
    beacon.owner = at::sender;
    beacon.proxiable_uuid = {};
    auto const step = direct(beacon, at::sender);
    CHECK(step.to == at::beacon);
    CHECK(step.data == node.sent(105));
    CHECK(receipt(node, 106).succeeded);
    auto owned = facts();
    owned.owner = at::sender;
    CHECK(direct(owned, at::sender).data == node.sent(60));
    owned.code.clear();
    CHECK_THROWS_AS(direct(owned, at::sender), base::Error);
}

TEST_CASE("G7 an execution counts once receipt, events and the proxy's slot say so") {
    Exchanges const node;
    auto const made = plan(facts());
    auto const code = [&](Word const& id, std::size_t line, std::string const& implementation) {
        auto after = facts().proxy;
        after.implementation = implementation;
        try {
            evm::confirm_execution(id, at::timelock, at::v2, receipt(node, line), after, &keccak256);
        } catch (base::Error const& error) {
            return error.code();
        }
        return Code::internal;  // none
    };
    auto const id = made.operations.upgrade_id;
    CHECK(code(id, 92, at::v2) == Code::internal);
    CHECK(code(id, 92, at::v1) == Code::unconfirmed);
    CHECK(code(id, 92, "") == Code::unconfirmed);
    for (std::size_t const failed : {71, 86, 102})
        CHECK(code(id, failed, at::v2) == Code::verification_failed);
    CHECK(code(id, 80, at::v2) == Code::verification_failed);  // was scheduled in it, not executed
    CHECK(code(made.operations.rollback_id, 92, at::v2) == Code::verification_failed);
}
