#include "core/flow/crl.h"

#include "core/base/error.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::BytesView;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "crl";
constexpr std::size_t max_list = 64U << 20U;

Bytes bytes_of(port::Store const& store, model::Object const& list) {
    auto const text = store.file(base::Digest::from_hex(list.data->at("file").get<std::string>()));
    if (!text) {
        throw base::Error(base::Code::storage,
                          fmt::format("the revocation list '{}' is missing from the store", list.name),
                          "run 'consortium crl issue'");
    }
    return base::to_bytes(*text);
}

JsonValue open_key(model::Step const& step, Services& services, Identity const&) {
    services.keys.open(authority(services.store, step.detail->at("authority").get<std::string>()).key);
    return {};
}

CrlScope scope_of(Authority const& issuer, std::string const& name) {
    for (auto const extent : {CrlExtent::full, CrlExtent::delta}) {
        for (auto& each : crl_scopes(issuer, extent)) {
            if (each.name == name) return std::move(each);
        }
    }
    throw base::Error(base::Code::not_found, fmt::format("'{}' signs no list '{}'", issuer.name, name),
                      "run 'consortium crl list'");
}

JsonValue append_list(model::Step const& step, JsonValue const&, Services& services,
                      port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const issuer = authority(services.store, detail.at("authority").get<std::string>());
    auto const life = base::Duration::from_text(detail.at("life").get<std::string>());
    return sign_crl(issuer, scope_of(issuer, detail.at("list").get<std::string>()), life, services,
                    transaction);
}

std::string delta_name(std::string const& list) {
    return list + "-delta";
}

std::uint64_t number_of(std::optional<model::Object> const& list) {
    return list ? list->data->at("number").get<std::uint64_t>() : 0;
}

/// What the list must name: of a delta, what was revoked since the list that it completes was made.
port::Certifier::Revocations revocations_in(port::Store const& store, Authority const& issuer,
                                            CrlScope const& scope) {
    std::optional<base::Instant> since;
    if (auto const base = store.object(kind, scope.base)) {
        since = base::Instant::from_text(base->data->at("this_update").get<std::string>());
    }
    return [all = revocations(store, issuer.name), since, shard = scope.shard,
            shards = issuer.shards](port::Certifier::Each const& each) {
        all([&](model::Revocation const& revocation) {
            if (since && revocation.at < *since) return;
            if (!shard || shard_of(revocation.serial, shards) == *shard) each(revocation);
        });
    };
}

/// The certificate of the authority whose name a list carries, as far as it is known here.
std::optional<Bytes> issuer_of(State const& state, port::Certifier const& certifier, Bytes const& name) {
    auto const trust = known_trust(state);
    for (auto const* known : {&trust.roots, &trust.intermediates}) {
        for (auto const& der : *known) {
            if (certifier.describe(der).content.subject == name) return der;
        }
    }
    return std::nullopt;
}

struct Judged {
    std::string issuer;
    Json number;
    std::string sentence;
    bool holds = false;
};

Judged judge(State const& state, port::Certifier const& certifier, Bytes const& der) {
    auto const facts = certifier.describe_crl(der);
    Judged out{facts.issuer, facts.content.number, {}, false};
    auto const issuer = issuer_of(state, certifier, facts.content.issuer);
    if (!issuer) {
        out.sentence = fmt::format("the list of {} is by no authority that is known here", facts.issuer);
        return out;
    }
    try {
        (void)certifier.accept_crl(der, *issuer);
    } catch (base::Error const& error) {
        out.sentence = error.message();
        return out;
    }
    out.holds = facts.content.this_update <= state.now && state.now < facts.content.next_update;
    out.sentence = fmt::format(
        "{} {} of {} with {} entries is {}", facts.content.base == 0 ? "list" : "delta", facts.content.number,
        facts.issuer, facts.entries,
        out.holds ? "sound and in force until " + facts.content.next_update.text()
        : facts.content.this_update > state.now ? "of the future: " + facts.content.this_update.text()
                                                : "out of date since " + facts.content.next_update.text());
    return out;
}

std::vector<Bytes> lists_to_judge(State const& state, port::Certifier const& certifier,
                                  model::Request const& request) {
    auto const file = request.arguments->value("operand", std::string());
    if (!file.empty()) return certifier.read_crls(base::read_file(file, max_list));
    return held_crls(state.store);
}

}  // namespace

