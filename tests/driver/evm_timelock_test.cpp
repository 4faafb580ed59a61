#include "core/base/error.h"
#include "core/driver/evm/log.h"
#include "core/driver/evm/timelock.h"
#include "tests/driver/evm_exchange.h"

#include <algorithm>
#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace at = consortium::test::at;
using base::Bytes;
using base::Json;
using consortium::crypto::keccak256;
using consortium::test::Exchanges;
using evm::OperationForm;
using evm::OperationState;
using evm::TimelockRole;
using evm::Word;
using Kind = evm::TimelockEvent::Kind;

namespace {

std::string const id_a = "0x7cfc7463ad2342c29abe7fdb7066a9e458dde3ab666a1c65815f21b3700cba74";
std::string const id_b = "0xc810ed754b85155a7a4cc867960daaa17cab6a301fe661b91657226680b66b67";

// The recorded operations: the proxy's upgrade to V2; A has salt 7, B 8.
evm::TimelockOperation upgrade(std::uint64_t salt) {
    auto const data =
        evm::abi::call("upgradeToAndCall(address,bytes)",
                       evm::abi::Writer().word(Word::from_address(at::v2)).bytes({}), &keccak256);
    return {OperationForm::single, {{at::proxy, {}, data}}, {}, Word::number(salt)};
}

evm::TimelockOperation batch() {
    return {OperationForm::batch,
            {{at::v1, Word::number(1), {0xaa}}, {at::v2, Word::number(2), {}}},
            Word::from_text(id_a),
            Word::number(9)};
}

Word id_of(evm::TimelockOperation const& operation) {
    return evm::operation_id(operation, &keccak256);
}

std::string word(std::string const& end) {
    return std::string(64 - end.size(), '0') + end;
}

std::string word_text(std::uint64_t number) {
    return Word::number(number).text();
}

bool contains(Bytes const& code, Bytes const& part) {
    return std::search(code.begin(), code.end(), part.begin(), part.end()) != code.end();
}

std::vector<evm::TimelockEvent> recorded_events() {
    return evm::read_events(evm::read_logs(Exchanges().result(112)), at::timelock, &keccak256);
}

}  // namespace

TEST_CASE("the ids of the recorded operations are computed offline") {
    Exchanges const node;
    CHECK(id_of(upgrade(7)).text() == id_a);
    CHECK(id_of(upgrade(8)).text() == id_b);
    CHECK(node.text(62) == id_a);  // hashOperation
    CHECK(node.text(78) == id_b);
    CHECK(evm::hash_call(upgrade(7), &keccak256) == node.call(62));
    CHECK(evm::hash_call(upgrade(8), &keccak256) == node.call(78));
}

TEST_CASE("calls to the timelock are, byte for byte, those that were recorded") {
    Exchanges const node;
    auto const a = upgrade(7), b = upgrade(8);
    CHECK(evm::schedule_call(a, 3600, &keccak256) == node.sent(64));
    CHECK(evm::schedule_call(a, 3600, &keccak256) == node.sent(68));
    CHECK(evm::schedule_call(b, 3600, &keccak256) == node.sent(79));
    CHECK(evm::execute_call(a, &keccak256) == node.sent(70));
    CHECK(evm::execute_call(a, &keccak256) == node.sent(85));
    CHECK(evm::execute_call(b, &keccak256) == node.sent(91));
    CHECK(evm::execute_call(b, &keccak256) == node.sent(101));
    CHECK(evm::cancel_call(Word::from_text(id_a), &keccak256) == node.sent(74));
    CHECK(evm::cancel_call(Word::from_text(id_b), &keccak256) == node.sent(103));
    CHECK(evm::state_call(Word::from_text(id_a), &keccak256) == node.call(63));
    CHECK(evm::timestamp_call(Word::from_text(id_a), &keccak256) == node.call(67));
    CHECK(evm::min_delay_call(&keccak256) == node.call(54));
    auto const has = [](TimelockRole role) {
        return evm::has_role_call(evm::role_id(role, &keccak256), at::sender, &keccak256);
    };
    CHECK(has(TimelockRole::proposer) == node.call(57));
    CHECK(has(TimelockRole::executor) == node.call(58));
    CHECK(has(TimelockRole::canceller) == node.call(59));
    CHECK(evm::role_id(TimelockRole::administrator, &keccak256).is_zero());
}

