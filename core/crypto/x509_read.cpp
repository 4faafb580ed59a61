#include "core/crypto/der.h"
#include "core/crypto/x509.h"
#include "core/crypto/x509_constraints.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <bit>
#include <limits>

namespace consortium::crypto {

using base::Bytes;
using model::AlternativeNames;
using model::CertificateFacts;

namespace {

template <typename T, auto free_function>
Handle<T, free_function> extension(X509 const* certificate, int kind) {
    return Handle<T, free_function>(static_cast<T*>(X509_get_ext_d2i(certificate, kind, nullptr, nullptr)));
}

std::string ia5(ASN1_STRING const* text) {
    auto const bytes = octets(text);
    return std::string(bytes.begin(), bytes.end());
}

std::string address_text(Bytes const& bytes) {
    std::size_t const half = bytes.size() == 8 || bytes.size() == 32 ? bytes.size() / 2 : bytes.size();
    if (half != 4 && half != 16) return "?";
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(half == 4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
    if (half == bytes.size()) return text.data();
    int length = 0;
    for (std::size_t i = half; i < bytes.size(); ++i) length += std::popcount(bytes[i]);
    return std::string(text.data()) + "/" + std::to_string(length);
}

void read_name(GENERAL_NAME const* name, AlternativeNames& names, std::vector<std::string>& other) {
    switch (name->type) {
        case GEN_DNS:
            names.dns.push_back(ia5(name->d.dNSName));
            return;
        case GEN_IPADD:
            names.ip.push_back(address_text(octets(name->d.iPAddress)));
            return;
        case GEN_EMAIL:
            names.email.push_back(ia5(name->d.rfc822Name));
            return;
        case GEN_URI:
            names.uri.push_back(ia5(name->d.uniformResourceIdentifier));
            return;
        case GEN_DIRNAME:
            other.emplace_back("directoryName");
            return;
        case GEN_RID:
            other.emplace_back("registeredID");
            return;
        default:
            other.emplace_back("otherName");
            return;
    }
}

std::string hex_serial(ASN1_INTEGER const* serial) {
    NumberPtr const number(ASN1_INTEGER_to_BN(serial, nullptr));
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number.get())));
    BN_bn2bin(number.get(), bytes.data());
    if (bytes.size() < 16) bytes.insert(bytes.begin(), 16 - bytes.size(), 0);
    return base::to_hex(bytes);
}

void read_permitted(X509 const* certificate, CertificateFacts& facts) {
    auto const constraints =
        extension<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>(certificate, NID_name_constraints);
    if (!constraints) return;
    std::vector<std::string> other;
    facts.content.permitted = read_subtrees(constraints.get(), other);
    for (auto const& kind : other) facts.other.push_back("nameConstraints: " + kind);
}

void read_places(X509 const* certificate, CertificateFacts& facts) {
    auto const points =
        extension<CRL_DIST_POINTS, CRL_DIST_POINTS_free>(certificate, NID_crl_distribution_points);
    for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
        auto const* place = sk_DIST_POINT_value(points.get(), i)->distpoint;
        if (place == nullptr || place->type != 0 || !facts.content.crl_url.empty()) continue;
        AlternativeNames names;
        std::vector<std::string> other;
        names = read_names(place->name.fullname, other);
        if (!names.uri.empty()) facts.content.crl_url = names.uri.front();
    }
    auto const access =
        extension<AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free>(certificate, NID_info_access);
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
        auto const* description = sk_ACCESS_DESCRIPTION_value(access.get(), i);
        if (description->location->type != GEN_URI) continue;
        auto const url = ia5(description->location->d.uniformResourceIdentifier);
        int const method = OBJ_obj2nid(description->method);
        if (method == NID_ad_ca_issuers) facts.content.issuer_url = url;
        if (method == NID_ad_OCSP) facts.content.ocsp_url = url;
    }
}

void read_extensions(X509* certificate, CertificateFacts& facts) {
    auto& content = facts.content;
    if (auto const basic =
            extension<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>(certificate, NID_basic_constraints)) {
        content.authority = basic->ca != 0;
        content.path_length = read_path_length(basic.get());
    }
    content.key_usage =
        read_key_usage(extension<ASN1_BIT_STRING, ASN1_BIT_STRING_free>(certificate, NID_key_usage).get());
    content.extended_usage = read_extended_usage(
        extension<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>(certificate, NID_ext_key_usage).get());
    std::vector<std::string> other;
    content.names = read_names(
        extension<GENERAL_NAMES, GENERAL_NAMES_free>(certificate, NID_subject_alt_name).get(), other);
    for (auto const& kind : other) facts.other.push_back("subjectAltName: " + kind);
    read_permitted(certificate, facts);
    content.subject_key_id = octets(X509_get0_subject_key_id(certificate));
    content.authority_key_id = octets(X509_get0_authority_key_id(certificate));
    read_places(certificate, facts);
}