std::vector<CrlScope> crl_scopes(Authority const& authority, CrlExtent extent) {
    std::vector<CrlScope> out;
    if (authority.shards == 0) out.push_back({authority.name, std::nullopt, {}});
    for (std::int64_t shard = 0; shard < authority.shards; ++shard) {
        out.push_back({shard_name(authority, shard), shard, {}});
    }
    if (extent == CrlExtent::full) return out;
    for (auto& each : out) each = {delta_name(each.name), each.shard, each.name};
    return out;
}

model::CrlContent next_crl(port::Store const& store, Authority const& authority, CrlScope const& scope,
                           base::Instant now, base::Duration life, port::Certifier const& certifier) {
    auto const above = certifier.describe(authority.certificate());
    auto const& full = scope.base.empty() ? scope.name : scope.base;
    auto const last = store.object(kind, full);
    model::CrlContent content;
    content.issuer = above.content.subject;
    content.authority_key_id = above.content.subject_key_id;
    content.number = std::max(number_of(last), number_of(store.object(kind, delta_name(full)))) + 1;
    content.this_update = now;
    content.next_update = now + life;
    // RFC 5280 5.2.5: the same URL as in the certificates, or verifiers take the list for another's.
    if (scope.shard) content.place = list_url(authority, full);
    if (!scope.base.empty()) content.base = number_of(last);
    if (scope.base.empty() && authority.deltas) content.freshest = list_url(authority, delta_name(full));
    return content;
}

model::Revocation revocation_of(model::Object const& certificate) {
    auto const& revoked = certificate.data->at("revoked");
    model::Revocation out;
    out.serial = certificate.name;
    out.at = base::Instant::from_text(revoked.at("at").get<std::string>());
    out.reason = model::reason_code(revoked.at("reason").get<std::string>());
    if (!revoked.at("compromised").is_null()) {
        out.compromised = base::Instant::from_text(revoked.at("compromised").get<std::string>());
    }
    return out;
}

port::Certifier::Revocations revocations(port::Store const& store, std::string authority) {
    return [&store, authority](port::Certifier::Each const& each) {
        store.objects({.kind = "certificate", .state = "revoked"}, [&](model::Object const& object) {
            if (object.data->at("issuer") == authority) each(revocation_of(object));
        });
    };
}

Json record_crl(std::string const& authority, std::string const& list, BytesView der,
                model::CrlFacts const& facts, Services& services, port::Transaction& transaction) {
    auto const file = transaction.put_file(base::as_text(der));
    Json const data{{"authority", authority},
                    {"number", facts.content.number},
                    {"base", facts.content.base},
                    {"this_update", facts.content.this_update.text()},
                    {"next_update", facts.content.next_update.text()},
                    {"entries", facts.entries},
                    {"issuer", facts.issuer},
                    {"file", file.hex()},
                    {"tbs", facts.tbs.hex()}};
    model::Object object;
    object.kind = kind;
    object.name = list;
    object.state = "current";
    object.due = facts.content.next_update;
    object.data = JsonValue(data);
    journal(transaction, services, "crl.issued",
            {{"authority", authority},
             {"list", list},
             {"number", facts.content.number},
             {"tbs", facts.tbs.hex()}},
            {object});
    Json out = data;
    out["list"] = list;
    return out;
}

Json sign_crl(Authority const& authority, CrlScope const& scope, base::Duration life, Services& services,
              port::Transaction& transaction) {
    auto& certifier = services.certifier;
    auto const content = next_crl(services.store, authority, scope, services.clock.now(), life, certifier);
    auto const signer = services.keys.open(authority.key);
    auto const der = sign_bytes(
        certifier.crl_tbs(content, revocations_in(services.store, authority, scope), signer->algorithm()),
        *signer, certifier);
    auto const facts = certifier.accept_crl(der, authority.certificate());
    if (facts.content != content) {
        throw base::Error(base::Code::internal, "a revocation list does not say what it was asked to say");
    }
    return record_crl(authority.name, scope.name, der, facts, services, transaction);
}

std::optional<Bytes> current_crl(port::Store const& store, std::string_view list) {
    auto const object = store.object(kind, list);
    return object ? std::optional(bytes_of(store, *object)) : std::nullopt;
}

