#include "core/base/error.h"
#include "core/driver/evm/proxy.h"
#include "tests/driver/evm_exchange.h"

#include <doctest/doctest.h>
#include <set>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace rlp = consortium::driver::evm::rlp;
namespace at = consortium::test::at;
namespace jsonrpc = consortium::driver::jsonrpc;
using base::Bytes;
using base::Json;
using consortium::crypto::keccak256;
using consortium::test::Exchanges;
using evm::ProxyKind;
using evm::Word;

namespace {

// The hash of a recorded header: of all its fields, as anvil has it (Shanghai, Cancun, Prague).
Word header_hash(Json const& block) {
    std::vector<Bytes> fields;
    for (char const* name :
         {"parentHash",    "sha3Uncles",      "miner",       "stateRoot",     "transactionsRoot",
          "receiptsRoot",  "logsBloom",       "difficulty",  "number",        "gasLimit",
          "gasUsed",       "timestamp",       "extraData",   "mixHash",       "nonce",
          "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot",
          "requestsHash"}) {
        auto const text = block.at(name).get<std::string>();
        static std::set<std::string> const numbers{"difficulty",  "number",       "gasLimit",
                                                   "gasUsed",     "timestamp",    "baseFeePerGas",
                                                   "blobGasUsed", "excessBlobGas"};
        fields.push_back(numbers.contains(name) ? rlp::number(Word::from_quantity(text).number())
                                                : rlp::string(evm::read_data(text, name)));
    }
    return Word::from_digest(keccak256(rlp::list(fields)));
}

evm::BlockPoint block(Exchanges const& node, std::uint64_t number) {
    auto const& recorded = node.block(Word::number(number).quantity());
    return {number, Word::from_text(recorded.at("stateRoot").get<std::string>())};
}

std::vector<Word> positions_of(Json const& line) {
    std::vector<Word> out;
    for (auto const& key : line["params"][1]) out.push_back(Word::from_text(key.get<std::string>()));
    return out;
}

// The recorded proofs: line and block.
std::vector<std::pair<std::size_t, std::uint64_t>> const proofs{{47, 8}, {48, 8},   {49, 8},   {50, 8},
                                                                {51, 8}, {100, 17}, {134, 20}, {135, 20}};

evm::ProvenState proven(Exchanges const& node, std::size_t line, Word const& root, Json const& answer) {
    auto const& params = node.line(line)["params"];
    return evm::read_proof(answer, params[0].get<std::string>(), positions_of(node.line(line)), root,
                           &keccak256);
}

bool holds(Exchanges const& node, std::size_t line, Word const& root, Json const& answer) {
    try {
        static_cast<void>(proven(node, line, root, answer));
    } catch (base::Error const& error) {
        CHECK((error.code() == base::Code::verification_failed || error.code() == base::Code::malformed));
        return false;
    }
    return true;
}

std::string flipped(std::string text, std::size_t digit) {
    auto const value = std::stoi(text.substr(digit, 1), nullptr, 16) ^ 1;
    text[digit] = "0123456789abcdef"[value];
    return text;
}

}  // namespace

TEST_CASE("the slots of EIP-1967 are the published ones") {
    auto const slots = evm::proxy_slots(&keccak256);
    CHECK(slots.implementation.text() ==
          "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");
    CHECK(slots.admin.text() == "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103");
    CHECK(slots.beacon.text() == "0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50");
}

TEST_CASE("the recorded proofs hold against the state roots of recorded headers, whose hashes hold") {
    Exchanges const node;
    for (std::uint64_t number = 0; number <= 20; ++number) {
        auto const& recorded = node.block(Word::number(number).quantity());
        CHECK(header_hash(recorded).text() == recorded.at("hash").get<std::string>());
    }
    for (auto const& [line, number] : proofs) {
        CAPTURE(line);
        CHECK(holds(node, line, block(node, number).state_root, node.result(line)));
        // Anvil's block before or after has another root, and there it does not hold.
        CHECK_FALSE(holds(node, line, block(node, number - 1).state_root, node.result(line)));
    }
    auto const root = [&](std::uint64_t number) { return block(node, number).state_root; };
    auto const before = proven(node, 47, root(8), node.result(47));
    CHECK(before.values == std::vector<Word>{Word::from_address(at::v1), Word()});
    auto const after = proven(node, 134, root(20), node.result(134));
    CHECK(after.values == std::vector<Word>{Word::from_address(at::v2), Word(), Word()});
    auto const nobody = proven(node, 51, root(8), node.result(51)).account;
    CHECK(nobody.nonce == 0);
    CHECK(nobody.code_hash == Word::from_digest(keccak256({})));
}

