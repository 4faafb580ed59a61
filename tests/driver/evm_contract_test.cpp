#include "core/base/error.h"
#include "core/driver/evm/contract.h"
#include "tests/driver/evm_exchange.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace at = consortium::test::at;
using base::Bytes;
using base::Json;
using consortium::test::Exchanges;
using consortium::test::proxy_build_text;
using evm::CodeMatch;

namespace {

std::vector<evm::ContractBuild> builds() {
    return evm::read_builds(proxy_build_text());
}

Json contract(Json const& plain, std::string const& name) {
    return plain.at("contracts").at(name);
}

// The same build in the form of solc's standard JSON output.
Json standard_form(std::vector<std::string> const& names) {
    auto const plain = Json::parse(proxy_build_text());
    Json contracts = Json::object();
    for (auto const& name : names) {
        auto settings = plain.at("settings");
        settings["compilationTarget"] = {{"a.sol", name}};
        Json const metadata{{"compiler", {{"version", "0.8.28+commit.7893614a"}}},
                            {"language", "Solidity"},
                            {"output", Json::object()},
                            {"settings", settings},
                            {"sources", Json::object()},
                            {"version", 1}};
        auto deployed = contract(plain, name).at("deployedBytecode");
        deployed["linkReferences"] = Json::object();
        deployed["sourceMap"] = "1:2:3";
        contracts[name] = {
            {"abi", Json::array()},
            {"metadata", metadata.dump()},
            {"evm",
             {{"bytecode", {{"object", contract(plain, name).at("bytecode")}, {"linkReferences", {}}}},
              {"deployedBytecode", deployed},
              {"methodIdentifiers", Json::object()}}}};
    }
    return {{"contracts", {{"a.sol", contracts}}}, {"sources", Json::object()}};
}

std::string refusal(Json const& build) {
    try {
        static_cast<void>(evm::read_builds(build.dump()));
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        return error.message();
    }
    return "accepted";
}

bool says(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string padded(std::string const& address) {
    return std::string(24, '0') + address.substr(2);
}

}  // namespace

TEST_CASE("G10 the code of every recorded contract is its build's, once immutables are masked") {
    Exchanges const node;
    auto const all = builds();
    struct Row {
        std::size_t line;
        std::string name;
        std::size_t size;
        bool equal;  // without masking
        std::size_t places;
        std::string immutable;
    };
    std::vector<Row> const rows{{36, "TimelockController", 6685, true, 0, ""},
                                {37, "V1", 1876, false, 3, at::v1},
                                {38, "V2", 1876, false, 3, at::v2},
                                {39, "V2Other", 1876, false, 3, at::v2_other},
                                {40, "ERC1967Proxy", 129, true, 0, ""},
                                {41, "TransparentUpgradeableProxy", 1048, false, 1, at::proxy_admin},
                                {42, "ProxyAdmin", 1030, true, 0, ""},
                                {43, "UpgradeableBeacon", 616, true, 0, ""},
                                {44, "BeaconProxy", 254, false, 1, at::beacon}};
    CHECK(all.size() == rows.size());
    for (auto const& row : rows) {
        CAPTURE(row.name);
        auto const code = node.data(row.line);
        auto const& build = evm::find_build(all, row.name);
        CHECK(code.size() == row.size);
        CHECK((code == build.deployed) == row.equal);
        std::size_t places = 0;
        for (auto const& [id, list] : build.immutables) places += list.size();
        CHECK(places == row.places);
        auto const found = evm::compare_code(build, code);
        CHECK(found.holds());
        CHECK(found.words == "the code is the build's");
        REQUIRE(found.values.size() == (row.places == 0 ? 0 : 1));
        if (row.places > 0) CHECK(base::to_hex(found.values[0].value) == padded(row.immutable));
        // No other contract of the build is taken for it.
        for (auto const& other : rows) {
            if (other.name == row.name) continue;
            CHECK_FALSE(evm::compare_code(evm::find_build(all, other.name), code).holds());
        }
    }
}

TEST_CASE("G10 the real difference of V2Other from V2 is not hidden by masking") {
    Exchanges const node;
    auto const found = evm::compare_code(evm::find_build(builds(), "V2"), node.data(39));
    CHECK(found.match == CodeMatch::differs);
    CHECK(says(found.words, "1 of "));  // one byte: v() returns 3 instead of 2
    CHECK(found.values.empty());
}

TEST_CASE("G10 every flipped bit of code outside the immutables is seen") {
    Exchanges const node;
    auto const all = builds();
    auto const& build = evm::find_build(all, "BeaconProxy");
    auto const code = node.data(44);
    for (std::size_t bit = 0; bit < 8 * code.size(); ++bit) {
        auto changed = code;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        bool const immutable = bit / 8 >= 30 && bit / 8 < 62;
        CHECK(evm::compare_code(build, changed).holds() == immutable);
    }
    auto shorter = code, longer = code;
    shorter.pop_back();
    longer.push_back(0);
    CHECK_FALSE(evm::compare_code(build, shorter).holds());
    CHECK_FALSE(evm::compare_code(build, longer).holds());
    CHECK(evm::compare_code(build, {}).match == CodeMatch::no_code);
}

TEST_CASE("G10 an immutable with two values is a difference") {
    Exchanges const node;
    auto code = node.data(37);
    code[542] ^= 1;  // the second of its three places
    auto const found = evm::compare_code(evm::find_build(builds(), "V1"), code);
    CHECK(found.match == CodeMatch::differs);
    CHECK(says(found.words, "the immutable at 501 has another value at 542"));
}

TEST_CASE("code that differs in the compiler's metadata alone is called so, and still differs") {
    Exchanges const node;
    auto const build = evm::find_build(builds(), "TimelockController");
    auto code = node.data(36);
    CHECK(evm::metadata_size(code) == 12);  // {"solc": h'00081c'} and its length
    code[code.size() - 3] = 0x1b;           // solc 0.8.27
    auto const other_version = evm::compare_code(build, code);
    CHECK(other_version.match == CodeMatch::metadata_differs);
    CHECK_FALSE(other_version.holds());
    CHECK(says(other_version.words, "metadata only"));
    // With the hash of its sources: {"ipfs": 34 bytes, "solc": 3 bytes}, as solc appends it by default.
    code.resize(code.size() - 12);
    auto const ipfs =
        base::from_hex("a2646970667358221220" + std::string(64, '5') + "64736f6c634300081c0033");
    code.insert(code.end(), ipfs.begin(), ipfs.end());
    CHECK(evm::metadata_size(code) == 53);
    CHECK(evm::compare_code(build, code).match == CodeMatch::metadata_differs);
    code[code.size() - 60] ^= 1;
    CHECK(evm::compare_code(build, code).match == CodeMatch::differs);
}

TEST_CASE("what is no metadata is taken for code") {
    for (std::string const text :
         {"", "00", "0000",
          "a0"
          "0001",
          "a164736f6c63430008"
          "000a",
          "a164736f6c634300081c000b", "a164736f6c63580300081c000b", "a164736f6c644300081c000a",
          "a1646e6f6e65430008"
          "1c000a",
          "b900"
          "0164736f6c634300081c000c",
          "a164736f6c6343000800"
          "1c000b",
          "81430008"
          "1c0005"}) {
        CAPTURE(text);
        CHECK(evm::metadata_size(base::from_hex(text)) == 0);
    }
    CHECK(evm::metadata_size(base::from_hex("a164736f6c634300081c000a")) == 12);
    CHECK(evm::metadata_size(base::from_hex("a16c6578706572696d656e74616cf5000f")) == 17);
}

TEST_CASE("solc's standard JSON output is read as the plain form is") {
    auto const plain = builds();
    auto const standard = evm::read_builds(standard_form({"V1", "V2", "BeaconProxy"}).dump());
    REQUIRE(standard.size() == 3);
    for (auto const& build : standard) {
        auto const& same = evm::find_build(plain, build.name);
        CHECK(build.source == "a.sol");
        CHECK(build.creation == same.creation);
        CHECK(build.deployed == same.deployed);
        CHECK(build.immutables == same.immutables);
        CHECK(build.settings == same.settings);
        CHECK(build.compiler == "solc 0.8.28+commit.7893614a");
    }
    CHECK(plain[0].compiler == "solc 0.8.28+commit.7893614a.Emscripten.clang");
}

TEST_CASE("a contract of two files is named with its file") {
    auto form = standard_form({"V1", "V2"});
    form["contracts"]["b.sol"]["V1"] = form["contracts"]["a.sol"]["V2"];
    auto const all = evm::read_builds(form.dump());
    CHECK_THROWS_WITH_AS(static_cast<void>(evm::find_build(all, "V1")),
                         "the build has several contracts 'V1'", base::Error);
    CHECK(evm::find_build(all, "b.sol:V1").deployed == evm::find_build(all, "V2").deployed);
    try {
        static_cast<void>(evm::find_build(all, "W2"));
        FAIL("found");
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::not_found);
        CHECK(says(error.hint(), "'V2'"));
    }
}

