#include "core/flow/node_probe.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/crypto/certifier.h"
#include "core/crypto/entropy.h"
#include "core/crypto/tls_probe.h"
#include "core/port/certifier.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"
#include "tests/support/server_process.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Bytes;
using base::Code;
using base::Json;

namespace {

/// A rotation half-way, by OpenSSL, and the time at which it is looked at.
struct Rotated {
    base::TemporaryFolder folder;
    std::unique_ptr<port::Certifier> certifier = crypto::make_certifier(crypto::system_entropy());
    base::Instant now = base::Instant::from_text("2026-10-01T09:00:00Z");
    flow::TrustSets sets;

    Rotated() {
        auto const script = consortium::test::data_folder() + "/../support/rotated_pki ";
        REQUIRE(std::system((script + folder.path().string() + " >/dev/null 2>&1").c_str()) == 0);
        sets.old_roots = certificates("old.pem");
        sets.new_roots = certificates("new.pem");
    }
    std::vector<Bytes> certificates(std::string const& name) const {
        return certifier->read_certificates(base::read_file(folder.path() / name, 65'536));
    }
    std::vector<Bytes> presented(std::string const& chain) const {
        auto out = certificates("leaf.pem");
        for (auto& one : certificates(chain)) out.push_back(std::move(one));
        return out;
    }
    std::string serving(std::string const& chain) const {
        auto const place = folder.path().string() + "/";
        return "-cert " + place + "leaf.pem -key " + place + "leaf.key -cert_chain " + place + chain;
    }
    /// "old new both"
    std::string judged(std::vector<Bytes> const& chain) const {
        auto const found = flow::judge_chain(*certifier, chain, sets, now);
        auto const word = [](flow::TrustAnswer const& one) { return one.holds ? "yes" : "no"; };
        return std::string(word(found.old_only)) + " " + word(found.new_only) + " " + word(found.both);
    }
};

std::string url_of(std::uint16_t port) {
    return "https://127.0.0.1:" + std::to_string(port) + "/rpc";
}

}  // namespace

TEST_CASE("G21 a chain as presented: who trusts the old root, the new one, or both") {
    Rotated rotated;
    CHECK(rotated.judged(rotated.presented("chain-old.pem")) == "yes no yes");
    CHECK(rotated.judged(rotated.presented("chain-new.pem")) == "no yes yes");
    CHECK(rotated.judged(rotated.presented("chain-linked.pem")) == "yes yes yes");
    CHECK(rotated.judged(rotated.certificates("leaf.pem")) == "no no no");
    CHECK(rotated.judged({}) == "no no no");
    CHECK(rotated.judged({base::from_hex("3003020101")}) == "no no no");
    CHECK(rotated.judged(rotated.certificates("issuing-old.pem")) == "no no no");  // for no server
    rotated.now = base::Instant::from_text("2100-01-01T00:00:00Z");
    CHECK(rotated.judged(rotated.presented("chain-linked.pem")) == "no no no");
    auto const late =
        flow::judge_chain(*rotated.certifier, rotated.presented("chain-old.pem"), rotated.sets, rotated.now);
    CHECK(late.both.sentence.find("expired") != std::string::npos);
}

TEST_CASE("a set without roots holds nothing; what both trust is what one of them does") {
    Rotated rotated;
    rotated.sets.new_roots.clear();
    CHECK(rotated.judged(rotated.presented("chain-linked.pem")) == "yes no yes");
    rotated.sets.old_roots.clear();
    CHECK(rotated.judged(rotated.presented("chain-linked.pem")) == "no no no");
}

TEST_CASE(
    "every endpoint of an epoch is looked at, with a record of each: what it shows, or why it shows "
    "nothing") {
    Rotated const rotated;
    test::OpensslServer const before(rotated.serving("chain-old.pem"));
    test::OpensslServer const after(rotated.serving("chain-new.pem"));
    test::OpensslServer const linked(rotated.serving("chain-linked.pem"));
    std::uint16_t closed = 0;
    {
        test::Listener const listener;
        closed = listener.port();
    }
    auto const endpoint = [](std::string const& url) { return Json{{"url", url}, {"pin", "p"}}; };
    base::JsonValue const endpoints(
        Json{{"globex", {{"n3", endpoint(url_of(linked.port()))}, {"n4", endpoint("http://127.0.0.1:8545")}}},
             {"acme", {{"n1", endpoint(url_of(before.port()))}, {"n2", endpoint(url_of(after.port()))}}},
             {"initech", {{"n5", endpoint(url_of(closed))}, {"n6", endpoint("nonsense")}}}});
    auto const probe = crypto::make_tls_probe();
    auto const nodes =
        flow::probe_nodes(*probe, *rotated.certifier, endpoints, rotated.sets, rotated.now, {20});
    REQUIRE(nodes.size() == 6);
    std::vector<std::string> rows;
    for (auto const& row : flow::trust_table(nodes).rows)
        rows.push_back(row[0] + " " + row[1] + " " + row[2] + " " + row[3] + " " + row[4]);
    CHECK(rows == std::vector<std::string>{"acme n1 yes no yes", "acme n2 no yes yes",
                                           "globex n3 yes yes yes", "globex n4 - - -", "initech n5 - - -",
                                           "initech n6 - - -"});
    auto const failure = [&](std::size_t at) { return nodes[at].shown.failure; };
    CHECK(failure(3) == "plain");
    CHECK(failure(4) == "refused");
    CHECK(failure(5) == "address");
    auto const record = flow::to_json(nodes[2]);
    CHECK(record.at("shown") == true);
    CHECK(record.at("certificates").size() == 3);
    CHECK(record.at("trust").at("new").at("holds") == true);
    CHECK(record.at("pin").get<std::string>() == "p");
    CHECK(flow::to_json(nodes[4]).at("trust").is_null());
    CHECK(flow::probe_nodes(*probe, *rotated.certifier, base::JsonValue(), rotated.sets, rotated.now, {20})
              .empty());
}

TEST_CASE("whose clients a server takes is told by root, and whether it presents the key that is pinned") {
    Rotated const rotated;
    test::OpensslServer const server(rotated.serving("chain-new.pem") + " -verify 3 -CAfile " +
                                     (rotated.folder.path() / "new.pem").string());
    auto const probe = crypto::make_tls_probe();
    auto const look = [&](std::string const& pin) {
        base::JsonValue const endpoints(
            Json{{"acme", {{"n1", {{"url", url_of(server.port())}, {"pin", pin}}}}}});
        return flow::probe_nodes(*probe, *rotated.certifier, endpoints, rotated.sets, rotated.now, {20})
            .at(0);
    };
    auto const node = look("");
    REQUIRE(node.clients);
    CHECK(node.clients->named == 1);
    CHECK_FALSE(node.clients->old_named);
    CHECK(node.clients->new_named);
    CHECK_FALSE(node.pin_holds);
    CHECK(flow::to_json(node).at("clients_of") == Json{{"named", 1}, {"old", false}, {"new", true}});
    CHECK(flow::trust_table({node}).rows.at(0).at(5) ==
          "TLSv1.3, asks for a client certificate of the new roots");
    // openssl x509 -pubkey -noout | openssl pkey -pubin -outform DER | sha256sum
    auto const place = (rotated.folder.path() / "leaf").string();
    REQUIRE(std::system(("openssl x509 -pubkey -noout -in " + place +
                         ".pem | openssl pkey -pubin -outform DER "
                         "-out " +
                         place + ".spki")
                            .c_str()) == 0);
    auto const key = base::sha256(base::read_file(place + ".spki", 4096)).hex();
    CHECK(look(key).pin_holds == true);
    CHECK(look(std::string(64, '0')).pin_holds == false);
    CHECK(flow::trust_table({look(std::string(64, '0'))}).rows.at(0).at(5) ==
          "presents another key than the one that is pinned");
}

TEST_CASE("where a node listens, from its url") {
    auto const place = [](std::string_view url) {
        auto const found = flow::tls_place(url);
        return found.host + " " + std::to_string(found.port);
    };
    CHECK(place("https://node.example") == "node.example 443");
    CHECK(place("https://node.example:8545/rpc?x=1") == "node.example 8545");
    CHECK(place("grpcs://user:word@[::1]:7051#f") == "::1 7051");
    CHECK(place("wss://127.0.0.1:1/") == "127.0.0.1 1");
    for (auto const* url : {"http://node.example", "grpc://node.example:7051"})
        CHECK(code_of([&] { static_cast<void>(flow::tls_place(url)); }) == Code::unsupported);
    for (auto const* url :
         {"", "node.example:443", "https://", "https://:443", "https://a:0", "https://a:65536", "https://a:x",
          "https://a:", "https://[::1", "https://[::1]443", "https://a b", "https://a\n:443"})
        CHECK_MESSAGE(code_of([&] { static_cast<void>(flow::tls_place(url)); }) == Code::malformed, url);
}
