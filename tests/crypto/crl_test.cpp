#include "core/crypto/crl.h"

#include "core/crypto/x509.h"
#include "tests/crypto/certifier_bench.h"

#include <algorithm>
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

namespace {

template <typename T, auto free_function>
crypto::Handle<T, free_function> list_extension(X509_CRL* list, int kind, int& critical) {
    return crypto::Handle<T, free_function>(
        static_cast<T*>(X509_CRL_get_ext_d2i(list, kind, &critical, nullptr)));
}

model::CrlContent content_of(Bench& bench, Authority const& issuer, std::uint64_t number) {
    auto const above = bench.certifier->describe(issuer.certificate);
    return {above.content.subject, above.content.subject_key_id, number, now, now + day};
}

std::string url_of(DIST_POINT_NAME const* point) {
    REQUIRE(point != nullptr);
    REQUIRE(point->type == 0);
    std::vector<std::string> other;
    return crypto::read_names(point->name.fullname, other).uri.at(0);
}

}  // namespace

TEST_CASE("a list in parts says so in critical extensions, as OpenSSL reads them (RFC 5280 5.2.4, 5.2.5)") {
    Bench bench;
    auto const root = bench.root();
    auto content = content_of(bench, root, 7);
    content.place = "http://pki.example/a.crl";
    content.freshest = "http://pki.example/a-delta.crl";
    auto const full = bench.sign_crl(root, content, {});
    CHECK(bench.certifier->accept_crl(full, root.certificate).content == content);
    auto const list = crypto::parse_crl(full);
    int critical = 0;
    auto const place = list_extension<ISSUING_DIST_POINT, ISSUING_DIST_POINT_free>(
        list.get(), NID_issuing_distribution_point, critical);
    REQUIRE(place);
    CHECK(critical == 1);
    CHECK(url_of(place->distpoint) == content.place);
    CHECK((place->onlyuser == 0 && place->onlyCA == 0 && place->onlyattr == 0 && place->indirectCRL == 0));
    auto const freshest =
        list_extension<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(list.get(), NID_freshest_crl, critical);
    REQUIRE(sk_DIST_POINT_num(freshest.get()) == 1);
    CHECK(critical == 0);
    CHECK(url_of(sk_DIST_POINT_value(freshest.get(), 0)->distpoint) == content.freshest);

    content.freshest = {};
    content.number = 300;
    content.base = 200;
    auto const delta = bench.sign_crl(root, content, {});
    CHECK(bench.certifier->accept_crl(delta, root.certificate).content == content);
    auto const base = list_extension<ASN1_INTEGER, ASN1_INTEGER_free>(crypto::parse_crl(delta).get(),
                                                                      NID_delta_crl, critical);
    REQUIRE(base);
    CHECK(critical == 1);
    CHECK(ASN1_INTEGER_get(base.get()) == 200);
}

TEST_CASE("a delta that is not newer than its base, or has a delta, is refused") {
    Bench bench;
    auto const root = bench.root();
    auto content = content_of(bench, root, 7);
    auto const verdict = [&] {
        return code_of(
            [&] { bench.certifier->accept_crl(bench.sign_crl(root, content, {}), root.certificate); });
    };
    content.base = 7;
    CHECK(verdict() == base::Code::verification_failed);
    content.base = 6;
    content.freshest = "http://pki.example/a-delta.crl";
    CHECK(verdict() == base::Code::verification_failed);
}

TEST_CASE("a list that is limited in another way is not read as if it were whole") {
    Bench bench;
    auto const root = bench.root();
    auto content = content_of(bench, root, 7);
    content.place = "http://pki.example/a.crl";
    auto der = bench.sign_crl(root, content, {});
    // The URL's tag becomes that of a DNS name.
    std::string const url = content.place;
    auto const at = std::search(der.begin(), der.end(), url.begin(), url.end());
    REQUIRE(at != der.end());
    REQUIRE(*(at - 2) == 0x86);
    *(at - 2) = 0x82;
    CHECK(code_of([&] { crypto::read_crl(der); }) == base::Code::malformed);
}
