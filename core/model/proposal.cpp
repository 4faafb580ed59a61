#include "core/model/proposal.h"

#include "core/base/text.h"
#include "core/model/own_change.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;
using base::JsonReader;
using T = DetailType;

constexpr DetailField charter_amend[]{{"charter", T::file}};
constexpr DetailField member_admit[]{{"invitation", T::act}, {"submission", T::act}};
constexpr DetailField member_remove[]{{"member", T::name}, {"reason", T::text}};
constexpr DetailField member_exit[]{{"member", T::name}};
constexpr DetailField member_tier[]{{"member", T::name}, {"tier", T::name}};
constexpr DetailField member_suspend[]{
    {"member", T::name}, {"reason", T::text}, {"until", T::instant, Presence::optional}};
constexpr DetailField member_reinstate[]{{"member", T::name}};
constexpr DetailField officer_recover[]{{"member", T::name},
                                        {"officer", T::name},
                                        {"algorithm", T::name},
                                        {"spki", T::text},
                                        {"evidence", T::digest}};
constexpr DetailField network_add[]{{"id", T::name}, {"kind", T::name}, {"identity", T::text}};
constexpr DetailField release_upgrade[]{{"network", T::name}, {"release", T::text}, {"digest", T::digest}};
constexpr DetailField validator_change[]{{"network", T::name}, {"address", T::text}, {"member", T::name}};
constexpr DetailField network_pause[]{{"network", T::name}, {"reason", T::text}};
constexpr DetailField network_resume[]{{"network", T::name}};
constexpr DetailField root_rotate[]{{"plan", T::file}};
constexpr DetailField root_trust[]{{"bundle", T::file}};

constexpr ActionKind kinds[]{
    {"charter.amend", charter_amend, Effect::epoch, "amend the charter"},
    {"member.admit", member_admit, Effect::epoch, "admit a member"},
    {"member.remove", member_remove, Effect::epoch, "expel a member"},
    {"member.exit", member_exit, Effect::epoch, "let a member leave"},
    {"member.tier", member_tier, Effect::epoch, "move a member to another tier"},
    {"member.suspend", member_suspend, Effect::epoch, "suspend a member"},
    {"member.reinstate", member_reinstate, Effect::epoch, "reinstate a member"},
    {"officer.recover", officer_recover, Effect::epoch, "give a member's officer a new key"},
    {"network.add", network_add, Effect::epoch, "add a network"},
    {"network.pause", network_pause, Effect::epoch, "pause changes to a network"},
    {"network.resume", network_resume, Effect::epoch, "let changes to a network go on"},
    {"release.upgrade", release_upgrade, Effect::nodes, "upgrade a network to a release"},
    {"validator.add", validator_change, Effect::nodes, "add a validator"},
    {"validator.remove", validator_change, Effect::nodes, "remove a validator"},
    {"root.rotate", root_rotate, Effect::nodes, "rotate the root of trust"},
    {"root.trust", root_trust, Effect::epoch, "put a trust bundle in force"},
};

constexpr std::array<std::string_view, 4> precondition_kinds{"release", "member", "network", "charter"};
constexpr std::size_t max_preconditions = 20;
constexpr std::size_t max_executors = 50;

Json read_field(JsonReader& in, DetailField const& field) {
    auto const key = std::string(field.name);
    if (field.type == T::name) return in.name(key);
    if (field.type == T::text) {
        auto words = in.text(key, 500);
        if (words.empty()) in.fail(key, "is empty");
        return words;
    }
    if (field.type == T::instant) return in.instant(key).text();
    return in.digest(key).hex();
}

/// A key that nobody could sign with must not win a vote.
void check_key(std::string const& kind, Json const& fields, std::string const& pointer) {
    if (kind != "officer.recover") return;
    static_cast<void>(
        new_key_from_json(Json{{"algorithm", fields.at("algorithm")}, {"spki", fields.at("spki")}}, pointer));
}

std::vector<base::Digest> named(Action const& action, DetailType type) {
    std::vector<base::Digest> out;
    auto const* kind = find_action(action.kind);
    if (kind == nullptr) return out;
    for (auto const& field : kind->fields)
        if (field.type == type)
            out.push_back(
                base::Digest::from_hex(action.detail->at(std::string(field.name)).get<std::string>()));
    return out;
}

Precondition read_precondition(JsonReader& in) {
    Precondition condition{in.text("kind", 16), in.text("subject", 63), in.text("value", 500)};
    if (std::find(precondition_kinds.begin(), precondition_kinds.end(), condition.kind) ==
        precondition_kinds.end())
        in.fail("kind", "is not release, member, network or charter");
    in.done();
    return condition;
}

Rollback read_rollback(JsonReader& in, Action const& action) {
    auto part = in.object("rollback");
    Rollback out{part.text("release", 500), part.digest("digest")};
    part.done();
    if (out.release.empty()) in.fail("rollback", "names no release");
    if (action.kind != "release.upgrade") in.fail("rollback", "belongs to release.upgrade and to no other");
    if (out.digest.hex() == action.detail->at("digest").get<std::string>())
        in.fail("rollback", "is the release of the upgrade itself");
    return out;
}

