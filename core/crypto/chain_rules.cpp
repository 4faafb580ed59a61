#include "core/crypto/chain_rules.h"

#include "core/base/error.h"
#include "core/crypto/x509.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::crypto {

using model::AlternativeNames;

namespace {

using ConstraintsHandle = Handle<NAME_CONSTRAINTS, NAME_CONSTRAINTS_free>;
using Extensions = STACK_OF(X509_EXTENSION) const*;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// The one name filed under the kind that it looks like; empty where it is none.
AlternativeNames filed(std::string const& name) {
    AlternativeNames out;
    try {
        out.add(lower(name));
    } catch (base::Error const&) {
        return {};
    }
    return out;
}

/// RFC 5280 4.2.1.6: a host name is in the "preferred name syntax"; RFC 6125 6.4.3: a wildcard is the whole
/// of the first label.
bool is_host(std::string const& name) {
    return filed(name.starts_with("*.") ? name.substr(2) : name).dns.size() == 1;
}

bool is_mailbox(std::string const& name) {
    return filed(name).email.size() == 1;
}

bool is_address(std::string const& name) {
    return filed(name).ip.size() == 1;
}

bool has(X509 const* certificate, int kind) {
    return X509_get_ext_by_NID(certificate, kind, -1) >= 0;
}

bool is_plain(X509 const* certificate, int kind) {
    int const place = X509_get_ext_by_NID(certificate, kind, -1);
    return place >= 0 && X509_EXTENSION_get_critical(X509_get_ext(certificate, place)) == 0;
}

ConstraintsHandle constraints_of(X509 const* certificate) {
    return ConstraintsHandle(static_cast<NAME_CONSTRAINTS*>(
        X509_get_ext_d2i(certificate, NID_name_constraints, nullptr, nullptr)));
}

std::vector<std::string> hosts_below(STACK_OF(GENERAL_SUBTREE) const* subtrees) {
    std::vector<std::string> out;
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); ++i) {
        auto const* base = sk_GENERAL_SUBTREE_value(subtrees, i)->base;
        if (base->type != GEN_DNS) continue;
        auto const bytes = octets(base->d.dNSName);
        out.push_back(lower(std::string(bytes.begin(), bytes.end())));
    }
    return out;
}

AlternativeNames names_of(X509 const* certificate) {
    Handle<GENERAL_NAMES, GENERAL_NAMES_free> const names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    std::vector<std::string> other;
    return read_names(names.get(), other);
}

/// One that OpenSSL knows the form of, and that has another.
bool has_unreadable(Extensions list) {
    for (int i = 0; i < sk_X509_EXTENSION_num(list); ++i) {
        auto* const each = sk_X509_EXTENSION_value(list, i);
        auto const* method = X509V3_EXT_get(each);
        if (method == nullptr || method->it == nullptr) continue;
        auto* const value = static_cast<ASN1_VALUE*>(X509V3_EXT_d2i(each));
        if (value == nullptr) return true;
        ASN1_item_free(value, ASN1_ITEM_ptr(method->it));
    }
    return false;
}

char const* broken_form(X509* certificate) {
    auto const* serial = X509_get0_serialNumber(certificate);
    if (X509_get_version(certificate) != X509_VERSION_3) return "is not of version 3 (RFC 5280 4.1.2.1)";
    auto const octets_of_serial = octets(serial);
    if (ASN1_STRING_type(serial) != V_ASN1_INTEGER ||
        std::all_of(octets_of_serial.begin(), octets_of_serial.end(), [](auto each) { return each == 0; })) {
        return "has a serial number that is not positive (RFC 5280 4.1.2.2)";
    }
    // Kept without the octet 0 that the encoding of a number with its highest bit begins with.
    if (octets_of_serial.size() > 20 || (octets_of_serial.size() == 20 && octets_of_serial.front() >= 0x80)) {
        return "has a serial number of more than 20 octets (RFC 5280 4.1.2.2)";
    }
    auto const* key = X509_get0_pubkey(certificate);
    if (key == nullptr || !is_sound(key)) return "has a key of a kind that is not accepted";
    if (repeats_an_extension(X509_get0_extensions(certificate))) {
        return "has an extension twice (RFC 5280 4.2)";
    }
    if (has_unreadable(X509_get0_extensions(certificate))) return "has an extension that cannot be read";
    if (has(certificate, NID_authority_key_identifier) &&
        X509_get0_authority_key_id(certificate) == nullptr) {
        return "has an authority key identifier without the identifier (RFC 5280 4.2.1.1)";
    }
    return nullptr;
}

