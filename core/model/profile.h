#pragma once

#include "core/model/certificate.h"

namespace consortium::model {

/// What a kind of leaf certificate may be. Profiles are data; issuing reads nothing else.
struct Profile {
    std::string id;
    std::vector<std::string> key_usage;       // RFC 5280 4.2.1.3: "digitalSignature" …, in that order
    std::vector<std::string> extended_usage;  // "serverAuth", "clientAuth", "emailProtection", "OCSPSigning"
    base::Duration lifetime;                  // the longest, and the default
    std::vector<std::string> names;           // kinds of names allowed: dns ip email uri
    bool needs_name = false;                  // at least one alternative name
    std::vector<std::string> key_types = {};  // algorithms of the keys certified; empty: every sound one
    std::vector<std::string> units = {};      // organizational units, of which the subject has one; none: no
    AlternativeNames within = {};  // the space in which names are; a kind of which it has none: any
    std::string approval = {};     // the charter's approval rule that issuing waits for; or none
    bool operator==(Profile const&) const = default;
};

/// What a charter says of a profile, [certificate.ID]: what is left out stands as it is in what it is based
/// on.
struct ProfileRule {
    std::string id;
    std::string based_on;  // a built-in profile, as the charter has it; empty: `id` is a built-in one
    std::optional<base::Duration> lifetime = {};
    std::optional<std::vector<std::string>> key_types = {}, names = {}, units = {}, key_usage = {},
                                            extended_usage = {};
    std::optional<AlternativeNames> within = {};
    std::optional<bool> needs_name = {};
    std::string approval = {};
    bool operator==(ProfileRule const&) const = default;
};

/// What profiles are where a charter says nothing of them.
std::span<Profile const> builtin_profiles();
Profile const* builtin_profile(std::string_view id);
/// What charters may grant; never what makes an authority.
std::span<std::string_view const> known_key_types();
std::span<std::string_view const> known_key_usages();  // in the order of RFC 5280 4.2.1.3
std::span<std::string_view const> known_extended_usages();

base::Json to_json(Profile const& profile);
base::Json to_json(ProfileRule const& rule);

}  // namespace consortium::model
