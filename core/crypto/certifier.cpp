#include "core/crypto/certifier.h"

#include "core/base/text.h"
#include "core/crypto/chain.h"
#include "core/crypto/crl.h"
#include "core/crypto/csr.h"
#include "core/crypto/der.h"
#include "core/crypto/ocsp.h"
#include "core/crypto/ssh_certificate.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_context.h"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/pem.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

namespace {

constexpr std::size_t max_certificate = 65'536;
constexpr std::size_t max_input = 64U << 20U;

/// The names must be within what the issuer may certify (RFC 5280 4.2.1.10): every verifier would refuse it
/// else.
void refuse_outside(X509* certificate, X509* issuer, model::CertificateFacts const& facts) {
    Handle<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free> const constraints(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(issuer, NID_name_constraints, nullptr, nullptr)));
    if (!constraints) return;
    int code = NAME_CONSTRAINTS_check(certificate, constraints.get());
    if (code == X509_V_OK && !facts.content.authority) {
        code = NAME_CONSTRAINTS_check_CN(certificate, constraints.get());
    }
    if (code == X509_V_OK) return;
    throw Error(Code::refused,
                fmt::format("the names of {} are not within those that {} may certify: {}", facts.subject,
                            facts.issuer, X509_verify_cert_error_string(code)),
                "see its name constraints with 'consortium ca show'");
}

