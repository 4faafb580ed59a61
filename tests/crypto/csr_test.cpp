#include "core/crypto/csr.h"

#include "core/base/file.h"

#include <doctest/doctest.h>

using namespace consortium;

namespace {

std::string data(char const* name) {
    return base::read_text(base::Path(CONSORTIUM_TEST_DATA) / "csr" / name, 65'536);
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
