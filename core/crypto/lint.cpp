#include "core/base/text.h"
#include "core/crypto/x509.h"

#include <algorithm>
#include <set>

namespace consortium::crypto {

using model::CertificateFacts;

namespace {

/// Collects the sentences of the rules that do not hold.
class Rules {
public:
    void require(bool holds, char const* sentence) {
        if (!holds) m_broken.emplace_back(sentence);
    }
    std::vector<std::string> take() { return std::move(m_broken); }

private:
    std::vector<std::string> m_broken;
};

bool has(std::vector<std::string> const& list, char const* what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

bool is_critical(X509 const* certificate, int kind) {
    int const place = X509_get_ext_by_NID(certificate, kind, -1);
    return place >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, place)) == 1;
}

bool same_algorithm_inside(X509 const* certificate) {
    X509_ALGOR const* outer = nullptr;
    X509_get0_signature(nullptr, &outer, certificate);
    return X509_ALGOR_cmp(outer, X509_get0_tbs_sigalg(certificate)) == 0;
}

void lint_form(X509 const* certificate, CertificateFacts const& facts, Rules& rules) {
    auto const* serial = X509_get0_serialNumber(certificate);
    rules.require(X509_get_version(certificate) == X509_VERSION_3, "version is 3 (4.1.2.1)");
    rules.require(ASN1_STRING_type(serial) == V_ASN1_INTEGER && facts.content.serial.size() <= 40 &&
                      facts.content.serial.find_first_not_of('0') != std::string::npos,
                  "the serial is positive and at most 20 octets (4.1.2.2)");
    rules.require(same_algorithm_inside(certificate),
                  "the algorithm is the same inside and outside (4.1.1.2)");
    rules.require(!facts.issuer.empty(), "the issuer has a name (4.1.2.4)");
    rules.require(facts.content.not_before < facts.content.not_after, "it ends after it begins (4.1.2.5)");
    rules.require(!facts.subject.empty() || is_critical(certificate, NID_subject_alt_name),
                  "a subject without a name has a critical alternative name (4.1.2.6)");
    rules.require(!repeats_an_extension(X509_get0_extensions(certificate)),
                  "no extension occurs twice (4.2)");
    rules.require(facts.content.subject_key_id.size() >= 8, "there is a subject key identifier (4.2.1.2)");
    rules.require(facts.other.empty(), "every critical extension and name is of a known kind (4.2)");
    rules.require(is_critical(certificate, NID_key_usage) && !facts.content.key_usage.empty(),
                  "key usage is present and critical (4.2.1.3)");
    rules.require(facts.algorithm != "unknown", "the subject's key is of a known kind");
}

void lint_authority(X509 const* certificate, CertificateFacts const& facts, Rules& rules) {
    auto const& content = facts.content;
    rules.require(is_critical(certificate, NID_basic_constraints),
                  "an authority's basic constraints are critical (4.2.1.9)");
    rules.require(has(content.key_usage, "keyCertSign") && has(content.key_usage, "cRLSign"),
                  "an authority's key may sign certificates and revocation lists (4.2.1.3)");
    rules.require(!facts.common_name.empty(), "an authority has a common name");
    rules.require(content.permitted.empty() || is_critical(certificate, NID_name_constraints),
                  "name constraints are critical (4.2.1.10)");
}

void lint_leaf(X509 const* certificate, CertificateFacts const& facts, Rules& rules) {
    auto const& content = facts.content;
    rules.require(!has(content.key_usage, "keyCertSign") && !has(content.key_usage, "cRLSign"),
                  "only an authority's key signs certificates and revocation lists (4.2.1.3)");
    rules.require(!content.path_length, "only an authority has a path length (4.2.1.9)");
    rules.require(content.permitted.empty(), "only an authority has name constraints (4.2.1.10)");
    rules.require(!content.extended_usage.empty(), "a leaf says what its key is for (4.2.1.12)");
    rules.require(!has(content.extended_usage, "anyExtendedKeyUsage"), "a leaf is not for any purpose");
    // A key that answers for its authority may do nothing else: it lies on a server.
    bool const answers = answers_status(content);
    rules.require(!answers || content.extended_usage.size() == 1,
                  "who answers for an authority does only that");
    rules.require(answers == (X509_get_ext_by_NID(certificate, NID_id_pkix_OCSP_noCheck, -1) >= 0),
                  "who answers for an authority, and nobody else, need not be checked (RFC 6960 4.2.2.2.1)");
}

void lint_under(CertificateFacts const& facts, CertificateFacts const& issuer, Rules& rules) {
    auto const& content = facts.content;
    rules.require(content.issuer == issuer.content.subject, "its issuer is the name of the one who signed");
    rules.require(issuer.content.authority, "the one who signed is an authority");
    rules.require(content.not_after <= issuer.content.not_after, "it does not outlive its issuer");
    if (facts.self_signed()) {
        rules.require(facts.content.public_key == issuer.content.public_key,
                      "one name has one key: a new generation has a new name (G21)");
        return;
    }
    rules.require(content.authority_key_id == issuer.content.subject_key_id,
                  "the authority key identifier is the issuer's (4.2.1.1)");
    bool const last = issuer.content.path_length && *issuer.content.path_length == 0;
    rules.require(!content.authority || !last, "the issuer's path length allows an authority (4.2.1.9)");
}

}  // namespace

bool repeats_an_extension(STACK_OF(X509_EXTENSION) const* extensions) {
    std::set<base::Bytes> seen;
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
        auto const* kind = X509_EXTENSION_get_object(sk_X509_EXTENSION_value(extensions, i));
        auto const* begin = OBJ_get0_data(kind);
        if (!seen.insert(base::Bytes(begin, begin + OBJ_length(kind))).second) return true;
    }
    return false;
}

std::vector<std::string> lint_certificate(X509* certificate, CertificateFacts const& facts,
                                          CertificateFacts const& issuer) {
    Rules rules;
    lint_form(certificate, facts, rules);
    if (facts.content.authority) {
        lint_authority(certificate, facts, rules);
    } else {
        lint_leaf(certificate, facts, rules);
    }
    lint_under(facts, issuer, rules);
    return rules.take();
}

void refuse_broken(std::vector<std::string> const& rules, std::string const& what) {
    if (rules.empty()) return;
    throw base::Error(base::Code::verification_failed, what + " breaks a rule of RFC 5280: " + rules.front(),
                      "", {{"rules", base::join(rules, "; ")}});
}

std::vector<std::string> lint_crl(model::CrlFacts const& facts, CertificateFacts const& issuer) {
    Rules rules;
    auto const& content = facts.content;
    rules.require(content.issuer == issuer.content.subject, "its issuer is the name of the one who signed");
    rules.require(has(issuer.content.key_usage, "cRLSign"), "the issuer's key may sign revocation lists");
    rules.require(!content.authority_key_id.empty(), "there is an authority key identifier (5.2.1, G11)");
    rules.require(content.authority_key_id == issuer.content.subject_key_id,
                  "the authority key identifier is the issuer's (5.2.1, G11)");
    rules.require(content.number > 0, "the list has a number (5.2.3)");
    rules.require(content.this_update < content.next_update, "the next update is after this one (5.1.2.5)");
    rules.require(content.base < content.number, "a delta is newer than the list that it completes (5.2.4)");
    rules.require(content.base == 0 || content.freshest.empty(), "a delta has no delta (5.2.6)");
    return rules.take();
}

}  // namespace consortium::crypto
