#include "core/crypto/ocsp.h"

#include "core/crypto/der.h"
#include "tests/crypto/certifier_bench.h"

#include <doctest/doctest.h>
#include <openssl/ocsp.h>

using namespace consortium;
using namespace certifier_bench;
using model::Standing;

namespace {

/// An authority and one whom it has certified to answer for it.
struct Answering : Bench {
    Authority issuer = root();
    Authority responder = certified({"OCSPSigning"});
    port::Ocsp const& ocsp = certifier->ocsp();

    Authority certified(std::vector<std::string> const& usage) {
        auto const signer = key();
        auto content = under(issuer, signer->public_key(), "status");
        content.key_usage = {"digitalSignature"};
        content.extended_usage = usage;
        return {signer, sign(content, *issuer.signer)};
    }

    model::CertificateStatus status(std::string const& serial, Standing standing) {
        auto const asked = ocsp.read_request(ocsp.request(serial, issuer.certificate));
        return {asked.asked.front(), standing, {}, now, now + day};
    }

    Bytes answer(model::StatusContent content, Authority const& by) {
        content.responder = ocsp.key_hash(by.certificate);
        content.produced_at = now;
        auto const tbs = ocsp.response_tbs(content);
        return ocsp.assemble(tbs, by.signer->algorithm(), by.signer->sign(tbs), by.certificate);
    }
};

std::string const serial = "80000000000000000000000000000001";

/// The request that OpenSSL makes of this CertID with this nonce.
Bytes openssl_request(Bytes const& issuer, EVP_MD const* hash, Bytes nonce) {
    auto const above = crypto::parse_certificate(issuer);
    crypto::Handle<OCSP_REQUEST, OCSP_REQUEST_free> const request(OCSP_REQUEST_new());
    auto const number = base::from_hex(serial);
    crypto::NumberPtr const value(BN_bin2bn(number.data(), static_cast<int>(number.size()), nullptr));
    crypto::Handle<ASN1_INTEGER, ASN1_INTEGER_free> const integer(BN_to_ASN1_INTEGER(value.get(), nullptr));
    OCSP_request_add0_id(request.get(),
                         OCSP_cert_id_new(hash, X509_get_subject_name(above.get()),
                                          X509_get0_pubkey_bitstr(above.get()), integer.get()));
    if (!nonce.empty()) OCSP_request_add1_nonce(request.get(), nonce.data(), static_cast<int>(nonce.size()));
    return crypto::encoded<OCSP_REQUEST>(i2d_OCSP_REQUEST, request.get());
}

Bytes replaced(Bytes in, Bytes const& what, Bytes const& with) {
    auto const at = std::search(in.begin(), in.end(), what.begin(), what.end());
    REQUIRE(at != in.end());
    std::copy(with.begin(), with.end(), at);
    return in;
}

}  // namespace

TEST_CASE("requests are read as OpenSSL writes them, by SHA-1 and by SHA-256, with a nonce and without") {
    Answering bench;
    for (auto const* hash : {EVP_sha1(), EVP_sha256()}) {
        for (std::size_t const size : {0U, 1U, 32U}) {
            auto const asked =
                bench.ocsp.read_request(openssl_request(bench.issuer.certificate, hash, Bytes(size, 9)));
            REQUIRE(asked.asked.size() == 1);
            CHECK(asked.asked[0].serial == serial);
            CHECK(bench.ocsp.names(asked.asked[0], bench.issuer.certificate));
            CHECK_FALSE(bench.ocsp.names(asked.asked[0], bench.root("Other").certificate));
            CHECK(asked.nonce == Bytes(size, 9));
        }
    }
    // What we ask is, byte for byte, what OpenSSL asks: a web server finds the answer by it.
    CHECK(bench.ocsp.request(serial, bench.issuer.certificate) ==
          openssl_request(bench.issuer.certificate, EVP_sha1(), {}));
}

