#include "core/flow/root_record.h"

#include "core/base/text.h"
#include "core/flow/cited_acts.h"
#include "core/flow/cited_stamps.h"
#include "core/flow/proposal.h"
#include "core/flow/root_keys.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Digest;
using base::Json;

namespace {

Json roster_of(State const& state, model::RotationPlan const& plan) {
    Json out = Json::array();
    for (auto const& each : plan.roster) {
        auto const* officer = state.joined().officer(each.officer);
        out.push_back({{"part", each.role},
                       {"officer", each.officer},
                       {"member", officer == nullptr ? "" : officer->member}});
    }
    return out;
}

Json dates_of(model::RotationPlan const& plan) {
    Json out = Json::array();
    for (auto const phase : model::dated_phases()) {
        auto const found = plan.dates.find(std::string(phase));
        if (found != plan.dates.end()) out.push_back({{"phase", phase}, {"date", found->second.text()}});
    }
    return out;
}

Json plan_record(State const& state, Rotation const& rotation, model::RotationPlan const& plan) {
    Json emergency;
    if (plan.emergency)
        emergency = {{"reason", plan.emergency->reason}, {"since", plan.emergency->since.text()}};
    return {{"rotation", rotation.name},
            {"name", plan.name},
            {"from", plan.from},
            {"to", plan.to},
            {"old_root", plan.old_root.hex()},
            {"algorithm", plan.algorithm},
            {"lifetime", plan.lifetime.text()},
            {"intermediates", plan.intermediates},
            {"roster", roster_of(state, plan)},
            {"threshold", plan.threshold},
            {"dates", dates_of(plan)},
            {"emergency", emergency},
            {"digest", rotation.plan.hex()},
            {"proposer", rotation.proposer},
            {"keeper", rotation.keeper}};
}

Json rule_record(model::Epoch const& epoch) {
    auto const* rule = epoch.charter.approval(root_rule);
    if (rule == nullptr) return nullptr;
    return {{"rule", rule->id},
            {"officers", rule->officers},
            {"members", rule->members},
            {"roles", rule->roles},
            {"exclude_proposer", rule->exclude_proposer},
            {"charter", model::digest(epoch.charter).hex()},
            {"epoch", epoch.number}};
}

Json consortium_record(State const& state) {
    auto const genesis = state.store.epoch(0);
    return {{"name", state.joined().charter.name},
            {"id", genesis ? Json(model::reference(*genesis).hash.hex()) : Json()},
            {"rehearsal", state.joined().rehearsal}};
}

/// How the members decided on a proposal.
Json decision_record(State const& state, agreement::OpenProposal const& proposal, Citations& cited) {
    Json out{{"proposal", model::short_name(proposal.id)},
             {"title", proposal.body.title},
             {"outcome", "open"},
             {"epoch", nullptr},
             {"epoch_hash", nullptr}};
    cited.emplace(proposal.id, "opens " + proposal.body.action.kind);
    model::Result const* result = nullptr;
    auto const epoch = deciding_epoch(state, proposal.id, result);
    if (!epoch) return out;
    out["outcome"] = result->outcome;
    out["epoch"] = epoch->number;
    out["epoch_hash"] = model::reference(*epoch).hash.hex();
    for (auto const& ballot : result->counted) cited.emplace(ballot, "ballot, counted");
    cite_commits(state, epoch->number, cited);
    return out;
}

Json decisions_on(State const& state, std::string const& action, Json const& detail, Citations& cited) {
    Json out = Json::array();
    for (auto const& each : proposals_of(state, {action, base::JsonValue(detail)}))
        out.push_back(decision_record(state, each, cited));
    return out;
}

Json approvals_of(State const& state, Digest const& digest, Citations& cited) {
    Json out = Json::array();
    for (auto const& act : state.store.acts({.kind = "approval", .subject = digest})) {
        cited.emplace(act.id, "approves " + digest.brief());
        out.push_back({{"officer", act.act.officer},
                       {"member", act.act.member},
                       {"time", act.act.time.text()},
                       {"received", act.received.text()},
                       {"act", act.id.hex()}});
    }
    return out;
}

Json stage_items(model::CeremonyManifest const& manifest) {
    Json out = Json::array();
    for (auto const& each : manifest.items)
        out.push_back({{"name", each.name},
                       {"signer", each.signer},
                       {"digest", each.digest.hex()},
                       {"sha256", nullptr}});
    return out;
}

/// What came of each item: its SHA-256, as the keeper has stated it.
void put_made(Json const& made, Json& items) {
    for (auto const& each : made) {
        for (auto& item : items) {
            if (item["name"] == each["name"]) item["sha256"] = each["sha256"];
        }
    }
}

Json stage_record(State const& state, HeldNotice const& prepared, Citations& cited) {
    auto const digest = Digest::from_hex(prepared.notice.facts->at("manifest").get<std::string>());
    auto const text = state.store.file(digest);
    auto const manifest = text ? model::manifest_from_text(*text) : model::CeremonyManifest();
    cited.emplace(prepared.act.id, fmt::format("prepares stage '{}'", manifest.stage));
    Json bundle;
    if (manifest.bundle)
        bundle = {{"version", manifest.bundle->version},
                  {"present", manifest.bundle->present},
                  {"roots", manifest.bundle->roots}};
    return {{"stage", manifest.stage},
            {"attempt", prepared.notice.attempt},
            {"prepared", prepared.act.act.time.text()},
            {"by", prepared.act.act.officer},
            {"digest", digest.hex()},
            {"words", base::spoken(digest)},
            {"bundle", bundle},
            {"destroys", manifest.destroys},
            {"waived", manifest.waived},
            {"keys", key_views(model::kept_keys(prepared.notice))},
            {"items", stage_items(manifest)},
            {"approvals", approvals_of(state, digest, cited)},
            {"outcome", "prepared"},
            {"signed", nullptr},
            {"reason", nullptr},
            {"decisions", Json::array()}};
}

void put_signed(State const& state, HeldNotice const& held, Json& stage, Citations& cited) {
    auto const& facts = *held.notice.facts;
    cited.emplace(held.act.id,
                  fmt::format("states what was signed in stage '{}'", stage["stage"].get<std::string>()));
    stage["outcome"] = "signed";
    stage["signed"] = held.act.act.time.text();
    put_made(facts.at("items"), stage["items"]);
    if (auto const keys = model::kept_keys(held.notice); !keys.empty()) stage["keys"] = key_views(keys);
    stage["decisions"] = decisions_on(state, "root.trust", {{"bundle", facts.at("bundle")}}, cited);
}

/// One record for each manifest that was prepared, in the keeper's order.
Json stages_of(State const& state, std::vector<HeldNotice> const& notices, Citations& cited) {
    Json out = Json::array();
    for (auto const& held : notices) {
        auto const& about = held.notice.about;
        if (about == "prepared") {
            if (!out.empty() && out.back()["outcome"] == "prepared") out.back()["outcome"] = "prepared anew";
            out.push_back(stage_record(state, held, cited));
        }
        if (out.empty()) continue;
        if (about == "signed") put_signed(state, held, out.back(), cited);
        if (about == "cancelled") {
            out.back()["outcome"] = "given up";
            out.back()["reason"] = held.notice.facts->at("reason");
            cited.emplace(held.act.id, "gives a stage up");
        }
        if (about == "destroyed") {
            out.back()["outcome"] = "destroyed";
            out.back()["signed"] = held.act.act.time.text();
            cited.emplace(held.act.id, "states that a key is destroyed");
        }
    }
    return out;
}

Json statement_record(HeldNotice const& held) {
    return {{"officer", held.act.act.officer},
            {"member", held.act.act.member},
            {"time", held.act.act.time.text()},
            {"received", held.act.received.text()}};
}

std::vector<HeldNotice> notices_about(std::vector<HeldNotice> const& all, std::string_view what,
                                      char const* why, Citations& cited) {
    std::vector<HeldNotice> out;
    for (auto const& held : all) {
        if (held.notice.about != what) continue;
        cited.emplace(held.act.id, why);
        out.push_back(held);
    }
    return out;
}

Json acknowledgements_of(std::vector<HeldNotice> const& notices, Citations& cited) {
    Json out = Json::array();
    for (auto const& held :
         notices_about(notices, "acknowledged", "states which nodes trust a bundle", cited)) {
        auto record = statement_record(held);
        record["version"] = held.notice.attempt;
        for (auto const& node : held.notice.facts->at("nodes")) {
            for (char const* field : {"node", "state", "words"}) record[field] = node.at(field);
            out.push_back(record);
        }
    }
    return out;
}

/// All that was said stands here; who proposed the rotation, or saw another manifest, does not count (G25).
Json witnesses_record(std::vector<HeldNotice> const& notices, Rotation const& rotation, Citations& cited) {
    Json out = Json::array();
    for (auto const& held : notices_about(notices, "witnessed", "attests as a witness", cited)) {
        auto const& facts = *held.notice.facts;
        auto record = statement_record(held);
        record["words"] = facts.at("words");
        record["manifest"] = facts.at("manifest");
        record["counts"] = held.act.act.officer != rotation.proposer && rotation.approve &&
                           facts.at("manifest") == rotation.approve->hex();
        out.push_back(std::move(record));
    }
    return out;
}

Json deviations_of(std::vector<HeldNotice> const& notices, Citations& cited) {
    Json out = Json::array();
    for (auto const& held : notices_about(notices, "noted", "notes a deviation", cited)) {
        auto record = statement_record(held);
        record["words"] = held.notice.facts->at("words");
        record["stage"] = held.notice.facts->at("stage");
        out.push_back(std::move(record));
    }
    return out;
}

Json not_checked() {
    return {"who was in the room, and that the machine was the one that it is said to be",
            "where a key is kept: its keeper states it",
            "that a token gives a key to nobody: it says so itself, and nothing of its maker's attests it",
            "that no copy of a key was made before it was destroyed, or of a token's backup",
            "what nodes trust, beyond what their owners have stated or a probe has seen",
            "that nothing was withheld: a journal proves what was committed and in which order"};
}

std::vector<HeldNotice> ordered(State const& state, Rotation const& rotation) {
    auto out = notices_of(state, rotation.plan);
    std::ranges::stable_sort(out, {}, [](HeldNotice const& each) { return each.act.act.time; });
    return out;
}

std::vector<HeldNotice> by(std::vector<HeldNotice> const& all, std::string const& member) {
    std::vector<HeldNotice> out;
    for (auto const& each : all) {
        if (each.act.act.member == member) out.push_back(each);
    }
    return out;
}

}  // namespace

