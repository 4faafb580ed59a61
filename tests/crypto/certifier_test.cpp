#include "core/crypto/certifier.h"

#include "tests/crypto/certifier_bench.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;
using namespace certifier_bench;

TEST_CASE("a certificate says what it was asked to say, for every kind of signing key") {
    for (char const* algorithm : {"p256", "p384", "ed25519", "rsa3072"}) {
        CAPTURE(algorithm);
        Bench bench;
        auto const root = bench.root("Payments Root G1", algorithm);
        auto const key = bench.key();
        auto content = bench.leaf(root, key->public_key(), "node1.acme.example");
        content.names.add("10.0.0.1");
        content.names.add("2001:db8::1");
        content.names.add("ops@acme.example");
        content.names.add("spiffe://acme.example/node1");
        content.crl_url = "http://pki.example/root.crl";
        content.issuer_url = "http://pki.example/root.cer";
        auto const der = bench.sign(content, *root.signer);
        auto const facts = bench.certifier->accept_certificate(der, root.certificate);
        CHECK(facts.content == content);
        CHECK(facts.subject == "CN=node1.acme.example, O=Payments");
        CHECK(facts.common_name == "node1.acme.example");
        CHECK(facts.algorithm == "p256");
        CHECK(facts.fingerprint == base::sha256(der));
        CHECK(facts.tbs == base::sha256(bench.certifier->certificate_tbs(content, algorithm)));
    }
}

TEST_CASE("G26 what is signed is the digest that was shown: the bytes do not change with the signature") {
    Bench bench;
    auto const root = bench.root();
    auto const content = bench.leaf(root, bench.key()->public_key(), "a.example");
    auto const tbs = bench.certifier->certificate_tbs(content, "p256");
    CHECK(bench.certifier->certificate_tbs(content, "p256") == tbs);
    auto const der = bench.sign(content, *root.signer);
    CHECK(bench.certifier->describe(der).tbs == base::sha256(tbs));
}

TEST_CASE("a signature of another key, or a changed bit, is not accepted") {
    Bench bench;
    auto const root = bench.root();
    auto const other = bench.root("Payments Root G1");
    auto const content = bench.leaf(root, bench.key()->public_key(), "a.example");
    auto der = bench.sign(content, *other.signer);
    CHECK(code_of([&] { bench.certifier->accept_certificate(der, root.certificate); }) ==
          base::Code::verification_failed);
    der = bench.sign(content, *root.signer);
    der[der.size() / 2] ^= 1U;
    CHECK(code_of([&] { bench.certifier->accept_certificate(der, root.certificate); }) !=
          base::Code::internal);
}

TEST_CASE("another certifier, which is made for many certificates, judges as the first one does") {
    Bench bench;
    auto const other = bench.certifier->another();
    auto const judged = [](port::Certifier const& certifier, Bytes const& der, Bytes const& issuer) {
        std::string out = "accepted";
        try {
            if (certifier.accept_certificate(der, issuer).fingerprint != base::sha256(der)) out = "not read";
        } catch (base::Error const& error) {
            out = error.message();
        }
        return out;
    };
    Bytes der;
    auto root = bench.root();
    for (char const* algorithm : {"rsa3072", "ed25519", "p384", "p256"}) {
        CAPTURE(algorithm);
        root = bench.root("Payments Root G1", algorithm);
        auto const content = bench.leaf(root, bench.key(algorithm)->public_key(), "a.example");
        der = bench.sign(content, *root.signer);
        auto const facts = other->accept_certificate(der, root.certificate);
        CHECK(facts.content == content);
        CHECK(facts.algorithm == algorithm);
        CHECK(other->describe(der).content == content);
    }
    std::size_t accepted = 0;
    for (std::size_t i = 0; i < der.size() * 8; i += 3) {
        CAPTURE(i);
        auto changed = der;
        changed[i / 8] ^= static_cast<std::uint8_t>(1U << (i % 8));
        auto const words = judged(*other, changed, root.certificate);
        CHECK(words == judged(*bench.certifier, changed, root.certificate));
        accepted += words == "accepted" ? 1 : 0;
    }
    CHECK(accepted == 0);
    // RFC 8410: an Ed448 key.
    auto key = base::from_hex("3043300506032b6571033a00");
    key.resize(key.size() + 57, 0x5a);
    auto const foreign = bench.sign(bench.leaf(root, key, "a.example"), *root.signer);
    for (auto const* certifier : {bench.certifier.get(), other.get()}) {
        CHECK(code_of([&] { certifier->accept_certificate(foreign, root.certificate); }) ==
              base::Code::refused);
    }
}