TEST_CASE("what recorded transactions asked of the timelock is read back") {
    Exchanges const node;
    auto const scheduled = evm::read_request(node.sent(79), &keccak256);
    CHECK(scheduled.kind == evm::TimelockRequest::Kind::schedule);
    CHECK(scheduled.operation == upgrade(8));
    CHECK(scheduled.delay == 3600);
    CHECK(scheduled.id.text() == id_b);
    auto const executed = evm::read_request(node.sent(91), &keccak256);
    CHECK(executed.kind == evm::TimelockRequest::Kind::execute);
    CHECK(executed.operation == upgrade(8));
    CHECK(evm::read_request(node.sent(74), &keccak256).id.text() == id_a);
    CHECK_THROWS_AS(evm::read_request(node.sent(60), &keccak256), base::Error);  // to the proxy
    CHECK_THROWS_AS(evm::read_request({}, &keccak256), base::Error);
    auto longer = node.sent(79);
    longer.push_back(0);
    CHECK_THROWS_AS(evm::read_request(longer, &keccak256), base::Error);
}

TEST_CASE("a batch has the id of its arrays, and is not a single operation") {
    auto const hex = word(at::v1.substr(2)) + word(at::v2.substr(2));
    auto const encoded = word("a0") + word("100") + word("160") + id_a.substr(2) + word("9") +  //
                         word("2") + hex +                                                      //
                         word("2") + word("1") + word("2") +                                    //
                         word("2") + word("40") + word("80") + word("1") + "aa" + std::string(62, '0') +
                         word("0");
    CHECK(id_of(batch()) == Word::from_digest(keccak256(base::from_hex(encoded))));
    auto const scheduled = evm::read_request(evm::schedule_call(batch(), 7200, &keccak256), &keccak256);
    CHECK(scheduled.operation == batch());
    CHECK(scheduled.delay == 7200);
    auto const executed = evm::read_request(evm::execute_call(batch(), &keccak256), &keccak256);
    CHECK(executed.operation == batch());
    CHECK(executed.id == id_of(batch()));
    auto const uneven =
        evm::abi::Writer().words({Word::from_address(at::v1)}).words({}).byte_strings({{}}).word({}).word({});
    auto const data =
        evm::abi::call("executeBatch(address[],uint256[],bytes[],bytes32,bytes32)", uneven, &keccak256);
    CHECK_THROWS_AS(evm::read_request(data, &keccak256), base::Error);
    auto one = upgrade(7);
    one.form = OperationForm::batch;
    CHECK(id_of(one).text() != id_a);
    one.calls.push_back(one.calls[0]);
    one.form = OperationForm::single;
    CHECK_THROWS_AS(static_cast<void>(id_of(one)), base::Error);
}

TEST_CASE("what is called is what the recorded timelock's code knows") {
    auto const code = Exchanges().data(36);
    for (auto const& call :
         {evm::schedule_call(batch(), 0, &keccak256), evm::execute_call(batch(), &keccak256),
          evm::hash_call(batch(), &keccak256), evm::schedule_call(upgrade(7), 0, &keccak256)}) {
        Bytes push{0x63, call[0], call[1], call[2], call[3]};  // PUSH4 of the selector
        CHECK(contains(code, push));
    }
    CHECK_FALSE(contains(code, {0x63, 0x4f, 0x1e, 0xf2, 0x86}));
}