std::map<std::int64_t, std::string> read_executor(JsonReader& in) {
    std::map<std::int64_t, std::string> executor;
    in.objects(
        "executor",
        [&](JsonReader& one) {
            auto const step = one.integer("step", 1, 1000);
            if (!executor.emplace(step, one.name("member")).second) one.fail("step", "is named twice");
            one.done();
        },
        max_executors);
    return executor;
}

}  // namespace

std::span<ActionKind const> action_kinds() {
    return kinds;
}

ActionKind const* find_action(std::string_view name) {
    for (auto const& kind : kinds)
        if (kind.name == name) return &kind;
    return nullptr;
}

base::Json to_json(Action const& action) {
    return {{"kind", action.kind}, {"detail", *action.detail}};
}

Action action_from_json(base::Json const& value, std::string const& pointer) {
    JsonReader in(value, pointer);
    Action action;
    action.kind = in.text("kind", 63);
    auto const* kind = find_action(action.kind);
    if (kind == nullptr) {
        std::vector<std::string> names;
        for (auto const& known : kinds) names.emplace_back(known.name);
        auto const near = base::nearest(action.kind, names);
        in.fail("kind", "is not a kind of action" + (near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    auto detail = in.object("detail");
    Json fields = Json::object();
    for (auto const& field : kind->fields)
        if (field.presence == Presence::required || detail.has(field.name))
            fields[std::string(field.name)] = read_field(detail, field);
    check_key(action.kind, fields, detail.pointer());
    detail.done();
    in.done();
    action.detail = base::JsonValue(std::move(fields));
    return action;
}

std::string target_of(Action const& action) {
    return action.detail->contains("member") ? action.detail->at("member").get<std::string>() : "";
}

base::Digest digest(Action const& action) {
    return base::digest_of(to_json(action));
}

std::vector<base::Digest> named_acts(Action const& action) {
    return named(action, T::act);
}

std::vector<base::Digest> named_files(Action const& action) {
    return named(action, T::file);
}

base::Json to_json(Proposal const& proposal) {
    Json preconditions = Json::array();
    for (auto const& condition : proposal.preconditions)
        preconditions.push_back(
            {{"kind", condition.kind}, {"subject", condition.subject}, {"value", condition.value}});
    Json executor = Json::array();
    for (auto const& [step, member] : proposal.executor)
        executor.push_back({{"step", step}, {"member", member}});
    Json out{{"title", proposal.title},
             {"action", to_json(proposal.action)},
             {"digest", digest(proposal.action).hex()},
             {"closes", proposal.closes.text()},
             {"lapses", proposal.lapses.text()},
             {"timelock", proposal.timelock.text()},
             {"preconditions", std::move(preconditions)},
             {"executor", std::move(executor)}};
    if (proposal.rollback)
        out["rollback"] = {{"release", proposal.rollback->release},
                           {"digest", proposal.rollback->digest.hex()}};
    if (proposal.track != "ordinary") out["track"] = proposal.track;
    if (proposal.ratifies) out["ratifies"] = proposal.ratifies->hex();
    if (proposal.finding) out["finding"] = proposal.finding->hex();
    return out;
}

namespace {

/// What came later than the first proposals.
void read_later(JsonReader& in, Proposal& proposal) {
    if (in.has("track")) proposal.track = in.text("track", 16);
    if (in.has("track") && proposal.track != "expedited" && proposal.track != "emergency")
        in.fail("track", "is neither expedited nor emergency; an ordinary one leaves it out");
    proposal.ratifies = in.optional_digest("ratifies");
    if (in.has("ratifies") && !proposal.ratifies) in.fail("ratifies", "is left out where it is null");
    if (proposal.ratifies && proposal.track != "ordinary")
        in.fail("ratifies", "an emergency is ratified by the ordinary vote");
}

}  // namespace

Proposal proposal_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Proposal proposal;
    proposal.title = in.text("title", 200);
    proposal.action = action_from_json(in.value("action"), "/body/action");
    if (in.digest("digest") != digest(proposal.action)) in.fail("digest", "is not the digest of 'action'");
    proposal.closes = in.instant("closes");
    proposal.lapses = in.instant("lapses");
    proposal.timelock = in.duration("timelock");
    in.objects(
        "preconditions", [&](JsonReader& one) { proposal.preconditions.push_back(read_precondition(one)); },
        max_preconditions);
    proposal.executor = read_executor(in);
    if (in.has("rollback")) proposal.rollback = read_rollback(in, proposal.action);
    read_later(in, proposal);
    if (in.has("finding")) proposal.finding = in.digest("finding");
    in.done();
    if (proposal.timelock.seconds < 0) in.fail("timelock", "is negative");
    if (proposal.lapses < proposal.closes + proposal.timelock)
        in.fail("lapses", "is before the timelock could have passed");
    return proposal;
}

std::string short_name(base::Digest const& id, std::size_t digits) {
    return "p-" + id.hex().substr(0, digits);
}

}  // namespace consortium::model
