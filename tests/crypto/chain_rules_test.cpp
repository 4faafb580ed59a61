#include "core/crypto/chain_rules.h"

#include "core/crypto/chain.h"
#include "core/crypto/x509.h"
#include "tests/crypto/certifier_bench.h"

#include <doctest/doctest.h>
#include <functional>

using namespace consortium;
using namespace certifier_bench;

namespace {

using crypto::Handle;
using Edit = std::function<void(X509*)>;

/// Certificates as no authority of ours would make them: OpenSSL writes the extensions from its
/// configuration's words.
class Forge {
public:
    crypto::PkeyPtr key = crypto::PkeyPtr(EVP_EC_gen("P-256"));

    Bytes sign(X509* certificate, EVP_PKEY* with, EVP_MD const* digest = EVP_sha256()) {
        REQUIRE(X509_sign(certificate, with, digest) > 0);
        return crypto::encoded<X509>(i2d_X509, certificate);
    }

    Bytes certificate(char const* name, Bytes const* issuer, Edit const& edit, EVP_PKEY* own = nullptr) {
        crypto::CertificateHandle const out(X509_new());
        X509_set_version(out.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 7);
        ASN1_TIME_set(X509_getm_notBefore(out.get()), now.seconds);
        ASN1_TIME_set(X509_getm_notAfter(out.get()), now.seconds + 100 * day.seconds);
        auto* const subject = X509_get_subject_name(out.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(name),
                                   -1, -1, 0);  // NOLINT
        X509_set_pubkey(out.get(), own == nullptr ? key.get() : own);
        auto const above = issuer == nullptr ? nullptr : crypto::parse_certificate(*issuer);
        m_issuer = above ? above.get() : out.get();
        X509_set_issuer_name(out.get(), X509_get_subject_name(m_issuer));
        add(out.get(), NID_subject_key_identifier, "hash");
        if (issuer != nullptr) add(out.get(), NID_authority_key_identifier, "keyid:always");
        edit(out.get());
        return sign(out.get(), key.get());
    }

    void add(X509* certificate, int kind, char const* words) {
        X509V3_CTX context;
        X509V3_set_ctx(&context, m_issuer, certificate, nullptr, nullptr, 0);
        Handle<X509_EXTENSION, X509_EXTENSION_free> const extension(
            X509V3_EXT_nconf_nid(nullptr, &context, kind, words));
        REQUIRE(extension);
        X509_add_ext(certificate, extension.get(), -1);
    }

    Edit authority(Edit also = {}) {
        return [this, also](X509* certificate) {
            add(certificate, NID_basic_constraints, "critical,CA:TRUE");
            add(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
            if (also) also(certificate);
        };
    }

    Edit with(int kind, char const* words) {
        return [this, kind, words](X509* certificate) { add(certificate, kind, words); };
    }

private:
    X509* m_issuer = nullptr;
};

model::ChainAnswer judge(std::vector<Bytes> chain) {
    model::ChainQuestion question;
    question.certificate = chain.front();
    question.roots = {chain.back()};
    question.intermediates.assign(chain.begin() + 1, chain.end() - 1);
    question.now = now + day;
    question.revocation = model::ChainQuestion::Revoked::ignored;
    return crypto::verify_chain(question);
}

void set_serial(X509* certificate, char const* hexadecimal) {
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, hexadecimal);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
}

}  // namespace

TEST_CASE("a leaf that OpenSSL lets pass is refused by the rule of RFC 5280 that it breaks") {
    Forge forge;
    auto const root = forge.certificate("root", nullptr, forge.authority());
    struct Case {
        char const* words;  // of the answer
        Edit edit;
    };
    Case const cases[] = {
        {"is certified by", [](X509*) {}},
        {"is certified by",
         forge.with(NID_subject_alt_name, "DNS:*.acme.example,email:ops@acme.example,IP:::1")},
        {"is certified by", [](X509* leaf) { set_serial(leaf, "7fffffffffffffffffffffffffffffffffffffff"); }},
        {"not positive", [](X509* leaf) { set_serial(leaf, "00"); }},
        {"not positive", [](X509* leaf) { set_serial(leaf, "-7"); }},
        {"more than 20 octets",
         [](X509* leaf) { set_serial(leaf, "80ffffffffffffffffffffffffffffffffffffff"); }},
        {"twice",
         [&](X509* leaf) {
             for (int i = 0; i < 2; ++i) forge.add(leaf, NID_netscape_comment, "twice");
         }},
        {"cannot be read", forge.with(NID_info_access, "DER:0101")},
        {"constrains names", forge.with(NID_name_constraints, "critical,permitted;DNS:acme.example")},
        {"host name that is none", forge.with(NID_subject_alt_name, "DNS:node_1.acme.example")},
        {"host name that is none", forge.with(NID_subject_alt_name, "DNS:10.0.0.1")},
        {"host name that is none", forge.with(NID_subject_alt_name, "DNS:a.*.acme.example")},
        {"email address that is none", forge.with(NID_subject_alt_name, "email:a@b@acme.example")},
        {"address that is none", forge.with(NID_subject_alt_name, "DER:300a8708c0000200ffffff00")},
    };
    for (auto const& each : cases) {
        auto const answer = judge({forge.certificate("leaf", &root, each.edit), root});
        CHECK_MESSAGE(answer.sentence.find(each.words) != std::string::npos, answer.sentence);
        CHECK(answer.holds == (std::string_view(each.words) == "is certified by"));
    }
}