void list_unknown_critical(X509 const* certificate, CertificateFacts& facts) {
    for (int i = 0; i < X509_get_ext_count(certificate); ++i) {
        auto* const each = X509_get_ext(certificate, i);
        if (X509_EXTENSION_get_critical(each) == 0 || X509_supported_extension(each) == 1) continue;
        std::array<char, 80> text{};
        OBJ_obj2txt(text.data(), text.size(), X509_EXTENSION_get_object(each), 1);
        facts.other.emplace_back(text.data());
    }
}

std::string first_entry(X509_NAME const* name, int kind) {
    int const place = X509_NAME_get_index_by_NID(name, kind, -1);
    if (place < 0) return {};
    unsigned char* text = nullptr;
    int const size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
    if (size < 0) return {};
    std::string out(text, text + size);
    OPENSSL_free(text);
    return out;
}

}  // namespace

AlternativeNames read_names(GENERAL_NAMES const* names, std::vector<std::string>& other) {
    AlternativeNames out;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
        read_name(sk_GENERAL_NAME_value(names, i), out, other);
    }
    return out;
}

AlternativeNames read_subtrees(NAME_CONSTRAINTS const* constraints, std::vector<std::string>& other) {
    AlternativeNames out;
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees); ++i) {
        auto const* subtree = sk_GENERAL_SUBTREE_value(constraints->permittedSubtrees, i);
        read_name(subtree->base, out, other);
        // RFC 5280 4.2.1.10: minimum is zero, and maximum is absent.
        bool const whole = subtree->minimum == nullptr || ASN1_INTEGER_get(subtree->minimum) == 0;
        if (!whole || subtree->maximum != nullptr) other.emplace_back("minimum or maximum");
    }
    if (sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees) > 0) other.emplace_back("excludedSubtrees");
    return out;
}

std::optional<int> read_path_length(BASIC_CONSTRAINTS const* constraints) {
    if (constraints->pathlen == nullptr) return std::nullopt;
    constexpr int most = std::numeric_limits<int>::max();
    std::int64_t number = 0;
    if (ASN1_INTEGER_get_int64(&number, constraints->pathlen) != 1) return most;
    return static_cast<int>(std::clamp<std::int64_t>(number, -1, most));
}

std::vector<std::string> read_key_usage(ASN1_BIT_STRING const* bits) {
    static constexpr char const* names[] = {
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
        "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
    };
    std::vector<std::string> out;
    for (int i = 0; bits != nullptr && i < 9; ++i) {
        if (ASN1_BIT_STRING_get_bit(bits, i) == 1) out.emplace_back(names[i]);
    }
    return out;
}

std::vector<std::string> read_extended_usage(EXTENDED_KEY_USAGE const* purposes) {
    std::vector<std::string> out;
    for (int i = 0; i < sk_ASN1_OBJECT_num(purposes); ++i) {
        auto const* purpose = sk_ASN1_OBJECT_value(purposes, i);
        int const kind = OBJ_obj2nid(purpose);
        std::array<char, 80> text{};
        OBJ_obj2txt(text.data(), text.size(), purpose, 1);
        out.emplace_back(kind == NID_undef ? text.data() : OBJ_nid2sn(kind));
    }
    return out;
}

CertificateFacts read_facts(X509* certificate, base::BytesView der) {
    CertificateFacts facts;
    auto& content = facts.content;
    content.serial = hex_serial(X509_get0_serialNumber(certificate));
    content.subject = encoded<X509_NAME>(i2d_X509_NAME, X509_get_subject_name(certificate));
    content.issuer = encoded<X509_NAME>(i2d_X509_NAME, X509_get_issuer_name(certificate));
    content.not_before = instant_of(X509_get0_notBefore(certificate));
    content.not_after = instant_of(X509_get0_notAfter(certificate));
    content.public_key = encoded<X509_PUBKEY>(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(certificate));
    read_extensions(certificate, facts);
    list_unknown_critical(certificate, facts);
    facts.subject = name_text(X509_get_subject_name(certificate));
    facts.issuer = name_text(X509_get_issuer_name(certificate));
    facts.common_name = first_entry(X509_get_subject_name(certificate), NID_commonName);
    facts.organization = first_entry(X509_get_subject_name(certificate), NID_organizationName);
    facts.unit = first_entry(X509_get_subject_name(certificate), NID_organizationalUnitName);
    auto const* key = X509_get0_pubkey(certificate);
    facts.algorithm = key == nullptr ? "unknown" : key_algorithm(key);
    int const signature = X509_get_signature_nid(certificate);
    facts.signature = signature == NID_undef ? "unknown" : OBJ_nid2sn(signature);
    facts.fingerprint = base::sha256(der);
    // The signed part as it was received, not as it would be encoded again.
    facts.tbs = base::sha256(der::Reader(der::Reader(der).next(der::sequence).content).next().whole);
    return facts;
}

}  // namespace consortium::crypto
