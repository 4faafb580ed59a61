#include "core/flow/dispute_act.h"

#include "core/agreement/rule.h"
#include "core/base/error.h"
#include "core/base/secret.h"
#include "core/flow/sign.h"
#include "core/policy/permission.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;

constexpr std::size_t max_file = 16u << 20;  // as any file that an act names (PROTOCOL P3)
constexpr std::size_t salt_bytes = 32;
constexpr std::array<std::string_view, 3> salt_words{"none", "commit", "reveal"};

base::Path salt_file(base::Path const& workspace, Digest const& commitment) {
    return workspace / "private" / "salts" / commitment.hex();
}

/// The salt is on disk before anybody can see what commits to it.
Digest draw_salt(Services& services, Identity const& self) {
    base::Bytes random(salt_bytes);
    services.entropy.fill(random);
    auto const salt = base::Secret::from_text(base::to_hex(random));
    base::wipe(random);
    auto const commitment = model::salt_commitment(salt.text());
    auto const file = salt_file(self.workspace, commitment);
    base::make_folder(file.parent_path().parent_path(), base::FileMode::owner);
    base::make_folder(file.parent_path(), base::FileMode::owner);
    base::create_file(file, salt.view(), base::FileMode::owner);
    return commitment;
}

std::string kept_salt(Identity const& self, Digest const& commitment) {
    auto const file = salt_file(self.workspace, commitment);
    if (!base::exists(file))
        throw Error(Code::not_found, "the salt that was committed to is not in this workspace",
                    "run this where the commitment was signed", {{"commitment", commitment.hex()}});
    auto salt = base::read_text(file, 64);
    if (model::salt_commitment(salt) != commitment)
        throw Error(Code::verification_failed,
                    "the salt that is kept here is not the one that was committed to", "",
                    {{"file", file.string()}});
    return salt;
}

Json with_salt(Json body, std::string const& salt, Services& services, Identity const& self) {
    if (salt == "commit") body["commitment"] = draw_salt(services, self).hex();
    if (salt != "reveal") return body;
    auto const commitment = Digest::from_hex(body.at("commitment").get<std::string>());
    return model::to_json(model::Reveal{kept_salt(self, commitment)});
}

JsonValue sign_acts(model::Step const& step, Services& services, Identity const& self) {
    open_officer_key(services, self);
    std::vector<Digest> before;
    Json out = Json::array();
    for (auto const& one : step.detail->at("acts")) {
        model::Draft draft;
        draft.kind = one.at("kind").get<std::string>();
        for (auto const& ref : one.at("refs")) draft.refs.push_back(Digest::from_hex(ref.get<std::string>()));
        if (one.at("follows").get<bool>()) draft.refs.insert(draft.refs.end(), before.begin(), before.end());
        draft.body = JsonValue(with_salt(one.at("body"), one.at("salt").get<std::string>(), services, self));
        auto const act = sign(draft, services, self);
        before.push_back(act.id);
        out.push_back({{"id", act.id.hex()}, {"kind", draft.kind}, {"envelope", act.envelope}});
    }
    return JsonValue(std::move(out));
}

void put_files(Json const& files, port::Transaction& transaction) {
    for (auto const& file : files) {
        auto const path = file.at("path").get<std::string>();
        auto const content = base::read_file(path, max_file);
        if (base::sha256(content).hex() != file.at("digest").get<std::string>())
            throw Error(Code::conflict, "'" + path + "' changed since it was planned to be published",
                        "run the command again");
        transaction.put_file(base::as_text(content));
    }
}

JsonValue append_acts(model::Step const& step, JsonValue const& prepared, Services& services,
                      port::Transaction& transaction) {
    put_files(step.detail->at("files"), transaction);
    Json acts = Json::array();
    for (auto const& act : *prepared) {
        append_own(services, transaction, act.at("envelope").get<std::string>());
        acts.push_back({{"id", act.at("id")}, {"kind", act.at("kind")}});
    }
    auto const last = Digest::from_hex(acts.back().at("id").get<std::string>());
    return JsonValue(Json{
        {"id", last.hex()}, {"kind", acts.back().at("kind")}, {"name", dispute_name(last)}, {"acts", acts}});
}

