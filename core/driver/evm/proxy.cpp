#include "core/driver/evm/proxy.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_nodes = 65;  // one a nibble of a hashed key, and the root

[[noreturn]] void fail(std::string what) {
    throw Error(Code::malformed, std::move(what));
}

[[noreturn]] void contradict(std::string what) {
    throw Error(Code::verification_failed, std::move(what),
                "the node answers what its own proof denies: ask another member's node");
}

// bytes32(uint256(keccak256(text)) - 1)
Word slot_of(std::string_view text, port::Hash keccak256) {
    auto word = abi::topic(text, keccak256);
    for (std::size_t i = word.bytes.size(); i-- > 0;) {
        if (word.bytes[i]-- != 0) break;
    }
    return word;
}

Json const& field(Json const& from, char const* key) {
    auto const found = from.find(key);
    if (found == from.end()) fail(fmt::format("a proof without '{}'", key));
    return *found;
}

std::string text_of(Json const& value, std::string_view what) {
    if (!value.is_string()) fail(fmt::format("{} is not a text", what));
    return value.get<std::string>();
}

std::string field_text(Json const& from, char const* key) {
    return text_of(field(from, key), key);
}

std::vector<Bytes> nodes_of(Json const& from, char const* key) {
    auto const& list = field(from, key);
    if (!list.is_array() || list.size() > max_nodes) fail(fmt::format("'{}' is no list of nodes", key));
    std::vector<Bytes> out;
    out.reserve(list.size());
    for (auto const& node : list) out.push_back(read_data(text_of(node, "a node"), "a node", 1024));
    return out;
}

std::string checked(std::string_view address) {
    return Word::from_address(address).address();
}

std::string block_text(std::uint64_t block) {
    return Word::number(block).quantity();
}

// Positions are 32 bytes in some nodes' answers and quantities in others'.
Word position_of(std::string const& text) {
    return text.size() == 66 ? Word::from_text(text) : Word::from_quantity(text);
}

void check_account(Json const& answer, std::string_view address, AccountState const& account) {
    if (checked(field_text(answer, "address")) != checked(address))
        contradict("the proof of another account");
    AccountState const said{Word::from_quantity(field_text(answer, "nonce")).number(),
                            Word::from_quantity(field_text(answer, "balance")),
                            Word::from_text(field_text(answer, "storageHash")),
                            Word::from_text(field_text(answer, "codeHash"))};
    if (said != account) contradict(fmt::format("the account {} is not as the proof has it", address));
}

Word read_value(Json const& item, Word const& position, AccountState const& account, port::Hash keccak256) {
    if (!item.is_object()) fail("a storage proof that is no table");
    if (position_of(field_text(item, "key")) != position) contradict("the proof of another position");
    auto const value = prove_slot(account.storage_root, position, nodes_of(item, "proof"), keccak256);
    if (Word::from_quantity(field_text(item, "value")) != value) {
        contradict(fmt::format("the value at {} is not as the proof has it", position.text()));
    }
    return value;
}

}  // namespace

ProxySlots proxy_slots(port::Hash keccak256) {
    return {slot_of("eip1967.proxy.implementation", keccak256), slot_of("eip1967.proxy.admin", keccak256),
            slot_of("eip1967.proxy.beacon", keccak256)};
}

std::string_view words_of(ProxyKind kind) {
    switch (kind) {
        case ProxyKind::erc1967:
            return "an ERC-1967 proxy (UUPS)";
        case ProxyKind::transparent:
            return "a transparent proxy";
        case ProxyKind::beacon:
            return "a beacon proxy";
        default:
            return "no proxy";
    }
}

ProxyKind kind_of(ProxySlots const& values) {
    for (auto const& value : {values.implementation, values.admin, values.beacon}) {
        static_cast<void>(value.address());
    }
    bool const implementation = !values.implementation.is_zero(), admin = !values.admin.is_zero(),
               beacon = !values.beacon.is_zero();
    if (beacon && (implementation || admin)) fail("a proxy with a beacon and with a slot of its own");
    if (admin && !implementation) fail("a proxy with an administrator and without an implementation");
    if (beacon) return ProxyKind::beacon;
    if (admin) return ProxyKind::transparent;
    return implementation ? ProxyKind::erc1967 : ProxyKind::none;
}

jsonrpc::Call proof_call(std::string_view address, std::vector<Word> const& positions, std::uint64_t block) {
    auto keys = Json::array();
    for (auto const& position : positions) keys.push_back(position.text());
    return {"eth_getProof", Json::array({checked(address), keys, block_text(block)})};
}

jsonrpc::Call storage_call(std::string_view address, Word const& position, std::uint64_t block) {
    return {"eth_getStorageAt", Json::array({checked(address), position.text(), block_text(block)})};
}

jsonrpc::Call code_call(std::string_view address, std::uint64_t block) {
    return {"eth_getCode", Json::array({checked(address), block_text(block)})};
}

jsonrpc::Call view_call(std::string_view address, BytesView data, std::uint64_t block) {
    Json const call{{"to", checked(address)}, {"data", data_text(data)}};
    return {"eth_call", Json::array({call, block_text(block)})};
}

Word read_storage(Json const& answer) {
    return Word::from_text(text_of(answer, "what is stored"));
}

ProvenState read_proof(Json const& answer, std::string_view address, std::vector<Word> const& positions,
                       Word const& state_root, port::Hash keccak256) {
    if (!answer.is_object()) fail("a proof that is no table");
    ProvenState out;
    out.account = prove_account(state_root, address, nodes_of(answer, "accountProof"), keccak256);
    check_account(answer, address, out.account);
    auto const& items = field(answer, "storageProof");
    if (!items.is_array() || items.size() != positions.size()) fail("not one proof for each position");
    out.values.reserve(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
        out.values.push_back(read_value(items[i], positions[i], out.account, keccak256));
    }
    return out;
}

Bytes read_code(Json const& answer, AccountState const& account, port::Hash keccak256) {
    auto code = read_data(text_of(answer, "the code"), "the code");
    if (Word::from_digest(keccak256(code)) != account.code_hash) {
        contradict("the code does not have the hash that the state has");
    }
    return code;
}

Proxy read_proxy(Ask const& ask, std::string_view address, BlockPoint const& block, port::Hash keccak256) {
    auto const proven = [&](std::string_view whose, std::vector<Word> const& positions) {
        auto const answer = ask(proof_call(whose, positions, block.number));
        return read_proof(*answer, whose, positions, block.state_root, keccak256);
    };
    auto const slots = proxy_slots(keccak256);
    auto const values = proven(address, {slots.implementation, slots.admin, slots.beacon}).values;
    Proxy out;
    out.address = checked(address);
    out.kind = kind_of({values[0], values[1], values[2]});
    if (out.kind == ProxyKind::none) return out;
    if (!values[1].is_zero()) out.admin = values[1].address();
    if (out.kind == ProxyKind::beacon) {
        out.beacon = values[2].address();
        out.proven = false;
        auto const answer =
            ask(view_call(out.beacon, abi::call("implementation()", {}, keccak256), block.number));
        out.implementation = read_storage(*answer).address();
    } else {
        out.implementation = values[0].address();
    }
    auto const account = proven(out.implementation, {}).account;
    auto const code = ask(code_call(out.implementation, block.number));
    out.code = read_code(*code, account, keccak256);
    return out;
}

}  // namespace consortium::driver::evm
