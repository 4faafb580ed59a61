#include "core/driver/evm/enode.h"

#include "core/base/error.h"
#include "core/crypto/keccak.h"
#include "core/driver/evm/recover.h"
#include "tests/driver/vectors.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
using consortium::crypto::keccak256;
using consortium::test::vectors;
using nlohmann::json;

namespace {

evm::Enode read(json const& text) {
    return evm::read_enode(text.get<std::string>());
}

// What is said of a text that is refused; nothing if it is taken.
std::string refusal(json const& text) {
    try {
        read(text);
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        return error.message();
    }
    return {};
}

}  // namespace

TEST_CASE("enodes: every valid one is read, and written in the one way") {
    auto const rows = vectors("enode.json", "valid");
    CHECK(rows.size() == 16);
    for (auto const& row : rows) {
        CAPTURE(row[0].get<std::string>());
        auto const enode = read(row[1]);
        CHECK(enode.text() == (row[2].is_null() ? row[1] : row[2]).get<std::string>());
        CHECK(enode.host == row[3].get<std::string>());
        CHECK(enode.port == row[4].get<int>());
        CHECK(enode.discovery_port == row[5].get<int>());
        CHECK(enode.raft_port.has_value() == row[6].is_number());
        if (enode.raft_port) CHECK(*enode.raft_port == row[6].get<int>());
        CHECK(evm::read_enode(enode.text()) == enode);
    }
}

TEST_CASE("enodes: every invalid one is refused for its reason") {
    auto const rows = vectors("enode.json", "invalid");
    CHECK(rows.size() == 52);
    for (auto const& row : rows) {
        CAPTURE(row[0].get<std::string>());
        auto const said = refusal(row[1]);
        CAPTURE(said);
        CHECK(said.find(row[2].get<std::string>()) != std::string::npos);
    }
    CHECK(refusal(json("enode://" + std::string(600, 'a'))).find("too long") != std::string::npos);
}

TEST_CASE("enodes: host names are read where they are allowed") {
    for (auto const& row : vectors("enode.json", "names")) {
        CAPTURE(row[0].get<std::string>());
        CHECK_FALSE(refusal(row[1]).empty());
        CHECK(evm::read_enode(row[1].get<std::string>(), evm::HostNames::allowed).host ==
              row[2].get<std::string>());
    }
    auto const start = vectors("enode.json", "valid")[0][1].get<std::string>().substr(0, 137);
    for (std::string const bad : {"-a", "a-", "a..b", "a_b", "a.1", "1.2.3", "a%41", ".a", ""}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(evm::read_enode(start + bad + ":1", evm::HostNames::allowed), base::Error);
    }
}

TEST_CASE("enodes: peers are the same by key, address and listening port") {
    for (auto const& row : vectors("enode.json", "same")) {
        CAPTURE(row[0].get<std::string>());
        CHECK(evm::is_same_peer(read(row[1]), read(row[2])) == row[3].get<bool>());
        CHECK(evm::is_same_peer(read(row[2]), read(row[1])) == row[3].get<bool>());
    }
    // An entry is removed by all of it.
    auto const matching = vectors("enode.json", "same")[0];
    CHECK_FALSE(read(matching[1]) == read(matching[2]));
}

TEST_CASE("enodes: a node's address is the hash of its key") {
    // The base point of secp256k1 is the public key of 1, whose address is well known.
    auto const generator = vectors("enode.json", "same")[5][2];
    CHECK(evm::address_of(read(generator), &keccak256) == "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
    CHECK_FALSE(evm::is_public_key(base::Bytes(63)));
    CHECK_FALSE(evm::is_public_key({}));
}
