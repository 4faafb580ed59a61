#include "core/driver/evm/transaction.h"

#include "core/base/error.h"
#include "core/driver/evm/rlp.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

namespace {

// v is 35 or 36 and twice this (EIP-155), in 64 bits.
constexpr std::uint64_t max_chain_id = (std::numeric_limits<std::uint64_t>::max() - 36) / 2;

[[noreturn]] void fail(std::string_view what) {
    throw Error(Code::malformed, fmt::format("not a transaction: {}", what));
}

Bytes address_bytes(std::string_view address) {
    if (address.size() != 42 || !address.starts_with("0x")) fail("an address is 0x and 40 digits");
    return base::from_hex(address.substr(2));
}

void check(Transaction const& transaction) {
    bool const legacy = transaction.type == TransactionType::legacy;
    if (!legacy && !transaction.chain_id) fail("only a legacy one is for no chain");
    if (transaction.chain_id && *transaction.chain_id > max_chain_id) fail("the chain's id is too large");
    if (legacy && !transaction.access_list.empty()) fail("a legacy one has no access list");
    // EIP-2681
    if (transaction.nonce == std::numeric_limits<std::uint64_t>::max()) fail("its nonce is 2^64 - 1");
    // EIP-1559: "The total must be the larger of the two"
    if (transaction.max_priority_fee > transaction.max_fee_per_gas) {
        fail("the priority fee is above the highest fee");
    }
}

Bytes number(Quantity256 const& value) {
    return rlp::string(value.canonical());
}

Bytes encode_access_list(std::vector<AccessEntry> const& entries) {
    std::vector<Bytes> encoded;
    encoded.reserve(entries.size());
    for (auto const& entry : entries) {
        std::vector<Bytes> keys;
        keys.reserve(entry.keys.size());
        for (auto const& key : entry.keys) keys.push_back(rlp::string(key.view()));
        encoded.push_back(rlp::list({rlp::string(address_bytes(entry.address)), rlp::list(keys)}));
    }
    return rlp::list(encoded);
}

// What the signed and the unsigned form share.
std::vector<Bytes> fields_of(Transaction const& transaction) {
    std::vector<Bytes> out;
    out.reserve(12);
    bool const legacy = transaction.type == TransactionType::legacy;
    if (!legacy) out.push_back(rlp::number(*transaction.chain_id));
    out.push_back(rlp::number(transaction.nonce));
    if (transaction.type == TransactionType::fee_market) {
        out.push_back(number(transaction.max_priority_fee));
        out.push_back(number(transaction.max_fee_per_gas));
    } else {
        out.push_back(number(transaction.gas_price));
    }
    out.push_back(rlp::number(transaction.gas_limit));
    out.push_back(rlp::string(transaction.to ? address_bytes(*transaction.to) : Bytes()));
    out.push_back(number(transaction.value));
    out.push_back(rlp::string(transaction.data));
    if (!legacy) out.push_back(encode_access_list(transaction.access_list));
    return out;
}

// EIP-2718: a legacy transaction is its list, any other has its type before it.
Bytes enveloped(TransactionType type, std::vector<Bytes> const& fields) {
    auto out = rlp::list(fields);
    if (type != TransactionType::legacy) out.insert(out.begin(), static_cast<std::uint8_t>(type));
    return out;
}

/// Takes the fields of a list one after the other.
class Fields {
public:
    explicit Fields(std::vector<rlp::Item> items) : m_items(std::move(items)) {}

    rlp::Item const& next() { return m_items.at(m_at++); }
    BytesView text(std::string_view name) {
        auto const& item = next();
        if (item.is_list) fail(fmt::format("{} is a list", name));
        return item.content;
    }
    Quantity256 quantity(std::string_view name) {
        try {
            return Quantity256::from_canonical(text(name));
        } catch (Error const& error) {
            fail(fmt::format("{}: {}", name, error.message()));
        }
    }
    std::uint64_t small(std::string_view name) {
        auto const value = quantity(name).small();
        if (!value) fail(fmt::format("{} is 2^64 or more", name));
        return *value;
    }
    std::optional<std::string> receiver() {
        auto const bytes = text("the receiver");
        if (bytes.empty()) return std::nullopt;
        return address(bytes);
    }
    std::vector<AccessEntry> access_list() {
        std::vector<AccessEntry> out;
        for (auto const& item : rlp::items(next())) {
            Fields entry(rlp::items(item, 2));
            if (entry.size() != 2) fail("an entry of the access list without address and keys");
            auto const bytes = entry.text("an address");
            AccessEntry read{address(bytes), {}};
            for (auto const& key : rlp::items(entry.next())) {
                if (key.is_list || key.content.size() != 32) fail("a key of the access list is of 32 bytes");
                read.keys.push_back(base::Digest::from_bytes(key.content));
            }
            out.push_back(std::move(read));
        }
        return out;
    }
    std::size_t size() const { return m_items.size(); }

private:
    static std::string address(BytesView bytes) {
        if (bytes.size() != 20) fail(fmt::format("an address of {} bytes, not 20", bytes.size()));
        return "0x" + base::to_hex(bytes);
    }