Json to_json(DisputeAct const& act) {
    Json refs = Json::array();
    for (auto const& ref : act.draft.refs) refs.push_back(ref.hex());
    return {{"kind", act.draft.kind},
            {"refs", refs},
            {"body", *act.draft.body},
            {"salt", salt_words.at(static_cast<std::size_t>(act.salt))},
            {"follows", act.follows}};
}

/// What the others would say to it; empty: they take it in.
std::string objection(State const& state, DisputeAct const& act) {
    auto const rule = agreement::find_rule(act.draft.kind);
    if (rule == nullptr || act.salt == Salt::reveal || act.follows) return {};
    model::Act trial;
    trial.kind = act.draft.kind;
    trial.epoch = model::reference(state.joined());
    trial.member = state.self.member;
    trial.officer = state.self.officer;
    trial.time = state.now;
    trial.refs = act.draft.refs;
    trial.body = act.draft.body;
    return rule({state.store, state.joined(), trial});
}

std::vector<std::string> texts(model::Request const& request, char const* key) {
    return request.arguments->value(key, std::vector<std::string>{});
}

model::Exhibit exhibit_of(std::string const& path) {
    return {base::Path(path).filename().string(), base::sha256(base::read_file(path, max_file))};
}

}  // namespace

Applier const dispute_applier{.prepare = sign_acts, .append = append_acts};

std::string dispute_name(Digest const& id) {
    return "d-" + id.hex().substr(0, 6);
}

Said read_said(model::Request const& request, char const* text) {
    Said out;
    out.claim.text = request.arguments->value(text, std::string());
    for (auto const& path : texts(request, "exhibit")) {
        out.claim.exhibits.push_back(exhibit_of(path));
        out.files.push_back({path, out.claim.exhibits.back().digest});
    }
    for (auto const& path : texts(request, "sealed")) {
        out.claim.exhibits.push_back(exhibit_of(path));
        out.claim.exhibits.back().sealed = true;
    }
    return out;
}

bool keeps_salt(State const& state, Digest const& commitment) {
    return base::exists(salt_file(state.self.workspace, commitment));
}

std::vector<Digest> after(agreement::Stage const& stage, std::vector<Digest> more) {
    more.insert(more.begin(), stage.id);
    return more;
}

std::vector<Digest> ruled(agreement::StageView const& part) {
    std::vector<Digest> out;
    if (part.pins.assign) out.push_back(part.pins.assign->id);
    for (auto const& [officer, act] : part.pins.rulings) out.push_back(act.id);
    return out;
}

std::vector<Digest> in_force_by(agreement::StageView const& part) {
    auto out = ruled(part);
    if (part.pins.passed(part.stage, "ruling", part.outcome()))
        for (auto const& [group, id] : part.pins.late.at({"ruling", part.outcome()})) out.push_back(id);
    return out;
}

model::Plan dispute_plan(State const& state, model::Request const& request,
                         std::vector<DisputeAct> const& acts, std::string target, std::string summary,
                         std::vector<DisputeFile> const& files) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    Json list = Json::array();
    for (auto const& act : acts) {
        list.push_back(to_json(act));
        auto const may = policy::may_sign(state.joined(), state.self.officer, act.draft.kind, state.now);
        for (auto const& rule : may.rules)
            if (!rule.holds) plan.verdict.require(rule.name, false, rule.words);
        auto const reason = objection(state, act);
        plan.verdict.require(act.draft.kind, reason.empty(),
                             reason.empty() ? "the others take it in" : reason);
    }
    Json published = Json::array();
    for (auto const& file : files) published.push_back({{"path", file.path}, {"digest", file.digest.hex()}});
    plan.steps.push_back({"dispute", std::move(target), std::move(summary),
                          JsonValue(Json{{"acts", list}, {"files", published}})});
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace consortium::flow
