#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/ca.h"
#include "core/flow/ca_csr.h"
#include "core/flow/certificate_wanted.h"
#include "core/flow/root.h"
#include "core/flow/steps.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t longest_common_name = 64;  // RFC 5280 ub-common-name

struct NameParts {
    std::string stem;  // "node-tls"
    std::int64_t number = 1;
};

/// "node-tls-2" is the second of "node-tls".
NameParts parts_of(std::string_view name) {
    auto const dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0) return {std::string(name), 1};
    auto const last = name.substr(dash + 1);
    bool const number = !last.empty() && last.size() <= 6 && last.front() != '0' &&
                        std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; });
    if (!number) return {std::string(name), 1};
    return {std::string(name.substr(0, dash)), std::stoll(std::string(last))};
}

/// "Payments Node TLS CA 2" of "node-tls-2".
std::string common_name(std::string const& stem, std::string_view name) {
    auto const parts = parts_of(name);
    auto out = stem;
    for (auto word : base::split(parts.stem, '-')) {
        if (word.empty()) continue;
        bool const acronym = word == "tls";
        for (char& c : word) {
            if ((acronym || &c == word.data()) && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
        out += ' ' + word;
    }
    return fmt::format("{} CA {}", out, parts.number);
}

bool is_agreed(State const& state, Authority const& root) {
    auto const& agreed = *state.joined().trust_bundle;
    if (agreed.is_null()) return false;
    auto const bundle = model::trust_bundle_from_json(agreed);
    return std::ranges::any_of(bundle.roots,
                               [&](auto const& each) { return each.certificate == root.certificate(); });
}

/// The root under which servers present themselves; empty before one is agreed.
std::string presented_root(State const& state) {
    auto const& agreed = *state.joined().trust_bundle;
    return agreed.is_null() ? "" : model::trust_bundle_from_json(agreed).present;
}

/// The roots that vouch for a new intermediate. The certificate in use is that of the first: the oldest, as
/// with what a rotation has signed again, of those that the members trust.
std::vector<Authority> signing_roots(State const& state) {
    auto out = authorities(state.store);
    std::erase_if(out, [&](Authority const& each) {
        return each.role != "root" || each.state != "active" ||
               each.certificates.front().not_after <= state.now;
    });
    if (out.empty()) {
        (void)newest(state.store, "root");
        throw base::Error(base::Code::refused, "every root of this workspace is over",
                          "run 'consortium root rotate'");
    }
    std::ranges::sort(out, {}, &Authority::generation);
    std::ranges::stable_partition(out, [&](Authority const& each) { return is_agreed(state, each); });
    auto const present = presented_root(state);
    std::ranges::stable_partition(out, [&](Authority const& each) { return each.name == present; });
    return out;
}

/// What was prepared before does not sign this intermediate again.
std::string rotation_prepared(State const& state) {
    auto const found = own_rotation(state.store);
    return found && found->state == "prepared" ? found->name : std::string();
}

/// What is not said is taken from the one that it takes the place of.
Json detail_of(State const& state, port::Certifier const& certifier, Json const& arguments,
               std::optional<Authority> const& before, Authority const& root) {
    auto const given = [&](char const* flag, auto otherwise) { return arguments.value(flag, otherwise); };
    auto const name = arguments.at("operand").get<std::string>();
    auto const old = before.value_or(Authority());
    auto permitted = read_permitted(given("permit", std::vector<std::string>()));
    if (before && !arguments.contains("permit"))
        permitted = certifier.describe(old.certificate()).content.permitted;
    auto const member = given("member", old.member);
    return {{"name", name},
            {"stem", root.stem},
            {"common_name", common_name(root.stem, name)},
            {"member", member},
            {"organization", member.empty() ? state.joined().charter.name : organization_of(state, member)},
            {"profiles", given("purpose", old.profiles)},
            {"permitted", model::to_json(permitted)},
            {"algorithm", given("type", before ? old.algorithm : root.algorithm)},
            {"life", given("lifetime", issuing_life.text())},
            {"base_url", given("base-url", before ? old.base_url : root.base_url)},
            {"ocsp_url", given("ocsp-url", old.ocsp_url)},
            {"shards", given("crl-shards", old.shards)},
            {"deltas", given("crl-deltas", old.deltas)},
            {"protection", given("no-passphrase", false) ? "none" : "passphrase"},
            {"replaces", before ? Json(old.name) : Json()}};
}

/// Of one whose key is elsewhere: what is for whoever has it to say is not said here.
void put_request(model::SigningRequest const& asked, Json& detail) {
    detail["public_key"] = base::to_base64(asked.public_key);
    detail["algorithm"] = asked.algorithm;
    detail["profiles"] = Json::array();
    detail["base_url"] = detail["ocsp_url"] = "";
    detail["shards"] = 0;
    detail["deltas"] = false;
    detail.erase("protection");
}

void check_name(State const& state, port::Certifier const& certifier, Json const& detail,
                model::Verdict& verdict) {
    auto const name = detail.at("name").get<std::string>();
    auto const subject = detail.at("common_name").get<std::string>();
    check_authority_name(state, name, verdict);
    if (subject.size() > longest_common_name) {
        verdict.require("name", false,
                        fmt::format("'{}' has more than {} bytes", subject, longest_common_name));
        return;
    }
    auto const encoded = certifier.encode_name({subject, detail.at("organization").get<std::string>()});
    for (auto const& each : authorities(state.store)) {
        // One name has one key (G21).
        verdict.require(
            "subject", each.name == name || certifier.describe(each.certificate()).content.subject != encoded,
            fmt::format("'{}' is called '{}' already", each.name, subject));
    }
}

void check_scope(State const& state, Json const& detail, model::Verdict& verdict) {
    check_purposes(state, detail.at("profiles").get<std::vector<std::string>>(), verdict);
    auto const permitted = model::alternative_names_from_json(detail.at("permitted"));
    verdict.require("permit", detail.at("member").get<std::string>().empty() || !permitted.empty(),
                    unbound_member);
}

/// A life that nobody has asked for ends with the root.
void check_life(State const& state, Authority const& root, Json const& arguments, Json const& detail,
                model::Verdict& verdict) {
    auto const life = base::Duration::from_text(detail.at("life").get<std::string>());
    auto const end = root.certificates.front().not_after;
    bool const cut = !arguments.contains("lifetime");
    verdict.require("lifetime", life >= shortest_issuing_life && (cut || state.now + life <= end),
                    fmt::format("an intermediate lasts for a day at least, and not longer than its root: "
                                "'{}' ends on {}",
                                root.name, end.text()));
}

std::optional<Authority> replaced(State const& state, Json const& arguments, model::Plan& plan) {
    if (!arguments.contains("replaces")) return std::nullopt;
    auto out = authority(state.store, arguments.at("replaces").get<std::string>());
    plan.pins["authority/" + out.name] = out.version;
    plan.verdict.require("replaces", out.role == "issuing" && out.state == "active",
                         fmt::format("'{}' is no intermediate that is active", out.name));
    return out;
}

bool is_elsewhere(Json const& detail) {
    return detail.contains("public_key");
}

std::string summary_of(Json const& detail, Authority const& made) {
    auto const permitted = model::alternative_names_from_json(detail.at("permitted"));
    auto out = fmt::format("make '{}' for {}", detail.at("common_name").get<std::string>(), for_words(made));
    if (!permitted.empty()) out += ", within " + base::join(permitted.texts(), ", ");
    out += fmt::format(", signed by {}, its key ",
                       fmt::join(detail.at("roots").get<std::vector<std::string>>(), " and "));
    out += is_elsewhere(detail) ? "kept by " + made.member : "in this workspace";
    if (!detail.at("replaces").is_null())
        out += fmt::format("; retire '{}'", detail.at("replaces").get<std::string>());
    return out;
}

/// Here every name is looked at before it is certified; a key that is elsewhere is bound by its certificate.
void warn_of_unbound(Json const& detail, model::Plan& plan) {
    auto const kinds = unbound_kinds(model::alternative_names_from_json(detail.at("permitted")));
    if (kinds.empty()) return;
    plan.warnings.push_back(
        fmt::format("{} can certify any name of these kinds, of which --permit names none: {}",
                    detail.at("member").get<std::string>(), kinds));
}

Authority unsigned_authority(Json const& detail) {
    auto out = new_authority(detail, "issuing", detail.at("name").get<std::string>());
    out.member = detail.at("member").get<std::string>();
    out.profiles = detail.at("profiles").get<std::vector<std::string>>();
    if (is_elsewhere(detail)) out.key.clear();
    return out;
}

JsonValue make_key(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    for (auto const& root : detail.at("roots"))
        services.keys.open(authority(services.store, root.get<std::string>()).key);
    if (is_elsewhere(detail)) return {};
    auto const key =
        ensure_key(services, unsigned_authority(detail).key, detail.at("algorithm").get<std::string>(),
                   detail.at("protection").get<std::string>());
    return JsonValue(Json{{"key", key.id.hex()}});
}

/// The key may have been in the keyring before.
base::Bytes unused_key(Authority const& made, JsonValue const& prepared, Services& services) {
    auto const key = services.keys.info(made.key);
    if (key.id.hex() != prepared->at("key").get<std::string>())
        throw base::Error(base::Code::conflict, fmt::format("key '{}' is another one by now", made.key));
    if (is_free(services.store, *services.store.latest(), key.id, services.certifier) &&
        may_certify(services.store, key.id, services.certifier))
        return key.public_key;
    throw base::Error(base::Code::conflict,
                      fmt::format("key '{}' of the keyring is used for something else, or was", key.name),
                      "choose another name for the authority");
}

base::Bytes granted_key(Json const& detail, Services& services) {
    auto out = base::from_base64(detail.at("public_key").get<std::string>());
    require_granted(services.store, base::sha256(out), services.certifier);
    return out;
}

std::vector<AuthorityCertificate> certified(Json const& detail, base::Bytes const& key, Services& services,
                                            port::Transaction& transaction) {
    auto const now = services.clock.now();
    auto content =
        authority_content(key, now, now + base::Duration::from_text(detail.at("life").get<std::string>()));
    content.subject = services.certifier.encode_name(
        {detail.at("common_name").get<std::string>(), detail.at("organization").get<std::string>()});
    content.permitted = model::alternative_names_from_json(detail.at("permitted"));
    std::vector<AuthorityCertificate> out;
    for (auto const& root : detail.at("roots")) {
        out.push_back(certify_under(authority(services.store, root.get<std::string>()), content, services,
                                    transaction));
    }
    return out;
}

JsonValue append_authority(model::Step const& step, JsonValue const& prepared, Services& services,
                           port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto all = authorities(services.store);
    auto made = unsigned_authority(detail);
    auto const key =
        is_elsewhere(detail) ? granted_key(detail, services) : unused_key(made, prepared, services);
    made.generation = next_generation(all);
    made.certificates = certified(detail, key, services, transaction);
    std::vector<model::Object> writes{to_object(made)};
    auto const before = detail.at("replaces").is_null() ? "" : detail.at("replaces").get<std::string>();
    for (auto& each : all) {
        if (each.name != before) continue;
        each.state = "retired";
        writes.push_back(to_object(each));
    }
    journal(transaction, services, "authority.made",
            {{"authorities", {made.name}}, {"replaces", detail.at("replaces")}}, std::move(writes));
    if (!made.key.empty()) sign_first_lists(made, services, transaction);
    all.push_back(made);
    auto const bundle = record_next_bundle(all, services, transaction);
    std::string chain;
    for (auto const& each : made.certificates) chain += services.certifier.pem("CERTIFICATE", each.der);
    auto const facts = services.certifier.describe(made.certificate());
    return JsonValue(Json{{"authority", made.name},
                          {"key", made.key.empty() ? Json() : Json(made.key)},
                          {"subject", facts.subject},
                          {"serial", facts.content.serial},
                          {"fingerprint", facts.fingerprint.hex()},
                          {"not_after", facts.content.not_after.text()},
                          {"replaces", detail.at("replaces")},
                          {"chain", chain},
                          {"bundle", bundle}});
}

}  // namespace

std::string successor_name(std::string_view name) {
    auto const parts = parts_of(name);
    return fmt::format("{}-{}", parts.stem, parts.number + 1);
}

model::Plan plan_ca_add(State const& state, port::Certifier const& certifier, model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const asked = given_request(certifier, request);
    auto const before = replaced(state, arguments, plan);
    auto const roots = signing_roots(state);
    auto detail = detail_of(state, certifier, arguments, before, roots.front());
    detail["roots"] = Json::array();
    for (auto const& root : roots) {
        detail["roots"].push_back(root.name);
        plan.pins["authority/" + root.name] = root.version;
    }
    if (asked) {
        put_request(*asked, detail);
        check_authority_request(*asked, detail, state, certifier, plan.verdict);
    }
    auto const name = detail["name"].get<std::string>();
    auto const known = find_authority(state.store, name);
    plan.pins["authority/" + name] = known ? known->version : 0;
    check_name(state, certifier, detail, plan.verdict);
    check_scope(state, detail, plan.verdict);
    check_parts(detail, plan.verdict);
    check_life(state, roots.front(), arguments, detail, plan.verdict);
    if (auto const rotation = rotation_prepared(state); !rotation.empty()) {
        plan.warnings.push_back(fmt::format(
            "what is prepared of the rotation to {} is without it: run 'consortium root prepare' again, and "
            "have that approved",
            rotation));
    }
    if (asked) warn_of_unbound(detail, plan);
    plan.steps.push_back(
        {"ca.add", name, summary_of(detail, unsigned_authority(detail)), JsonValue(std::move(detail))});
    plan.verdict.next = plan.verdict.allowed() ? "consortium ca publish DIR" : "consortium ca list";
    return plan;
}

model::Plan plan_ca_retire(State const& state, model::Request const& request) {
    auto found = authority(state.store, request.arguments->at("operand").get<std::string>());
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["authority/" + found.name] = found.version;
    plan.verdict.require("role", found.role == "issuing", fmt::format("'{}' is no intermediate", found.name));
    plan.verdict.require("state", found.state == "active",
                         fmt::format("'{}' is {} already", found.name, found.state));
    plan.verdict.next = plan.verdict.allowed() ? "consortium ca list" : "consortium ca show " + found.name;
    found.state = "retired";
    auto const words =
        found.key.empty()
            ? fmt::format(
                  "note that '{}' certifies nothing more; its key is elsewhere, and 'cert revoke' ends it",
                  found.name)
            : fmt::format("let '{}' certify nothing more; it signs its lists until its last certificate ends",
                          found.name);
    plan.steps.push_back(
        event_step("authority.retired", {{"authority", found.name}}, {to_object(found)}, found.name, words));
    return plan;
}

Applier const ca_add_applier{.prepare = make_key, .append = append_authority};

}  // namespace consortium::flow
