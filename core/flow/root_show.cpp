#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/root.h"
#include "core/flow/root_acknowledge.h"
#include "core/flow/root_approval.h"
#include "core/flow/root_keys.h"
#include "core/flow/root_shares.h"
#include "core/port/certifier.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::Verdict;

namespace {

constexpr std::size_t max_manifest = 16U << 20U;
/// Between two clocks that are both right.
constexpr base::Duration clock_margin{5 * 60};

/// What must happen before a rotation goes on, and by which command.
struct Standing {
    Verdict verdict;
    std::string next;  // once the verdict allows
};

Standing after_agreement(State const& state, Rotation const& rotation) {
    if (rotation.stage == "trust") return {trust_gate(state, rotation, {}), "consortium root switch"};
    if (rotation.stage == "switch") return {trust_gate(state, rotation, {}), "consortium root distrust"};
    return {{}, "consortium root prepare"};
}

Standing while_prepared(State const& state, Rotation const& rotation) {
    auto verdict = root_verdict(state, rotation);
    if (!verdict.allowed()) verdict.next = "consortium approval sign " + rotation.name + " --rule root";
    if (rotation.stage != "destroy") return {std::move(verdict), "consortium root sign"};
    auto const seen = witnesses_of(state, rotation);
    verdict.require("witnesses", seen.missing.empty(), fmt::format("has {} witnesses", seen.officers.size()),
                    Verdict::Ruling::pending);
    verdict.missing.insert(verdict.missing.end(), seen.missing.begin(), seen.missing.end());
    if (!seen.missing.empty() && verdict.next.empty()) verdict.next = "consortium root witness";
    return {std::move(verdict), "consortium root destroy"};
}

Standing standing(State const& state, Services const& services, Rotation const& rotation) {
    if (rotation.is_over()) return {{}, "consortium root rotate"};
    if (rotation.is_at("trust", "proposed")) {
        if (rotation_plan(state.store, rotation).emergency) return {{}, "consortium root prepare"};
        return {consent(state, "root.rotate", {{"plan", rotation.plan.hex()}}), "consortium root prepare"};
    }
    if (rotation.state == "prepared") return while_prepared(state, rotation);
    if (rotation.state == "signed" && rotation.stage == "trust")
        return {shares_verdict(state, services.verifier, rotation), "consortium root distribute"};
    if (rotation.state == "signed") return {{}, "consortium root distribute"};
    if (rotation.state == "distributed")
        return {consent(state, "root.trust", {{"bundle", rotation.bundle->hex()}}),
                "consortium exchange sync"};
    return after_agreement(state, rotation);
}

void add(model::Fields& fields, char const* name, std::string value) {
    if (!value.empty()) fields.rows.emplace_back(name, std::move(value));
}

std::optional<base::Instant> date_of(model::RotationPlan const& plan, Rotation const& rotation) {
    auto const found = plan.dates.find(rotation.stage);
    if (found == plan.dates.end() || rotation.state == "agreed") return std::nullopt;
    return found->second;
}

/// "root-g2" as a certificate, so that it can be described: with a signature that does not hold.
std::string described(model::CeremonyItem const& item, port::Certifier const& certifier) {
    auto const object = certifier.assemble(item.tbs, "p256", base::Bytes(8));
    if (item.kind == "crl") {
        auto const facts = certifier.describe_crl(object);
        return fmt::format("revocation list {} of {} with {} entries, from {} until {}", facts.content.number,
                           facts.issuer, facts.entries, facts.content.this_update.text(),
                           facts.content.next_update.text());
    }
    auto const facts = certifier.describe(object);
    return fmt::format("{} certified by {} from {} until {}, key {}", facts.subject, facts.issuer,
                       facts.content.not_before.text(), facts.content.not_after.text(),
                       base::sha256(facts.content.public_key).brief());
}

base::Instant begin_of(model::CeremonyItem const& item, port::Certifier const& certifier) {
    auto const object = certifier.assemble(item.tbs, "p256", base::Bytes(8));
    return item.kind == "crl" ? certifier.describe_crl(object).content.this_update
                              : certifier.describe(object).content.not_before;
}

Json item_record(model::CeremonyItem const& item, std::string const& words) {
    return {{"name", item.name},
            {"kind", item.kind},
            {"signer", item.signer},
            {"digest", item.digest.hex()},
            {"words", words}};
}

std::string bundle_words(model::CeremonyManifest const& read) {
    if (!read.bundle) return "stays as it is";
    return fmt::format("version {}: trusts {}; chains under {}", read.bundle->version,
                       fmt::join(read.bundle->roots, " and "), read.bundle->present);
}

void warn_of_clock(State const& state, model::CeremonyManifest const& read, port::Certifier const& certifier,
                   model::Outcome& outcome) {
    for (auto const& item : read.items) {
        auto const begin = begin_of(item, certifier);
        if (begin <= state.now + clock_margin) continue;
        outcome.warnings.push_back(fmt::format(
            "'{}' begins on {}, which has not come yet: the clock of the machine that prepared it is wrong, "
            "or this one's",
            item.name, begin.text()));
        return;
    }
}

Json outline_record(std::optional<model::BundleOutline> const& bundle) {
    if (!bundle) return {};
    return {{"version", bundle->version}, {"present", bundle->present}, {"roots", bundle->roots}};
}

/// What is told of a rotation, as data and in words.
struct Shown {
    Rotation rotation;
    model::RotationPlan plan;
    Standing now;
    SharesShown shares;
    std::vector<model::KeptKey> keys;
    std::optional<base::Instant> date;
    std::vector<std::string> apart;  // nodes, in an emergency
};

Shown shown_of(State const& state, Services const& services) {
    Shown out;
    out.rotation = rotation(state);
    out.plan = rotation_plan(state.store, out.rotation);
    out.now = standing(state, services, out.rotation);
    out.shares = shares_shown(state, services.verifier, out.rotation);
    out.keys = stated_keys(state, out.rotation);
    out.date = date_of(out.plan, out.rotation);
    for (auto const& each : to_keep_apart(state, out.rotation)) out.apart.push_back(each.name());
    return out;
}

Json record_of(Shown const& shown) {
    auto const& found = shown.rotation;
    return {{"rotation", found.name},
            {"stage", found.stage},
            {"state", found.state},
            {"phase", phase_words(found)},
            {"keeper", found.keeper},
            {"emergency", shown.plan.emergency.has_value()},
            {"from", shown.plan.from},
            {"to", shown.plan.to},
            {"plan", found.plan.hex()},
            {"approve", found.approve ? Json(found.approve->hex()) : Json()},
            {"bundle", found.bundle ? Json(found.bundle->hex()) : Json()},
            {"date", shown.date ? Json(shown.date->text()) : Json()},
            {"keys", key_views(shown.keys)},
            {"keep_apart", shown.apart},
            {"shares", *shown.shares.fresh},
            {"old_shares", *shown.shares.old},
            {"verdict", model::to_json(shown.now.verdict)}};
}

model::Fields fields_of(Shown const& shown) {
    auto const& plan = shown.plan;
    auto const& verdict = shown.now.verdict;
    model::Fields fields;
    add(fields, "rotation",
        fmt::format("{} Root G{} to G{}{}", plan.name, plan.from, plan.to,
                    plan.emergency ? ", an emergency: " + plan.emergency->reason : ""));
    add(fields, "keeper", shown.rotation.keeper);
    add(fields, "phase", phase_words(shown.rotation));
    add(fields, "state", verdict.state);
    add(fields, "missing", base::join(verdict.missing, ", "));
    for (auto const& rule : verdict.rules) {
        if (!rule.holds) add(fields, "because", rule.words);
    }
    add(fields, "keep apart", base::join(shown.apart, ", "));
    if (verdict.deadline) add(fields, "deadline", verdict.deadline->text());
    if (shown.date) add(fields, "planned", shown.date->text());
    for (auto const& each : shown.keys) add(fields, "key", each.authority + " " + each.words());
    fields.rows.insert(fields.rows.end(), shown.shares.rows.begin(), shown.shares.rows.end());
    if (shown.rotation.state == "prepared") {
        add(fields, "digest", shown.rotation.approve->hex());
        add(fields, "read aloud", base::spoken(*shown.rotation.approve));
    }
    return fields;
}

}  // namespace

