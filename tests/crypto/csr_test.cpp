#include "core/crypto/csr.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/crypto/der.h"
#include "tests/crypto/certifier_bench.h"
#include "tests/support/data_folder.h"

#include <doctest/doctest.h>

using namespace consortium;

namespace {

std::string data(char const* name) {
    return base::read_text(base::Path(consortium::test::data_folder()) / "csr" / name, 65'536);
}

base::Code refusal(std::string const& text) {
    try {
        crypto::read_request(base::as_bytes(text));
    } catch (base::Error const& error) {
        return error.code();
    }
    return base::Code::internal;
}

}  // namespace

// The requests under data/csr were made with `openssl req` 3.0; data/csr/README says how.
TEST_CASE("a request by openssl req is read: subject, names, usages, key") {
    auto const request = crypto::read_request(base::as_bytes(data("node.pem")));
    CHECK(request.algorithm == "p256");
    REQUIRE(request.subject.size() == 2);
    CHECK(request.subject[0] == std::pair<std::string, std::string>("O", "Acme"));
    CHECK(request.subject[1] == std::pair<std::string, std::string>("CN", "node1.acme.example"));
    CHECK(request.names.dns == std::vector<std::string>{"node1.acme.example", "node1"});
    CHECK(request.names.ip == std::vector<std::string>{"10.0.0.1"});
    CHECK(request.key_usage == std::vector<std::string>{"digitalSignature"});
    CHECK(request.extended_usage == std::vector<std::string>{"serverAuth"});
    CHECK_FALSE(request.authority);
    CHECK(request.other.empty());
}

TEST_CASE("a request that asks to be an authority, or for what we do not know, says so") {
    auto const request = crypto::read_request(base::as_bytes(data("greedy.pem")));
    CHECK(request.authority);
    CHECK(request.other.size() == 2);
    CHECK(request.other[0] == "subjectAltName: directoryName");
    CHECK(request.other[1].find("Netscape") != std::string::npos);
}

TEST_CASE("proof of possession: a request signed by another key is refused") {
    auto text = data("node.pem");
    CHECK(refusal(text) == base::Code::internal);
    CHECK(refusal(data("stolen.pem")) == base::Code::verification_failed);
}

TEST_CASE("a weak key is refused, whatever it asks") {
    CHECK(refusal(data("rsa1024.pem")) == base::Code::refused);
    CHECK(refusal(data("explicit.pem")) == base::Code::refused);
    CHECK(refusal(data("secp256k1.pem")) == base::Code::refused);
}

TEST_CASE("what is no request is malformed") {
    CHECK(refusal("") == base::Code::malformed);
    CHECK(refusal("hello") == base::Code::malformed);
    CHECK(refusal(std::string(70'000, 'x')) == base::Code::malformed);
    auto text = data("node.pem");
    CHECK(refusal(text.substr(0, text.size() / 2)) == base::Code::malformed);
}

namespace {

base::Bytes der_of_pem(std::string const& text) {
    std::string body;
    for (auto const& line : base::split(text, '\n')) {
        if (!line.starts_with("-----")) body += line;
    }
    return base::from_base64(body);
}

model::SigningRequest wanted(port::Signer const& key) {
    model::SigningRequest out;
    out.public_key = key.public_key();
    out.algorithm = key.algorithm();
    out.subject = model::DistinguishedName{"node1.acme.example", "Acme", "peer"}.parts();
    for (auto const* name : {"node1.acme.example", "10.0.0.1", "2001:db8::1", "ops@acme.example",
                             "spiffe://acme.example/node1"}) {
        out.names.add(name);
    }
    out.key_usage = {"digitalSignature"};
    out.extended_usage = {"serverAuth", "clientAuth"};
    return out;
}

}  // namespace

TEST_CASE("a request that we make is read back as it was wanted, for every kind of key") {
    certifier_bench::Bench bench;
    for (char const* algorithm : {"p256", "p384", "ed25519", "rsa3072"}) {
        CAPTURE(algorithm);
        auto const key = bench.key(algorithm);
        auto const request = wanted(*key);
        auto const tbs = bench.certifier->request_tbs(request);
        CHECK(tbs == bench.certifier->request_tbs(request));
        auto const der = bench.certifier->assemble(tbs, algorithm, key->sign(tbs));
        CHECK(bench.certifier->read_request(der) == request);
        auto const pem = bench.certifier->pem("CERTIFICATE REQUEST", der);
        CHECK(bench.certifier->read_request(base::as_bytes(pem)) == request);
        // Signed by another key, it proves nothing.
        auto const stolen = bench.certifier->assemble(tbs, algorithm, bench.key(algorithm)->sign(tbs));
        CHECK(code_of([&] { bench.certifier->read_request(stolen); }) == base::Code::verification_failed);
    }
}

TEST_CASE("what openssl req wrote is written again byte by byte") {
    auto const request = crypto::read_request(base::as_bytes(data("ordered.pem")));
    CHECK(request.subject == model::DistinguishedName{"node1.acme.example", "Acme", "peer"}.parts());
    auto const der = der_of_pem(data("ordered.pem"));
    crypto::der::Reader parts(crypto::der::Reader(der).next(crypto::der::sequence).content);
    CHECK(base::to_hex(parts.next(crypto::der::sequence).whole) ==
          base::to_hex(crypto::request_tbs(request)));
}

TEST_CASE("a request for what this program does not ask for is not written") {
    certifier_bench::Bench bench;
    auto const key = bench.key();
    auto const refused = [&](auto const& change) {
        auto request = wanted(*key);
        change(request);
        return code_of([&] { (void)bench.certifier->request_tbs(request); });
    };
    using Request = model::SigningRequest;
    CHECK(refused([](Request& r) { r.authority = true; }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.other.emplace_back("1.2.3"); }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.key_usage.clear(); }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.key_usage = {"everything"}; }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.extended_usage = {"no such purpose"}; }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.subject = {{"CN", std::string(65, 'x')}}; }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.subject = {{"CN", "a\nb"}}; }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.public_key = {0x30, 0x00}; }) == base::Code::malformed);
}

