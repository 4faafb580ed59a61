#include "core/driver/evm/log.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_logs = 100'000;

[[noreturn]] void fail(std::string_view what) {
    throw Error(Code::malformed, std::string(what));
}

std::string text(Json const& from, char const* key) {
    auto const found = from.find(key);
    if (found == from.end() || !found->is_string()) fail(fmt::format("a log or receipt without '{}'", key));
    return found->get<std::string>();
}

Log read_log(Json const& item) {
    if (!item.is_object()) fail("a log that is no table");
    if (item.contains("removed") && item["removed"] != false) fail("a log that was removed from the chain");
    Log out;
    out.address = Word::from_address(text(item, "address")).address();
    out.data = read_data(text(item, "data"), "the data of a log");
    out.block = Word::from_quantity(text(item, "blockNumber")).number();
    out.index = Word::from_quantity(text(item, "logIndex")).number();
    auto const topics = item.find("topics");
    if (topics == item.end() || !topics->is_array() || topics->size() > 4) fail("a log without its topics");
    for (auto const& topic : *topics) {
        if (!topic.is_string()) fail("a topic that is not a text");
        out.topics.push_back(Word::from_text(topic.get<std::string>()));
    }
    return out;
}

}  // namespace

std::vector<Log> read_logs(Json const& logs) {
    if (!logs.is_array() || logs.size() > max_logs) fail("logs that are not a list, or too many");
    std::vector<Log> out;
    out.reserve(logs.size());
    for (auto const& item : logs) {
        auto log = read_log(item);
        if (!out.empty() &&
            std::pair(log.block, log.index) <= std::pair(out.back().block, out.back().index)) {
            fail("logs that are not in the order of the chain");
        }
        out.push_back(std::move(log));
    }
    return out;
}

std::optional<TransactionReceipt> read_transaction_receipt(Json const& answer, Word const& transaction) {
    if (answer.is_null()) return std::nullopt;
    if (!answer.is_object()) fail("a receipt that is no table");
    TransactionReceipt out;
    out.transaction = Word::from_text(text(answer, "transactionHash"));
    if (out.transaction != transaction) fail("the receipt of another transaction");
    out.block = Word::from_quantity(text(answer, "blockNumber")).number();
    out.block_hash = Word::from_text(text(answer, "blockHash"));
    out.succeeded = Word::from_quantity(text(answer, "status")).truth();
    auto const logs = answer.find("logs");
    if (logs == answer.end()) fail("a receipt without logs");
    out.logs = read_logs(*logs);
    for (auto const& log : out.logs) {
        if (log.block != out.block) fail("a receipt with a log of another block");
    }
    if (!out.succeeded && !out.logs.empty()) fail("a receipt of a failure with logs");
    return out;
}

void require_success(TransactionReceipt const& receipt, std::string_view what) {
    if (receipt.succeeded) return;
    throw Error(Code::verification_failed,
                fmt::format("{} failed: the receipt of {} in block {} has status 0x0", what,
                            receipt.transaction.text(), receipt.block),
                {}, {{"transaction", receipt.transaction.text()}, {"status", "0x0"}});
}

}  // namespace consortium::driver::evm
