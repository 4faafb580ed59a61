#include "core/crypto/ocsp.h"

#include "core/crypto/der.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using model::CertificateStatus;
using model::Standing;
using model::StatusContent;
using model::StatusFacts;
using model::StatusRefusal;

namespace {

using ResponseHandle = Handle<OCSP_RESPONSE, OCSP_RESPONSE_free>;
using BasicHandle = Handle<OCSP_BASICRESP, OCSP_BASICRESP_free>;
using StoreHandle = Handle<X509_STORE, X509_STORE_free>;
using GeneralizedHandle = Handle<ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free>;
using CertificatesHandle = Handle<STACK_OF(X509), [](STACK_OF(X509) * list) { sk_X509_free(list); }>;

constexpr std::size_t max_response = 65'536;
constexpr std::uint8_t basic_id[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01};
constexpr std::uint8_t invalidity_id[] = {0x55, 0x1d, 24};
constexpr std::uint8_t implicit_0 = 0x80, implicit_2 = 0x82;

Bytes hashed(BytesView bytes, EVP_MD const* kind) {
    Bytes out(static_cast<std::size_t>(EVP_MD_get_size(kind)));
    need_one(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, kind, nullptr), "hashing");
    return out;
}

/// "Hash of issuer's public key … excluding the tag and length" and the count of unused bits (4.1.1).
BytesView key_bits(X509 const* certificate) {
    auto const* const bits = X509_get0_pubkey_bitstr(certificate);
    return {ASN1_STRING_get0_data(bits), static_cast<std::size_t>(ASN1_STRING_length(bits))};
}

// RevokedInfo ::= SEQUENCE { revocationTime, revocationReason [0] EXPLICIT CRLReason OPTIONAL }
Bytes revoked_info(model::Revocation const& revocation) {
    auto const at = der::generalized(revocation.at);
    if (revocation.reason == 0) return der::wrap(der::explicit_1, {at});
    std::uint8_t const code[] = {static_cast<std::uint8_t>(revocation.reason)};
    auto const reason = der::wrap(der::explicit_0, {der::wrap(der::enumerated, {code})});
    return der::wrap(der::explicit_1, {at, reason});
}

Bytes single_response(CertificateStatus const& status) {
    Bytes standing = der::header(status.standing == Standing::good ? implicit_0 : implicit_2, 0);
    Bytes extensions;
    if (status.standing == Standing::revoked) {
        standing = revoked_info(status.revocation);
        if (status.revocation.compromised) {
            // RFC 6960 4.4.5: what an entry of a revocation list may say can be said here too.
            auto const date = der::extension(invalidity_id, der::generalized(*status.revocation.compromised));
            extensions = der::wrap(der::explicit_1, {der::wrap(der::sequence, {date})});
        }
    }
    auto const next = der::wrap(der::explicit_0, {der::generalized(status.next_update)});
    return der::wrap(der::sequence,
                     {status.id.der, standing, der::generalized(status.this_update), next, extensions});
}

ResponseHandle parse_response(BytesView der) {
    if (der.size() > max_response) throw Error(Code::malformed, "an OCSP response has at most 64 KiB");
    return decoded<ResponseHandle>(d2i_OCSP_RESPONSE, der, "an OCSP response");
}

BasicHandle parse_basic(BytesView der) {
    auto const response = parse_response(der);
    int const status = OCSP_response_status(response.get());
    if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        throw Error(Code::verification_failed,
                    std::string("the responder gives no answer: ") + OCSP_response_status_str(status));
    }
    BasicHandle basic(OCSP_response_get1_basic(response.get()));
    ERR_clear_error();
    if (!basic) throw Error(Code::malformed, "this OCSP response holds no basic response");
    return basic;
}

base::Instant time_in(ASN1_GENERALIZEDTIME const* time) {
    if (time == nullptr) throw Error(Code::malformed, "an answer of this OCSP response has no end");
    return instant_of(time);
}

CertificateStatus read_status(OCSP_SINGLERESP* single) {
    CertificateStatus out;
    out.id = read_certificate_id(encoded<OCSP_CERTID>(i2d_OCSP_CERTID, OCSP_SINGLERESP_get0_id(single)));
    int reason = 0;
    ASN1_GENERALIZEDTIME* at = nullptr;
    ASN1_GENERALIZEDTIME* begin = nullptr;
    ASN1_GENERALIZEDTIME* end = nullptr;
    int const status = OCSP_single_get0_status(single, &reason, &at, &begin, &end);
    out.this_update = time_in(begin);
    out.next_update = time_in(end);
    if (status == V_OCSP_CERTSTATUS_GOOD) out.standing = Standing::good;
    if (status != V_OCSP_CERTSTATUS_REVOKED) return out;
    out.standing = Standing::revoked;
    out.revocation = {out.id.serial, instant_of(at), reason < 0 ? 0 : reason, std::nullopt};
    GeneralizedHandle const compromised(static_cast<ASN1_GENERALIZEDTIME*>(
        OCSP_SINGLERESP_get1_ext_d2i(single, NID_invalidity_date, nullptr, nullptr)));
    if (compromised) out.revocation.compromised = instant_of(compromised.get());
    return out;
}

Bytes nonce_in(OCSP_BASICRESP* basic) {
    int const place = OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);
    if (place < 0) return {};
    auto const value = octets(X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, place)));
    auto const nonce = der::Reader(value).next(der::octet_string).content;
    return {nonce.begin(), nonce.end()};
}