model::Outcome root_show(State const& state, Services const& services) {
    auto const shown = shown_of(state, services);
    auto const& verdict = shown.now.verdict;
    model::Outcome outcome;
    outcome.schema = "consortium.root/1";
    outcome.data = JsonValue(record_of(shown));
    outcome.text.emplace_back(fields_of(shown));
    if (!shown.shares.next.empty()) outcome.next.push_back(shown.shares.next);
    auto const next = verdict.allowed() ? shown.now.next : verdict.next;
    if (!next.empty()) outcome.next.push_back(next);
    if (shown.rotation.state == "agreed" && (shown.rotation.stage == "distrust" || !verdict.allowed()))
        outcome.next.emplace_back("consortium root nodes");
    if (!shown.apart.empty()) outcome.next.emplace_back("consortium root soak");
    return outcome;
}

model::Outcome root_verify(State const& state, port::Certifier const& certifier,
                           model::Request const& request) {
    auto const file = request.arguments->at("operand").get<std::string>();
    auto const text = base::read_text(file, max_manifest);
    auto const read = model::manifest_from_text(text);
    auto const digest = base::sha256(text);
    Json items = Json::array();
    model::Table table;
    table.columns = {"object", "signed by", "digest", "what it says"};
    table.when_empty = "nothing is signed";
    for (auto const& item : read.items) {
        auto const words = described(item, certifier);
        items.push_back(item_record(item, words));
        table.rows.push_back({item.name, item.signer, item.digest.brief(), words});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.ceremony/1";
    outcome.data = JsonValue(Json{{"digest", digest.hex()},
                                  {"words", base::spoken(digest)},
                                  {"plan", read.plan.hex()},
                                  {"stage", read.stage},
                                  {"attempt", read.attempt},
                                  {"bundle", outline_record(read.bundle)},
                                  {"destroys", read.destroys},
                                  {"waived", read.waived},
                                  {"items", items}});
    model::Fields fields;
    fields.rows = {{"digest", digest.hex()},
                   {"read aloud", base::spoken(digest)},
                   {"plan", read.plan.hex()},
                   {"stage", fmt::format("{}, attempt {}", read.stage, read.attempt)},
                   {"trust bundle", bundle_words(read)}};
    add(fields, "destroys", base::join(read.destroys, ", "));
    add(fields, "waits not for", base::join(read.waived, ", "));
    outcome.text.emplace_back(std::move(fields));
    outcome.text.emplace_back(std::move(table));
    warn_of_clock(state, read, certifier, outcome);
    outcome.next.push_back(
        fmt::format("consortium approval sign {} --rule root --file {}", digest.hex(), file));
    return outcome;
}

}  // namespace consortium::flow
