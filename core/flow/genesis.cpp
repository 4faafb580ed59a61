#include "core/flow/genesis.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/charter_file.h"
#include "core/flow/sign.h"
#include "core/flow/steps.h"
#include "core/model/founder.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_document = 16u << 20;
std::string const kind = "genesis";  // object genesis/genesis: what this workspace accepted

base::JsonLimits document_limits() {
    base::JsonLimits limits;
    limits.bytes = max_document;
    return limits;
}

model::Founder read_founder(base::Path const& path) {
    try {
        return model::founder_from_json(base::parse_json(base::read_text(path, model::max_payload)));
    } catch (Error const& error) {
        throw error.with("file", path.string());
    }
}

void check_tier(model::Charter const& charter, model::Founder const& founder) {
    if (charter.tier(founder.member.tier) == nullptr) {
        throw Error(Code::configuration,
                    "'" + founder.member.id + "' asks for tier '" + founder.member.tier +
                        "', which the charter does not have",
                    "run 'consortium charter show' to see its tiers");
    }
}

void check_duties(model::Epoch const& epoch, std::string const& member) {
    for (auto const& finding : policy::duty_findings(epoch.charter, policy::officers_of(epoch, member)))
        throw Error(Code::refused, "the charter does not allow this of '" + member + "': " + finding.words,
                    "change the roles in its founder.json, or the charter", {{"rule", finding.rule}});
}

std::vector<model::Founder> read_founders(State const& state, Json const& arguments) {
    std::vector<model::Founder> founders{read_founder(founder_file(state.self.workspace))};
    auto const own = founders.front().member.id;
    for (auto const& path : arguments.value("founder", Json::array())) {
        auto founder = read_founder(path.get<std::string>());
        if (founder.member.id != own) founders.push_back(std::move(founder));
    }
    return founders;
}

model::Epoch compose(State const& state, Json const& arguments) {
    model::Epoch epoch;
    epoch.rehearsal = arguments.value("rehearsal", false);
    epoch.founded = state.now;
    epoch.charter = read_charter(arguments.at("charter").get<std::string>());
    for (auto const& founder : read_founders(state, arguments)) {
        check_tier(epoch.charter, founder);
        enroll(epoch, founder, model::Seat::voting, state.now);
        check_duties(epoch, founder.member.id);
    }
    return epoch;
}

model::Step found_step(model::Epoch const& epoch, std::string const& text) {
    auto const hash = base::sha256(text).hex();
    return {"found", "genesis " + hash.substr(0, 12),
            "sign the founding of '" + epoch.charter.name + "' by " + std::to_string(epoch.members.size()) +
                (epoch.members.size() == 1 ? " member" : " members"),
            JsonValue(Json{{"document", text}})};
}

model::Plan founding_plan(model::Request const& request, model::Epoch const& epoch, std::string const& text) {
    model::Plan plan;
    plan.request = request;
    plan.pins[kind + "/" + kind] = 0;
    plan.steps.push_back(accept_genesis_step(base::sha256(text)));
    plan.steps.push_back(found_step(epoch, text));
    return plan;
}

JsonValue sign_founding(model::Step const& step, Services& services, Identity const& self) {
    auto const& text = step.detail->at("document").get_ref<std::string const&>();
    model::Draft draft;
    draft.kind = "found";
    draft.body = JsonValue(Json{{"document", base::sha256(text).hex()}});
    auto const act = sign(draft, parse_genesis(text), services, self);
    return JsonValue(Json{{"id", act.id.hex()}, {"envelope", act.envelope}});
}

JsonValue append_founding(model::Step const& step, JsonValue const& prepared, Services& services,
                          port::Transaction& transaction) {
    auto const hash = transaction.put_file(step.detail->at("document").get<std::string>());
    append_own(services, transaction, prepared->at("envelope").get<std::string>());
    return JsonValue(Json{{"id", prepared->at("id")}, {"kind", "found"}, {"genesis", hash.hex()}});
}

}  // namespace

model::Epoch parse_genesis(std::string_view text) {
    auto epoch = model::epoch_from_json(base::parse_canonical(text, document_limits()));
    if (epoch.number != 0 || !epoch.previous.is_zero()) {
        throw Error(Code::malformed, "this is not the document of an epoch 0");
    }
    return epoch;
}

