#include "core/driver/evm/raw_block.h"

#include "core/base/error.h"
#include "core/driver/evm/recover.h"
#include "core/driver/evm/rlp.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Json;

namespace {

enum class Form { bytes, number };
enum class Presence { always, later };

/// The fields of a header in the order in which they are hashed; those after nonce only where the block has
/// them (EIP-1559, 4895, 4844, 4788, 7685).
struct Field {
    std::string_view name;
    Form form;
    Presence presence;
};
constexpr Field fields[] = {{"parentHash", Form::bytes, Presence::always},
                            {"sha3Uncles", Form::bytes, Presence::always},
                            {"miner", Form::bytes, Presence::always},
                            {"stateRoot", Form::bytes, Presence::always},
                            {"transactionsRoot", Form::bytes, Presence::always},
                            {"receiptsRoot", Form::bytes, Presence::always},
                            {"logsBloom", Form::bytes, Presence::always},
                            {"difficulty", Form::number, Presence::always},
                            {"number", Form::number, Presence::always},
                            {"gasLimit", Form::number, Presence::always},
                            {"gasUsed", Form::number, Presence::always},
                            {"timestamp", Form::number, Presence::always},
                            {"extraData", Form::bytes, Presence::always},
                            {"mixHash", Form::bytes, Presence::always},
                            {"nonce", Form::bytes, Presence::always},
                            {"baseFeePerGas", Form::number, Presence::later},
                            {"withdrawalsRoot", Form::bytes, Presence::later},
                            {"blobGasUsed", Form::number, Presence::later},
                            {"excessBlobGas", Form::number, Presence::later},
                            {"parentBeaconBlockRoot", Form::bytes, Presence::later},
                            {"requestsHash", Form::bytes, Presence::later}};

// All blocks have the fields up to nonce, so that they stand at the same place in each.
std::size_t place_of(std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(fields, name, &Field::name) - std::begin(fields));
}

std::string hex_digits(Json const& value, std::string_view what) {
    if (!value.is_string()) fail_block(fmt::format("{} is not a text", what));
    auto text = value.get<std::string>();
    if (!text.starts_with("0x")) fail_block(fmt::format("{} does not begin with 0x", what));
    return text.substr(2);
}

Bytes field_bytes(Json const& block, Field const& field) {
    auto digits = hex_digits(block.at(field.name), field.name);
    if (field.form == Form::number) {  // without leading zeros
        if (digits.empty()) fail_block(fmt::format("{} without a digit", field.name));
        digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
        if (digits.size() % 2 != 0) digits.insert(0, "0");
    }
    return base::from_hex(digits);
}

std::string hash_field(Json const& block, std::string_view name) {
    return hash_text(base::Digest::from_hex(hex_digits(block.at(name), name)));
}

}  // namespace

void fail_block(std::string_view what) {
    throw base::Error(base::Code::malformed, fmt::format("not a block: {}", what));
}

RawBlock::RawBlock(Json const& block, port::Hash keccak256) : m_keccak256(keccak256) {
    if (!block.is_object()) fail_block("nothing that has fields");
    for (auto const& field : fields) {
        if (block.contains(field.name))
            m_fields.push_back(rlp::string(field_bytes(block, field)));
        else if (field.presence == Presence::always)
            fail_block(fmt::format("no {}", field.name));
    }
    number = read_quantity(block.at("number"));
    difficulty = read_quantity(block.at("difficulty"));
    timestamp = read_quantity(block.at("timestamp"));
    hash = hash_field(block, "hash");
    parent = hash_field(block, "parentHash");
    miner = address_text(base::from_hex(hex_digits(block.at("miner"), "miner")));
    extra = base::from_hex(hex_digits(block.at("extraData"), "extraData"));
    nonce = base::from_hex(hex_digits(block.at("nonce"), "nonce"));
}

base::Digest RawBlock::hash_with(BytesView other) const {
    auto encoded = m_fields;
    encoded[place_of("extraData")] = rlp::string(other);
    return m_keccak256(rlp::list(encoded));
}

base::Digest RawBlock::early_hash() const {
    auto encoded = m_fields;
    for (auto const* name : {"sha3Uncles", "transactionsRoot", "receiptsRoot"})
        encoded[place_of(name)] = rlp::string(Bytes(32));
    encoded[place_of("extraData")] = rlp::string({});
    return m_keccak256(rlp::list(encoded));
}

std::string RawBlock::signer(base::Digest const& digest, BytesView signature) const {
    auto const key = recover_key(digest, signature);
    return key ? address_of(*key, m_keccak256) : std::string();
}

std::string address_of(BytesView public_key, port::Hash keccak256) {
    return "0x" + keccak256(public_key).hex().substr(24);
}

std::string address_text(BytesView bytes) {
    if (bytes.size() != 20) fail_block("an address that is not of 20 bytes");
    return "0x" + base::to_hex(bytes);
}

std::string hash_text(base::Digest const& digest) {
    return "0x" + digest.hex();
}

std::uint64_t read_quantity(Json const& value) {
    auto const digits = hex_digits(value, "a quantity");
    std::uint64_t out = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
        fail_block(fmt::format("'0x{}' is not a quantity", digits.substr(0, 20)));
    return out;
}

std::string quantity(std::uint64_t value) {
    return fmt::format("0x{:x}", value);
}

}  // namespace consortium::driver::evm
