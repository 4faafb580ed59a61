#include "core/crypto/cms.h"

#include "core/crypto/chain.h"
#include "core/crypto/der.h"
#include "core/crypto/signed_hash.h"
#include "core/crypto/x509_handles.h"
#include "core/port/signer.h"

#include <algorithm>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/ess.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using port::CmsFacts;
using port::CmsRequest;

namespace {

using CmsHandle = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;
using EssHandle = Handle<ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free>;
using BorrowedCertificates = Handle<STACK_OF(X509), [](STACK_OF(X509) * list) { sk_X509_free(list); }>;
using OwnedCertificates =
    Handle<STACK_OF(X509), [](STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); }>;

constexpr std::uint8_t set_tag = 0x31;
// The content is elsewhere and is signed as it is, and nothing of mail is added.
constexpr unsigned int form = CMS_PARTIAL | CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP;

/// The one hash of a signature, for its content as for its attributes (RFC 5754 3.3): what port::Signer
/// signs with.
EVP_MD const* hash_for(std::string_view algorithm) {
    if (algorithm == "p256" || algorithm == "rsa3072" || algorithm == "rsa4096") return EVP_sha256();
    if (algorithm == "p384") return EVP_sha384();
    throw Error(Code::unsupported, "a key of type '" + std::string(algorithm) + "' signs no file in CMS here",
                "use a certificate of a P-256, P-384 or RSA key (3072 or 4096 bits)");
}

Bytes hash_of_bytes(BytesView content, EVP_MD const* kind) {
    return hash_of([&](auto const& each) { each(content); }, kind);
}

void add_others(CMS_ContentInfo* cms, CmsRequest const& request) {
    std::vector<BytesView> there{request.certificate};
    for (auto const& other : request.others) {
        bool const known = std::any_of(there.begin(), there.end(), [&](BytesView one) {
            return std::equal(one.begin(), one.end(), other.begin(), other.end());
        });
        if (known) continue;
        there.emplace_back(other);
        need_one(CMS_add1_cert(cms, parse_certificate(other).get()), "carrying a certificate");
    }
}

/// Everything but the signature.
struct Unsigned {
    explicit Unsigned(CmsRequest const& request, BytesView content)
        : certificate(parse_certificate(request.certificate)),
          key(need(PkeyPtr(X509_get_pubkey(certificate.get())), "a certificate's key")),
          hash(hash_for(key_algorithm(key.get()))),
          cms(need(CmsHandle(CMS_sign(nullptr, nullptr, nullptr, nullptr, form)), "a signature in CMS")) {
        // OpenSSL compares only public keys here: the private one may be anywhere. CMS_CADES adds the
        // attribute signing-certificate-v2.
        signer = CMS_add1_signer(cms.get(), certificate.get(), key.get(), hash, form | CMS_CADES);
        if (signer == nullptr) fail_openssl("a signer in CMS");
        add_others(cms.get(), request);
        add_attributes(request.signing_time, content);
    }

    /// RFC 5652 5.4: "a separate encoding of the signedAttrs field is performed for message digest
    /// calculation … an EXPLICIT SET OF tag", in DER, hence sorted.
    Bytes attributes() const {
        int const count = CMS_signed_get_attr_count(signer);
        std::vector<Bytes> all;
        all.reserve(static_cast<std::size_t>(std::max(count, 0)));
        for (int i = 0; i < count; ++i)
            all.push_back(encoded<X509_ATTRIBUTE>(i2d_X509_ATTRIBUTE, CMS_signed_get_attr(signer, i)));
        std::sort(all.begin(), all.end());
        Bytes content;
        for (auto const& one : all) der::append(content, one);
        return der::wrap(set_tag, {content});
    }

    CertificateHandle certificate;
    PkeyPtr key;
    EVP_MD const* hash;
    CmsHandle cms;
    CMS_SignerInfo* signer = nullptr;  // of `cms`

private:
    void add_attributes(base::Instant signing_time, BytesView content) const {
        need_one(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                             OBJ_nid2obj(NID_pkcs7_data), -1),
                 "a content type");
        auto const digest = hash_of_bytes(content, hash);
        need_one(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
                                             digest.data(), static_cast<int>(digest.size())),
                 "a message digest");
        // RFC 5652 11.3: UTCTime through 2049, then GeneralizedTime, as ASN1_TIME_set() makes them.
        auto const time = need(TimeHandle(ASN1_TIME_set(nullptr, static_cast<time_t>(signing_time.seconds))),
                               "a signing time");
        need_one(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, time->type, time.get(), -1),
                 "a signing time");
    }
};

