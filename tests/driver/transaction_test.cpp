#include "core/driver/evm/transaction.h"

#include "core/base/error.h"
#include "core/crypto/keccak.h"
#include "tests/driver/vectors.h"
#include "tests/support/code_of.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
using consortium::crypto::keccak256;
using consortium::test::hex_bytes;
using consortium::test::vectors;
using evm::Quantity256;
using nlohmann::json;

namespace {

evm::SignedTransaction read(base::Bytes const& raw, std::uint64_t chain) {
    return evm::read_transaction(raw, chain, &keccak256);
}

Quantity256 field(json const& fields, char const* name) {
    return fields.contains(name) ? Quantity256::from_text(fields.at(name).get<std::string>()) : Quantity256();
}

void check_fields(evm::Transaction const& transaction, json const& fields) {
    CHECK(Quantity256(transaction.nonce) == field(fields, "nonce"));
    CHECK(Quantity256(transaction.gas_limit) == field(fields, "gasLimit"));
    CHECK(transaction.gas_price == field(fields, "gasPrice"));
    CHECK(transaction.max_fee_per_gas == field(fields, "maxFeePerGas"));
    CHECK(transaction.max_priority_fee == field(fields, "maxPriorityFeePerGas"));
    CHECK(transaction.value == field(fields, "value"));
    CHECK(transaction.to.value_or("none") == fields.value("to", "none"));
}

// As the vectors judge: whether it can be read, its gas can have a price at all, and it has enough of it.
bool is_taken(json const& row) {
    try {
        auto out = read(hex_bytes(row[2]), row[1].get<std::uint64_t>());
        out.transaction.value = Quantity256();
        return evm::highest_cost(out.transaction).has_value() &&
               out.transaction.gas_limit >= evm::intrinsic_gas(out.transaction);
    } catch (base::Error const&) {
        return false;
    }
}

evm::Transaction const& sample() {
    static auto const made = [] {
        evm::Transaction out;
        out.chain_id = 1337;
        out.nonce = 7;
        out.max_fee_per_gas = Quantity256(2'000'000'000);
        out.max_priority_fee = Quantity256(1);
        out.gas_limit = 90'000;
        out.to = "0x3535353535353535353535353535353535353535";
        out.value = Quantity256(1);
        return out;
    }();
    return made;
}

evm::Signature const any{Quantity256(1), Quantity256(1), 0};

}  // namespace

TEST_CASE("transactions: EIP-155's example, its hash for signing and its bytes") {
    evm::Transaction transaction;
    transaction.type = evm::TransactionType::legacy;
    transaction.chain_id = 1;
    transaction.nonce = 9;
    transaction.gas_price = Quantity256::from_text("20000000000");
    transaction.gas_limit = 21'000;
    transaction.to = "0x3535353535353535353535353535353535353535";
    transaction.value = Quantity256::from_text("1000000000000000000");
    auto const digest = evm::digest_to_sign(transaction, &keccak256);
    CHECK(digest.hex() == "daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    evm::Signature const signature{
        Quantity256::from_text("0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"),
        Quantity256::from_text("0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"), 0};
    CHECK(base::to_hex(evm::encode(transaction, signature)) ==
          "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025"
          "a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
          "a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
}

TEST_CASE("transactions: published valid ones give their sender, hash and gas, and are written again") {
    auto const rows = vectors("transactions.json", "valid");
    CHECK(rows.size() >= 9);
    for (auto const& row : rows) {
        CAPTURE(row[0].get<std::string>());
        auto const raw = hex_bytes(row[2]);
        auto const out = read(raw, row[1].get<std::uint64_t>());
        if (row[3].is_string()) CHECK(out.sender == row[3].get<std::string>());
        if (row[4].is_string()) CHECK("0x" + out.hash.hex() == row[4].get<std::string>());
        if (row[5].is_string()) {
            CHECK(Quantity256(evm::intrinsic_gas(out.transaction)) ==
                  Quantity256::from_text(row[5].get<std::string>()));
            CHECK(is_taken(row));
        }
        CHECK(evm::encode(out.transaction, out.signature) == raw);
    }
}

TEST_CASE("transactions: published invalid ones are refused") {
    for (auto const& row : vectors("transactions.json", "invalid")) {
        CAPTURE(row[0].get<std::string>());
        CHECK_FALSE(is_taken(row));
    }
}

TEST_CASE("transactions: what other software signed has these fields, this digest and this sender") {
    auto const rows = vectors("transactions.json", "signed");
    CHECK(rows.size() >= 90);
    for (auto const& row : rows) {
        CAPTURE(row["name"].get<std::string>());
        auto const raw = hex_bytes(row["raw"]);
        auto const chain = row["chain"].is_null() ? 1 : row["chain"].get<std::uint64_t>();
        auto const out = read(raw, chain);
        CHECK(out.sender == row["sender"].get<std::string>());
        CHECK(out.transaction.chain_id.has_value() == row["chain"].is_number());
        check_fields(out.transaction, row["fields"]);
        CHECK(evm::digest_to_sign(out.transaction, &keccak256) == keccak256(hex_bytes(row["unsigned"])));
        CHECK(evm::encode(out.transaction, out.signature) == raw);
    }
}

TEST_CASE("transactions: those for another chain, of other types and too large are told apart") {
    auto const raw = evm::encode(sample(), any);
    CHECK(code_of([&] { read(raw, 1338); }) == base::Code::verification_failed);
    for (std::uint8_t const type : {0, 3, 4, 0x7f}) {
        CAPTURE(type);
        auto other = raw;
        other[0] = type;
        CHECK(code_of([&] { read(other, 1337); }) == base::Code::unsupported);
    }
    auto odd = raw;
    odd[0] = 0x80;
    CHECK(code_of([&] { read(odd, 1337); }) == base::Code::malformed);
    // A parity of 2, or of 2^32 that 32 bits would take for 0: the last fields are parity, r and s.
    for (base::Bytes const& parity : {base::Bytes{2}, base::Bytes{0x85, 1, 0, 0, 0, 0}}) {
        auto fields = base::Bytes(raw.begin() + 2, raw.end() - 3);
        fields.insert(fields.end(), parity.begin(), parity.end());
        fields.insert(fields.end(), {1, 1});
        base::Bytes changed{2, static_cast<std::uint8_t>(0xc0 + fields.size())};
        changed.insert(changed.end(), fields.begin(), fields.end());
        CHECK(code_of([&] { read(changed, 1337); }) == base::Code::malformed);
    }
    // The data as a list: they stand before the empty access list, the parity, r and s.
    auto listed = raw;
    listed[raw.size() - 5] = 0xc0;
    CHECK(raw[raw.size() - 5] == 0x80);
    CHECK(code_of([&] { read(listed, 1337); }) == base::Code::malformed);
    for (std::size_t const count : {0, 8, 10}) {
        base::Bytes list{static_cast<std::uint8_t>(0xc0 + count)};
        list.resize(1 + count, 1);
        CHECK(code_of([&] { read(list, 1337); }) == base::Code::malformed);
    }
    CHECK(code_of([] { read({}, 1); }) == base::Code::malformed);
    CHECK(code_of([] { read(base::Bytes(evm::max_raw_transaction + 1, 0xc0), 1); }) == base::Code::malformed);
}

TEST_CASE("transactions: what no node can take is not written") {
    auto const refused = [](auto const& change) {
        auto transaction = sample();
        change(transaction);
        CHECK(code_of([&] { evm::digest_to_sign(transaction, &keccak256); }) == base::Code::malformed);
        CHECK(code_of([&] { evm::encode(transaction, any); }) == base::Code::malformed);
    };
    refused([](auto& each) { each.chain_id.reset(); });
    refused([](auto& each) { each.chain_id = ~std::uint64_t{}; });
    refused([](auto& each) { each.nonce = ~std::uint64_t{}; });
    refused([](auto& each) { each.to = "0x35"; });
    refused([](auto& each) { each.to = std::string(42, 'a'); });
    refused([](auto& each) { each.max_priority_fee = Quantity256(2'000'000'001); });
    refused([](auto& each) {
        each.type = evm::TransactionType::legacy;
        each.access_list = {{*each.to, {}}};
    });
    auto const high =
        Quantity256::from_text("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1");
    for (auto const& bad : {evm::Signature{Quantity256(1), high, 0}, evm::Signature{Quantity256(), any.s, 0},
                            evm::Signature{any.r, any.s, 2}}) {
        CHECK(code_of([&] { evm::encode(sample(), bad); }) == base::Code::malformed);
    }
}

TEST_CASE("transactions: gas is due for data, for what is created, and for what the access list names") {
    auto transaction = sample();
    CHECK(evm::intrinsic_gas(transaction) == 21'000);
    transaction.data = {0, 0, 1};
    CHECK(evm::intrinsic_gas(transaction) == 21'000 + 2 * 4 + 16);
    transaction.access_list = {{*transaction.to, {base::Digest(), base::Digest()}}, {*transaction.to, {}}};
    CHECK(evm::intrinsic_gas(transaction) == 21'024 + 2 * 2'400 + 2 * 1'900);
    transaction = sample();
    transaction.to.reset();
    transaction.data.assign(33, 0);  // two words
    CHECK(evm::intrinsic_gas(transaction) == 21'000 + 33 * 4 + 32'000 + 2 * 2);
}

TEST_CASE("transactions: the highest cost is gas and value") {
    CHECK(evm::highest_cost(sample())->decimal() == "180000000000001");
    auto transaction = sample();
    transaction.value = Quantity256(1).negated();
    CHECK_FALSE(evm::highest_cost(transaction).has_value());
}