TEST_CASE("every digit of a recorded proof that is changed, and every node left out, is caught") {
    Exchanges const node;
    for (auto const& [line, number] : proofs) {
        CAPTURE(line);
        auto const root = block(node, number).state_root;
        auto const good = node.result(line);
        std::vector<Json::json_pointer> lists{Json::json_pointer("/accountProof")};
        for (std::size_t i = 0; i < good["storageProof"].size(); ++i) {
            lists.push_back(Json::json_pointer("/storageProof") / i / "proof");
        }
        for (auto const& list : lists) {
            for (std::size_t i = 0; i < good[list].size(); ++i) {
                auto changed = good;
                auto& text = changed[list / i].get_ref<std::string&>();
                auto const original = text;
                for (std::size_t digit = 2; digit < original.size(); ++digit) {
                    text = flipped(original, digit);
                    if (holds(node, line, root, changed))
                        FAIL_CHECK(list.to_string() << " " << i << ": " << digit);
                }
                changed = good;
                changed[list].erase(i);
                // Of an empty storage, no node says the same as the empty node.
                bool const empty = original == "0x80";
                CHECK(holds(node, line, root, changed) == empty);
                changed = good;
                changed[list].push_back(original);
                CHECK_FALSE(holds(node, line, root, changed));
            }
        }
    }
}

TEST_CASE("words beside a proof that say something else are a contradiction") {
    Exchanges const node;
    auto const root = block(node, 8).state_root;
    auto const with = [&](std::string const& pointer, Json const& value) {
        auto changed = node.result(47);
        changed[Json::json_pointer(pointer)] = value;
        return holds(node, 47, root, changed);
    };
    CHECK(with("/balance", "0x0"));
    CHECK_FALSE(with("/balance", "0x1"));
    CHECK_FALSE(with("/nonce", "0x2"));
    CHECK_FALSE(with("/codeHash", node.result(48)["codeHash"]));
    CHECK_FALSE(with("/storageHash", node.result(48)["storageHash"]));
    CHECK_FALSE(with("/address", at::v1));
    CHECK_FALSE(with("/storageProof/0/value", at::v2));
    CHECK_FALSE(with("/storageProof/1/value", "0x1"));
    CHECK_FALSE(with("/storageProof/0/key", node.result(47)["storageProof"][1]["key"]));
    CHECK_FALSE(with("/storageProof/0", node.result(47)["storageProof"][1]));
    CHECK_FALSE(with("/storageProof", Json::array()));
    CHECK_FALSE(with("/accountProof", "0x"));
    CHECK_FALSE(with("/accountProof/0", 5));
    CHECK_FALSE(with("/storageProof/0/value", Json()));
    auto short_key = node.result(51);  // as other nodes write it
    short_key["storageProof"][0]["key"] = "0x0";
    CHECK(holds(node, 51, root, short_key));
    short_key["storageProof"][0]["key"] = "0x1";
    CHECK_FALSE(holds(node, 51, root, short_key));
    CHECK_FALSE(holds(node, 47, root, Json()));
    CHECK_FALSE(holds(node, 47, root, node.result(48)));  // of another account
}

TEST_CASE("code has the hash that the proven account has") {
    Exchanges const node;
    for (auto const& [proof, code] :
         std::vector<std::pair<std::size_t, std::size_t>>{{48, 37}, {49, 38}, {50, 39}}) {
        auto const account = proven(node, proof, block(node, 8).state_root, node.result(proof)).account;
        CHECK(evm::read_code(node.result(code), account, &keccak256) == node.data(code));
        CHECK_THROWS_AS(evm::read_code(node.result(36), account, &keccak256), base::Error);
        CHECK_THROWS_AS(evm::read_code(Json("0x"), account, &keccak256), base::Error);
    }
}

TEST_CASE("the kind of a proxy is told from its slots, as recorded") {
    Exchanges const node;
    auto const kind = [&](std::size_t first) {
        return evm::kind_of({evm::read_storage(node.result(first)), evm::read_storage(node.result(first + 1)),
                             evm::read_storage(node.result(first + 2))});
    };
    CHECK(kind(24) == ProxyKind::erc1967);
    CHECK(kind(27) == ProxyKind::transparent);
    CHECK(kind(30) == ProxyKind::beacon);
    CHECK(kind(33) == ProxyKind::none);  // V1 itself
    CHECK(kind(107) == ProxyKind::beacon);
    CHECK(evm::words_of(kind(27)) == "a transparent proxy");
    auto const one = Word::number(1);
    CHECK_THROWS_AS(evm::kind_of({one, {}, one}), base::Error);
    CHECK_THROWS_AS(evm::kind_of({{}, one, one}), base::Error);
    CHECK_THROWS_AS(evm::kind_of({{}, one, {}}), base::Error);
    CHECK_THROWS_AS(evm::kind_of({Word::from_big_endian(Bytes(32, 1)), {}, {}}), base::Error);
}

