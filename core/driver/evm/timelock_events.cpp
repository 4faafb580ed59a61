#include "core/base/error.h"
#include "core/driver/evm/timelock.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace consortium::driver::evm {

using base::Code;
using base::Error;
using Kind = TimelockEvent::Kind;

namespace {

constexpr std::size_t max_calls = 10'000;

struct Form {
    std::string_view signature;
    Kind kind;
    std::size_t topics;     // with that of the signature
    std::size_t arguments;  // in the data
};
constexpr Form forms[] = {
    {"CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)", Kind::scheduled, 3, 5},
    {"CallExecuted(bytes32,uint256,address,uint256,bytes)", Kind::executed, 3, 3},
    {"Cancelled(bytes32)", Kind::cancelled, 2, 0},
    {"CallSalt(bytes32,bytes32)", Kind::salt, 2, 1},
    {"MinDelayChange(uint256,uint256)", Kind::delay_changed, 1, 2},
};

TimelockEvent read_event(Form const& form, Log const& log) {
    if (log.topics.size() != form.topics) {
        throw Error(Code::malformed,
                    fmt::format("a log with {} topics instead of {}", log.topics.size(), form.topics));
    }
    TimelockEvent out;
    out.kind = form.kind;
    out.block = log.block;
    if (form.topics > 1) out.id = log.topics[1];
    if (form.topics > 2) out.index = log.topics[2].number();
    abi::Reader in(log.data, form.arguments);
    switch (form.kind) {
        case Kind::scheduled:
        case Kind::executed:
            out.call.target = in.word().address();
            out.call.value = in.word();
            out.call.data = in.bytes();
            if (form.kind == Kind::executed) break;
            out.predecessor = in.word();
            out.delay = in.word().number();
            break;
        case Kind::salt:
            out.salt = in.word();
            break;
        case Kind::delay_changed:
            static_cast<void>(in.word());  // the old one
            out.delay = in.word().number();
            break;
        case Kind::cancelled:
            break;
    }
    in.done();
    return out;
}

// One operation while its events come in.
struct Gathered {
    SeenOperation seen;
    std::size_t order = 0;  // of its first event
};

void schedule_call_of(Gathered& one, TimelockEvent const& event) {
    auto& operation = one.seen.operation;
    if (event.index == 0) {  // again, after it was cancelled
        operation = {};
        operation.predecessor = event.predecessor;
        one.seen.cancelled = false;
    }
    if (event.index != operation.calls.size() || event.index >= max_calls) {
        throw Error(Code::verification_failed,
                    fmt::format("the logs of operation {} lack a call before its {}th", event.id.text(),
                                event.index + 1));
    }
    operation.calls.push_back(event.call);
    one.seen.delay = event.delay;
    one.seen.scheduled_in = event.block;
}

// Logs do not tell a batch of one call from a single one, but the id does.
void settle_form(SeenOperation& seen, port::Hash keccak256) {
    if (seen.operation.calls.size() == 1) {
        seen.operation.form = OperationForm::single;
        if (operation_id(seen.operation, keccak256) == seen.id) return;
    }
    seen.operation.form = OperationForm::batch;
    if (operation_id(seen.operation, keccak256) == seen.id) return;
    throw Error(Code::verification_failed,
                fmt::format("the logged calls of operation {} do not make its id", seen.id.text()),
                "ask another node for the timelock's logs, from the block in which it was deployed");
}

}  // namespace

std::vector<TimelockEvent> read_events(std::vector<Log> const& logs, std::string_view timelock,
                                       port::Hash keccak256) {
    std::vector<TimelockEvent> out;
    auto const wanted = Word::from_address(timelock).address();
    for (auto const& log : logs) {
        if (log.address != wanted || log.topics.empty()) continue;
        for (auto const& form : forms) {
            if (log.topics[0] == abi::topic(form.signature, keccak256)) out.push_back(read_event(form, log));
        }
    }
    return out;
}

std::vector<SeenOperation> fold_events(std::vector<TimelockEvent> const& events, port::Hash keccak256) {
    std::map<Word, Gathered> found;
    for (auto const& event : events) {
        if (event.kind == Kind::delay_changed) continue;
        auto const [place, is_new] = found.try_emplace(event.id);
        auto& one = place->second;
        if (is_new) {
            one.seen.id = event.id;
            one.order = found.size();
        }
        if (event.kind == Kind::scheduled) schedule_call_of(one, event);
        if (event.kind == Kind::salt) one.seen.operation.salt = event.salt;
        if (event.kind == Kind::cancelled) one.seen.cancelled = true;
        if (event.kind == Kind::executed) one.seen.executed = true;
    }
    std::vector<Gathered> ordered;
    ordered.reserve(found.size());
    for (auto& [id, one] : found) ordered.push_back(std::move(one));
    std::sort(ordered.begin(), ordered.end(), [](auto const& a, auto const& b) { return a.order < b.order; });
    std::vector<SeenOperation> out;
    out.reserve(ordered.size());
    for (auto& one : ordered) {
        settle_form(one.seen, keccak256);
        out.push_back(std::move(one.seen));
    }
    return out;
}

}  // namespace consortium::driver::evm