Json ceremony_facts(State const& state, Rotation const& rotation) {
    return {{"consortium", consortium_record(state)},
            {"plan", plan_record(state, rotation, rotation_plan(state.store, rotation))},
            {"rule", rule_record(state.joined())},
            {"phase", phase_words(rotation)}};
}

Json ceremony_transcript(State const& state, Services& services, Software const& software) {
    auto const found = rotation(state);
    auto const notices = ordered(state, found);
    auto const head = state.store.head();
    Citations cited;
    auto out = ceremony_facts(state, found);
    out["type"] = "consortium.ceremony-transcript/1";
    out["epoch"] = {{"number", state.joined().number}, {"hash", model::reference(state.joined()).hash.hex()}};
    out["made"] = {{"at", state.now.text()}, {"member", state.self.member}, {"officer", state.self.officer}};
    out["software"] = {{"version", software.version}, {"sha256", software.digest.hex()}};
    out["over"] = found.is_over();
    out["decisions"] = decisions_on(state, "root.rotate", {{"plan", found.plan.hex()}}, cited);
    out["stages"] = stages_of(state, by(notices, found.keeper), cited);
    out["acknowledgements"] = acknowledgements_of(notices, cited);
    out["witnesses"] = witnesses_record(notices, found, cited);
    out["deviations"] = deviations_of(notices, cited);
    out["not_checked"] = not_checked();
    out["acts"] = cited_acts(state.store, cited, head);
    out.update(cited_stamps(state.store, out["acts"], head));
    out["journal"] = journal_record(services, head);
    return out;
}

}  // namespace consortium::flow