    std::vector<rlp::Item> m_items;
    std::size_t m_at = 0;
};

TransactionType type_of(BytesView raw) {
    if (raw.empty()) fail("nothing");
    if (raw.size() > max_raw_transaction) fail("it is over 1 MiB");
    if (raw[0] >= 0xc0) return TransactionType::legacy;
    if (raw[0] == 1) return TransactionType::access_list;
    if (raw[0] == 2) return TransactionType::fee_market;
    // EIP-2718: types go up to 0x7f
    if (raw[0] > 0x7f) fail("it begins neither with a list nor with a type");
    throw Error(Code::unsupported, fmt::format("a transaction of type {}, which is not known here", raw[0]),
                "types 0 (legacy), 1 (EIP-2930) and 2 (EIP-1559) are");
}

Fields fields_in(BytesView raw, TransactionType type) {
    bool const legacy = type == TransactionType::legacy;
    auto const whole = rlp::read_whole(legacy ? raw : raw.subspan(1), {max_raw_transaction, 4, 100'000});
    std::size_t const count = legacy ? 9 : type == TransactionType::access_list ? 11 : 12;
    Fields fields(rlp::items(whole, count));
    if (fields.size() != count) fail(fmt::format("{} fields, not {}", fields.size(), count));
    return fields;
}

// EIP-155: v is {0,1} + 27 before it, {0,1} + 2 × chain + 35 with it.
int legacy_parity(std::uint64_t v, std::optional<std::uint64_t>& chain_id) {
    if (v == 27 || v == 28) return static_cast<int>(v - 27);
    if (v < 35) fail(fmt::format("its v is {}", v));
    chain_id = (v - 35) / 2;
    return static_cast<int>((v - 35) % 2);
}

void read_fields(Fields& fields, Transaction& out) {
    bool const legacy = out.type == TransactionType::legacy;
    if (!legacy) out.chain_id = fields.small("the chain's id");
    out.nonce = fields.small("the nonce");
    if (out.type == TransactionType::fee_market) {
        out.max_priority_fee = fields.quantity("the priority fee");
        out.max_fee_per_gas = fields.quantity("the highest fee");
    } else {
        out.gas_price = fields.quantity("the gas price");
    }
    out.gas_limit = fields.small("the gas limit");
    out.to = fields.receiver();
    out.value = fields.quantity("the value");
    auto const data = fields.text("the data");
    out.data.assign(data.begin(), data.end());
    if (!legacy) out.access_list = fields.access_list();
}

Signature read_signature(Fields& fields, Transaction& transaction) {
    Signature out;
    auto const v = fields.small("v");
    if (transaction.type == TransactionType::legacy) {
        out.y_parity = legacy_parity(v, transaction.chain_id);
    } else {
        if (v > 1) fail("its parity is neither 0 nor 1");
        out.y_parity = static_cast<int>(v);
    }
    out.r = fields.quantity("r");
    out.s = fields.quantity("s");
    if (!is_canonical(out)) fail("its signature is out of range (EIP-2)");
    return out;
}

}  // namespace

base::Digest digest_to_sign(Transaction const& transaction, port::Hash keccak256) {
    check(transaction);
    auto fields = fields_of(transaction);
    if (transaction.type == TransactionType::legacy && transaction.chain_id) {
        fields.push_back(rlp::number(*transaction.chain_id));
        fields.push_back(rlp::number(0));
        fields.push_back(rlp::number(0));
    }
    return keccak256(enveloped(transaction.type, fields));
}

Bytes encode(Transaction const& transaction, Signature const& signature) {
    check(transaction);
    if (!is_canonical(signature)) fail("its signature is out of range (EIP-2)");
    auto fields = fields_of(transaction);
    auto const parity = static_cast<std::uint64_t>(signature.y_parity);
    bool const legacy = transaction.type == TransactionType::legacy;
    auto const base = !legacy ? 0 : transaction.chain_id ? 35 + 2 * *transaction.chain_id : 27;
    fields.push_back(rlp::number(base + parity));
    fields.push_back(number(signature.r));
    fields.push_back(number(signature.s));
    return enveloped(transaction.type, fields);
}

SignedTransaction read_transaction(BytesView raw, std::uint64_t chain_id, port::Hash keccak256) {
    SignedTransaction out;
    out.transaction.type = type_of(raw);
    auto fields = fields_in(raw, out.transaction.type);
    read_fields(fields, out.transaction);
    out.signature = read_signature(fields, out.transaction);
    check(out.transaction);
    if (out.transaction.chain_id && *out.transaction.chain_id != chain_id) {
        throw Error(Code::verification_failed, fmt::format("the transaction is for chain {}, not {}",
                                                           *out.transaction.chain_id, chain_id));
    }
    auto const sender = recover_address(digest_to_sign(out.transaction, keccak256), out.signature, keccak256);
    if (!sender) throw Error(Code::verification_failed, "no key can have signed the transaction");
    out.sender = *sender;
    out.hash = keccak256(raw);
    return out;
}

std::uint64_t intrinsic_gas(Transaction const& transaction) {
    auto const& data = transaction.data;
    auto const zeros = static_cast<std::uint64_t>(std::count(data.begin(), data.end(), 0));
    std::uint64_t gas = 21'000 + 4 * zeros + 16 * (data.size() - zeros);
    if (!transaction.to) gas += 32'000 + 2 * ((data.size() + 31) / 32);
    for (auto const& entry : transaction.access_list) gas += 2'400 + 1'900 * entry.keys.size();
    return gas;
}

std::optional<Quantity256> highest_cost(Transaction const& transaction) {
    bool const market = transaction.type == TransactionType::fee_market;
    auto const& price = market ? transaction.max_fee_per_gas : transaction.gas_price;
    auto const gas = price.times(transaction.gas_limit);
    return gas ? gas->plus(transaction.value) : std::nullopt;
}

}  // namespace consortium::driver::evm
