#include "core/driver/evm/timelock.h"

#include "core/base/error.h"

#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

namespace {

constexpr std::string_view schedule = "schedule(address,uint256,bytes,bytes32,bytes32,uint256)";
constexpr std::string_view schedule_batch =
    "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)";
constexpr std::string_view execute = "execute(address,uint256,bytes,bytes32,bytes32)";
constexpr std::string_view execute_batch = "executeBatch(address[],uint256[],bytes[],bytes32,bytes32)";
constexpr std::string_view hash_single = "hashOperation(address,uint256,bytes,bytes32,bytes32)";
constexpr std::string_view hash_batch = "hashOperationBatch(address[],uint256[],bytes[],bytes32,bytes32)";
constexpr std::string_view cancel = "cancel(bytes32)";

[[noreturn]] void fail(std::string what) {
    throw Error(Code::malformed, std::move(what));
}

// The arguments of both the hash and the calls. OpenZeppelin 5: keccak256(abi.encode(target, value, data,
// predecessor, salt)), of a batch with arrays of the first three.
abi::Writer arguments(TimelockOperation const& operation) {
    abi::Writer out;
    if (operation.form == OperationForm::single) {
        if (operation.calls.size() != 1) {
            throw Error(Code::internal, "a single operation of a timelock has one call");
        }
        auto const& call = operation.calls[0];
        out.word(Word::from_address(call.target)).word(call.value).bytes(call.data);
    } else {
        std::vector<Word> targets, values;
        std::vector<Bytes> data;
        for (auto const& call : operation.calls) {
            targets.push_back(Word::from_address(call.target));
            values.push_back(call.value);
            data.push_back(call.data);
        }
        out.words(targets).words(values).byte_strings(data);
    }
    return out.word(operation.predecessor).word(operation.salt);
}

std::string_view by_form(TimelockOperation const& operation, std::string_view single,
                         std::string_view batch) {
    return operation.form == OperationForm::single ? single : batch;
}

Bytes call_with(std::string_view signature, Word const& word, port::Hash keccak256) {
    return abi::call(signature, abi::Writer().word(word), keccak256);
}

TimelockOperation read_operation(abi::Reader& in, OperationForm form) {
    TimelockOperation out;
    out.form = form;
    if (form == OperationForm::single) {
        TimelockCall call;
        call.target = in.word().address();
        call.value = in.word();
        call.data = in.bytes();
        out.calls.push_back(std::move(call));
    } else {
        auto const targets = in.words();
        auto const values = in.words();
        auto const data = in.byte_strings();
        if (targets.size() != values.size() || targets.size() != data.size()) {
            fail("a timelock's batch whose lists are not equally long");
        }
        out.calls.reserve(targets.size());
        for (std::size_t i = 0; i < targets.size(); ++i) {
            out.calls.push_back({targets[i].address(), values[i], data[i]});
        }
    }
    out.predecessor = in.word();
    out.salt = in.word();
    return out;
}

}  // namespace

Word operation_id(TimelockOperation const& operation, port::Hash keccak256) {
    return Word::from_digest(keccak256(arguments(operation).finish()));
}

Bytes schedule_call(TimelockOperation const& operation, std::uint64_t delay, port::Hash keccak256) {
    return abi::call(by_form(operation, schedule, schedule_batch),
                     arguments(operation).word(Word::number(delay)), keccak256);
}

Bytes execute_call(TimelockOperation const& operation, port::Hash keccak256) {
    return abi::call(by_form(operation, execute, execute_batch), arguments(operation), keccak256);
}

Bytes hash_call(TimelockOperation const& operation, port::Hash keccak256) {
    return abi::call(by_form(operation, hash_single, hash_batch), arguments(operation), keccak256);
}

Bytes cancel_call(Word const& id, port::Hash keccak256) {
    return call_with(cancel, id, keccak256);
}

Bytes state_call(Word const& id, port::Hash keccak256) {
    return call_with("getOperationState(bytes32)", id, keccak256);
}

Bytes timestamp_call(Word const& id, port::Hash keccak256) {
    return call_with("getTimestamp(bytes32)", id, keccak256);
}

Bytes min_delay_call(port::Hash keccak256) {
    return abi::call("getMinDelay()", {}, keccak256);
}

Bytes has_role_call(Word const& role, std::string_view account, port::Hash keccak256) {
    return abi::call("hasRole(bytes32,address)", abi::Writer().word(role).word(Word::from_address(account)),
                     keccak256);
}

Word role_id(TimelockRole role, port::Hash keccak256) {
    switch (role) {
        case TimelockRole::proposer:
            return abi::topic("PROPOSER_ROLE", keccak256);
        case TimelockRole::executor:
            return abi::topic("EXECUTOR_ROLE", keccak256);
        case TimelockRole::canceller:
            return abi::topic("CANCELLER_ROLE", keccak256);
        default:
            return {};
    }
}

TimelockRequest read_request(BytesView data, port::Hash keccak256) {
    using Kind = TimelockRequest::Kind;
    struct Form {
        std::string_view signature;
        Kind kind;
        OperationForm form;
        std::size_t arguments;
    };
    static constexpr Form forms[] = {{schedule, Kind::schedule, OperationForm::single, 6},
                                     {schedule_batch, Kind::schedule, OperationForm::batch, 6},
                                     {execute, Kind::execute, OperationForm::single, 5},
                                     {execute_batch, Kind::execute, OperationForm::batch, 5},
                                     {cancel, Kind::cancel, OperationForm::single, 1}};
    for (auto const& form : forms) {
        auto const found = abi::arguments_of(data, form.signature, keccak256);
        if (!found) continue;
        abi::Reader in(*found, form.arguments);
        TimelockRequest out;
        out.kind = form.kind;
        if (form.kind == Kind::cancel) {
            out.id = in.word();
        } else {
            out.operation = read_operation(in, form.form);
            if (form.kind == Kind::schedule) out.delay = in.word().number();
            out.id = operation_id(out.operation, keccak256);
        }
        in.done();
        return out;
    }
    fail("data that neither schedules, executes nor cancels on a timelock");
}

std::string_view words_of(OperationState state) {
    switch (state) {
        case OperationState::unset:
            return "not scheduled";
        case OperationState::waiting:
            return "waiting";
        case OperationState::ready:
            return "ready";
        default:
            return "done";
    }
}

OperationState read_state(BytesView answer) {
    abi::Reader in(answer, 1);
    auto const state = in.word();
    in.done();
    if (state > Word::number(3))
        fail(fmt::format("'{}' is no state of a timelock's operation", state.quantity()));
    return static_cast<OperationState>(state.number());
}

OperationState state_at(std::uint64_t timestamp, std::uint64_t block_time) {
    if (timestamp == 0) return OperationState::unset;
    if (timestamp == 1) return OperationState::done;  // _DONE_TIMESTAMP
    return timestamp > block_time ? OperationState::waiting : OperationState::ready;
}

}  // namespace consortium::driver::evm