char const* broken_constraint(X509* certificate) {
    if (is_plain(certificate, NID_name_constraints) || is_plain(certificate, NID_policy_constraints) ||
        is_plain(certificate, NID_inhibit_any_policy)) {
        return "has a constraint that is not critical (RFC 5280 4.2.1.10, 4.2.1.11, 4.2.1.14)";
    }
    auto const constraints = constraints_of(certificate);
    if (!constraints) return nullptr;
    if (X509_check_ca(certificate) == 0) {
        return "constrains names and is no authority (RFC 5280 4.2.1.10)";
    }
    if (sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) <= 0 &&
        sk_GENERAL_SUBTREE_num(constraints->excludedSubtrees) <= 0) {
        return "has name constraints that are empty (RFC 5280 4.2.1.10)";
    }
    for (auto* const subtrees : {constraints->permittedSubtrees, constraints->excludedSubtrees}) {
        for (auto const& host : hosts_below(subtrees)) {
            // An empty one stands for every name.
            if (!host.empty() && filed(host).dns.empty()) {
                return "constrains host names to what is none (RFC 5280 4.2.1.10)";
            }
        }
    }
    return nullptr;
}

char const* broken_name(X509 const* certificate) {
    auto const names = names_of(certificate);
    if (!std::all_of(names.dns.begin(), names.dns.end(), is_host)) {
        return "is for a host name that is none (RFC 5280 4.2.1.6)";
    }
    if (!std::all_of(names.email.begin(), names.email.end(), is_mailbox)) {
        return "is for an email address that is none (RFC 5280 4.2.1.6)";
    }
    if (!std::all_of(names.ip.begin(), names.ip.end(), is_address)) {
        return "is for an address that is none (RFC 5280 4.2.1.6)";
    }
    return nullptr;
}

/// A wildcard stands for every host that one label makes of it, so for an excluded one too.
bool covers_excluded(X509 const* certificate, std::vector<std::string> const& excluded) {
    for (auto const& host : names_of(certificate).dns) {
        if (!host.starts_with("*.")) continue;
        auto const below = lower(host.substr(1));
        for (auto const& each : excluded) {
            if (each.ends_with(below)) return true;
        }
    }
    return false;
}

}  // namespace

BrokenRule broken_rule(STACK_OF(X509) * chain) {
    int const size = sk_X509_num(chain);
    for (int depth = 0; depth < size; ++depth) {
        auto* const certificate = sk_X509_value(chain, depth);
        for (auto const* broken :
             {broken_form(certificate), broken_constraint(certificate), broken_name(certificate)}) {
            if (broken != nullptr) return {depth, broken};
        }
    }
    for (int above = 1; above < size; ++above) {
        auto const constraints = constraints_of(sk_X509_value(chain, above));
        if (!constraints) continue;
        auto const excluded = hosts_below(constraints->excludedSubtrees);
        for (int depth = 0; depth < above; ++depth) {
            if (covers_excluded(sk_X509_value(chain, depth), excluded)) {
                return {depth, "is for a wildcard that covers an excluded host (RFC 5280 4.2.1.10)"};
            }
        }
    }
    return {};
}

std::string unfit(X509_CRL* list) {
    if (X509_CRL_get_ext_by_NID(list, NID_crl_number, -1) < 0) return "has no number (RFC 5280 5.2.3)";
    if (X509_CRL_get_ext_by_NID(list, NID_authority_key_identifier, -1) < 0) {
        return "does not identify the key that signed it (RFC 5280 5.2.1)";
    }
    if (X509_CRL_get0_nextUpdate(list) == nullptr) return "never ends (RFC 5280 5.1.2.5)";
    if (repeats_an_extension(X509_CRL_get0_extensions(list))) return "has an extension twice (RFC 5280 4.2)";
    if (has_unreadable(X509_CRL_get0_extensions(list))) return "has an extension that cannot be read";
    // OpenSSL's security level holds for certificates only.
    int digest = NID_undef;
    int const known = OBJ_find_sigid_algs(X509_CRL_get_signature_nid(list), &digest, nullptr);
    auto const* method = EVP_get_digestbynid(digest);
    if (known != 1 || (digest != NID_undef && (method == nullptr || EVP_MD_get_size(method) < 28))) {
        return "is signed with a digest that is too weak";
    }
    return {};
}

std::string missing_name(X509* leaf, AlternativeNames const& wanted) {
    // The common name is no host (RFC 6125 6.4.4, RFC 9525 2).
    static constexpr unsigned int flags =
        X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    for (auto const& host : wanted.dns) {
        if (X509_check_host(leaf, host.data(), host.size(), flags, nullptr) != 1) return host;
    }
    for (auto const& address : wanted.ip) {
        if (X509_check_ip_asc(leaf, address.c_str(), flags) != 1) return address;
    }
    for (auto const& mailbox : wanted.email) {
        if (X509_check_email(leaf, mailbox.data(), mailbox.size(), flags) != 1) return mailbox;
    }
    auto const own = names_of(leaf).uri;
    for (auto const& uri : wanted.uri) {
        if (std::find(own.begin(), own.end(), uri) == own.end()) return uri;
    }
    return {};
}

}  // namespace consortium::crypto
