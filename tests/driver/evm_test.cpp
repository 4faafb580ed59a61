#include "core/base/error.h"
#include "core/crypto/keccak.h"
#include "core/driver/evm/block.h"
#include "core/driver/evm/recover.h"
#include "core/driver/evm/rlp.h"
#include "tests/driver/recording.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <set>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace rlp = consortium::driver::evm::rlp;
namespace consensus = consortium::driver::consensus;
using base::Json;
using consortium::crypto::keccak256;
using consortium::test::Recording;

namespace {

std::string const v1 = "0x50deb75513987f6a4f79e9f2b59fff1a2291330b";
std::string const v2 = "0x9d1df7c9def5b49fbcca04b30c7ab97635c43123";
std::string const v3 = "0x30b5e5e5fad6a96dab330821956f0cb826545706";
std::string const v4 = "0x8ed273442a8fdfebde1a76a52634f0da7670b721";
std::string const v5 = "0x36036377a520403a50addbe5d86c2212bc3af9bc";

std::vector<consensus::Header> headers_of(Recording const& recording) {
    std::vector<consensus::Header> out;
    for (auto const& [number, block] : recording.blocks()) out.push_back(evm::read_block(block, &keccak256));
    std::sort(out.begin(), out.end(), [](auto const& a, auto const& b) { return a.number < b.number; });
    return out;
}

std::set<std::string> as_set(Json const& list) {
    std::set<std::string> out;
    for (auto const& item : list) out.insert(item.get<std::string>());
    return out;
}

std::string hex(base::Bytes const& bytes) {
    return base::to_hex(bytes);
}

base::Bytes text(std::string_view words) {
    return rlp::string(base::as_bytes(words));
}

}  // namespace