TEST_CASE("a request that is no request is malformed") {
    Answering bench;
    auto const good = openssl_request(bench.issuer.certificate, EVP_sha1(), Bytes(8, 9));
    for (std::size_t size = 0; size < good.size(); ++size) {
        CAPTURE(size);
        CHECK(code_of([&] { bench.ocsp.read_request(base::BytesView(good).first(size)); }) ==
              base::Code::malformed);
    }
    auto longer = good;
    longer.push_back(0);
    auto const sha1 = Bytes{0x2b, 0x0e, 0x03, 0x02, 0x1a};
    auto const serial_head = Bytes{0x02, 0x11, 0x00, 0x80};
    Bytes const bad[] = {
        longer,
        Bytes(10'000, 0x30),
        openssl_request(bench.issuer.certificate, EVP_sha1(), Bytes(33, 9)),
        openssl_request(bench.issuer.certificate, EVP_sha384(), {}),
        replaced(good, sha1, {0x2b, 0x0e, 0x03, 0x02, 0x1b}),
        replaced(good, serial_head, {0x02, 0x11, 0x80, 0x80}),  // negative
        replaced(good, {0x04, 0x08, 9}, {0x04, 0x07, 9}),       // a nonce and something behind it
        {0x30, 0x04, 0x30, 0x02, 0x30, 0x00},                   // asks about nothing
    };
    for (auto const& each : bad) {
        CAPTURE(base::to_hex(each));
        CHECK(code_of([&] { bench.ocsp.read_request(each); }) == base::Code::malformed);
    }
}

TEST_CASE("an answer is read back by OpenSSL as it was meant") {
    Answering bench;
    auto revoked = bench.status(serial, Standing::revoked);
    revoked.revocation = {serial, now - day, 1, now - base::Duration{3 * day.seconds}};
    model::StatusContent const content{
        bench.ocsp.key_hash(bench.responder.certificate),
        now,
        {revoked, bench.status("01", Standing::good), bench.status("02", Standing::unknown)},
        Bytes(32, 7)};
    auto const der = bench.answer(content, bench.responder);
    auto const facts = bench.ocsp.accept(der, bench.issuer.certificate, now);
    CHECK(facts.content == content);
    CHECK(facts.responder == "CN=status, O=Payments");
    CHECK(facts.signature == "ecdsa-with-SHA256");
    CHECK(bench.ocsp.describe(der).content == content);
}

TEST_CASE("an answer holds only by the issuer or by whom it has certified to answer") {
    Answering bench;
    model::StatusContent const content{{}, {}, {bench.status(serial, Standing::good)}};
    auto const verdict = [&](Bytes const& der, Bytes const& issuer, Instant at) {
        return code_of([&] { (void)bench.ocsp.accept(der, issuer, at); });
    };
    auto const refused = base::Code::verification_failed;
    auto const& issuer = bench.issuer.certificate;
    auto const good = bench.answer(content, bench.responder);
    CHECK_NOTHROW(bench.ocsp.accept(good, issuer, now));
    CHECK_NOTHROW(bench.ocsp.accept(bench.answer(content, bench.issuer), issuer, now));
    CHECK(verdict(bench.answer(content, bench.certified({"clientAuth"})), issuer, now) == refused);
    CHECK(verdict(good, bench.root("Other").certificate, now) == refused);
    CHECK(verdict(good, issuer, now - day) == refused);
    CHECK(verdict(good, issuer, now + base::Duration{366 * day.seconds}) == refused);
    auto changed = good;
    changed[changed.size() / 3] ^= 1U;
    CHECK_THROWS_AS(bench.ocsp.accept(changed, issuer, now), base::Error);
    // One who answers for this authority does not answer for another.
    Answering other;
    model::StatusContent const foreign{{}, {}, {other.status(serial, Standing::good)}};
    CHECK(verdict(bench.answer(foreign, bench.responder), issuer, now) == refused);
}

TEST_CASE("a refusal is three octets of status, and no answer") {
    Answering bench;
    auto const der = bench.ocsp.refusal(model::StatusRefusal::unauthorized);
    CHECK(der == Bytes{0x30, 0x03, 0x0a, 0x01, 0x06});
    CHECK(bench.ocsp.refusal(model::StatusRefusal::malformed_request) == Bytes{0x30, 0x03, 0x0a, 0x01, 0x01});
    CHECK(code_of([&] { (void)bench.ocsp.describe(der); }) == base::Code::verification_failed);
}

TEST_CASE("who answers for an authority is certified for that alone, and needs no check") {
    Answering bench;
    auto const facts =
        bench.certifier->accept_certificate(bench.responder.certificate, bench.issuer.certificate);
    CHECK(facts.content.extended_usage == std::vector<std::string>{"OCSPSigning"});
    auto const parsed = crypto::parse_certificate(bench.responder.certificate);
    CHECK(X509_get_ext_by_NID(parsed.get(), NID_id_pkix_OCSP_noCheck, -1) >= 0);
    auto const both = bench.certified({"OCSPSigning", "serverAuth"});
    CHECK(code_of([&] {
              (void)bench.certifier->accept_certificate(both.certificate, bench.issuer.certificate);
          }) == base::Code::verification_failed);
}
