#include "tests/support/code_of.h"
#include "tests/support/error_of.h"
#include "tests/support/event_kinds.h"
#include "tests/support/other_keyring.h"
#include "tests/support/renewal.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;

namespace {

using Words = std::vector<std::string>;

Json new_key(Json arguments) {
    arguments["new-key"] = true;
    arguments["no-passphrase"] = true;
    return arguments;
}

Json with_csr(Json arguments, std::string const& file) {
    for (auto const* key : {"new-key", "no-passphrase", "key", "type"}) arguments.erase(key);
    arguments["csr"] = file;
    return arguments;
}

}  // namespace

TEST_CASE("a request needs no authority, asks for what the profile grants, and is journaled") {
    RenewalFixture fixture;
    auto const before = fixture.store().head().size;
    auto const result = fixture.ask(new_key({{"operand", "node1.acme.example"}, {"also", {"10.0.0.1"}}}));
    CHECK(event_kinds(fixture.store(), before) == Words{"certificate.requested", "operation.done"});
    auto const& certifier = fixture.services().certifier;
    auto const asked = certifier.read_request(base::as_bytes(result["request"].get<std::string>()));
    auto const key = fixture.services().keys.info("cert-node1-acme-example");
    CHECK(asked.public_key == key.public_key);
    CHECK(asked.subject == model::DistinguishedName{"node1.acme.example", "Acme"}.parts());
    CHECK(asked.names.texts() == Words{"dns:node1.acme.example", "ip:10.0.0.1"});
    CHECK(asked.key_usage == Words{"digitalSignature"});
    CHECK(asked.extended_usage == Words{"serverAuth", "clientAuth"});
    CHECK(result["key_id"] == key.id.hex());
    CHECK(result["key"] == key.name);
    CHECK(result["issue"] ==
          "consortium cert issue node1.acme.example --profile node-tls --also 10.0.0.1 "
          "--member acme");
}

TEST_CASE("what is asked by some words is issued by the same, for every profile and kind of key") {
    RenewalFixture fixture;
    fixture.init_ca();
    Json const wanted[] = {
        {{"operand", "node1.example"}, {"also", {"node1", "10.0.0.1", "2001:db8::1"}}},
        {{"operand", "node2.example"}, {"profile", "besu-tls"}, {"type", "rsa3072"}},
        {{"operand", "peer0"}, {"profile", "node-identity"}, {"unit", "peer"}, {"type", "p384"}},
        {{"operand", "ops 7"},
         {"profile", "client"},
         {"also", {"spiffe://acme/ops", "ops@acme.example"}},
         {"type", "ed25519"}},
        {{"operand", "acme-gov"}, {"profile", "officer"}, {"member", "globex"}},
        {{"operand", "release"}, {"profile", "code-signing"}},
        {{"operand", "status"}, {"profile", "ocsp"}},
    };
    for (auto const& words : wanted) {
        CAPTURE(words.dump());
        auto const result = fixture.ask(new_key(words));
        auto const file = fixture.file("asked.csr", result["request"].get<std::string>());
        auto const plan = fixture.issue_plan(with_csr(words, file));
        CHECK(broken(plan.verdict).empty());
        auto const issued = fixture.carry_out(plan)["results"][0];
        CHECK(fixture.certificate(issued["serial"]).data->at("key_id") == result["key_id"]);
    }
}

TEST_CASE("what the profile does not grant is not asked for, and no key is made for it") {
    RenewalFixture fixture;
    auto const refused = [&](Json arguments) {
        return broken(fixture.request_plan(new_key(std::move(arguments))).verdict);
    };
    CHECK(refused({{"operand", "a.example"}, {"also", {"a@b.example"}}}) == Words{"names: email"});
    CHECK(refused({{"operand", "a.example"}, {"unit", "peer"}}) == Words{"unit"});
    CHECK(refused({{"operand", "a"}, {"profile", "node-identity"}}) == Words{"unit"});
    CHECK(refused({{"operand", "a"}, {"profile", "code-signing"}, {"also", {"a.example"}}}) ==
          Words{"names: dns"});
    CHECK(refused({{"operand", "a.example"}, {"profile", "besu-tls"}, {"type", "ed25519"}}) ==
          Words{"key type"});
    auto const code = [&](Json arguments) {
        return code_of([&] { (void)fixture.request_plan(std::move(arguments)); });
    };
    CHECK(code(new_key({{"operand", "no host!"}})) == base::Code::malformed);
    CHECK(code(new_key({{"operand", std::string(65, 'x')}, {"profile", "client"}})) == base::Code::malformed);
    CHECK(code(new_key({{"operand", "a\nb"}, {"profile", "client"}})) == base::Code::malformed);
    CHECK(code(new_key({{"operand", "a.example"}, {"member", "nobody"}})) == base::Code::not_found);
    CHECK(code({{"operand", "a.example"}}) == base::Code::usage);
    CHECK(code(new_key({{"operand", "a.example"}, {"key", "seat"}})) == base::Code::usage);
    CHECK(code_of([&] { fixture.services().keys.info("cert-a-example"); }) == base::Code::not_found);
}

TEST_CASE("one key, one purpose: none that signs acts or certificates is asked a certificate for") {
    RenewalFixture fixture;
    fixture.init_ca();
    for (auto const* key : {"seat", "acme-gov", "ca-root-g1", "ca-issuing-1"}) {
        CAPTURE(key);
        auto const plan = fixture.request_plan({{"operand", "a.example"}, {"key", key}});
        auto const before = fixture.store().head().size;
        CHECK(code_of([&] { fixture.carry_out(plan); }) == base::Code::refused);
        CHECK(fixture.store().head().size == before);
    }
    fixture.services().keys.create("loose", "ed25519", base::Secret());
    auto const plan = fixture.request_plan(
        {{"operand", "a"}, {"profile", "node-identity"}, {"unit", "peer"}, {"key", "loose"}});
    CHECK(code_of([&] { fixture.carry_out(plan); }) == base::Code::refused);
}

TEST_CASE("the issuer's command is what a shell takes as it is meant") {
    RenewalFixture fixture;
    auto const command = [&](Json arguments) {
        return fixture.request_plan(new_key(std::move(arguments)))
            .steps.at(0)
            .detail->at("issue")
            .get<std::string>();
    };
    CHECK(command({{"operand", "o'ne two"}, {"profile", "client"}, {"also", {"spiffe://a/$b"}}}) ==
          "consortium cert issue 'o'\\''ne two' --profile client --also 'spiffe://a/$b' --member acme");
    CHECK(command({{"operand", "p0"}, {"profile", "node-identity"}, {"unit", "peer"}, {"also", {"p0"}}}) ==
          "consortium cert issue p0 --profile node-identity --also p0 --unit peer --member acme");
}

TEST_CASE("a request that does not read back as what was to be asked is given to nobody") {
    RenewalFixture fixture;
    fixture.services().keys.create("node", "p256", base::Secret());
    auto const plan = fixture.request_plan({{"operand", "node1.acme.example"}, {"key", "node"}});
    OtherKeyring keys(fixture.services().keys);
    auto services = services_with(fixture.services(), {.keys = &keys});
    keys.told = [](port::KeyInfo key) {
        key.algorithm = "p384";
        return key;
    };
    auto const before = fixture.store().head().size;
    CHECK(error_of([&] { flow::apply(plan, services, fixture.self()); }).message() ==
          "a signing request does not say what it was asked to say");
    CHECK(fixture.store().head().size == before);
    keys.told = [](port::KeyInfo key) { return key; };
    CHECK_NOTHROW(flow::apply(plan, services, fixture.self()));
}
