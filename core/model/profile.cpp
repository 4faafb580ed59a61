#include "core/model/profile.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/charter_read.h"
#include "core/model/name_space.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;
using base::JsonReader;

namespace {

using Names = std::vector<std::string>;

Profile const all_profiles[] = {
    {"node-tls", {"digitalSignature"}, {"serverAuth", "clientAuth"}, {365 * 86'400}, {"dns", "ip"}, true},
    // Besu's keystores are read by Java, which knows Ed25519 in newer versions only.
    {"besu-tls",
     {"digitalSignature"},
     {"serverAuth", "clientAuth"},
     {365 * 86'400},
     {"dns", "ip"},
     true,
     {"p256", "p384", "rsa3072", "rsa4096"}},
    // Who the node is to the ledger; Fabric tells the kind by the unit (NodeOUs), and signs with ECDSA. Its
    // MSP asks Go whether the certificate is fit for a server, which is what Go asks where nothing is said.
    {"node-identity",
     {"digitalSignature"},
     {"serverAuth", "clientAuth"},
     {365 * 86'400},
     {"dns"},
     false,
     {"p256", "p384"},
     {"peer", "orderer", "client", "admin"}},
    {"client", {"digitalSignature"}, {"clientAuth"}, {365 * 86'400}, {"dns", "email", "uri"}, false},
    {"officer", {"digitalSignature"}, {"clientAuth", "emailProtection"}, {730 * 86'400}, {"email"}, false},
    {"code-signing", {"digitalSignature"}, {"codeSigning"}, {365 * 86'400}, {}, false},
    // Answers for its authority. Nobody asks whether it is revoked (RFC 6960 4.2.2.2.1), so it is soon over.
    {"ocsp", {"digitalSignature"}, {"OCSPSigning"}, {30 * 86'400}, {}, false},
};

constexpr std::array<std::string_view, 7> key_types{"p256",    "p384",    "p521",   "ed25519",
                                                    "rsa2048", "rsa3072", "rsa4096"};
constexpr std::array<std::string_view, 5> key_usages{"digitalSignature", "nonRepudiation", "keyEncipherment",
                                                     "dataEncipherment", "keyAgreement"};
constexpr std::array<std::string_view, 5> extended_usages{"serverAuth", "clientAuth", "emailProtection",
                                                          "codeSigning", "OCSPSigning"};
constexpr std::array<std::string_view, 4> name_kinds{"dns", "email", "ip", "uri"};
constexpr std::string_view responder = "ocsp";
constexpr std::string_view answering = "OCSPSigning";
// RFC 5280 bounds no lifetime; a key that is certified for longer than an authority lasts is a mistake.
constexpr base::Duration longest_life{3650 * 86'400};
constexpr base::Duration shortest_life{60};
constexpr std::size_t longest_unit = 64;  // RFC 5280 A.1: ub-organizational-unit-name
constexpr std::size_t max_spaces = 1000;
// What a charter writes for no approval, where what a profile is based on has one.
constexpr char const* no_approval = "none";

bool has(Names const& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

Names builtin_ids() {
    Names out;
    for (auto const& each : builtin_profiles()) out.push_back(each.id);
    return out;
}

/// A charter may have had an approval rule of that name before the word meant anything: then it is the rule.
bool drops_approval(ProfileRule const& rule, Charter const& charter) {
    return rule.approval == no_approval && charter.approval(no_approval) == nullptr;
}

Profile merged(Profile base, ProfileRule const& rule, Charter const& charter) {
    auto const replace = [](auto& value, auto const& said) {
        if (said) value = *said;
    };
    base.id = rule.id;
    replace(base.lifetime, rule.lifetime);
    replace(base.key_types, rule.key_types);
    replace(base.names, rule.names);
    replace(base.units, rule.units);
    replace(base.key_usage, rule.key_usage);
    replace(base.extended_usage, rule.extended_usage);
    replace(base.within, rule.within);
    replace(base.needs_name, rule.needs_name);
    if (!rule.approval.empty()) base.approval = drops_approval(rule, charter) ? "" : rule.approval;
    return base;
}

ProfileRule const* rule_of(Charter const& charter, std::string_view id) {
    auto const found = std::find_if(charter.certificates.begin(), charter.certificates.end(),
                                    [&](ProfileRule const& each) { return each.id == id; });
    return found == charter.certificates.end() ? nullptr : &*found;
}

Profile as_charter_has_it(Profile const& builtin, Charter const& charter) {
    auto const* rule = rule_of(charter, builtin.id);
    return rule == nullptr ? builtin : merged(builtin, *rule, charter);
}

/// The profile of a rule. What it is based on is known: reading checked that.
Profile profile_by(ProfileRule const& rule, Charter const& charter) {
    if (auto const* own = builtin_profile(rule.id)) return merged(*own, rule, charter);
    return merged(as_charter_has_it(*builtin_profile(rule.based_on), charter), rule, charter);
}

std::string read_base(JsonReader& in, std::string const& id) {
    auto const known = builtin_ids();
    bool const builtin = has(known, id);
    if (builtin && in.has("based_on"))
        in.fail("based_on", fmt::format("'{}' is a profile of this program, and based on itself", id));
    if (builtin) return {};
    if (!in.has("based_on")) {
        auto const near = base::nearest(id, known);
        in.fail(
            "based_on",
            fmt::format("is missing: '{}' is none of the profiles of this program, {}, so it says on which "
                        "of them it is based{}",
                        id, base::join(known, ", "),
                        near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    }
    std::vector<std::string_view> const words(known.begin(), known.end());
    auto out = reading::choice(in, "based_on", words, "");
    if (out == responder)
        in.fail("based_on",
                "who answers for an authority has one profile: say what it is in "
                "[certificate.ocsp]");
    return out;
}

base::Duration read_life(JsonReader& in) {
    auto const out = in.duration("lifetime");
    if (out < shortest_life || out > longest_life)
        in.fail("lifetime", fmt::format("'{}': {} to {} expected", out.text(), shortest_life.text(),
                                        longest_life.text()));
    return out;
}

Names read_units(JsonReader& in) {
    auto out = in.texts("units", 100);
    for (auto const& each : out) {
        bool const good = !each.empty() && each.size() <= longest_unit && base::printable(each) == each &&
                          base::trimmed(each) == each;
        if (!good)
            in.fail("units", fmt::format("'{}' is no unit: 1 to 64 characters expected",
                                         base::printable(each.substr(0, longest_unit))));
    }
    std::sort(out.begin(), out.end());
    if (std::adjacent_find(out.begin(), out.end()) != out.end()) in.fail("units", "names a unit twice");
    return out;
}

AlternativeNames read_within(JsonReader& in) {
    AlternativeNames out;
    for (auto const& text : in.texts("within", max_spaces)) {
        try {
            add_name_space(out, text);
        } catch (base::Error const& error) {
            in.fail("within", error.message() + ": " + error.hint());
        }
    }
    for (auto* list : {&out.dns, &out.ip, &out.email, &out.uri}) {
        std::sort(list->begin(), list->end());
        if (std::adjacent_find(list->begin(), list->end()) != list->end())
            in.fail("within", "names a space twice");
    }
    if (out.empty()) in.fail("within", "names no space: leave it out to bound no names");
    return out;
}

// They are written, and read again, in the order of the bits.
Names read_key_usage(JsonReader& in) {
    auto const given = reading::some_of(in, "key_usage", "key usage", reading::as_strings(key_usages));
    Names out;
    for (auto const word : key_usages)
        if (has(given, word)) out.emplace_back(word);
    return out;
}

/// What the keys cannot do: RFC 3279 2.3.1 (RSA), RFC 5480 3 with RFC 8813 3 (EC), RFC 8410 5 (Ed25519).
void check_key_usage(JsonReader& in, Profile const& profile) {
    auto const only = [&](std::initializer_list<std::string_view> prefixes) {
        return !profile.key_types.empty() &&
               std::all_of(profile.key_types.begin(), profile.key_types.end(), [&](std::string const& type) {
                   return std::any_of(prefixes.begin(), prefixes.end(),
                                      [&](auto prefix) { return type.starts_with(prefix); });
               });
    };
    if (!has(profile.key_usage, "digitalSignature"))
        in.fail("key_usage", "without 'digitalSignature' the key could do none of what it is certified for");
    for (auto const* word : {"keyEncipherment", "dataEncipherment"}) {
        if (has(profile.key_usage, word) && !only({"rsa"}))
            in.fail("key_usage",
                    fmt::format("'{}' is for RSA keys: give key_types that are all of RSA", word));
    }
    if (has(profile.key_usage, "keyAgreement") && !only({"p256", "p384", "p521"}))
        in.fail("key_usage", "'keyAgreement' is for EC keys: give key_types that are p256, p384 or p521");
}

void check_extended_usage(JsonReader& in, Profile const& profile) {
    bool const answers = has(profile.extended_usage, answering);
    if (profile.id == responder && (!answers || profile.extended_usage.size() > 1))
        in.fail("extended_usage", "who answers for an authority does that and nothing else: leave it out");
    if (profile.id != responder && answers)
        in.fail("extended_usage", "only the profile 'ocsp' answers for an authority");
}

void check_names(JsonReader& in, Profile const& profile) {
    if (profile.needs_name && profile.names.empty())
        in.fail(in.has("names") ? "names" : "needs_name", "a name is needed, and no kind of name is allowed");
    // A space that is inherited for a kind which is left out bounds nothing, and is no mistake.
    if (!in.has("within")) return;
    auto const bounded = [&](char const* kind, Names const& spaces) {
        if (!spaces.empty() && !has(profile.names, kind))
            in.fail("within",
                    fmt::format("there is a space for {} names, which the profile does not have", kind));
    };
    bounded("dns", profile.within.dns);
    bounded("ip", profile.within.ip);
    bounded("email", profile.within.email);
    bounded("uri", profile.within.uri);
}

}  // namespace

std::span<Profile const> builtin_profiles() {
    return all_profiles;
}

Profile const* builtin_profile(std::string_view id) {
    auto const found = std::find_if(std::begin(all_profiles), std::end(all_profiles),
                                    [&](Profile const& each) { return each.id == id; });
    return found == std::end(all_profiles) ? nullptr : found;
}

std::span<std::string_view const> known_key_types() {
    return key_types;
}

std::span<std::string_view const> known_key_usages() {
    return key_usages;
}

std::span<std::string_view const> known_extended_usages() {
    return extended_usages;
}

std::vector<Profile> profiles_of(Charter const& charter) {
    std::vector<Profile> out;
    for (auto const& each : all_profiles) out.push_back(as_charter_has_it(each, charter));
    for (auto const& rule : charter.certificates)
        if (!rule.based_on.empty()) out.push_back(profile_by(rule, charter));
    return out;
}

Profile profile_of(Charter const& charter, std::string_view id) {
    if (auto const* rule = rule_of(charter, id)) return profile_by(*rule, charter);
    if (auto const* own = builtin_profile(id)) return *own;
    auto known = builtin_ids();
    for (auto const& rule : charter.certificates)
        if (!rule.based_on.empty()) known.push_back(rule.id);
    auto const near = base::nearest(id, known);
    throw base::Error(base::Code::not_found, "no certificate profile '" + base::printable(id) + "'",
                      (near.empty() ? "" : "did you mean '" + near + "'? ") +
                          std::string("See 'consortium cert profiles'"));
}

Json to_json(Profile const& profile) {
    return {{"id", profile.id},
            {"key_usage", profile.key_usage},
            {"extended_usage", profile.extended_usage},
            {"lifetime", profile.lifetime.text()},
            {"names", profile.names},
            {"needs_name", profile.needs_name},
            {"key_types", profile.key_types},
            {"units", profile.units},
            {"within", profile.within.texts()},
            {"approval", profile.approval.empty() ? Json() : Json(profile.approval)}};
}

Json to_json(ProfileRule const& rule) {
    Json out = Json::object();
    auto const put = [&out](char const* key, auto const& said) {
        if (said) out[key] = *said;
    };
    if (!rule.based_on.empty()) out["based_on"] = rule.based_on;
    if (rule.lifetime) out["lifetime"] = rule.lifetime->text();
    put("key_types", rule.key_types);
    put("names", rule.names);
    put("units", rule.units);
    put("key_usage", rule.key_usage);
    put("extended_usage", rule.extended_usage);
    if (rule.within) out["within"] = rule.within->texts();
    put("needs_name", rule.needs_name);
    if (!rule.approval.empty()) out["approval"] = rule.approval;
    return out;
}

namespace reading {

ProfileRule profile_rule(JsonReader& in, std::string const& id, Charter const& charter) {
    ProfileRule out;
    out.id = id;
    out.based_on = read_base(in, id);
    if (in.has("lifetime")) out.lifetime = read_life(in);
    if (in.has("key_types")) out.key_types = some_of(in, "key_types", "key type", as_strings(key_types));
    if (in.has("names")) out.names = subset(in, "names", "kind of name", as_strings(name_kinds));
    if (in.has("units")) out.units = read_units(in);
    if (in.has("key_usage")) out.key_usage = read_key_usage(in);
    if (in.has("extended_usage"))
        out.extended_usage = some_of(in, "extended_usage", "usage", as_strings(extended_usages));
    if (in.has("within")) out.within = read_within(in);
    if (in.has("needs_name")) out.needs_name = in.boolean("needs_name");
    if (in.has("approval")) {
        std::vector<std::string_view> rules;
        rules.reserve(charter.approvals.size());
        for (auto const& rule : charter.approvals) rules.push_back(rule.id);
        if (rules.empty() && in.text("approval") != no_approval)
            in.fail("approval", "unknown approval: the charter has no [approval.ID]");
        if (charter.approval(no_approval) == nullptr) rules.emplace_back(no_approval);
        out.approval = choice(in, "approval", rules, "");
    }
    return out;
}

void check_profile(JsonReader& in, ProfileRule const& rule, Charter const& charter) {
    auto const profile = profile_by(rule, charter);
    check_key_usage(in, profile);
    check_extended_usage(in, profile);
    check_names(in, profile);
}

}  // namespace reading

}  // namespace consortium::model