TEST_CASE("the states of the recorded operations") {
    Exchanges const node;
    auto const state = [&](std::size_t line) { return evm::read_state(node.data(line)); };
    CHECK(state(63) == OperationState::unset);
    CHECK(state(66) == OperationState::waiting);
    CHECK(state(76) == OperationState::unset);  // cancelled
    CHECK(state(81) == OperationState::waiting);
    CHECK(state(84) == OperationState::ready);
    CHECK(state(93) == OperationState::done);
    CHECK_THROWS_AS(evm::read_state(base::from_hex(word("4"))), base::Error);
    CHECK_THROWS_AS(evm::read_state({}), base::Error);
    auto const ready_at = Word::from_text(node.text(67)).number();
    CHECK(ready_at == 0x6b008162);  // the block's time 0x6b007352 and 3600 seconds
    CHECK(evm::state_at(ready_at, ready_at - 1) == OperationState::waiting);
    CHECK(evm::state_at(ready_at, ready_at) == OperationState::ready);
    CHECK(evm::state_at(0, ready_at) == OperationState::unset);
    CHECK(evm::state_at(1, ready_at) == OperationState::done);
    CHECK(evm::words_of(OperationState::ready) == "ready");
}

TEST_CASE("the timelock's events tell what was scheduled, cancelled and executed") {
    auto const events = recorded_events();
    std::vector<Kind> kinds;
    for (auto const& event : events) kinds.push_back(event.kind);
    CHECK(kinds == std::vector<Kind>{Kind::delay_changed, Kind::scheduled, Kind::salt, Kind::cancelled,
                                     Kind::scheduled, Kind::salt, Kind::executed});
    CHECK(events[0].delay == 3600);
    CHECK(events[0].block == 1);
    auto const seen = evm::fold_events(events, &keccak256);
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].id.text() == id_a);
    CHECK(seen[0].operation == upgrade(7));
    CHECK(seen[0].cancelled);
    CHECK_FALSE(seen[0].executed);
    CHECK(seen[0].scheduled_in == 10);
    CHECK(seen[1].id.text() == id_b);
    CHECK(seen[1].operation == upgrade(8));
    CHECK(seen[1].delay == 3600);
    CHECK_FALSE(seen[1].cancelled);
    CHECK(seen[1].executed);
}

TEST_CASE("logs whose calls do not make the operation's id are not believed") {
    auto const events = recorded_events();
    auto const refused = [](std::vector<evm::TimelockEvent> const& changed) {
        try {
            static_cast<void>(evm::fold_events(changed, &keccak256));
        } catch (base::Error const& error) {
            return error.code() == base::Code::verification_failed;
        }
        return false;
    };
    CHECK_FALSE(refused(events));
    auto changed = events;
    changed[1].call.target = at::transparent;
    CHECK(refused(changed));
    changed = events;
    changed[1].call.data.back() ^= 1;
    CHECK(refused(changed));
    changed = events;
    changed[1].predecessor = Word::number(1);
    CHECK(refused(changed));
    changed = events;
    changed[1].index = 1;
    CHECK(refused(changed));
    for (std::size_t const left_out : {1, 2, 4, 5}) {  // the calls, the salts
        changed = events;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(left_out));
        CHECK(refused(changed));
    }
    // The same operation scheduled again after it was cancelled.
    changed = {events[1], events[2], events[3], events[1], events[2]};
    auto const again = evm::fold_events(changed, &keccak256);
    REQUIRE(again.size() == 1);
    CHECK_FALSE(again[0].cancelled);
}

TEST_CASE("a logged batch is told from a single operation by its id") {
    auto one = upgrade(3);
    one.form = OperationForm::batch;
    evm::TimelockEvent first{Kind::scheduled, id_of(one), 0, one.calls[0], {}, 3600, {}, 5};
    evm::TimelockEvent salt{Kind::salt, id_of(one), 0, {}, {}, 0, one.salt, 5};
    auto const seen = evm::fold_events({first, salt}, &keccak256);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].operation == one);
}