TEST_CASE("the lint names the rule that a certificate breaks") {
    Bench bench;
    auto const root = bench.root();
    auto const content = bench.leaf(root, bench.key()->public_key(), "a.example");
    auto const broken = [&](auto const& change) {
        auto changed = content;
        change(changed);
        try {
            bench.certifier->accept_certificate(bench.sign(changed, *root.signer), root.certificate);
        } catch (base::Error const& error) {
            return error.message();
        }
        return std::string();
    };
    using Content = model::CertificateContent;
    CHECK(broken([](Content&) {}) == "");
    CHECK(broken([](Content& c) { c.not_after = c.not_before; }).find("4.1.2.5") != std::string::npos);
    CHECK(broken([](Content& c) {
              c.not_after = c.not_after + base::Duration{9999 * day.seconds};
          }).find("outlive") != std::string::npos);
    CHECK(broken([](Content& c) { c.authority_key_id = Bytes(20, 1); }).find("4.2.1.1") != std::string::npos);
    CHECK(broken([](Content& c) { c.key_usage.emplace_back("keyCertSign"); }).find("4.2.1.3") !=
          std::string::npos);
    CHECK(broken([](Content& c) { c.extended_usage.clear(); }).find("4.2.1.12") != std::string::npos);
    CHECK(broken([&](Content& c) { c.issuer = bench.name("Somebody Else"); }).find("issuer is the name") !=
          std::string::npos);
    CHECK(broken([](Content& c) { c.serial = std::string(32, '0'); }).find("4.1.2.2") != std::string::npos);
}

TEST_CASE("G21 two keys under one name are not one root") {
    Bench bench;
    auto const first = bench.root("Payments Root");
    auto const second = bench.root("Payments Root");
    auto content = bench.root_content(*second.signer, "Payments Root");
    content.authority_key_id = bench.certifier->describe(first.certificate).content.subject_key_id;
    content.not_after = content.not_after + base::Duration{-1};
    auto const link = bench.sign(content, *first.signer);
    try {
        bench.certifier->accept_certificate(link, first.certificate);
        FAIL("accepted");
    } catch (base::Error const& error) {
        CHECK(error.message().find("G21") != std::string::npos);
    }
}

TEST_CASE("an intermediate of path length 0 certifies no authority") {
    Bench bench;
    auto const root = bench.root();
    auto const middle = bench.intermediate(root, bench.key());
    auto content = bench.under(middle, bench.key()->public_key(), "Below");
    content.authority = true;
    content.key_usage = {"keyCertSign", "cRLSign"};
    auto const below = bench.sign(content, *middle.signer);
    CHECK(code_of([&] { bench.certifier->accept_certificate(below, middle.certificate); }) ==
          base::Code::verification_failed);
}

TEST_CASE("serials have 128 random bits and are never zero") {
    Bench bench;
    std::vector<std::string> serials;
    for (int i = 0; i < 64; ++i) serials.push_back(bench.certifier->draw_serial());
    CHECK(std::all_of(serials.begin(), serials.end(), [](auto const& each) { return each.size() == 32; }));
    std::sort(serials.begin(), serials.end());
    CHECK(std::adjacent_find(serials.begin(), serials.end()) == serials.end());

    class Zeros final : public port::Entropy {
    public:
        void fill(std::span<std::uint8_t> out) override {
            std::fill(out.begin(), out.end(), static_cast<std::uint8_t>(m_calls++ == 0 ? 0 : 9));
        }
        int m_calls = 0;
    } zeros;
    CHECK(crypto::make_certifier(zeros)->draw_serial() == "09090909090909090909090909090909");
}

TEST_CASE("what is no certificate is refused, cut short or doubled as well") {
    Bench bench;
    auto const root = bench.root();
    auto const crl = bench.crl(root, {{"0a", now, 1, now}});
    for (std::size_t size = 0; size < root.certificate.size(); size += 7) {
        auto const cut = base::BytesView(root.certificate).first(size);
        CHECK(code_of([&] { bench.certifier->describe(cut); }) == base::Code::malformed);
    }
    for (std::size_t size = 0; size < crl.size(); ++size) {
        auto const cut = base::BytesView(crl).first(size);
        CHECK(code_of([&] { bench.certifier->describe_crl(cut); }) == base::Code::malformed);
    }
    auto twice = root.certificate;
    twice.insert(twice.end(), root.certificate.begin(), root.certificate.end());
    CHECK(code_of([&] { bench.certifier->describe(twice); }) == base::Code::malformed);
}

TEST_CASE("PEM is read back, several in a file, among other things") {
    Bench bench;
    auto const one = bench.root("One G1");
    auto const two = bench.root("Two G1");
    auto const text = "# a comment\n" + bench.certifier->pem("CERTIFICATE", one.certificate) +
                      bench.certifier->pem("X509 CRL", bench.crl(one, {})) +
                      bench.certifier->pem("CERTIFICATE", two.certificate);
    auto const read = bench.certifier->read_certificates(base::as_bytes(text));
    REQUIRE(read.size() == 2);
    CHECK(read[0] == one.certificate);
    CHECK(read[1] == two.certificate);
    CHECK(bench.certifier->read_crls(base::as_bytes(text)).size() == 1);
    CHECK(code_of([&] { bench.certifier->read_certificates(base::as_bytes("nothing")); }) ==
          base::Code::malformed);
}

TEST_CASE("a name with a control character does not get into a certificate") {
    Bench bench;
    CHECK(code_of([&] { bench.name("node\x1b[2J"); }) == base::Code::malformed);
    CHECK(code_of([&] { bench.name(std::string(65, 'a').c_str()); }) == base::Code::malformed);
}
