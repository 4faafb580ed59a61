#include "core/driver/evm/block.h"

#include "core/driver/evm/recover.h"
#include "core/driver/evm/rlp.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_validators = 1000;

/// The fields of a header in the order in which they are hashed; those after nonce only where the block has
/// them (EIP-1559, 4895, 4844, 4788, 7685).
struct Field {
    char const* name;
    bool is_number;
    bool optional;
};
constexpr Field fields[] = {{"parentHash", false, false},
                            {"sha3Uncles", false, false},
                            {"miner", false, false},
                            {"stateRoot", false, false},
                            {"transactionsRoot", false, false},
                            {"receiptsRoot", false, false},
                            {"logsBloom", false, false},
                            {"difficulty", true, false},
                            {"number", true, false},
                            {"gasLimit", true, false},
                            {"gasUsed", true, false},
                            {"timestamp", true, false},
                            {"extraData", false, false},
                            {"mixHash", false, false},
                            {"nonce", false, false},
                            {"baseFeePerGas", true, true},
                            {"withdrawalsRoot", false, true},
                            {"blobGasUsed", true, true},
                            {"excessBlobGas", true, true},
                            {"parentBeaconBlockRoot", false, true},
                            {"requestsHash", false, true}};

[[noreturn]] void fail(std::string_view what) {
    throw Error(Code::malformed, fmt::format("not a QBFT block: {}", what));
}

std::string hex_digits(Json const& value, std::string_view what) {
    if (!value.is_string()) fail(fmt::format("{} is not a text", what));
    auto const text = value.get<std::string>();
    if (!text.starts_with("0x")) fail(fmt::format("{} does not begin with 0x", what));
    return text.substr(2);
}

Bytes field_bytes(Json const& block, Field const& field) {
    auto digits = hex_digits(block.at(field.name), field.name);
    if (field.is_number) {  // without leading zeros
        digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
        if (digits.size() % 2 != 0) digits.insert(0, "0");
    }
    return base::from_hex(digits);
}

/// RLP([vanity, [validators], vote | [], round, [seals]])
struct Extra {
    Bytes vanity, validators, vote, round;  // encoded, as they stand
    std::vector<std::string> addresses;
    std::optional<consensus::Vote> cast;
    int round_number = 0;
    std::vector<Bytes> seals;
};

std::string address_text(BytesView bytes) {
    if (bytes.size() != 20) fail("an address that is not of 20 bytes");
    return "0x" + base::to_hex(bytes);
}

Bytes copy(BytesView bytes) {
    return {bytes.begin(), bytes.end()};
}

std::optional<consensus::Vote> read_vote(rlp::Item const& item) {
    auto const parts = rlp::items(item, 2);
    if (parts.empty()) return std::nullopt;
    if (parts.size() != 2 || parts[0].is_list || parts[1].is_list)
        fail("a vote without address and direction");
    consensus::Vote vote;
    vote.subject = address_text(parts[0].content);
    bool const add = parts[1].content.size() == 1 && parts[1].content[0] == 0xff;
    if (!add && !parts[1].content.empty()) fail("a vote that neither adds nor removes");
    vote.add = add;
    return vote;
}

Extra read_extra(BytesView bytes) {
    auto const parts = rlp::items(rlp::read(bytes), 5);
    if (parts.size() != 5) fail("extraData without its five parts");
    Extra extra;
    extra.vanity = copy(parts[0].whole);
    extra.validators = copy(parts[1].whole);
    extra.vote = copy(parts[2].whole);
    extra.round = copy(parts[3].whole);
    for (auto const& item : rlp::items(parts[1], max_validators)) {
        extra.addresses.push_back(address_text(item.content));
    }
    extra.cast = read_vote(parts[2]);
    if (parts[3].is_list || parts[3].content.size() > 4) fail("a round that is not a number");
    for (auto const byte : parts[3].content) extra.round_number = extra.round_number << 8 | byte;
    for (auto const& item : rlp::items(parts[4], max_validators)) extra.seals.push_back(copy(item.content));
    return extra;
}

Bytes extra_without_seals(Extra const& extra, Bytes const& round) {
    return rlp::list({extra.vanity, extra.validators, extra.vote, round, rlp::list({})});
}

Bytes encode_header(Json const& block, Bytes const& extra) {
    std::vector<Bytes> encoded;
    for (auto const& field : fields) {
        if (!block.contains(field.name)) {
            if (field.optional) continue;
            fail(fmt::format("no {}", field.name));
        }
        bool const is_extra = std::string_view(field.name) == "extraData";
        encoded.push_back(rlp::string(is_extra ? extra : field_bytes(block, field)));
    }
    return rlp::list(encoded);
}

std::vector<std::string> read_sealers(Json const& block, Extra const& extra, port::Hash keccak256) {
    std::vector<std::string> out;
    auto const digest = keccak256(encode_header(block, extra_without_seals(extra, extra.round)));
    for (auto const& seal : extra.seals) {
        auto const key = recover_key(digest, seal);
        if (key) out.push_back(address_of(*key, keccak256));
    }
    return out;
}

std::string hash_text(Json const& value, std::string_view what) {
    return "0x" + base::Digest::from_hex(hex_digits(value, what)).hex();
}

}  // namespace

std::string address_of(BytesView public_key, port::Hash keccak256) {
    return "0x" + keccak256(public_key).hex().substr(24);
}

std::uint64_t read_quantity(Json const& value) {
    auto const digits = hex_digits(value, "a quantity");
    std::uint64_t out = 0;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
        fail(fmt::format("'0x{}' is not a quantity", digits.substr(0, 20)));
    }
    return out;
}

std::string quantity(std::uint64_t value) {
    return fmt::format("0x{:x}", value);
}

namespace {

consensus::Header read_fields(Json const& block, port::Hash keccak256) {
    auto const extra = read_extra(base::from_hex(hex_digits(block.value("extraData", Json()), "extraData")));
    consensus::Header header;
    header.number = read_quantity(block.at("number"));
    header.time = static_cast<std::int64_t>(read_quantity(block.at("timestamp")));
    header.hash = hash_text(block.at("hash"), "hash");
    header.parent = hash_text(block.at("parentHash"), "parentHash");
    header.proposer = consensus::checked_address(block.at("miner").get<std::string>());
    header.round = extra.round_number;
    header.validators = extra.addresses;
    header.vote = extra.cast;
    if (header.vote) {
        header.vote->voter = header.proposer;
        header.vote->block = header.number;
    }
    auto const hashed = keccak256(encode_header(block, extra_without_seals(extra, rlp::number(0))));
    header.hash_holds = header.hash == "0x" + hashed.hex();
    header.sealers = read_sealers(block, extra, keccak256);
    return header;
}

}  // namespace

consensus::Header read_block(Json const& block, port::Hash keccak256) {
    if (!block.is_object()) fail("no block");
    try {
        return read_fields(block, keccak256);
    } catch (Json::exception const&) {  // a field that is missing or of another type
        fail("a field is missing or of another type");
    }
}

}  // namespace consortium::driver::evm
