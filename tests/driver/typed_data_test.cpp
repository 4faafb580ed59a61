#include "core/driver/evm/typed_data.h"

#include "core/base/error.h"
#include "core/crypto/keccak.h"
#include "tests/driver/vectors.h"

#include <doctest/doctest.h>
#include <functional>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
using consortium::crypto::keccak256;
using consortium::test::vectors;
using nlohmann::json;

namespace {

// The example of EIP-712.
json mail() {
    return json::parse(R"({
        "types": {
            "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                             {"name": "chainId", "type": "uint256"},
                             {"name": "verifyingContract", "type": "address"}],
            "Person": [{"name": "name", "type": "string"}, {"name": "wallet", "type": "address"}],
            "Mail": [{"name": "from", "type": "Person"}, {"name": "to", "type": "Person"},
                     {"name": "contents", "type": "string"}]},
        "primaryType": "Mail",
        "domain": {"name": "Ether Mail", "version": "1", "chainId": 1,
                   "verifyingContract": "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
        "message": {"from": {"name": "Cow", "wallet": "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
                    "to": {"name": "Bob", "wallet": "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},
                    "contents": "Hello, Bob!"}})");
}

// A message of one member, `value` of `type`.
json of_one(std::string const& type, json const& value) {
    return {{"types",
             {{"EIP712Domain", {{{"name", "name"}, {"type", "string"}}}},
              {"One", {{{"name", "value"}, {"type", type}}}}}},
            {"primaryType", "One"},
            {"domain", {{"name", "x"}}},
            {"message", {{"value", value}}}};
}

std::string digest(json const& data) {
    return evm::hash_typed_data(data.dump(), &keccak256).digest.hex();
}

// The last 32 bytes that are hashed are those of the value.
std::string struct_hash(json const& data) {
    return evm::hash_typed_data(data.dump(), &keccak256).struct_hash.hex();
}

std::string expected(std::string const& type, std::string const& word) {
    auto bytes = base::to_bytes("");
    auto const head = keccak256(base::as_bytes("One(" + type + " value)"));
    bytes.assign(head.bytes.begin(), head.bytes.end());
    auto const tail = base::from_hex(word);
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    return keccak256(bytes).hex();
}

// What is said of data that are refused, and where; nothing if they are taken.
std::string refusal(std::string const& text) {
    try {
        static_cast<void>(evm::hash_typed_data(text, &keccak256));
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        auto said = error.message();
        for (auto const& [key, value] : error.details()) said += " " + value;
        return said;
    }
    return {};
}

void refused(std::string const& why, std::function<void(json&)> const& change) {
    CAPTURE(why);
    auto data = mail();
    change(data);
    auto const said = refusal(data.dump());
    CAPTURE(said);
    CHECK(said.find(why) != std::string::npos);
}

std::string zeros(int count) {
    return std::string(static_cast<std::size_t>(count), '0');
}

}  // namespace

TEST_CASE("typed data: the example of EIP-712, step by step") {
    auto const out = evm::hash_typed_data(mail().dump(), &keccak256);
    CHECK(out.encoded_type ==
          "Mail(Person from,Person to,string contents)Person(string name,address wallet)");
    CHECK(out.type_hash.hex() == "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2");
    CHECK(out.domain_separator.hex() == "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    CHECK(out.struct_hash.hex() == "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    CHECK(out.digest.hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
}

TEST_CASE("typed data: the digests of other software") {
    auto const rows = vectors("typed_data.json", "valid");
    CHECK(rows.size() >= 60);
    for (auto const& row : rows) {
        CAPTURE(row[0].get<std::string>());
        CHECK("0x" + digest(row[1]) == row[2].get<std::string>());
    }
}

TEST_CASE("typed data: integers up to both ends of their range, and none past it") {
    auto const ones = std::string(62, 'f');
    CHECK(struct_hash(of_one("uint8", 255)) == expected("uint8", zeros(62) + "ff"));
    CHECK(struct_hash(of_one("uint8", "0xff")) == expected("uint8", zeros(62) + "ff"));
    CHECK(struct_hash(of_one("int8", 127)) == expected("int8", zeros(62) + "7f"));
    CHECK(struct_hash(of_one("int8", -128)) == expected("int8", ones + "80"));
    CHECK(struct_hash(of_one("int8", "-1")) == expected("int8", ones + "ff"));
    CHECK(struct_hash(of_one(
              "int256", "-57896044618658097711785492504343953926634992332820282019728792003956564819968")) ==
          expected("int256", "80" + zeros(62)));
    for (auto const& [type, value] : std::vector<std::pair<std::string, json>>{
             {"uint8", 256},
             {"uint8", -1},
             {"uint8", "-1"},
             {"int8", 128},
             {"int8", -129},
             {"int8", "-129"},
             {"uint256", "0x1" + zeros(64)},
             {"int256", "0x80" + zeros(62)},
             {"int256", "-57896044618658097711785492504343953926634992332820282019728792003956564819969"},
             {"uint8", "-0"},
             {"uint8", ""},
             {"uint8", "0x"},
             {"uint8", "1e1"},
             {"uint8", "+1"},
             {"uint8", " 1"},
             {"uint8", 1.5},
             {"uint8", true},
             {"uint8", nullptr},
             {"uint64", 9'007'199'254'740'992}}) {
        CAPTURE(type);
        CAPTURE(value.dump());
        CHECK_FALSE(refusal(of_one(type, value).dump()).empty());
    }
}

TEST_CASE("typed data: bytes, addresses, truth values and lists are of their size and kind") {
    CHECK(struct_hash(of_one("bytes3", "0x010203")) == expected("bytes3", "010203" + zeros(58)));
    CHECK(struct_hash(of_one("bool", true)) == expected("bool", zeros(63) + "1"));
    auto const nothing = keccak256({}).hex();
    CHECK(struct_hash(of_one("bytes", "0x")) == expected("bytes", nothing));
    CHECK(struct_hash(of_one("string", "")) == expected("string", nothing));
    CHECK(struct_hash(of_one("uint8[]", json::array())) == expected("uint8[]", nothing));
    auto const pair = keccak256(base::from_hex(zeros(63) + "1" + zeros(63) + "2")).hex();
    CHECK(struct_hash(of_one("uint8[2]", {1, 2})) == expected("uint8[2]", pair));
    // uint8[2][] is a list of pairs.
    CHECK(struct_hash(of_one("uint8[2][]", json::array({{1, 2}}))) ==
          expected("uint8[2][]", keccak256(base::from_hex(pair)).hex()));
    for (auto const& [type, value] : std::vector<std::pair<std::string, json>>{{"bytes3", "0x0102"},
                                                                               {"bytes3", "0x01020304"},
                                                                               {"bytes3", "010203"},
                                                                               {"bytes", "0x1"},
                                                                               {"bytes", "0xgg"},
                                                                               {"bytes", 1},
                                                                               {"address", "0x01"},
                                                                               {"address", 1},
                                                                               {"bool", 1},
                                                                               {"bool", "true"},
                                                                               {"string", 1},
                                                                               {"string", nullptr},
                                                                               {"uint8[2]", {1}},
                                                                               {"uint8[2]", {1, 2, 3}},
                                                                               {"uint8[]", 1},
                                                                               {"uint8[2][]", {1, 2}},
                                                                               {"uint8[]", {{"0", 1}}}}) {
        CAPTURE(type);
        CAPTURE(value.dump());
        CHECK_FALSE(refusal(of_one(type, value).dump()).empty());
    }
}

TEST_CASE("typed data: types that the standard does not have are refused") {
    for (std::string const type : {"uint",      "int",
                                   "uint7",     "uint264",
                                   "uint08",    "uint0",
                                   "int512",    "bytes0",
                                   "bytes33",   "byte",
                                   "",          "Two",
                                   "uint8[",    "uint8]",
                                   "uint8[0]",  "uint8[01]",
                                   "uint8[-1]", "uint8[]x",
                                   "uint8[2",   "[]",
                                   "uint8 ",    "uint8[][][][][][][][][]",
                                   "tuple",     "fixed128x18",
                                   "function"}) {
        CAPTURE(type);
        CHECK_FALSE(refusal(of_one(type, json::array()).dump()).empty());
        CHECK_FALSE(refusal(of_one(type, 0).dump()).empty());
    }
}

TEST_CASE("typed data: what is missing, too much or made of itself is named with its place") {
    refused("missing /message/to/wallet", [](json& data) { data["message"]["to"].erase("wallet"); });
    refused("no member of Person /message/to/age", [](json& data) { data["message"]["to"]["age"] = 1; });
    refused("missing /domain/chainId", [](json& data) { data["domain"].erase("chainId"); });
    refused("no member of EIP712Domain /domain/salt", [](json& data) { data["domain"]["salt"] = "0x"; });
    refused("not an object, as a Person is /message/from",
            [](json& data) { data["message"]["from"] = nullptr; });
    refused("/types/Mail/from", [](json& data) { data["types"].erase("Person"); });
    refused("made of itself", [](json& data) { data["types"]["Person"][0]["type"] = "Person[]"; });
    refused("made of itself", [](json& data) { data["types"]["Person"][0]["type"] = "Mail"; });
    refused("not one of the types", [](json& data) { data["primaryType"] = "Letter"; });
    refused("not one of the types", [](json& data) { data["primaryType"] = "EIP712Domain"; });
    refused("declares no domain", [](json& data) { data["types"].erase("EIP712Domain"); });
    refused("declares no domain", [](json& data) { data["types"]["EIP712Domain"] = json::array(); });
    refused("in a domain /types/EIP712Domain/chainId",
            [](json& data) { data["types"]["EIP712Domain"][2]["type"] = "uint8"; });
    refused("in a domain /types/EIP712Domain/author",
            [](json& data) { data["types"]["EIP712Domain"][0]["name"] = "author"; });
    refused("a second member", [](json& data) { data["types"]["Person"][1]["name"] = "name"; });
    refused("not an identifier", [](json& data) { data["types"]["Person"][1]["name"] = "a b"; });
    refused("not an identifier", [](json& data) { data["types"]["1x"] = json::array(); });
    refused("the standard has a type", [](json& data) { data["types"]["uint256"] = json::array(); });
    refused("the standard has a type", [](json& data) { data["types"]["int"] = json::array(); });
    refused("extra", [](json& data) { data["extra"] = 1; });
    refused("note", [](json& data) { data["types"]["Person"][0]["note"] = "x"; });
    refused("/types", [](json& data) { data["types"] = 1; });
    refused("domain", [](json& data) { data.erase("domain"); });
}

TEST_CASE("typed data are bounded") {
    refused("more than 64 types", [](json& data) {
        for (int i = 0; i < 65; ++i) data["types"]["T" + std::to_string(i)] = json::array();
    });
    refused("more than 64 members", [](json& data) {
        for (int i = 0; i < 65; ++i) {
            data["types"]["Person"].push_back({{"name", "m" + std::to_string(i)}, {"type", "bool"}});
        }
    });
    CHECK_FALSE(refusal(of_one("string", std::string(evm::max_typed_data, 'x')).dump()).empty());
    CHECK_FALSE(refusal(std::string(100'000, '[')).empty());
    CHECK_FALSE(refusal("").empty());
    CHECK_FALSE(refusal("{\"types\":{},\"types\":{}}").empty());
    // Each structure holds the next twice: the data decide how much is hashed, not the types.
    auto deep = of_one("T0", nullptr);
    for (int i = 0; i < 60; ++i) {
        auto const next = i == 59 ? "bool" : "T" + std::to_string(i + 1);
        deep["types"]["T" + std::to_string(i)] = {{{"name", "a"}, {"type", next}},
                                                  {{"name", "b"}, {"type", next}}};
    }
    CHECK(refusal(deep.dump()).find("not an object, as a T0 is") != std::string::npos);
}