CmsHandle parse_cms(BytesView der) {
    if (der.size() > port::Cms::max_size)
        throw Error(Code::malformed, "a signature in CMS has at most 256 KiB");
    auto parsed = decoded<CmsHandle>(d2i_CMS_ContentInfo, der, "a signature in CMS");
    ERR_clear_error();
    if (OBJ_obj2nid(CMS_get0_type(parsed.get())) != NID_pkcs7_signed)
        throw Error(Code::malformed, "this is CMS, but no signature");
    if (CMS_is_detached(parsed.get()) != 1)
        throw Error(Code::malformed, "this signature holds its own content: a detached one is wanted");
    ERR_clear_error();
    if (sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(parsed.get())) != 1)
        throw Error(Code::malformed, "this signature has not exactly one signer");
    return parsed;
}

CMS_SignerInfo* signer_in(CMS_ContentInfo* cms) {
    return sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
}

/// The one value of the one signed attribute of this kind (RFC 5652 11: it must not be there twice).
ASN1_TYPE* attribute(CMS_SignerInfo* signer, int kind, char const* name) {
    int const at = CMS_signed_get_attr_by_NID(signer, kind, -1);
    auto* const found = at < 0 ? nullptr : CMS_signed_get_attr(signer, at);
    if (found == nullptr || CMS_signed_get_attr_by_NID(signer, kind, at) >= 0 ||
        X509_ATTRIBUTE_count(found) != 1)
        throw Error(Code::malformed, std::string("the signature has not exactly one signed ") + name);
    return X509_ATTRIBUTE_get0_type(found, 0);
}

/// RFC 5652 11.1: it "MUST match the eContentType".
void check_content_type(CMS_ContentInfo* cms) {
    auto const* value = attribute(signer_in(cms), NID_pkcs9_contentType, "content type");
    if (value->type != V_ASN1_OBJECT || OBJ_obj2nid(value->value.object) != NID_pkcs7_data ||
        OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data)
        throw Error(Code::malformed, "the signature is over something else than the bytes of a file");
}

base::Instant signing_time_of(CMS_SignerInfo* signer) {
    auto const* value = attribute(signer, NID_pkcs9_signingTime, "signing time");
    if (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME)
        throw Error(Code::malformed, "the signing time is no time");
    return instant_of(value->value.asn1_string);
}

/// The certificate that the signature itself names (RFC 5035): the same key under another certificate signs
/// for somebody else.
void check_named(CMS_SignerInfo* signer, X509* certificate) {
    auto const* value = attribute(signer, NID_id_smime_aa_signingCertificateV2, "certificate");
    if (value->type != V_ASN1_SEQUENCE) throw Error(Code::malformed, "the signed certificate's name is none");
    auto const named =
        decoded<EssHandle>(d2i_ESS_SIGNING_CERT_V2, octets(value->value.sequence), "a certificate's name");
    BorrowedCertificates const chain(sk_X509_new_null());
    sk_X509_push(chain.get(), certificate);
    bool const same = OSSL_ESS_check_signing_certs(nullptr, named.get(), chain.get(), 1) > 0;
    ERR_clear_error();
    if (!same)
        throw Error(Code::verification_failed,
                    "the signature names another certificate than it brings along");
}

void check_hash(CMS_SignerInfo* signer) {
    X509_ALGOR* digest = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, nullptr);
    ASN1_OBJECT const* kind = nullptr;
    X509_ALGOR_get0(&kind, nullptr, nullptr, digest);
    auto const id = OBJ_obj2nid(kind);
    if (id != NID_sha256 && id != NID_sha384 && id != NID_sha512)
        throw Error(Code::verification_failed, "the signature's hash is not SHA-256, SHA-384 or SHA-512");
}

/// The content behind a filter: of what CMS_verify() is given in memory it makes a copy, which OpenSSL 3.0
/// does not free where the signature's hash is none that it knows.
BioPtr filtered(BytesView content) {
    auto filter = need(BioPtr(BIO_new(BIO_f_null())), "a filter");
    BIO_push(filter.get(), memory(content).release());
    return filter;
}

