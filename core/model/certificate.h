#pragma once

#include "core/base/json.h"

#include <map>
#include <span>

namespace consortium::model {

/// The parts of a distinguished name that certificates of a consortium use; empty parts are left out.
struct DistinguishedName {
    std::string common_name;
    std::string organization;
    std::string unit = {};
    bool operator==(DistinguishedName const&) const = default;
    /// "O", "OU", "CN" with their values, in the order in which they are encoded.
    std::vector<std::pair<std::string, std::string>> parts() const;
};

/// Subject alternative names, or the permitted subtrees of name constraints (which then hold "example.org",
/// "10.0.0.0/8"). There is no directory name: critical constraints on one are refused by Go (G29).
struct AlternativeNames {
    std::vector<std::string> dns, ip, email, uri;
    bool operator==(AlternativeNames const&) const = default;
    bool empty() const;
    /// "dns:node.example", "ip:10.0.0.1" …, in the order of the fields.
    std::vector<std::string> texts() const;
    /// Files a name under the kind that it looks like: "://" a URI, '@' an email address, an IP address in
    /// its canonical text, else a DNS name. Throws Error(malformed) when it is none of them.
    void add(std::string_view name);
};

/// A lower-case DNS name without wildcards, whose last label is no number.
bool is_host_name(std::string_view name);
/// An IPv4 or IPv6 address in its canonical text.
bool is_ip_address(std::string_view text);

base::Json to_json(AlternativeNames const& names);
AlternativeNames alternative_names_from_json(base::Json const& value);

/// Everything that the bytes to be signed are made from. Names are the DER of an RFC 5280 Name, so that a
/// certificate which is signed again keeps the exact bytes.
struct CertificateContent {
    std::string serial;  // 32 lower-case hexadecimal digits
    base::Bytes subject, issuer;
    base::Instant not_before, not_after;
    base::Bytes public_key;  // SPKI DER
    bool authority = false;
    std::optional<int> path_length;
    std::vector<std::string> key_usage, extended_usage;
    AlternativeNames names;
    AlternativeNames permitted;  // name constraints, only in authorities
    base::Bytes subject_key_id;
    base::Bytes authority_key_id;  // empty in a self-signed root
    std::string crl_url, issuer_url;
    std::string ocsp_url;  // empty: nobody answers
    bool operator==(CertificateContent const&) const = default;
};

/// What a certificate says, read back from its bytes.
struct CertificateFacts {
    CertificateContent content;
    std::string subject, issuer;     // for people: "CN=…, O=…"
    std::string common_name;         // of the subject
    std::string organization, unit;  // of the subject; empty: it has none
    std::string algorithm;           // of the subject's key: "p256", "rsa2048" …
    std::string signature;           // "ecdsa-with-SHA256"
    std::vector<std::string> other;  // critical extensions that this program does not know, by OID
    base::Digest tbs;                // SHA-256 of the signed part
    base::Digest fingerprint;        // SHA-256 of the whole
    bool self_signed() const { return content.subject == content.issuer; }
};

/// What a signing request (PKCS#10) asks for. One that was read has been signed by the key that it names: its
/// author holds it.
struct SigningRequest {
    base::Bytes public_key;
    std::string algorithm;
    std::vector<std::pair<std::string, std::string>> subject;  // "CN" -> "node.example", in order
    AlternativeNames names;
    std::vector<std::string> key_usage, extended_usage;
    bool authority = false;
    std::vector<std::string> other = {};  // what else it asks for: names of extensions, "otherName" …
    bool operator==(SigningRequest const&) const = default;
};

/// RFC 5280 5.3.1, as people write them: "key-compromise", "superseded" …
struct RevocationReason {
    std::string_view word;
    int code;
};
std::span<RevocationReason const> revocation_reasons();
int reason_code(std::string_view word);  // throws Error(malformed)
std::string_view reason_word(int code);  // "unspecified" for one without a word

struct Revocation {
    std::string serial;
    base::Instant at;
    int reason = 0;                            // 0: unspecified, left out of the entry
    std::optional<base::Instant> compromised;  // invalidityDate
    bool operator==(Revocation const&) const = default;
};

struct CrlContent {
    base::Bytes issuer;            // Name DER
    base::Bytes authority_key_id;  // the issuer's subject key identifier (G11)
    std::uint64_t number = 0;
    base::Instant this_update, next_update;
    // RFC 5280 5.2.5: it lists those certificates only that name this URL as the place of their list; empty:
    // all of the issuer's.
    std::string place = {};
    std::string freshest = {};  // 5.2.6: where its delta is found; empty: it has none
    std::uint64_t base = 0;     // 5.2.4: the number of the list that this delta completes; 0: it is no delta
    bool operator==(CrlContent const&) const = default;
};

struct CrlFacts {
    CrlContent content;
    std::string issuer;  // for people
    std::string signature;
    std::uint64_t entries = 0;
    base::Digest tbs;
};

/// The question of `cert verify`: does a path lead from the certificate to a root, now, with none revoked?
struct ChainQuestion {
    base::Bytes certificate;
    std::vector<base::Bytes> intermediates, roots, crls;  // DER
    base::Instant now;
    enum class Revoked { checked, ignored } revocation = Revoked::checked;
    enum class Purpose { any, tls_server, tls_client, email } purpose = Purpose::any;
    AlternativeNames names = {};  // it must be for every one of them
};

struct ChainAnswer {
    bool holds = false;
    std::string sentence;            // why, in one sentence
    std::vector<std::string> chain;  // subjects, the leaf first
    int depth = -1;                  // of the certificate that failed
};

}  // namespace consortium::model