StatusFacts facts_of(OCSP_BASICRESP* basic) {
    StatusFacts facts;
    ASN1_OCTET_STRING const* key = nullptr;
    X509_NAME const* name = nullptr;
    OCSP_resp_get0_id(basic, &key, &name);
    facts.content.responder = octets(key);
    facts.content.produced_at = instant_of(OCSP_resp_get0_produced_at(basic));
    for (int i = 0; i < OCSP_resp_count(basic); ++i) {
        facts.content.statuses.push_back(read_status(OCSP_resp_get0(basic, i)));
    }
    if (facts.content.statuses.empty()) {
        throw Error(Code::malformed, "this OCSP response answers nothing");
    }
    facts.content.nonce = nonce_in(basic);
    X509* signer = nullptr;
    if (OCSP_resp_get0_signer(basic, &signer, nullptr) == 1) {
        facts.responder = name_text(X509_get_subject_name(signer));
    } else if (name != nullptr) {
        facts.responder = name_text(name);
    }
    ERR_clear_error();
    int const kind = OBJ_obj2nid(OCSP_resp_get0_tbs_sigalg(basic)->algorithm);
    facts.signature = kind == NID_undef ? "unknown" : OBJ_nid2sn(kind);
    return facts;
}

}  // namespace

model::StatusRequest OcspResponder::read_request(BytesView der) const {
    return read_status_request(der);
}

Bytes OcspResponder::request(std::string_view serial, BytesView issuer) const {
    auto const certificate = parse_certificate(issuer);
    auto const name = encoded<X509_NAME>(i2d_X509_NAME, X509_get_subject_name(certificate.get()));
    auto const kind = der::wrap(der::sequence, {der::wrap(der::oid, {sha1_id}), null_value});
    auto const name_hash = der::wrap(der::octet_string, {hashed(name, EVP_sha1())});
    auto const key = der::wrap(der::octet_string, {key_hash(issuer)});
    auto const number = der::unsigned_integer(base::from_hex(serial));
    auto const id = der::wrap(der::sequence, {kind, name_hash, key, number});
    // OCSPRequest { tbsRequest { requestList { Request { reqCert } } } }
    auto out = id;
    for (int depth = 0; depth < 4; ++depth) out = der::wrap(der::sequence, {out});
    return out;
}

bool OcspResponder::names(model::CertificateId const& id, BytesView issuer) const {
    auto const certificate = parse_certificate(issuer);
    auto const* const kind = id.hash == "sha1" ? EVP_sha1() : EVP_sha256();
    auto const name = encoded<X509_NAME>(i2d_X509_NAME, X509_get_subject_name(certificate.get()));
    return id.issuer_name == hashed(name, kind) && id.issuer_key == hashed(key_bits(certificate.get()), kind);
}

Bytes OcspResponder::key_hash(BytesView certificate) const {
    auto const parsed = parse_certificate(certificate);
    return hashed(key_bits(parsed.get()), EVP_sha1());
}

Bytes OcspResponder::response_tbs(StatusContent const& content) const {
    Bytes list;
    for (auto const& status : content.statuses) der::append(list, single_response(status));
    // responderID is byKey [2], by the hash of the key that verifies the signature.
    auto const responder = der::wrap(der::explicit_2, {der::wrap(der::octet_string, {content.responder})});
    Bytes extensions;
    if (!content.nonce.empty()) {
        auto const nonce = der::extension(nonce_id, der::wrap(der::octet_string, {content.nonce}));
        extensions = der::wrap(der::explicit_1, {der::wrap(der::sequence, {nonce})});
    }
    return der::wrap(der::sequence, {responder, der::generalized(content.produced_at),
                                     der::wrap(der::sequence, {list}), extensions});
}

Bytes OcspResponder::assemble(BytesView tbs, std::string_view algorithm, BytesView signature,
                              BytesView responder) const {
    auto const certificates = der::wrap(der::explicit_0, {der::wrap(der::sequence, {responder})});
    auto const basic = der::wrap(
        der::sequence, {tbs, m_algorithms.identifier(algorithm), der::bits(signature), certificates});
    auto const bytes =
        der::wrap(der::sequence, {der::wrap(der::oid, {basic_id}), der::wrap(der::octet_string, {basic})});
    static constexpr std::uint8_t successful[] = {0};
    return der::wrap(der::sequence,
                     {der::wrap(der::enumerated, {successful}), der::wrap(der::explicit_0, {bytes})});
}

Bytes OcspResponder::refusal(StatusRefusal why) const {
    std::uint8_t const code[] = {static_cast<std::uint8_t>(why)};
    return der::wrap(der::sequence, {der::wrap(der::enumerated, {code})});
}

StatusFacts OcspResponder::accept(BytesView der, BytesView issuer, base::Instant now) const {
    auto const basic = parse_basic(der);
    auto facts = facts_of(basic.get());
    auto const above = parse_certificate(issuer);
    StoreHandle const store(need(StoreHandle(X509_STORE_new()), "a store of certificates"));
    need_one(X509_STORE_add_cert(store.get(), above.get()), "a trusted certificate");
    auto* const parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(now.seconds));
    // The issuer is what is trusted; whether a path leads from it to a root is another question.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_X509_STRICT);
    CertificatesHandle const known(sk_X509_new_null());
    sk_X509_push(known.get(), above.get());
    ERR_clear_error();
    if (OCSP_basic_verify(basic.get(), known.get(), store.get(), 0) != 1) {
        throw Error(Code::verification_failed, "this OCSP response does not hold: " + last_reason());
    }
    ERR_clear_error();
    for (auto const& status : facts.content.statuses) {
        if (names(status.id, issuer)) continue;
        throw Error(Code::verification_failed, "this OCSP response answers for another issuer");
    }
    return facts;
}

StatusFacts OcspResponder::describe(BytesView der) const {
    return facts_of(parse_basic(der).get());
}

}  // namespace consortium::crypto