TEST_CASE("builds that would hide something, or hold nothing, are refused") {
    auto const good = standard_form({"V1"});
    Json::json_pointer const contract("/contracts/a.sol/V1");
    Json::json_pointer const deployed = contract / "evm" / "deployedBytecode";
    auto const with = [&](Json::json_pointer const& pointer, Json const& value) {
        auto changed = good;
        changed[pointer] = value;
        return refusal(changed);
    };
    auto const place = [&](Json const& start, Json const& length) {
        return with(deployed / "immutableReferences", {{"1", {{{"start", start}, {"length", length}}}}});
    };
    CHECK(refusal(good) == "accepted");
    CHECK(place(501, 32) == "accepted");
    CHECK(says(place(501, 31), "32 bytes"));
    CHECK(says(place(501, 64), "32 bytes"));
    CHECK(says(place(502, 32), "something else"));
    CHECK(says(place(500, 32), "something else"));
    CHECK(says(place(0, 32), "outside"));
    CHECK(says(place(1876, 32), "outside"));
    CHECK(says(place(1'000'000, 32), "outside"));
    CHECK(says(place(1844, 32), "inside the metadata"));
    CHECK(place(-1, 32) != "accepted");
    CHECK(place("501", 32) != "accepted");
    Json const at_501{{"start", 501}, {"length", 32}};
    CHECK(says(with(deployed / "immutableReferences", {{"1", {at_501}}, {"2", {at_501}}}), "overlap"));
    CHECK(says(with(deployed / "immutableReferences", {{"1", Json::array()}}), "without a place"));
    CHECK(says(with(deployed / "object", "60__$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$__"), "not linked"));
    CHECK(says(with(deployed / "linkReferences", {{"a.sol", {{"L", Json::array()}}}}), "not linked"));
    CHECK(says(with(deployed / "object", "0x60"), "hexadecimal"));
    CHECK(says(with(deployed / "object", "600"), "hexadecimal"));
    CHECK(says(with(deployed / "surprise", 1), "surprise"));
    CHECK(says(with(contract / "surprise", 1), "surprise"));
    CHECK(says(with(Json::json_pointer("/errors"), {{{"severity", "error"}, {"formattedMessage", "no ;"}}}),
               "no ;"));
    CHECK(with(Json::json_pointer("/errors"), {{{"severity", "warning"}}}) == "accepted");
    auto without = good;
    without[contract].erase("metadata");
    CHECK(says(refusal(without), "lacks what is needed"));
    CHECK(says(refusal({{"contracts", Json::object()}}), "no contract with code"));
    CHECK(refusal(Json::array()) != "accepted");
}