/// All objects of one kind in a PEM text, or the one of a DER.
std::vector<Bytes> read_all(BytesView input, std::string_view label, char const* what) {
    if (input.size() > max_input) throw Error(Code::malformed, std::string(what) + ": too large");
    if (!input.empty() && input.front() == der::sequence) return {Bytes(input.begin(), input.end())};
    std::vector<Bytes> out;
    auto const in = memory(input);
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    while (PEM_read_bio(in.get(), &name, &header, &data, &size) == 1) {
        if (label == name) out.emplace_back(data, data + size);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    if (out.empty()) {
        throw Error(Code::malformed, fmt::format("this holds no {}", what),
                    fmt::format("give a PEM file with '-----BEGIN {}-----', or DER", label));
    }
    return out;
}

class OpensslCertifier final : public port::Certifier {
public:
    OpensslCertifier(port::Entropy& entropy, OSSL_LIB_CTX* context)
        : m_entropy(entropy), m_context(context) {}

    // Who asks for another has many to make: the context, which takes as long as some certificates, pays.
    std::unique_ptr<Certifier> another() const override {
        return std::make_unique<OpensslCertifier>(m_entropy, certificate_context());
    }

    std::string draw_serial() override {
        for (;;) {
            auto serial = base::to_hex(m_entropy.bytes(16));
            if (serial.find_first_not_of('0') != std::string::npos) return serial;
        }
    }

    Bytes encode_name(model::DistinguishedName const& name) const override {
        if (!m_name || m_name->first != name)
            m_name.emplace(name, encoded<X509_NAME>(i2d_X509_NAME, make_subject(name.parts()).get()));
        return m_name->second;
    }

    Bytes key_id(BytesView spki) const override {
        der::Reader parts(der::Reader(spki).next(der::sequence).content);
        parts.next(der::sequence);
        auto const bits = parts.next(der::bit_string).content;
        auto const digest = base::sha256(bits.subspan(std::min<std::size_t>(1, bits.size())));
        return {digest.bytes.begin(), digest.bytes.begin() + 20};
    }

    Bytes certificate_tbs(model::CertificateContent const& content,
                          std::string_view algorithm) const override {
        auto const certificate = unsigned_certificate(content);
        m_algorithms.stamp(certificate.get(), algorithm);
        return encoded<X509>(
            [](X509 const* c, unsigned char** out) {
                return i2d_re_X509_tbs(const_cast<X509*>(c),
                                       out);  // NOLINT: encodes anew, changes nothing else
            },
            certificate.get());
    }

    Bytes crl_tbs(model::CrlContent const& content, Revocations const& revoked,
                  std::string_view algorithm) const override {
        Bytes entries;
        revoked([&](model::Revocation const& revocation) { m_lists.append_entry(entries, revocation); });
        auto const [front, end] = m_lists.frame(content, entries.size(), algorithm);
        entries.reserve(entries.size() + front.size() + end.size());
        entries.insert(entries.begin(), front.begin(), front.end());
        der::append(entries, end);
        return entries;
    }

    Bytes request_tbs(model::SigningRequest const& request) const override {
        return crypto::request_tbs(request);
    }

    Bytes assemble(Bytes tbs, std::string_view algorithm, BytesView signature) const override {
        auto const& identifier = m_algorithms.identifier(algorithm);
        auto const end = der::bits(signature);
        auto const front = der::header(der::sequence, tbs.size() + identifier.size() + end.size());
        tbs.reserve(tbs.size() + front.size() + identifier.size() + end.size());
        tbs.insert(tbs.begin(), front.begin(), front.end());
        der::append(tbs, identifier);
        der::append(tbs, end);
        return tbs;
    }

    model::CertificateFacts accept_certificate(BytesView der, BytesView issuer) const override {
        auto const certificate = parse_certificate(der, m_context);
        auto const& known = remembered(issuer);
        auto* const above = known.certificate.get();
        auto facts = read_facts(certificate.get(), der);
        auto* const key = X509_get0_pubkey(above);
        if (key == nullptr || X509_verify(certificate.get(), key) != 1) {
            throw Error(Code::verification_failed, "the signature of this certificate does not hold", "",
                        {{"subject", facts.subject}});
        }
        auto* const own = X509_get0_pubkey(certificate.get());
        if (own == nullptr) {
            throw Error(Code::refused, "the key of " + facts.subject + " is of no kind that is certified");
        }
        check_strength(own);
        refuse_broken(lint_certificate(certificate.get(), facts, known.facts),
                      "the certificate of " + facts.subject);
        refuse_outside(certificate.get(), above, facts);
        return facts;
    }

    using port::Certifier::accept_crl;
    model::CrlFacts accept_crl(BytesView der, BytesView issuer, Each const& each) const override {
        auto const above = parse_certificate(issuer);
        auto facts = read_crl(der, each);
        auto const parts = signed_parts(der);
        judge_crl(
            facts, [&parts](auto const& hand) { hand(parts.tbs); }, parts.signature, above.get());
        return facts;
    }

    model::CertificateFacts describe(BytesView der) const override {
        if (der.size() > max_certificate) throw Error(Code::malformed, "a certificate is at most 64 KiB");
        return remembered(der).facts;
    }

    model::CrlFacts describe_crl(BytesView der) const override { return read_crl(der); }

    model::SigningRequest read_request(BytesView input) const override { return crypto::read_request(input); }

    std::vector<Bytes> read_certificates(BytesView input) const override {
        return read_all(input, "CERTIFICATE", "certificate");
    }

    std::vector<Bytes> read_crls(BytesView input) const override {
        return read_all(input, "X509 CRL", "revocation list");
    }

    std::string pem(std::string_view label, BytesView der) const override {
        auto const text = base::to_base64(der);
        auto out = fmt::format("-----BEGIN {}-----\n", label);
        for (std::size_t i = 0; i < text.size(); i += 64) {
            out.append(text, i, 64);
            out += '\n';
        }
        return out + fmt::format("-----END {}-----\n", label);
    }

    model::ChainAnswer verify(model::ChainQuestion const& question) const override {
        return verify_chain(question);
    }

    port::Ocsp const& ocsp() const override { return m_ocsp; }
    port::Ssh const& ssh() const override { return crypto::ssh(); }
    port::CrlForm const& lists() const override { return m_lists; }

private:
    struct Remembered {
        Bytes der;
        CertificateHandle certificate;
        model::CertificateFacts facts;
    };
    /// The certificate that was asked for last is kept: an issuer is described, then signs, then judges.
    Remembered const& remembered(BytesView der) const {
        if (!m_last || !std::ranges::equal(m_last->der, der)) {
            m_last.reset();
            auto certificate = parse_certificate(der, m_context);
            auto facts = read_facts(certificate.get(), der);
            m_last = Remembered{Bytes(der.begin(), der.end()), std::move(certificate), std::move(facts)};
        }
        return *m_last;
    }

    port::Entropy& m_entropy;
    OSSL_LIB_CTX* m_context;  // where certificates are read; null for the default one
    mutable AlgorithmTemplate m_algorithms;
    OcspResponder m_ocsp{m_algorithms};
    DerCrlForm m_lists{m_algorithms};
    mutable std::optional<Remembered> m_last;
    // The name that was asked for last: it is tried, then certified.
    mutable std::optional<std::pair<model::DistinguishedName, Bytes>> m_name;
};

}  // namespace

std::unique_ptr<port::Certifier> make_certifier(port::Entropy& entropy) {
    return std::make_unique<OpensslCertifier>(entropy, nullptr);
}

}  // namespace consortium::crypto