/// Whether its signature over the content holds, by the key of the certificate in it; not whose that is.
X509* check_signature(CMS_ContentInfo* cms, BytesView content) {
    check_hash(signer_in(cms));
    auto const in = filtered(content);
    bool const holds =
        CMS_verify(cms, nullptr, nullptr, in.get(), nullptr, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
    if (!holds) throw Error(Code::verification_failed, "the signature does not hold: " + last_reason());
    ERR_clear_error();
    X509* certificate = nullptr;
    CMS_SignerInfo_get0_algs(signer_in(cms), nullptr, &certificate, nullptr, nullptr);
    if (certificate == nullptr) throw Error(Code::malformed, "the signature has no certificate");
    check_content_type(cms);
    check_named(signer_in(cms), certificate);
    return certificate;
}

std::vector<Bytes> certificates_in(CMS_ContentInfo* cms) {
    OwnedCertificates const all(CMS_get1_certs(cms));
    ERR_clear_error();
    int const count = sk_X509_num(all.get());  // -1: there is no list
    std::vector<Bytes> out;
    out.reserve(static_cast<std::size_t>(std::max(count, 0)));
    for (int i = 0; i < count; ++i) out.push_back(encoded<X509>(i2d_X509, sk_X509_value(all.get(), i)));
    return out;
}

/// RFC 5280 4.2.1.3: digitalSignature or nonRepudiation, where the certificate says what its key is for.
void check_purpose(X509* certificate) {
    if ((X509_get_key_usage(certificate) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
        throw Error(Code::verification_failed, "the signer's certificate is not for signatures");
}

class OpensslCms : public port::Cms {
public:
    Bytes to_sign(CmsRequest const& request, BytesView content) const override {
        return Unsigned(request, content).attributes();
    }

    Bytes assemble(CmsRequest const& request, BytesView content, BytesView signature) const override {
        Unsigned const made(request, content);
        auto const hash = hash_of_bytes(made.attributes(), made.hash);
        if (!verify_hash(hash, made.hash, signature, made.key.get()))
            throw Error(Code::verification_failed,
                        "this is no signature by the key of " +
                            name_text(X509_get_subject_name(made.certificate.get())) +
                            " over these attributes");
        need_one(ASN1_STRING_set(CMS_SignerInfo_get0_signature(made.signer), signature.data(),
                                 static_cast<int>(signature.size())),
                 "a signature in CMS");
        auto der = encoded<CMS_ContentInfo>(i2d_CMS_ContentInfo, made.cms.get());
        static_cast<void>(check_signature(parse_cms(der).get(), content));
        return der;
    }

    Bytes sign(CmsRequest const& request, BytesView content, port::Signer& signer) const override {
        auto const certificate = parse_certificate(request.certificate);
        auto const spki = encoded<X509_PUBKEY>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(certificate.get()));
        if (spki != signer.public_key())
            throw Error(Code::refused, "the key is not that of the certificate of " +
                                           name_text(X509_get_subject_name(certificate.get())));
        return assemble(request, content, signer.sign(to_sign(request, content)));
    }

    CmsFacts verify(BytesView content, BytesView cms, std::vector<Bytes> const& roots,
                    base::Instant at) const override {
        auto const parsed = parse_cms(cms);
        auto* const certificate = check_signature(parsed.get(), content);
        check_purpose(certificate);
        CmsFacts facts;
        facts.certificate = encoded<X509>(i2d_X509, certificate);
        facts.subject = name_text(X509_get_subject_name(certificate));
        facts.signing_time = signing_time_of(signer_in(parsed.get()));
        model::ChainQuestion question;
        question.certificate = facts.certificate;
        question.intermediates = certificates_in(parsed.get());
        question.roots = roots;
        question.now = at;
        question.revocation = model::ChainQuestion::Revoked::ignored;
        if (auto const answer = verify_chain(question); !answer.holds)
            throw Error(Code::verification_failed, "the signer is not to be relied on: " + answer.sentence);
        return facts;
    }
};

}  // namespace

port::Cms const& cms() {
    static OpensslCms const instance;
    return instance;
}

}  // namespace consortium::crypto