TEST_CASE("Keccak-256, published vectors") {
    CHECK(keccak256({}).hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    CHECK(keccak256(base::as_bytes("abc")).hex() ==
          "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

TEST_CASE("RLP, the examples of the specification") {
    CHECK(hex(text("dog")) == "83646f67");
    CHECK(hex(rlp::list({text("cat"), text("dog")})) == "c88363617483646f67");
    CHECK(hex(text("")) == "80");
    CHECK(hex(rlp::list({})) == "c0");
    CHECK(hex(rlp::number(0)) == "80");
    CHECK(hex(rlp::number(15)) == "0f");
    CHECK(hex(rlp::number(1024)) == "820400");
    auto const empty = rlp::list({});
    CHECK(hex(rlp::list({empty, rlp::list({empty}), rlp::list({empty, rlp::list({empty})})})) ==
          "c7c0c1c0c3c0c1c0");
    auto const lorem = text("Lorem ipsum dolor sit amet, consectetur adipisicing elit");
    CHECK(hex(lorem).substr(0, 8) == "b8384c6f");
    CHECK(base::as_text(rlp::read(lorem).content) ==
          "Lorem ipsum dolor sit amet, consectetur adipisicing elit");
    auto const pets = rlp::list({text("cat"), text("dog")});
    auto const items = rlp::items(rlp::read(pets));
    REQUIRE(items.size() == 2);
    CHECK(base::as_text(items[1].content) == "dog");
}

TEST_CASE("RLP that is not the one encoding is refused") {
    // From ethereum/tests, RLPTests/invalidRLPTest.json: lengths that overflow, leading zeros, bytes with a
    // needless prefix, short forms written long, input that ends early or late.
    for (std::string const bad :
         {"bf0f000000000000021111", "ff0f000000000000021111", "f80180", "8100", "8101", "817f", "b800",
          "b90000", "ba0002ffff", "f90000", "f80002", "a0000102030405", "c4830102", "8080", "", "b8"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(static_cast<void>([&] {
                            auto const bytes = base::from_hex(bad);
                            auto const item = rlp::read(bytes);
                            if (item.is_list) static_cast<void>(rlp::items(item));
                        }()),
                        base::Error);
    }
}

TEST_CASE("the sender of EIP-155's example transaction is recovered") {
    auto const digest =
        base::Digest::from_hex("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    auto const signature = base::from_hex(
        "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
        "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
        "00");  // v = 37 = 2 × 1 + 35 + 0
    auto const key = evm::recover_key(digest, signature);
    REQUIRE(key.has_value());
    CHECK(evm::address_of(*key, &keccak256) == "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
}

TEST_CASE("signatures that no key can have made recover nothing") {
    base::Digest const digest = base::sha256("x");
    CHECK_FALSE(evm::recover_key(digest, base::Bytes(65)).has_value());
    CHECK_FALSE(evm::recover_key(digest, base::Bytes(64, 1)).has_value());
    CHECK_FALSE(evm::recover_key(digest, base::Bytes(65, 0xff)).has_value());
    base::Bytes odd(65, 1);
    odd[64] = 4;
    CHECK_FALSE(evm::recover_key(digest, odd).has_value());
}

TEST_CASE("an address is the hash of the enode's key, on every recorded node") {
    Recording const recording("qbft-votes.jsonl");
    std::map<std::string, std::string> const known{
        {"v1", v1}, {"v2", v2}, {"v3", v3}, {"v4", v4}, {"v5", v5}};
    int seen = 0;
    for (auto const& line : recording.lines()) {
        if (line["method"] != "admin_nodeInfo") continue;
        auto const enode = line["response"]["result"]["enode"].get<std::string>();
        CHECK(evm::address_of(base::from_hex(enode.substr(8, 128)), &keccak256) ==
              known.at(line["node"].get<std::string>()));
        ++seen;
    }
    CHECK(seen == 5);
}

TEST_CASE("hashes and seals of every recorded block hold; sealers are the node's committers") {
    for (std::string const name : {"qbft-votes.jsonl", "qbft-halt.jsonl"}) {
        Recording const recording(name);
        auto const headers = headers_of(recording);
        std::size_t compared = 0;
        for (auto const& line : recording.lines()) {
            if (line["method"] != "istanbul_getSignersFromBlock") continue;
            auto const& result = line["response"]["result"];
            auto const& header = headers.at(result["Number"].get<std::size_t>());
            CHECK(header.hash_holds);
            CHECK(header.hash == result["Hash"].get<std::string>());
            CHECK(std::set(header.sealers.begin(), header.sealers.end()) == as_set(result["Committers"]));
            if (header.number > 0) CHECK(header.proposer == result["Author"].get<std::string>());
            ++compared;
        }
        CHECK(compared == headers.size());
        CHECK_FALSE(consensus::check_chain(headers, headers.front().validators).has_value());
    }
}

TEST_CASE("votes, sets, seals and rounds of the recorded chain are those that were observed") {
    auto const headers = headers_of(Recording("qbft-votes.jsonl"));
    REQUIRE(headers.size() == 85);
    std::string votes;
    std::map<std::string, std::string> const names{
        {v1, "v1"}, {v2, "v2"}, {v3, "v3"}, {v4, "v4"}, {v5, "v5"}};
    for (auto const& header : headers) {
        if (!header.vote) continue;
        votes += std::to_string(header.number) + ":" + names.at(header.vote->voter) +
                 (header.vote->add ? "+" : "-") + names.at(header.vote->subject) + " ";
    }
    CHECK(votes ==
          "29:v1+v5 33:v1+v5 35:v2+v5 37:v1+v5 39:v2+v5 40:v3+v5 59:v2-v5 64:v2-v5 65:v3-v5 68:v4-v5 "
          "71:v1+v5 ");
    for (auto const& header : headers) {
        bool const five = header.number >= 41 && header.number <= 68;
        CHECK(header.validators.size() == (five ? 5 : 4));
        CHECK(consensus::count_seals(header) == (header.number == 0 ? 0 : five ? 4 : 3));
        CHECK(header.round == (header.number == 1 ? 1 : 0));
    }
    auto const halted = headers_of(Recording("qbft-halt.jsonl"));
    std::string rounds;
    for (auto const& header : halted) {
        if (header.round != 0) rounds += std::to_string(header.number) + " ";
    }
    CHECK(rounds == "1 30 33 36 ");
}

TEST_CASE("the tally from headers equals every recorded snapshot") {
    Recording const recording("qbft-votes.jsonl");
    auto const headers = headers_of(recording);
    int compared = 0;
    for (auto const& line : recording.lines()) {
        if (line["method"] != "istanbul_getSnapshot" || !line["response"].contains("result")) continue;
        auto const& snapshot = line["response"]["result"];
        auto const number = snapshot["number"].get<std::size_t>();
        std::set<std::string> ours, theirs;
        for (auto const& vote : snapshot["votes"]) {
            theirs.insert(vote["validator"].get<std::string>() + vote["address"].get<std::string>() +
                          (vote["authorize"].get<bool>() ? "+" : "-") +
                          std::to_string(vote["block"].get<std::uint64_t>()));
        }
        // A header lists the set before it: what its own vote decided shows in the next one.
        auto const next = std::min(number + 1, headers.size() - 1);
        bool const decided = headers[next].validators != headers[number].validators;
        auto const end = decided ? next + 1 : number + 1;
        for (auto const& vote : consensus::open_votes({headers.data(), end})) {
            if (vote.block > number) continue;
            ours.insert(vote.voter + vote.subject + (vote.add ? "+" : "-") + std::to_string(vote.block));
        }
        CAPTURE(number);
        CHECK(ours == theirs);
        ++compared;
    }
    CHECK(compared == 58);  // one of 59 asks for a block that is not there
}

TEST_CASE("a block that was changed in any part does not hold") {
    Recording const recording("qbft-votes.jsonl");
    auto const block = recording.blocks().at("0x32");
    for (char const* field : {"stateRoot", "parentHash", "mixHash", "miner", "hash"}) {
        auto changed = block;
        auto value = changed[field].get<std::string>();
        value.back() = value.back() == '0' ? '1' : '0';
        changed[field] = value;
        CHECK_FALSE(consensus::is_sealed(evm::read_block(changed, &keccak256)));
    }
    auto changed = block;
    changed["timestamp"] = "0x1";
    CHECK_FALSE(consensus::is_sealed(evm::read_block(changed, &keccak256)));
}

TEST_CASE("what is not a QBFT block is malformed, never a crash") {
    Recording const recording("qbft-votes.jsonl");
    auto const block = recording.blocks().at("0x32");
    for (auto const& [field, unused] : block.items()) {
        for (auto const& value : {Json(), Json(5), Json("0x"), Json("zz"), Json("0xzz"), Json::array()}) {
            auto changed = block;
            changed[field] = value;
            CAPTURE(field);
            try {
                static_cast<void>(evm::read_block(changed, &keccak256));
            } catch (base::Error const& error) {
                CHECK(error.code() == base::Code::malformed);
            }
        }
    }
    for (std::string const extra : {"0x", "0xc0", "0x80", "0xf8", "0xc5c0c0c0c0c0", "0xc58080808080"}) {
        auto changed = block;
        changed["extraData"] = extra;
        CHECK_THROWS_AS(static_cast<void>(evm::read_block(changed, &keccak256)), base::Error);
    }
    CHECK_THROWS_AS(static_cast<void>(evm::read_block(Json(), &keccak256)), base::Error);
}
