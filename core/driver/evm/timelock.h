#pragma once

#include "core/driver/evm/log.h"

/// OpenZeppelin's TimelockController: what is scheduled on it can be executed once its delay is over, and be
/// cancelled until it is executed.
namespace consortium::driver::evm {

struct TimelockCall {
    std::string target;
    Word value;
    base::Bytes data;
    bool operator==(TimelockCall const&) const = default;
};

/// A single operation and a batch of the same one call have different ids and are not the same.
enum class OperationForm { single, batch };

struct TimelockOperation {
    OperationForm form = OperationForm::single;
    std::vector<TimelockCall> calls;  // exactly one if single
    Word predecessor;                 // that must be done before; zero: none
    Word salt;
    bool operator==(TimelockOperation const&) const = default;
};

/// What the contract calls hashOperation and hashOperationBatch, computed here.
Word operation_id(TimelockOperation const& operation, port::Hash keccak256);

/// Data of calls to the timelock.
base::Bytes schedule_call(TimelockOperation const& operation, std::uint64_t delay, port::Hash keccak256);
base::Bytes execute_call(TimelockOperation const& operation, port::Hash keccak256);
base::Bytes cancel_call(Word const& id, port::Hash keccak256);
base::Bytes hash_call(TimelockOperation const& operation, port::Hash keccak256);
base::Bytes state_call(Word const& id, port::Hash keccak256);
base::Bytes timestamp_call(Word const& id, port::Hash keccak256);
base::Bytes min_delay_call(port::Hash keccak256);
base::Bytes has_role_call(Word const& role, std::string_view account, port::Hash keccak256);

/// Who may do what: the hashes of "PROPOSER_ROLE" …; the default administrator's is zero. An executor role
/// held by the zero address is held by everybody.
enum class TimelockRole { administrator, proposer, executor, canceller };
Word role_id(TimelockRole role, port::Hash keccak256);

/// What a transaction to the timelock asks for. Throws Error(malformed) for data that calls nothing of this.
struct TimelockRequest {
    enum class Kind { schedule, execute, cancel } kind = Kind::schedule;
    TimelockOperation operation;  // of schedule and execute
    std::uint64_t delay = 0;      // of schedule
    Word id;                      // of all
};
TimelockRequest read_request(base::BytesView data, port::Hash keccak256);

enum class OperationState { unset, waiting, ready, done };
std::string_view words_of(OperationState state);
/// The answer to state_call. Throws Error(malformed).
OperationState read_state(base::BytesView answer);
/// The same from the answer to timestamp_call (older timelocks have no getOperationState) at a block's time.
OperationState state_at(std::uint64_t timestamp, std::uint64_t block_time);

struct TimelockEvent {
    enum class Kind { scheduled, executed, cancelled, salt, delay_changed } kind = Kind::scheduled;
    Word id;                  // of all but delay_changed
    std::uint64_t index = 0;  // of scheduled and executed: the call's place in a batch
    TimelockCall call;        // of those two
    Word predecessor;         // of scheduled
    std::uint64_t delay = 0;  // of scheduled; the new minimum of delay_changed
    Word salt;                // of salt
    std::uint64_t block = 0;
};

/// The events of one timelock among logs, in order; logs of other contracts and other events (roles) are
/// passed over. Throws Error(malformed).
std::vector<TimelockEvent> read_events(std::vector<Log> const& logs, std::string_view timelock,
                                       port::Hash keccak256);

/// An operation as its events tell it, with the form and the calls that make its id.
struct SeenOperation {
    Word id;
    TimelockOperation operation;
    std::uint64_t delay = 0;
    std::uint64_t scheduled_in = 0;  // the last block in which it was scheduled
    bool cancelled = false, executed = false;
};
/// The operations that were scheduled, in order. Throws Error(verification_failed) if calls do not make the
/// id under which they were logged: then the node's logs are not to be believed, or not complete.
std::vector<SeenOperation> fold_events(std::vector<TimelockEvent> const& events, port::Hash keccak256);

}  // namespace consortium::driver::evm
