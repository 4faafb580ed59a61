#pragma once

#include "core/base/json.h"
#include "core/driver/evm/abi.h"

namespace consortium::driver::evm {

/// One log of a contract.
struct Log {
    std::string address;  // "0x" and lower-case digits
    std::vector<Word> topics;
    base::Bytes data;
    std::uint64_t block = 0;
    std::uint64_t index = 0;  // in its block
};

/// What eth_getLogs answers, or the logs of a receipt: in the order of the chain. Throws Error(malformed),
/// also for a log that the node says was removed.
std::vector<Log> read_logs(base::Json const& logs);

/// What became of a transaction.
struct TransactionReceipt {
    Word transaction;
    std::uint64_t block = 0;
    Word block_hash;
    bool succeeded = false;  // status 0x1; 0x0 is a failure whatever the node said to the submission (G7)
    std::vector<Log> logs;
};

/// What eth_getTransactionReceipt answers for `transaction`; none if it is null: not in a block yet. Throws
/// Error(malformed), also for another transaction's and for one without a status.
std::optional<TransactionReceipt> read_transaction_receipt(base::Json const& answer, Word const& transaction);

/// Throws Error(verification_failed) saying that `what` failed, if its receipt says so.
void require_success(TransactionReceipt const& receipt, std::string_view what);

}  // namespace consortium::driver::evm