TEST_CASE("an authority's constraints are critical, say something, and hold for wildcards") {
    Forge forge;
    auto const root = forge.certificate("root", nullptr, forge.authority());
    auto const answer = [&](int kind, char const* constraint, char const* name) {
        auto const middle = forge.certificate("middle", &root, forge.authority(forge.with(kind, constraint)));
        auto const leaf = forge.certificate("leaf", &middle, forge.with(NID_subject_alt_name, name));
        return judge({leaf, middle, root});
    };
    auto const says = [](model::ChainAnswer const& given, char const* words) {
        CHECK_FALSE(given.holds);
        CHECK_MESSAGE(given.sentence.find(words) != std::string::npos, given.sentence);
    };
    CHECK(answer(NID_name_constraints, "critical,permitted;DNS:acme.example", "DNS:a.acme.example").holds);
    says(answer(NID_name_constraints, "permitted;DNS:acme.example", "DNS:a.acme.example"), "not critical");
    says(answer(NID_name_constraints, "critical,permitted;DNS:.acme.example", "DNS:a.acme.example"),
         "constrains host names");
    says(answer(NID_name_constraints, "critical,DER:3000", "DNS:a.acme.example"), "empty");
    says(answer(NID_inhibit_any_policy, "0", "DNS:a.acme.example"), "not critical");
    auto const demanding = forge.certificate("middle", &root, forge.authority([&](X509* certificate) {
        forge.add(certificate, NID_policy_constraints, "critical,requireExplicitPolicy:0");
        // Without policies beside them, OpenSSL 3.0 forgets to free them.
        forge.add(certificate, NID_certificate_policies, "DER:300830060604551d2000");
    }));
    auto const bare =
        forge.certificate("leaf", &demanding, forge.with(NID_subject_alt_name, "DNS:a.acme.example"));
    says(judge({bare, demanding, root}), "explicit policy");

    auto const* const excluded = "critical,excluded;DNS:secret.acme.example";
    CHECK(answer(NID_name_constraints, excluded, "DNS:open.acme.example").holds);
    CHECK(answer(NID_name_constraints, excluded, "DNS:*.globex.example").holds);
    says(answer(NID_name_constraints, excluded, "DNS:secret.acme.example"), "excluded subtree violation");
    auto const wildcard = answer(NID_name_constraints, excluded, "DNS:*.ACME.example");
    says(wildcard, "covers an excluded host");
    CHECK(wildcard.depth == 0);
}

TEST_CASE("weak keys, weak signatures and unknown kinds of key are refused") {
    Forge forge;
    auto const root = forge.certificate("root", nullptr, forge.authority());
    auto const with_key = [&](EVP_PKEY* key) {
        return judge({forge.certificate(
                          "leaf", &root, [](X509*) {}, key),
                      root});
    };
    crypto::PkeyPtr const weak(EVP_RSA_gen(1024));
    crypto::PkeyPtr const strong(EVP_RSA_gen(2048));
    crypto::PkeyPtr const odd(EVP_EC_gen("secp256k1"));
    CHECK(with_key(weak.get()).sentence.find("too weak") != std::string::npos);
    CHECK(with_key(strong.get()).holds);
    CHECK(with_key(odd.get()).sentence.find("kind that is not accepted") != std::string::npos);
    auto const old = crypto::parse_certificate(forge.certificate("leaf", &root, [](X509*) {}));
    CHECK(judge({forge.sign(old.get(), forge.key.get(), EVP_sha1()), root}).sentence.find("too weak") !=
          std::string::npos);
}

TEST_CASE("a certificate is for a name, and fit for a purpose, that it says itself") {
    Forge forge;
    auto const root = forge.certificate("root", nullptr, forge.authority());
    model::ChainQuestion question;
    question.certificate = forge.certificate("common.example", &root, [&](X509* leaf) {
        forge.add(leaf, NID_ext_key_usage, "clientAuth");
        forge.add(leaf, NID_subject_alt_name,
                  "DNS:*.acme.example,IP:10.0.0.1,email:ops@acme.example,URI:urn:a");
    });
    question.roots = {root};
    question.now = now + day;
    question.revocation = model::ChainQuestion::Revoked::ignored;
    using Purpose = model::ChainQuestion::Purpose;
    auto const holds = [&](model::AlternativeNames names, Purpose purpose = Purpose::any) {
        auto asked = question;
        asked.names = std::move(names);
        asked.purpose = purpose;
        return crypto::verify_chain(asked).holds;
    };
    CHECK(holds({{"a.acme.example"}, {"10.0.0.1"}, {"ops@acme.example"}, {"urn:a"}}, Purpose::tls_client));
    CHECK_FALSE(holds({{"a.acme.example", "acme.example"}, {}, {}, {}}));
    CHECK_FALSE(holds({{"a.b.acme.example"}, {}, {}, {}}));
    CHECK_FALSE(holds({{"common.example"}, {}, {}, {}}));
    CHECK_FALSE(holds({{}, {"10.0.0.2"}, {}, {}}));
    CHECK_FALSE(holds({{}, {}, {"dev@acme.example"}, {}}));
    CHECK_FALSE(holds({{}, {}, {}, {"urn:b"}}));
    CHECK_FALSE(holds({}, Purpose::tls_server));
    CHECK_FALSE(holds({}, Purpose::email));
}