namespace {

model::SigningRequest wanted_authority(port::Signer const& key) {
    model::SigningRequest out;
    out.public_key = key.public_key();
    out.algorithm = key.algorithm();
    out.subject = model::DistinguishedName{"acme", "Acme"}.parts();
    out.key_usage = {"keyCertSign", "cRLSign"};
    out.authority = true;
    out.other = {"basicConstraints: pathLen 0",
                 "nameConstraints: permitted dns:acme.example",
                 "nameConstraints: permitted ip:10.0.0.0/8",
                 "nameConstraints: permitted ip:2001:db8::/32",
                 "nameConstraints: permitted email:acme.example",
                 "nameConstraints: permitted uri:acme.example"};
    return out;
}

}  // namespace

TEST_CASE("an authority's request is read back as it was wanted; it has no names, and no other uses") {
    certifier_bench::Bench bench;
    auto const key = bench.key();
    auto const request = wanted_authority(*key);
    auto const tbs = bench.certifier->request_tbs(request);
    auto const der = bench.certifier->assemble(tbs, "p256", key->sign(tbs));
    CHECK(bench.certifier->read_request(der) == request);
    auto const refused = [&](auto const& change) {
        auto changed = request;
        change(changed);
        return code_of([&] { (void)bench.certifier->request_tbs(changed); });
    };
    using Request = model::SigningRequest;
    CHECK(refused([](Request& r) { r.authority = false; }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.names.add("a.acme.example"); }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.extended_usage = {"serverAuth"}; }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.other = {"nameConstraints: permitted ip:10.0.0.0/33"}; }) ==
          base::Code::malformed);
    CHECK(refused([](Request& r) { r.other.emplace_back("1.2.3"); }) == base::Code::malformed);
    CHECK(refused([](Request& r) { r.other.emplace_back("basicConstraints: pathLen 1"); }) ==
          base::Code::malformed);
}

TEST_CASE("what constrains an authority is read as it is, or named as not understood") {
    using Words = std::vector<std::string>;
    auto const request = crypto::read_request(base::as_bytes(data("authority.pem")));
    CHECK(request.authority);
    CHECK(request.other == Words{"basicConstraints: pathLen 0", "nameConstraints: permitted dns:acme.example",
                                 "nameConstraints: permitted ip:10.0.0.0/8"});
    // 2^32 is not 0.
    CHECK(crypto::read_request(base::as_bytes(data("endless.pem"))).other ==
          Words{"basicConstraints: pathLen 2147483647"});
    CHECK(crypto::read_request(base::as_bytes(data("excluding.pem"))).other ==
          Words{"nameConstraints: permitted dns:acme.example", "nameConstraints: minimum or maximum",
                "nameConstraints: excludedSubtrees"});
    CHECK(refusal(data("twice.pem")) == base::Code::malformed);
}
