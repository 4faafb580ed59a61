#include "core/flow/ca.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/ca_parts.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_stem = 40;
constexpr base::Duration root_life{3650 * 86'400};

JsonValue make_keys(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    for (auto const* name : {"ca-root-g1", "ca-issuing-1"}) {
        ensure_key(services, name, detail.at("algorithm").get<std::string>(),
                   detail.at("protection").get<std::string>());
    }
    return {};
}

base::Instant end_of(Json const& detail, char const* life, base::Instant begin) {
    return begin + base::Duration::from_text(detail.at(life).get<std::string>());
}

void certify_root(Authority& root, Json const& detail, Services& services, port::Transaction& transaction) {
    auto const now = services.clock.now();
    auto content =
        authority_content(services.keys.info(root.key).public_key, now, end_of(detail, "root_life", now));
    content.subject = services.certifier.encode_name(
        root_name(root.stem, root.generation, detail.at("organization").get<std::string>()));
    content = fill_content(std::move(content), {}, services.certifier);
    auto const issued = certify(content, root.name, {}, *services.keys.open(root.key), services, transaction);
    root.certificates = {{root.name, content.serial, issued.der, content.not_after}};
}

void certify_issuing(Authority& issuing, Authority const& root, Json const& detail, Services& services,
                     port::Transaction& transaction) {
    auto const now = services.clock.now();
    auto content = authority_content(services.keys.info(issuing.key).public_key, now,
                                     end_of(detail, "issuing_life", now));
    content.subject = services.certifier.encode_name(
        issuing_name(issuing.stem, issuing.generation, detail.at("organization").get<std::string>()));
    content.permitted = model::alternative_names_from_json(detail.at("permitted"));
    issuing.certificates = {certify_under(root, std::move(content), services, transaction)};
}

JsonValue append_authorities(model::Step const& step, JsonValue const&, Services& services,
                             port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto root = new_authority(detail, "root", "root-g1");
    auto issuing = new_authority(detail, "issuing", "issuing-1");
    certify_root(root, detail, services, transaction);
    certify_issuing(issuing, root, detail, services, transaction);
    journal(transaction, services, "authority.made", {{"authorities", {root.name, issuing.name}}},
            {to_object(root), to_object(issuing)});
    for (auto const& each : {root, issuing}) sign_first_lists(each, services, transaction);
    auto const bundle = record_bundle(compose_bundle({root, issuing}, 1, root.name), services, transaction);
    return JsonValue(Json{{"authorities", {root.name, issuing.name}},
                          {"fingerprint", base::sha256(root.certificate()).hex()},
                          {"bundle", bundle}});
}

Json optional(std::string const& text) {
    return text.empty() ? Json() : Json(text);
}

std::string key_words(Authority const& authority) {
    if (authority.role == "link") return "none: a link between two roots";
    return authority.key.empty() ? "in another workspace" : authority.key;
}

/// What 'cert revoke' takes.
std::string serial_words(Authority const& authority) {
    std::vector<std::string> out;
    out.reserve(authority.certificates.size());
    for (auto const& each : authority.certificates)
        out.push_back(fmt::format("{} by {}", each.serial, each.issuer));
    return base::join(out, ", ");
}

std::string within_words(model::AlternativeNames const& permitted) {
    return base::join(permitted.texts(), ", ");
}

}  // namespace

std::string for_words(Authority const& authority) {
    if (authority.role != "issuing") return {};
    auto const profiles =
        authority.profiles.empty() ? std::string("every profile") : base::join(authority.profiles, ", ");
    return profiles + (authority.member.empty() ? " of every member" : " of " + authority.member);
}

