#pragma once

#include "core/base/error.h"
#include "core/crypto/certifier.h"
#include "core/crypto/entropy.h"
#include "core/crypto/signer.h"
#include "tests/support/code_of.h"

/// Authorities for the tests of certificates, revocation lists and paths.
namespace certifier_bench {

using namespace consortium;  // NOLINT: for tests only
using base::Bytes;
using base::Instant;

inline constexpr base::Duration day{86'400};
inline Instant const now = Instant::from_text("2026-11-02T12:00:00Z");

/// An authority as a test needs it: its key, its certificate.
struct Authority {
    std::shared_ptr<port::Signer> signer;
    Bytes certificate;
};

/// A little CA without flow: what each test changes is one field of the content.
class Bench {
public:
    std::unique_ptr<port::Certifier> certifier = crypto::make_certifier(crypto::system_entropy());

    std::shared_ptr<port::Signer> key(char const* algorithm = "p256") {
        return crypto::make_signer(crypto::generate_key(algorithm));
    }
    Bytes name(char const* common) { return certifier->encode_name({common, "Payments"}); }

    model::CertificateContent root_content(port::Signer& signer, char const* common) {
        model::CertificateContent content;
        content.serial = certifier->draw_serial();
        content.subject = content.issuer = name(common);
        content.not_before = now;
        content.not_after = now + base::Duration{3650 * day.seconds};
        content.public_key = signer.public_key();
        content.authority = true;
        content.key_usage = {"keyCertSign", "cRLSign"};
        content.subject_key_id = certifier->key_id(content.public_key);
        return content;
    }

    model::CertificateContent under(Authority const& issuer, Bytes const& key, char const* common) {
        auto const above = certifier->describe(issuer.certificate);
        model::CertificateContent content;
        content.serial = certifier->draw_serial();
        content.subject = name(common);
        content.issuer = above.content.subject;
        content.not_before = now;
        content.not_after = now + base::Duration{365 * day.seconds};
        content.public_key = key;
        content.subject_key_id = certifier->key_id(key);
        content.authority_key_id = above.content.subject_key_id;
        return content;
    }

    model::CertificateContent leaf(Authority const& issuer, Bytes const& key, char const* common) {
        auto content = under(issuer, key, common);
        content.key_usage = {"digitalSignature"};
        content.extended_usage = {"serverAuth", "clientAuth"};
        content.names.add(common);
        return content;
    }

    Bytes sign(model::CertificateContent const& content, port::Signer& signer) {
        auto tbs = certifier->certificate_tbs(content, signer.algorithm());
        auto const signature = signer.sign(tbs);
        return certifier->assemble(std::move(tbs), signer.algorithm(), signature);
    }

    Authority root(char const* common = "Payments Root G1", char const* algorithm = "p256") {
        Authority out{key(algorithm), {}};
        out.certificate = sign(root_content(*out.signer, common), *out.signer);
        certifier->accept_certificate(out.certificate, out.certificate);
        return out;
    }

    Authority intermediate(Authority const& issuer, std::shared_ptr<port::Signer> signer) {
        auto content = under(issuer, signer->public_key(), "Payments Issuing CA 1");
        content.authority = true;
        content.path_length = 0;
        content.key_usage = {"keyCertSign", "cRLSign"};
        Authority out{std::move(signer), sign(content, *issuer.signer)};
        certifier->accept_certificate(out.certificate, issuer.certificate);
        return out;
    }

    Bytes crl(Authority const& issuer, std::vector<model::Revocation> const& revoked,
              std::uint64_t number = 1) {
        auto const above = certifier->describe(issuer.certificate);
        model::CrlContent const content{above.content.subject, above.content.subject_key_id, number, now,
                                        now + base::Duration{7 * day.seconds}};
        return sign_crl(issuer, content, revoked);
    }

    Bytes sign_crl(Authority const& issuer, model::CrlContent const& content,
                   std::vector<model::Revocation> const& revoked) {
        auto const next = [&](port::Certifier::Each const& each) {
            for (auto const& one : revoked) each(one);
        };
        auto tbs = certifier->crl_tbs(content, next, issuer.signer->algorithm());
        auto const signature = issuer.signer->sign(tbs);
        return certifier->assemble(std::move(tbs), issuer.signer->algorithm(), signature);
    }
};

}  // namespace certifier_bench