TEST_CASE("G10 a PUSH32 of something else than zero is no immutable") {
    auto build = standard_form({"ERC1967Proxy"});
    auto& deployed = build["contracts"]["a.sol"]["ERC1967Proxy"]["evm"]["deployedBytecode"];
    auto const slot = deployed["object"].get<std::string>().find("7f360894a13ba1a321");
    REQUIRE(slot != std::string::npos);
    CHECK(refusal(build) == "accepted");
    deployed["immutableReferences"]["1"] = Json::array({{{"start", slot / 2 + 1}, {"length", 32}}});
    CHECK(says(refusal(build), "something else"));
}

TEST_CASE("the constructor's arguments are what a deployment has behind the creation code") {
    Exchanges const node;
    auto const all = builds();
    auto const deployment = node.sent(8);
    auto const found = evm::constructor_arguments(evm::find_build(all, "TimelockController"), deployment);
    REQUIRE(found);
    evm::abi::Reader in(*found, 4);
    CHECK(in.word().number() == 3600);
    std::vector<evm::Word> const sender{evm::Word::from_address(at::sender)};
    CHECK(in.words() == sender);
    CHECK(in.words() == sender);
    static_cast<void>(in.word());
    CHECK_NOTHROW(in.done());
    CHECK_FALSE(evm::constructor_arguments(evm::find_build(all, "V1"), deployment));
    auto const v2 = node.sent(12);
    CHECK(evm::constructor_arguments(evm::find_build(all, "V2"), v2)->empty());
    CHECK_FALSE(evm::constructor_arguments(evm::find_build(all, "V2Other"), v2));
}