model::Plan plan_ca_init(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const& epoch = state.joined();
    Json detail;
    detail["stem"] = arguments.value("name", epoch.charter.name);
    detail["organization"] = epoch.charter.name;
    detail["algorithm"] = arguments.value("type", "p256");
    detail["root_life"] = arguments.value("lifetime", root_life.text());
    detail["issuing_life"] = arguments.value("issuing-lifetime", issuing_life.text());
    detail["permitted"] =
        model::to_json(read_permitted(arguments.value("permit", std::vector<std::string>())));
    detail["base_url"] = arguments.value("base-url", "");
    detail["ocsp_url"] = arguments.value("ocsp-url", "");
    detail["shards"] = arguments.value("crl-shards", std::int64_t{0});
    detail["deltas"] = arguments.value("crl-deltas", false);
    detail["protection"] = arguments.value("no-passphrase", false) ? "none" : "passphrase";

    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    auto const known = state.store.object("authority", "root-g1");
    plan.pins = {{"authority/root-g1", known ? known->version : 0}};
    auto const stem = detail["stem"].get<std::string>();
    auto const root = base::Duration::from_text(detail["root_life"].get<std::string>());
    auto const issuing = base::Duration::from_text(detail["issuing_life"].get<std::string>());
    plan.verdict.require("first", !known, "this workspace has a certificate authority already");
    auto const all = authorities(state.store);
    plan.verdict.require(
        "root", std::ranges::none_of(all, &Authority::adopted),
        "this workspace has an intermediate below a root of the members, whose names it would "
        "share");
    plan.verdict.require("name", !stem.empty() && stem.size() <= max_stem,
                         fmt::format("the name has 1 to {} bytes", max_stem));
    plan.verdict.require("lifetime", issuing >= shortest_issuing_life && issuing <= root,
                         "the intermediate does not outlive the root");
    check_parts(detail, plan.verdict);
    plan.steps.push_back({"ca.init", "root-g1",
                          fmt::format("make '{} Root G1' for {} and '{} Issuing CA 1' for {}, with the keys "
                                      "'ca-root-g1' and 'ca-issuing-1'",
                                      stem, root.text(), stem, issuing.text()),
                          JsonValue(detail)});
    plan.verdict.next = plan.verdict.allowed() ? "consortium root distribute"
                        : known                ? "consortium ca show"
                                               : "consortium help ca init";
    return plan;
}

model::Outcome ca_list(State const& state) {
    model::Outcome outcome;
    outcome.schema = "consortium.authority-list/1";
    Json items = Json::array();
    model::Table table;
    table.columns = {"authority", "role", "for", "state", "signed by", "not after", "key"};
    table.when_empty = "no certificate authority in this workspace";
    for (auto const& each : authorities(state.store)) {
        for (auto const& certificate : each.certificates) {
            items.push_back({{"name", each.name},
                             {"role", each.role},
                             {"member", optional(each.member)},
                             {"purpose", each.profiles},
                             {"state", each.state},
                             {"key", each.key},
                             {"issuer", certificate.issuer},
                             {"serial", certificate.serial},
                             {"not_after", certificate.not_after.text()}});
            table.rows.push_back({each.name, each.role, for_words(each), each.state, certificate.issuer,
                                  certificate.not_after.text(), key_words(each)});
        }
    }
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome ca_show(State const& state, port::Certifier const& certifier, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const shown = arguments.contains("operand")
                           ? authority(state.store, arguments.at("operand").get<std::string>())
                           : newest(state.store, "root");
    auto const facts = certifier.describe(shown.certificate());
    auto const pem = certifier.pem("CERTIFICATE", shown.certificate());
    model::Outcome outcome;
    outcome.schema = "consortium.authority/1";
    outcome.data = JsonValue(Json{{"name", shown.name},
                                  {"role", shown.role},
                                  {"member", optional(shown.member)},
                                  {"purpose", shown.profiles},
                                  {"permitted", facts.content.permitted.texts()},
                                  {"generation", shown.generation},
                                  {"state", shown.state},
                                  {"key", shown.key},
                                  {"algorithm", shown.algorithm},
                                  {"subject", facts.subject},
                                  {"issuer", facts.issuer},
                                  {"serial", facts.content.serial},
                                  {"fingerprint", facts.fingerprint.hex()},
                                  {"not_after", facts.content.not_after.text()},
                                  {"base_url", shown.base_url},
                                  {"ocsp_url", shown.ocsp_url},
                                  {"shards", shown.shards},
                                  {"deltas", shown.deltas},
                                  {"pem", pem}});
    model::Fields fields;
    fields.rows = {{"authority", shown.name},
                   {"subject", facts.subject},
                   {"issuer", facts.issuer},
                   {"serial", serial_words(shown)},
                   {"state", shown.state},
                   {"certifies", for_words(shown)},
                   {"within", within_words(facts.content.permitted)},
                   {"in force", facts.content.not_before.text() + " to " + facts.content.not_after.text()},
                   {"key", key_words(shown)},
                   {"published at", shown.base_url},
                   {"ocsp at", shown.ocsp_url},
                   {"fingerprint", facts.fingerprint.hex()},
                   {"read aloud", base::spoken(facts.fingerprint)}};
    std::erase_if(fields.rows, [](auto const& row) { return row.second.empty(); });
    outcome.text.emplace_back(std::move(fields));
    outcome.text.emplace_back(pem);
    return outcome;
}

Applier const ca_init_applier{.prepare = make_keys, .append = append_authorities};

}  // namespace consortium::flow