TEST_CASE("logs of other contracts and other events are passed over, malformed ones refused") {
    Exchanges const node;
    CHECK(evm::read_events(evm::read_logs(node.result(112)), at::proxy, &keccak256).empty());
    auto const refused = [&](char const* key, Json const& value) {
        auto logs = node.result(112);
        logs[6][key] = value;
        try {
            static_cast<void>(evm::read_events(evm::read_logs(logs), at::timelock, &keccak256));
        } catch (base::Error const& error) {
            return error.code() == base::Code::malformed;
        }
        return false;
    };
    auto const log = node.result(112)[6];
    CHECK_FALSE(refused("data", log["data"]));
    CHECK(refused("data", log["data"].get<std::string>() + "00"));
    CHECK(refused("data", "0x"));
    CHECK(refused("data", 5));
    CHECK(refused("topics", Json::array({log["topics"][0]})));
    CHECK(refused("topics", Json::array({log["topics"][0], id_a, word_text(0), id_a})));
    CHECK(refused("topics", Json()));
    CHECK(refused("topics", Json::array({"0x12"})));
    CHECK(refused("removed", true));
    CHECK(refused("blockNumber", "0x0a"));
    CHECK(refused("blockNumber", "0x1"));  // out of order
    CHECK(refused("address", "0x5f"));
    CHECK_THROWS_AS(evm::read_logs(Json("0x")), base::Error);
}

TEST_CASE("G7 a receipt with status 0x0 is a failure, whatever the node said to the submission") {
    Exchanges const node;
    auto const receipt = [&](std::size_t line) {
        auto const hash = Word::from_text(node.line(line)["params"][0].get<std::string>());
        CHECK(node.text(line - 1) == hash.text());  // every submission was answered with success
        return evm::read_transaction_receipt(node.result(line), hash).value();
    };
    for (std::size_t const failed : {61, 69, 71, 86, 102, 104}) {
        CAPTURE(failed);
        CHECK_FALSE(receipt(failed).succeeded);
        CHECK_THROWS_AS(evm::require_success(receipt(failed), "the upgrade"), base::Error);
    }
    for (std::size_t const passed : {9, 65, 75, 80, 92, 106}) {
        CAPTURE(passed);
        CHECK(receipt(passed).succeeded);
        CHECK_NOTHROW(evm::require_success(receipt(passed), "the upgrade"));
    }
    CHECK(receipt(92).block == 17);
    auto const executed = evm::read_events(receipt(92).logs, at::timelock, &keccak256);
    REQUIRE(executed.size() == 1);
    CHECK(executed[0].kind == Kind::executed);
    CHECK(executed[0].id.text() == id_b);
}

TEST_CASE("G7 a receipt that does not say what happened is no success") {
    Exchanges const node;
    auto const hash = Word::from_text(node.line(92)["params"][0].get<std::string>());
    auto const reads = [&](char const* key, Json const& value) {
        auto answer = node.result(92);
        if (value.is_null()) {
            answer.erase(key);
        } else {
            answer[key] = value;
        }
        try {
            return evm::read_transaction_receipt(answer, hash).has_value();
        } catch (base::Error const&) {
            return false;
        }
    };
    CHECK(reads("status", "0x1"));
    CHECK_FALSE(reads("status", "0x0"));  // with logs
    for (Json const& bad : {Json(), Json("0x2"), Json("0x01"), Json("1"), Json(true), Json(1)}) {
        CHECK_FALSE(reads("status", bad));
    }
    CHECK_FALSE(reads("transactionHash", id_a));
    CHECK_FALSE(reads("blockNumber", "0x12"));  // not that of its logs
    CHECK_FALSE(reads("logs", Json()));
    CHECK_FALSE(evm::read_transaction_receipt(Json(), hash).has_value());
}