void refuse_second_genesis(State const& state) {
    if (state.epoch || state.store.object(kind, kind)) {
        throw Error(Code::conflict, "this workspace belongs to a consortium already",
                    "run 'consortium status'");
    }
}

void check_mode(model::Epoch const& epoch, Json const& arguments) {
    bool const rehearsal = arguments.value("rehearsal", false);
    if (epoch.rehearsal == rehearsal) return;
    throw Error(Code::refused,
                epoch.rehearsal ? "this is the genesis of a rehearsal, but this workspace is for real work"
                                : "this workspace is for rehearsals, but the genesis is of a real consortium",
                "make another workspace for it with 'consortium init'");
}

model::Step accept_genesis_step(base::Digest const& hash) {
    model::Object accepted;
    accepted.kind = accepted.name = kind;
    accepted.state = "accepted";
    accepted.data = JsonValue(Json{{"hash", hash.hex()}});
    return event_step("genesis.accepted", *accepted.data, {accepted}, "this workspace",
                      "remember this genesis as ours");
}

Applier const found_applier{.prepare = sign_founding, .append = append_founding};

model::Charter read_charter(base::Path const& path) {
    return read_charter_file(path).charter;
}

base::Path founder_file(base::Path const& workspace) {
    return workspace / "out" / "founder.json";
}

std::optional<base::Digest> accepted_genesis(port::Store const& store) {
    auto const accepted = store.object(kind, kind);
    if (!accepted) return std::nullopt;
    return base::Digest::from_hex(accepted->data->at("hash").get<std::string>());
}

std::shared_ptr<model::Epoch const> known_epoch(port::Store const& store) {
    if (auto latest = store.latest()) return latest;
    auto const accepted = accepted_genesis(store);
    if (!accepted) return nullptr;
    auto const text = store.file(*accepted);
    if (!text) return nullptr;
    return std::make_shared<model::Epoch const>(parse_genesis(*text));
}

model::Plan plan_genesis(State const& state, model::Request const& request) {
    refuse_second_genesis(state);
    auto const epoch = compose(state, *request.arguments);
    auto const text = model::document(epoch);
    auto plan = founding_plan(request, epoch, text);
    if (epoch.members.size() > 1) {
        plan.steps.push_back(output_step(state.self.workspace / "out" / "genesis.json", text,
                                         base::FileMode::shared,
                                         "write the document for the other founders"));
    }
    return plan;
}

model::Plan plan_genesis_acceptance(State const& state, model::Request const& request) {
    refuse_second_genesis(state);
    auto const path = request.arguments->at("genesis").get<std::string>();
    auto const text = base::read_text(path, max_document);
    auto const epoch = parse_genesis(text);
    auto const own = read_founder(founder_file(state.self.workspace));
    auto const* member = epoch.member(own.member.id);
    if (member == nullptr || member->seat != own.member.seat || member->log != own.member.log) {
        throw Error(
            Code::refused, "this genesis does not name '" + own.member.id + "' with this workspace's keys",
            "send " + founder_file(state.self.workspace).string() + " to whoever composes the genesis",
            {{"file", path}});
    }
    check_mode(epoch, *request.arguments);
    for (auto const& founder : epoch.members) check_duties(epoch, founder.id);
    auto plan = founding_plan(request, epoch, text);
    auto const hash = base::sha256(text);
    plan.danger = hash.hex();
    plan.warnings.push_back("compare with the other founders, aloud: " + base::spoken(hash));
    return plan;
}

bool settle_genesis(Services& services) {
    auto const& store = services.store;
    auto const epoch = known_epoch(store);
    if (!epoch || store.latest()) return false;
    auto const hash = model::reference(*epoch).hash;
    Json acts = Json::array();
    for (auto const& member : epoch->members) {
        auto const found = store.acts({.kind = "found", .member = member.id});
        auto const held = std::find_if(found.begin(), found.end(),
                                       [&](model::StoredAct const& act) { return act.act.genesis == hash; });
        if (held == found.end()) return false;
        acts.push_back(held->id.hex());
    }
    model::Object object;
    object.kind = "epoch";
    object.name = "0";
    object.state = "final";
    object.data = JsonValue(Json{
        {"hash", hash.hex()}, {"attempt", 0}, {"received", services.clock.now().text()}, {"commits", acts}});
    model::Event event{"epoch.final", services.clock.now(), object.data, {object}};
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
    return true;
}

}  // namespace consortium::flow
