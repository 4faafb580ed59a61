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
        "{} {} of {} with {} {} is {}", facts.content.base == 0 ? "list" : "delta", facts.content.number,
        facts.issuer, facts.entries, facts.entries == 1 ? "entry" : "entries",
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

/// The one that is named; else every intermediate whose certificates are in force and whose key is here.
std::vector<Authority> signers(State const& state, Json const& arguments, CrlExtent extent) {
    if (arguments.contains("operand"))
        return {authority(state.store, arguments.at("operand").get<std::string>())};
    auto out = authorities(state.store);
    std::erase_if(out,
                  [&](Authority const& each) { return each.key.empty() || !is_relied_on(each, state.now); });
    bool const some = std::ranges::any_of(out, &Authority::deltas);
    if (extent == CrlExtent::delta && some) std::erase_if(out, [](auto const& each) { return !each.deltas; });
    if (out.empty()) out.push_back(newest(state.store, "issuing"));
    return out;
}

/// Verifiers keep the list that was signed last: one of an earlier time would hide what it revokes.
void check_clock(State const& state, std::string const& list, model::Verdict& verdict) {
    auto const last = state.store.object(kind, list);
    if (!last) return;
    auto const signed_at = base::Instant::from_text(last->data->at("this_update").get<std::string>());
    verdict.require("clock", signed_at <= state.now,
                    fmt::format("the last list '{}' was signed at {}, which has not come yet: see to this "
                                "machine's clock",
                                list, signed_at.text()));
}

void plan_lists(State const& state, Authority const& issuer, CrlExtent extent, Json const& arguments,
                model::Plan& plan) {
    auto const usual = extent == CrlExtent::delta ? delta_crl_life
                       : issuer.role == "root"    ? root_crl_life
                                                  : issuing_crl_life;
    auto const life = base::Duration::from_text(arguments.value("valid-for", usual.text()));
    plan.pins["authority/" + issuer.name] = issuer.version;
    plan.verdict.require(
        "key", !issuer.key.empty(),
        "'" + issuer.name +
            (issuer.role == "link" ? "' is a link and has no key"
                                   : "' has its key in another workspace, where its lists are signed"));
    plan.verdict.require("state", issuer.state != "revoked",
                         fmt::format("'{}' is revoked: its lists prove nothing any more", issuer.name));
    plan.verdict.require("lifetime", life.seconds > 0 && life <= base::Duration{400 * 86'400},
                         "a revocation list holds for at most P400D");
    plan.verdict.require("delta", extent == CrlExtent::full || issuer.deltas,
                         fmt::format("the lists of '{}' name no place of deltas: see --crl-deltas of 'ca "
                                     "init' and 'ca add'",
                                     issuer.name));
    for (auto const& scope : crl_scopes(issuer, extent)) {
        check_clock(state, scope.name, plan.verdict);
        if (!scope.base.empty()) check_clock(state, scope.base, plan.verdict);
        plan.steps.push_back(
            {"crl.issue", scope.name,
             fmt::format("sign the next revocation list '{}', in force for {}", scope.name, life.text()),
             JsonValue(Json{{"authority", issuer.name}, {"list", scope.name}, {"life", life.text()}})});
    }
}

}  // namespace

model::Plan plan_crl_issue(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const extent = arguments.value("delta", false) ? CrlExtent::delta : CrlExtent::full;
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    for (auto const& issuer : signers(state, arguments, extent))
        plan_lists(state, issuer, extent, arguments, plan);
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
    // Those of an authority that was revoked have ended.
    state.store.objects({.kind = kind, .state = "current"}, [&](model::Object const& object) {
        auto const item = crl_words(object);
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
