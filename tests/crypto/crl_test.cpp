#include "core/crypto/crl.h"

#include "core/crypto/x509.h"
#include "tests/crypto/certifier_bench.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace certifier_bench;

TEST_CASE("a revocation list of ours is one that OpenSSL's own reader takes") {
    Bench bench;
    auto const root = bench.root();
    std::vector<model::Revocation> const revoked = {
        {"00000000000000000000000000000001", now - day, 0, std::nullopt},
        {"80000000000000000000000000000002", now - day, 1, now - base::Duration{2 * day.seconds}},
        {"7fffffffffffffffffffffffffffffff", now, 4, std::nullopt},
    };
    auto const der = bench.crl(root, revoked, 300);
    auto const facts = bench.certifier->accept_crl(der, root.certificate);
    CHECK(facts.entries == 3);
    CHECK(facts.content.number == 300);
    std::vector<model::Revocation> again;
    crypto::read_crl(der, [&](model::Revocation const& each) { again.push_back(each); });
    CHECK(again == revoked);

    auto const list = crypto::parse_crl(der);
    auto const issuer = crypto::parse_certificate(root.certificate);
    CHECK(X509_CRL_verify(list.get(), X509_get0_pubkey(issuer.get())) == 1);
    CHECK(X509_CRL_get_version(list.get()) == X509_CRL_VERSION_2);
    CHECK(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list.get())) == 3);
    CHECK(crypto::instant_of(X509_CRL_get0_nextUpdate(list.get())) == facts.content.next_update);
}

TEST_CASE("an empty revocation list has no empty list inside (RFC 5280 5.1.2.6)") {
    Bench bench;
    auto const root = bench.root("Payments Root G1", "ed25519");
    auto const der = bench.crl(root, {});
    CHECK(bench.certifier->accept_crl(der, root.certificate).entries == 0);
    auto const list = crypto::parse_crl(der);
    CHECK(X509_CRL_get_REVOKED(list.get()) == nullptr);
}

TEST_CASE("G11 a revocation list without the issuer's key identifier is refused") {
    Bench bench;
    auto const root = bench.root();
    auto const above = bench.certifier->describe(root.certificate);
    model::CrlContent content{above.content.subject, above.content.subject_key_id, 1, now, now + day};
    CHECK_NOTHROW(bench.certifier->accept_crl(bench.sign_crl(root, content, {}), root.certificate));
    content.authority_key_id = Bytes(20, 7);
    CHECK(code_of([&] {
              bench.certifier->accept_crl(bench.sign_crl(root, content, {}), root.certificate);
          }) == base::Code::verification_failed);
    content.authority_key_id.clear();
    CHECK(code_of([&] {
              bench.certifier->accept_crl(bench.sign_crl(root, content, {}), root.certificate);
          }) == base::Code::verification_failed);
}
