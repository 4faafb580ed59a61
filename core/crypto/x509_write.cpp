#include "core/base/text.h"
#include "core/crypto/der.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_constraints.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <string_view>

namespace consortium::crypto {

using base::Bytes;
using base::Code;
using base::Error;
using model::CertificateContent;

namespace {

using NamesHandle = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;
using OctetsHandle = Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

enum class Weight { plain, critical };

template <typename T>
void add(X509* certificate, int kind, T* value, Weight weight) {
    int const critical = weight == Weight::critical ? 1 : 0;
    check_encoded(X509_add1_ext_i2d(certificate, kind, value, critical, X509V3_ADD_DEFAULT) == 1,
                  OBJ_nid2ln(kind));
}

OctetsHandle octet_string(Bytes const& bytes) {
    OctetsHandle text(ASN1_OCTET_STRING_new());
    check_encoded(ASN1_OCTET_STRING_set(text.get(), bytes.data(), static_cast<int>(bytes.size())) == 1,
                  "octets");
    return text;
}

void add_basic_constraints(X509* certificate, CertificateContent const& content) {
    Handle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> const constraints(BASIC_CONSTRAINTS_new());
    constraints->ca = content.authority ? 0xff : 0;
    if (content.path_length) {
        constraints->pathlen = ASN1_INTEGER_new();
        check_encoded(ASN1_INTEGER_set(constraints->pathlen, *content.path_length) == 1, "a path length");
    }
    add(certificate, NID_basic_constraints, constraints.get(), Weight::critical);
}

void add_usages(X509* certificate, CertificateContent const& content) {
    static constexpr std::string_view bits[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                                "dataEncipherment", "keyAgreement",   "keyCertSign",
                                                "cRLSign"};
    Handle<ASN1_BIT_STRING, ASN1_BIT_STRING_free> const usage(ASN1_BIT_STRING_new());
    for (auto const& name : content.key_usage) {
        auto const* const bit = std::find(std::begin(bits), std::end(bits), name);
        check_encoded(bit != std::end(bits), "a key usage of that name");
        ASN1_BIT_STRING_set_bit(usage.get(), static_cast<int>(bit - std::begin(bits)), 1);
    }
    add(certificate, NID_key_usage, usage.get(), Weight::critical);
    if (content.extended_usage.empty()) return;
    Handle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> const purposes(EXTENDED_KEY_USAGE_new());
    for (auto const& name : content.extended_usage) {
        ASN1_OBJECT* purpose = OBJ_txt2obj(name.c_str(), 0);
        check_encoded(purpose != nullptr, "an extended key usage of that name");
        sk_ASN1_OBJECT_push(purposes.get(), purpose);
    }
    add(certificate, NID_ext_key_usage, purposes.get(), Weight::plain);
}

// An address as itself, or with a mask of as many octets ("10.0.0.0/8") in name constraints.
Bytes address_octets(std::string const& text) {
    auto const slash = text.find('/');
    auto const host = text.substr(0, slash);
    bool const wide = host.find(':') != std::string::npos;
    Bytes out(wide ? 16 : 4);
    check_encoded(inet_pton(wide ? AF_INET6 : AF_INET, host.c_str(), out.data()) == 1, "an IP address");
    if (slash == std::string::npos) return out;
    auto const digits = text.substr(slash + 1);
    bool const number =
        !digits.empty() && digits.size() <= 3 &&
        std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    std::size_t const length = number ? std::stoul(digits) : 999;
    check_encoded(length <= out.size() * 8, "an IP range");
    std::size_t const size = out.size();
    for (std::size_t i = 0; i < size; ++i) {
        std::size_t const ones = std::min<std::size_t>(8, length > i * 8 ? length - i * 8 : 0);
        out.push_back(static_cast<std::uint8_t>(0xff00U >> ones));
    }
    return out;
}

void push(GENERAL_NAMES* names, int type, std::vector<std::string> const& texts) {
    for (auto const& text : texts)
        check_encoded(sk_GENERAL_NAME_push(names, make_name(type, text)) > 0, "a name");
}

void add_alternative_names(X509* certificate, CertificateContent const& content) {
    if (content.names.empty()) return;
    NamesHandle const names(GENERAL_NAMES_new());
    push(names.get(), GEN_DNS, content.names.dns);
    push(names.get(), GEN_IPADD, content.names.ip);
    push(names.get(), GEN_EMAIL, content.names.email);
    push(names.get(), GEN_URI, content.names.uri);
    bool const nameless = X509_NAME_entry_count(X509_get_subject_name(certificate)) == 0;
    add(certificate, NID_subject_alt_name, names.get(), nameless ? Weight::critical : Weight::plain);
}

void permit(NAME_CONSTRAINTS* constraints, int type, std::vector<std::string> const& texts) {
    for (auto const& text : texts) {
        GENERAL_SUBTREE* subtree = GENERAL_SUBTREE_new();
        GENERAL_NAME_free(subtree->base);
        subtree->base = make_name(type, text);
        check_encoded(sk_GENERAL_SUBTREE_push(constraints->permittedSubtrees, subtree) > 0, "a constraint");
    }
}

void add_name_constraints(X509* certificate, CertificateContent const& content) {
    if (content.permitted.empty()) return;
    Handle<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free> const constraints(NAME_CONSTRAINTS_new());
    constraints->permittedSubtrees = sk_GENERAL_SUBTREE_new_null();
    permit(constraints.get(), GEN_DNS, content.permitted.dns);
    permit(constraints.get(), GEN_IPADD, content.permitted.ip);
    permit(constraints.get(), GEN_EMAIL, content.permitted.email);
    permit(constraints.get(), GEN_URI, content.permitted.uri);
    add(certificate, NID_name_constraints, constraints.get(), Weight::critical);
}

void add_key_ids(X509* certificate, CertificateContent const& content) {
    auto const own = octet_string(content.subject_key_id);
    add(certificate, NID_subject_key_identifier, own.get(), Weight::plain);
    if (content.authority_key_id.empty()) return;
    Handle<AUTHORITY_KEYID, AUTHORITY_KEYID_free> const authority(AUTHORITY_KEYID_new());
    authority->keyid = octet_string(content.authority_key_id).release();
    add(certificate, NID_authority_key_identifier, authority.get(), Weight::plain);
}

void describe_access(AUTHORITY_INFO_ACCESS* access, int method, std::string const& url) {
    if (url.empty()) return;
    ACCESS_DESCRIPTION* description = ACCESS_DESCRIPTION_new();
    sk_ACCESS_DESCRIPTION_push(access, description);
    description->method = OBJ_nid2obj(method);
    GENERAL_NAME_free(description->location);
    description->location = make_name(GEN_URI, url);
}

void add_places(X509* certificate, CertificateContent const& content) {
    if (!content.crl_url.empty()) {
        Handle<CRL_DIST_POINTS, CRL_DIST_POINTS_free> const points(sk_DIST_POINT_new_null());
        DIST_POINT* point = DIST_POINT_new();
        sk_DIST_POINT_push(points.get(), point);
        point->distpoint = DIST_POINT_NAME_new();
        point->distpoint->type = 0;
        point->distpoint->name.fullname = GENERAL_NAMES_new();
        push(point->distpoint->name.fullname, GEN_URI, {content.crl_url});
        add(certificate, NID_crl_distribution_points, points.get(), Weight::plain);
    }
    if (content.issuer_url.empty() && content.ocsp_url.empty()) return;
    Handle<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free> const access(AUTHORITY_INFO_ACCESS_new());
    describe_access(access.get(), NID_ad_OCSP, content.ocsp_url);
    describe_access(access.get(), NID_ad_ca_issuers, content.issuer_url);
    add(certificate, NID_info_access, access.get(), Weight::plain);
}

// RFC 6960 4.2.2.2.1: who is shown an answer need not ask whether the one who signed it is revoked.
void add_no_check(X509* certificate, CertificateContent const& content) {
    if (!answers_status(content)) return;
    Handle<ASN1_NULL, ASN1_NULL_free> const nothing(ASN1_NULL_new());
    add(certificate, NID_id_pkix_OCSP_noCheck, nothing.get(), Weight::plain);
}

void set_time(ASN1_TIME* place, base::Instant instant) {
    check_encoded(ASN1_TIME_set(place, static_cast<time_t>(instant.seconds)) != nullptr, "a time");
}

bool is_rsa(std::string_view algorithm) {
    return algorithm.starts_with("rsa");
}

void add_entry(X509_NAME* name, std::string const& kind, std::string const& text) {
    auto const* const begin = reinterpret_cast<unsigned char const*>(text.data());  // NOLINT: C interface
    if (!base::is_utf8(text) || text != base::printable(text) ||
        X509_NAME_add_entry_by_txt(name, kind.c_str(), MBSTRING_UTF8, begin, static_cast<int>(text.size()),
                                   -1, 0) != 1) {
        throw Error(Code::malformed, "'" + base::printable(text) + "' cannot stand in a distinguished name",
                    "use at most 64 printable characters");
    }
}

/// RFC 5758 3.2 and RFC 8410 3: without parameters; RFC 4055 5: with NULL.
void set_algorithm(X509_ALGOR* place, std::string_view algorithm) {
    int const nid = algorithm == "p256"      ? NID_ecdsa_with_SHA256
                    : algorithm == "p384"    ? NID_ecdsa_with_SHA384
                    : algorithm == "ed25519" ? NID_ED25519
                    : is_rsa(algorithm)      ? NID_sha256WithRSAEncryption
                                             : NID_undef;
    if (nid == NID_undef) {
        throw Error(Code::unsupported,
                    "certificates cannot be signed with a key of type '" + std::string(algorithm) + "'",
                    "use a key of type p256, p384, ed25519, rsa3072 or rsa4096");
    }
    int const parameter = nid == NID_sha256WithRSAEncryption ? V_ASN1_NULL : V_ASN1_UNDEF;
    check_encoded(X509_ALGOR_set0(place, OBJ_nid2obj(nid), parameter, nullptr) == 1, "a signature algorithm");
}

}  // namespace

NameHandle make_subject(std::vector<std::pair<std::string, std::string>> const& parts) {
    NameHandle name(X509_NAME_new());
    for (auto const& [kind, text] : parts) add_entry(name.get(), kind, text);
    return name;
}

void set_public_key(X509_PUBKEY* place, Bytes const& spki) {
    der::Reader parts(der::Reader(spki).next(der::sequence).content);
    auto const algorithm =
        decoded<AlgorithmPtr>(d2i_X509_ALGOR, parts.next(der::sequence).whole, "a key's algorithm");
    auto const bits = parts.next(der::bit_string).content;
    ASN1_OBJECT const* kind = nullptr;
    void const* parameter = nullptr;
    int type = 0;
    X509_ALGOR_get0(&kind, &type, &parameter, algorithm.get());
    bool const named = type == V_ASN1_OBJECT;
    check_encoded(
        bits.size() > 1 && bits.front() == 0 && (named || type == V_ASN1_NULL || type == V_ASN1_UNDEF),
        "a public key");
    auto* const copy = named ? OBJ_dup(static_cast<ASN1_OBJECT const*>(parameter)) : nullptr;
    auto const point = bits.subspan(1);
    auto* const octets = static_cast<unsigned char*>(OPENSSL_memdup(point.data(), point.size()));
    check_encoded(
        X509_PUBKEY_set0_param(place, OBJ_dup(kind), type, copy, octets, static_cast<int>(point.size())) == 1,
        "a public key");
}

void check_encoded(bool done, char const* what) {
    if (!done) throw Error(Code::malformed, std::string("cannot encode ") + what);
}

bool answers_status(CertificateContent const& content) {
    return !content.authority &&
           std::ranges::find(content.extended_usage, "OCSPSigning") != content.extended_usage.end();
}

GENERAL_NAME* make_name(int type, std::string const& text) {
    Handle<GENERAL_NAME, GENERAL_NAME_free> name(GENERAL_NAME_new());
    if (type == GEN_IPADD) {
        GENERAL_NAME_set0_value(name.get(), type, octet_string(address_octets(text)).release());
        return name.release();
    }
    Handle<ASN1_IA5STRING, ASN1_IA5STRING_free> value(ASN1_IA5STRING_new());
    check_encoded(ASN1_STRING_set(value.get(), text.data(), static_cast<int>(text.size())) == 1, "a name");
    GENERAL_NAME_set0_value(name.get(), type, value.release());
    return name.release();
}

void add_purposes(X509* certificate, CertificateContent const& content) {
    add_usages(certificate, content);
    add_alternative_names(certificate, content);
}

void add_constraints(X509* certificate, CertificateContent const& content) {
    add_basic_constraints(certificate, content);
    add_name_constraints(certificate, content);
}

void add_extensions(X509* certificate, CertificateContent const& content) {
    add_basic_constraints(certificate, content);
    add_purposes(certificate, content);
    add_name_constraints(certificate, content);
    add_key_ids(certificate, content);
    add_places(certificate, content);
    add_no_check(certificate, content);
}

CertificateHandle unsigned_certificate(CertificateContent const& content) {
    CertificateHandle certificate(X509_new());
    auto* const raw = certificate.get();
    check_encoded(X509_set_version(raw, X509_VERSION_3) == 1, "a version");
    auto const serial = base::from_hex(content.serial);
    NumberPtr const number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
    check_encoded(!serial.empty() && serial.size() <= 20 &&
                      BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(raw)) != nullptr,
                  "a serial");
    check_encoded(X509_set_subject_name(raw, parse_name(content.subject).get()) == 1, "a subject");
    check_encoded(X509_set_issuer_name(raw, parse_name(content.issuer).get()) == 1, "an issuer");
    set_time(X509_getm_notBefore(raw), content.not_before);
    set_time(X509_getm_notAfter(raw), content.not_after);
    set_public_key(X509_get_X509_PUBKEY(raw), content.public_key);
    add_extensions(raw, content);
    return certificate;
}

void AlgorithmTemplate::stamp(X509* certificate, std::string_view algorithm) {
    // The signed part of a certificate that is being made is ours to write; OpenSSL has no function for it
    // but signing.
    auto* const place = const_cast<X509_ALGOR*>(X509_get0_tbs_sigalg(certificate));  // NOLINT
    set_algorithm(place, algorithm);
}

Bytes const& AlgorithmTemplate::identifier(std::string_view algorithm) {
    auto const known = m_identifiers.find(algorithm);
    if (known != m_identifiers.end()) return known->second;
    Handle<X509_ALGOR, X509_ALGOR_free> const made(X509_ALGOR_new());
    set_algorithm(made.get(), algorithm);
    return m_identifiers.emplace(algorithm, encoded<X509_ALGOR>(i2d_X509_ALGOR, made.get())).first->second;
}

}  // namespace consortium::crypto