std::vector<Bytes> held_crls(port::Store const& store) {
    std::vector<Bytes> out;
    store.objects({.kind = kind},
                  [&](model::Object const& object) { out.push_back(bytes_of(store, object)); });
    return out;
}

model::Plan plan_crl_issue(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const issuer = arguments.contains("operand")
                            ? authority(state.store, arguments.at("operand").get<std::string>())
                            : newest(state.store, "issuing");
    auto const extent = arguments.value("delta", false) ? CrlExtent::delta : CrlExtent::full;
    auto const usual = extent == CrlExtent::delta ? delta_crl_life
                       : issuer.role == "root"    ? root_crl_life
                                                  : issuing_crl_life;
    auto const life = base::Duration::from_text(arguments.value("valid-for", usual.text()));
    plan.pins["authority/" + issuer.name] = issuer.version;
    plan.verdict.require("key", !issuer.key.empty(), "'" + issuer.name + "' is a link and has no key");
    plan.verdict.require("lifetime", life.seconds > 0 && life <= base::Duration{400 * 86'400},
                         "a revocation list holds for at most P400D");
    plan.verdict.require(
        "delta", extent == CrlExtent::full || issuer.deltas,
        fmt::format("the lists of '{}' name no place of deltas: see --crl-deltas of 'ca init'", issuer.name));
    for (auto const& scope : crl_scopes(issuer, extent)) {
        plan.steps.push_back(
            {"crl.issue", scope.name,
             fmt::format("sign the next revocation list '{}', in force for {}", scope.name, life.text()),
             JsonValue(Json{{"authority", issuer.name}, {"list", scope.name}, {"life", life.text()}})});
    }
    plan.verdict.next = "consortium ca publish DIR";
    return plan;
}

model::Outcome crl_verify(State const& state, port::Certifier const& certifier,
                          model::Request const& request) {
    model::Outcome outcome;
    outcome.schema = "consortium.crl-verification/1";
    Json items = Json::array();
    bool holds = true;
    for (auto const& der : lists_to_judge(state, certifier, request)) {
        auto const judged = judge(state, certifier, der);
        holds = holds && judged.holds;
        items.push_back({{"issuer", judged.issuer},
                         {"number", judged.number},
                         {"holds", judged.holds},
                         {"sentence", judged.sentence}});
        outcome.text.emplace_back(judged.sentence);
    }
    if (items.empty()) {
        throw base::Error(base::Code::not_found, "this workspace holds no revocation list",
                          "run 'consortium crl issue', or name a FILE");
    }
    outcome.data = JsonValue(Json{{"holds", holds}, {"items", items}});
    if (!holds) outcome.status = base::Code::verification_failed;
    return outcome;
}

model::Outcome crl_list(State const& state) {
    model::Outcome outcome;
    outcome.schema = "consortium.crl-list/1";
    Json items = Json::array();
    model::Table table;
    table.columns = {"list", "number", "entries", "next update"};
    table.when_empty = "no revocation list was issued here";
    state.store.objects({.kind = kind}, [&](model::Object const& object) {
        Json item = *object.data;
        item["list"] = object.name;
        if (!item.contains("authority")) item["authority"] = object.name;  // of before there were shards
        items.push_back(item);
        table.rows.push_back({object.name, std::to_string(item["number"].get<std::uint64_t>()),
                              std::to_string(item["entries"].get<std::uint64_t>()),
                              item["next_update"].get<std::string>()});
    });
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome crl_export(State const& state, port::Certifier const& certifier,
                          model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const list = arguments.contains("operand") ? arguments.at("operand").get<std::string>()
                                                    : newest(state.store, "issuing").name;
    auto const der = current_crl(state.store, list);
    if (!der) {
        throw base::Error(base::Code::not_found, fmt::format("there is no revocation list '{}'", list),
                          "run 'consortium crl list'");
    }
    model::Outcome outcome;
    outcome.schema = "consortium.crl/1";
    auto const pem = certifier.pem("X509 CRL", *der);
    outcome.data = JsonValue(Json{{"list", list}, {"pem", pem}});
    outcome.text.emplace_back(pem);
    return outcome;
}

Applier const crl_issue_applier{.prepare = open_key, .append = append_list};

}  // namespace consortium::flow
