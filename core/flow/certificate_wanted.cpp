#include "core/flow/certificate_wanted.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate_key.h"
#include "core/model/name_space.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::SigningRequest;

namespace {

constexpr std::size_t max_names = 1'000;
constexpr std::size_t max_name_bytes = 49'152;  // a certificate has at most 64 KiB

std::size_t bytes_of(model::AlternativeNames const& names) {
    std::size_t total = 0;
    for (auto const* list : {&names.dns, &names.ip, &names.email, &names.uri}) {
        for (auto const& name : *list) total += name.size() + 4;
    }
    return total;
}

bool has(std::vector<std::string> const& list, std::string const& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

void check_subset(std::string const& field, std::vector<std::string> const& asked,
                  std::vector<std::string> const& granted, std::string const& by, model::Verdict& verdict) {
    for (auto const& each : asked) {
        verdict.require(
            "csr: " + field, has(granted, each),
            fmt::format("the request asks for '{}', which {} does not grant", base::printable(each), by));
    }
}

namespace {

void check_subject(SigningRequest const& asked, Wanted const& wanted, model::Verdict& verdict) {
    for (auto const& [kind, value] : asked.subject) {
        bool const good = (kind == "CN" && value == wanted.common_name) ||
                          (kind == "O" && (value == wanted.organization || value == wanted.member)) ||
                          (kind == "OU" && value == wanted.unit && !wanted.unit.empty());
        verdict.require("csr: subject", good,
                        fmt::format("the request asks for {}={}, which is not the name given here", kind,
                                    base::printable(value)));
    }
}

}  // namespace

std::string organization_of(State const& state, std::string const& id) {
    auto const* member = state.joined().member(id);
    if (member == nullptr) {
        throw base::Error(base::Code::not_found, fmt::format("no member '{}'", base::printable(id)),
                          "run 'consortium member list'");
    }
    return member->name;
}

Wanted read_wanted(State const& state, Json const& arguments) {
    Wanted out;
    out.profile = model::profile_of(state.joined().charter, arguments.value("profile", "node-tls"));
    out.common_name = arguments.at("operand").get<std::string>();
    out.member = arguments.value("member", state.self.member);
    out.organization = organization_of(state, out.member);
    out.unit = arguments.value("unit", "");
    // Of a node, the name is what verifiers look for; of a person, it is a pseudonym.
    if (out.profile.needs_name) out.names.add(out.common_name);
    auto const also = arguments.value("also", std::vector<std::string>());
    if (also.size() > max_names) {
        throw base::Error(base::Code::malformed,
                          fmt::format("a certificate has at most {} names, not {}", max_names, also.size()),
                          "spread them over several certificates");
    }
    for (auto const& name : also) out.names.add(name);
    out.life = base::Duration::from_text(arguments.value("valid-for", out.profile.lifetime.text()));
    return out;
}

model::DistinguishedName subject_of(Wanted const& wanted) {
    return {wanted.common_name, wanted.organization, wanted.unit};
}

void check_profile(Wanted const& wanted, port::Certifier const& certifier, model::Verdict& verdict) {
    auto const& profile = wanted.profile;
    (void)certifier.encode_name(subject_of(wanted));
    auto const allow = [&](char const* kind, std::vector<std::string> const& names) {
        verdict.require(fmt::format("names: {}", kind), names.empty() || has(profile.names, kind),
                        fmt::format("profile '{}' has no {} names", profile.id, kind));
    };
    allow("dns", wanted.names.dns);
    allow("ip", wanted.names.ip);
    allow("email", wanted.names.email);
    allow("uri", wanted.names.uri);
    verdict.require("names", !profile.needs_name || !wanted.names.empty(),
                    fmt::format("profile '{}' needs a name that verifiers look for", profile.id));
    verdict.require("names: size", bytes_of(wanted.names) <= max_name_bytes,
                    "these names are too long for one certificate; spread them over several");
    auto const outside = model::first_outside(wanted.names, profile.within);
    verdict.require("names: within", outside.empty(),
                    fmt::format("profile '{}' certifies names within {} only, not '{}'", profile.id,
                                base::join(profile.within.texts(), ", "), outside));
    verdict.require("unit", profile.units.empty() ? wanted.unit.empty() : has(profile.units, wanted.unit),
                    profile.units.empty() ? fmt::format("profile '{}' has no unit", profile.id)
                                          : fmt::format("profile '{}' needs one with --unit: {}", profile.id,
                                                        base::join(profile.units, ", ")));
    verdict.require("lifetime", wanted.life.seconds > 0 && wanted.life <= profile.lifetime,
                    fmt::format("profile '{}' lasts at most {}", profile.id, profile.lifetime.text()));
}

void check_proposer(State const& state, model::Profile const& profile, model::Verdict& verdict) {
    if (profile.approval.empty()) return;
    auto const* rule = state.joined().charter.approval(profile.approval);
    verdict.require(
        "officer", rule == nullptr || !rule->exclude_proposer || !state.self.officer.empty(),
        fmt::format("who asks does not count among those who approve by '{}': say who you are with "
                    "--as OFFICER",
                    profile.approval));
}

// The certifier judges the finished certificate again; here nothing has been made yet, no key either.
void check_issuer(Wanted const& wanted, Authority const& issuer, base::Instant now,
                  port::Certifier const& certifier, model::Verdict& verdict) {
    auto const end = issuer.certificates.front().not_after;
    verdict.require("issuer", now + wanted.life <= end,
                    fmt::format("'{}' ends on {}, before this certificate would", issuer.name, end.text()));
    auto const above = certifier.describe(issuer.certificate());
    // The member's name in the intermediate is the bound that everybody can check (G29).
    verdict.require("member", issuer.member.empty() || above.organization == wanted.organization,
                    fmt::format("'{}' certifies for the organization '{}', which is '{}' now: make its "
                                "successor with 'consortium ca add'",
                                issuer.name, above.organization, wanted.organization));
    verdict.require("clock", above.content.not_before <= now,
                    fmt::format("'{}' is in force from {}, which has not come yet: see to this machine's "
                                "clock",
                                issuer.name, above.content.not_before.text()));
    auto const& permitted = above.content.permitted;
    auto const outside = model::first_outside(wanted.names, permitted);
    verdict.require("name constraints", outside.empty(),
                    fmt::format("'{}' may certify within {} only, not '{}'; --issuer names another "
                                "authority of 'ca list'",
                                issuer.name, base::join(permitted.texts(), ", "), outside));
}

void check_request(SigningRequest const& asked, Wanted const& wanted, State const& state,
                   port::Certifier const& certifier, model::Verdict& verdict) {
    auto const by = fmt::format("profile '{}'", wanted.profile.id);
    check_subject(asked, wanted, verdict);
    check_subset("subjectAltName", asked.names.texts(), wanted.names.texts(), "this command (see --also)",
                 verdict);
    check_subset("keyUsage", asked.key_usage, wanted.profile.key_usage, by, verdict);
    check_subset("extendedKeyUsage", asked.extended_usage, wanted.profile.extended_usage, by, verdict);
    check_subset("extension", asked.other, {}, by, verdict);
    verdict.require("csr: basicConstraints", !asked.authority, "the request asks to be an authority");
    check_key_type(asked.algorithm, wanted.profile, verdict);
    auto const key = base::sha256(asked.public_key);
    verdict.require("csr: key", is_free(state.store, state.joined(), key, certifier),
                    "the request names a key that signs acts, certificates or tokens here; use another one");
    check_not_compromised(state.store, key, verdict);
}

model::Profile profile_in_force(Json const& detail, Services const& services) {
    return model::profile_of(services.store.latest()->charter, detail.at("profile").get<std::string>());
}

std::string shell_word(std::string const& word) {
    constexpr auto plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.,:/@%+=";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
    std::string out = "'";
    for (char const c : word) out += c == '\'' ? "'\\''" : std::string(1, c);
    return out + "'";
}

std::string issue_command(Wanted const& wanted) {
    auto out = fmt::format("consortium cert issue {} --profile {}", shell_word(wanted.common_name),
                           wanted.profile.id);
    auto const& names = wanted.names;
    for (auto const* list : {&names.dns, &names.ip, &names.email, &names.uri}) {
        for (auto const& name : *list) {
            bool const by_itself = wanted.profile.needs_name && name == wanted.common_name;
            if (!by_itself) out += " --also " + shell_word(name);
        }
    }
    if (!wanted.unit.empty()) out += " --unit " + shell_word(wanted.unit);
    return out + " --member " + wanted.member;
}

model::Step issue_step(Wanted const& wanted, Authority const& issuer, Json key, std::string const& renews) {
    auto words = fmt::format("certify '{}' of {} as {} for {}, names: {}", wanted.common_name, wanted.member,
                             wanted.profile.id, wanted.life.text(), base::join(wanted.names.texts(), ", "));
    Json detail{{"issuer", issuer.name},
                {"profile", wanted.profile.id},
                {"common_name", wanted.common_name},
                {"organization", wanted.organization},
                {"unit", wanted.unit},
                {"member", wanted.member},
                {"names", model::to_json(wanted.names)},
                {"life", wanted.life.text()},
                {"key", std::move(key)}};
    auto const& source = detail.at("key");
    if (source.at("source") == "new" && source.contains("name"))  // in a batch each row has its own
        words += fmt::format("; its key is made: '{}'", source.at("name").get<std::string>());
    std::string const action = wanted.profile.approval.empty() ? "certificate.issue" : "certificate.prepare";
    if (!wanted.profile.approval.empty())
        words += fmt::format("; it is prepared, and signed once officers approve it by rule '{}'",
                             wanted.profile.approval);
    if (renews.empty()) return {action, wanted.common_name, words, JsonValue(std::move(detail))};
    detail["renews"] = renews;
    return {action, wanted.common_name, fmt::format("renew {}: {}", renews, words),
            JsonValue(std::move(detail))};
}

}  // namespace consortium::flow