TEST_CASE("G35 a position of storage is 32 bytes before it is sent") {
    Exchanges const node;
    auto const slots = evm::proxy_slots(&keccak256);
    auto const sent = evm::storage_call(at::proxy, slots.implementation, 16);
    CHECK(sent.method == node.line(97)["method"].get<std::string>());
    CHECK(*sent.params == node.line(97)["params"]);
    for (std::string const garbage : {"zz", "0xzz", "", "0x", "0x0", "latest", "360894", "implementation"}) {
        CAPTURE(garbage);
        CHECK_THROWS_AS(Word::from_text(garbage), base::Error);
    }
    CHECK_THROWS_AS(Word::from_text("0x" + std::string(63, '0') + "z"), base::Error);
    CHECK_THROWS_AS(Word::from_text(std::string(66, '0')), base::Error);
    CHECK_THROWS_AS(Word::from_text("0x" + std::string(66, '0')), base::Error);
    for (std::string const garbage : {"", "zz", "0x", "0x5fbd", "5fbdb2315678afecb367f032d93f642f64180aa3"}) {
        CHECK_THROWS_AS(evm::storage_call(garbage, slots.admin, 16), base::Error);
        CHECK_THROWS_AS(evm::proof_call(garbage, {}, 16), base::Error);
        CHECK_THROWS_AS(evm::code_call(garbage, 16), base::Error);
        CHECK_THROWS_AS(evm::view_call(garbage, {}, 16), base::Error);
    }
}

TEST_CASE("G35 what is stored is answered with 32 bytes, and nothing else is taken for it") {
    CHECK(evm::read_storage(Exchanges().result(97)).address() == at::v1);
    for (Json const& bad : {Json("0x0"), Json("0x"), Json(), Json(0), Json("0x" + std::string(62, '0'))}) {
        CHECK_THROWS_AS(evm::read_storage(bad), base::Error);
    }
}

TEST_CASE("a proxy is read from proofs at a block, its implementation with its code") {
    Exchanges const node;
    std::vector<jsonrpc::Call> asked;
    evm::Ask const ask = [&](jsonrpc::Call const& call) -> base::JsonValue {
        asked.push_back(call);
        CHECK(call.params->back() == "0x14");
        auto const& first = call.params->front();
        if (call.method == "eth_getCode") return node.result(98);
        CHECK(call.method == "eth_getProof");
        return node.result(first == at::proxy ? 134 : 135);
    };
    auto const proxy = evm::read_proxy(ask, at::proxy, block(node, 20), &keccak256);
    CHECK(proxy.kind == ProxyKind::erc1967);
    CHECK(proxy.implementation == at::v2);
    CHECK(proxy.proven);
    CHECK(proxy.admin.empty());
    CHECK(proxy.code == node.data(38));
    CHECK(asked.size() == 3);
    CHECK(asked[0].params == base::JsonValue(node.line(134)["params"]));
}

TEST_CASE("an implementation behind a beacon is what the node says that the beacon answers") {
    // Proofs of the beacon proxy were not recorded: one account in a trie of its own.
    Exchanges const node;
    auto const slots = evm::proxy_slots(&keccak256);
    auto const leaf = [](Word const& key, Bytes const& value) {
        auto path = Bytes{0x20};
        path.insert(path.end(), key.bytes.begin(), key.bytes.end());
        return rlp::list({rlp::string(path), rlp::string(value)});
    };
    auto const hashed = [](base::BytesView bytes) { return Word::from_digest(keccak256(bytes)); };
    auto const beacon = Word::from_address(at::beacon);
    auto const stored = beacon.view().subspan(12);
    auto const storage = leaf(hashed(slots.beacon.view()), rlp::string(stored));
    auto const code = hashed(node.data(44));
    auto const account = leaf(hashed(Word::from_address(at::beacon_proxy).view().subspan(12)),
                              rlp::list({rlp::number(1), rlp::number(0), rlp::string(hashed(storage).view()),
                                         rlp::string(code.view())}));
    auto const value = [&](Word const& key, std::string const& said) {
        return Json{{"key", key.text()}, {"value", said}, {"proof", {evm::data_text(storage)}}};
    };
    Json const answer{{"address", at::beacon_proxy},
                      {"nonce", "0x1"},
                      {"balance", "0x0"},
                      {"storageHash", hashed(storage).text()},
                      {"codeHash", code.text()},
                      {"accountProof", {evm::data_text(account)}},
                      {"storageProof",
                       {value(slots.implementation, "0x0"), value(slots.admin, "0x0"),
                        value(slots.beacon, Word::from_address(at::beacon).quantity())}}};
    auto const read =
        evm::read_proof(answer, at::beacon_proxy, {slots.implementation, slots.admin, slots.beacon},
                        hashed(account), &keccak256);
    CHECK(evm::kind_of({read.values[0], read.values[1], read.values[2]}) == ProxyKind::beacon);

    std::vector<std::string> methods;
    evm::Ask const ask = [&](jsonrpc::Call const& call) -> base::JsonValue {
        methods.push_back(call.method);
        if (call.method == "eth_call") {
            CHECK(call.params->at(0) == node.line(110)["params"][0]);
            return node.result(110);
        }
        if (call.params->at(0) == at::beacon_proxy) return answer;
        throw base::Error(base::Code::unavailable, "enough seen");
    };
    CHECK_THROWS_WITH_AS(evm::read_proxy(ask, at::beacon_proxy, {20, hashed(account)}, &keccak256),
                         "enough seen", base::Error);
    CHECK(methods == std::vector<std::string>{"eth_getProof", "eth_call", "eth_getProof"});
}
