#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/approval.h"
#include "core/flow/root.h"
#include "core/flow/trust.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::Verdict;

namespace {

constexpr std::size_t max_manifest = 16U << 20U;

/// Where a rotation stands: what has been done, what must happen before it goes on, and by which command.
struct Standing {
    std::string phase;
    Verdict verdict;
    std::string next;  // once the verdict allows
};

bool in_force(State const& state, Rotation const& rotation) {
    auto const& agreed = *state.joined().trust_bundle;
    if (agreed.is_null() || !rotation.bundle) return false;
    auto const bundle = model::trust_bundle_from_json(agreed);
    return base::sha256(model::document(bundle)) == *rotation.bundle;
}

Standing standing(State const& state, Rotation const& rotation) {
    if (rotation.state == "proposed") {
        return {"the members decide on the plan",
                consent(state, "root.rotate", {{"plan", rotation.plan.hex()}}), "consortium root prepare"};
    }
    if (rotation.state == "prepared") {
        return {"officers approve the manifest's digest",
                approval_verdict(state, "root",
                                 {{*rotation.approve, rotation.proposer}, "root " + rotation.name}),
                "consortium root sign"};
    }
    if (rotation.state == "signed") return {"signed; not proposed yet", {}, "consortium root distribute"};
    if (in_force(state, rotation))
        return {"the new root is trusted beside the old one", {}, "consortium ca publish DIR"};
    return {"the members decide on the trust bundle",
            consent(state, "root.trust", {{"bundle", rotation.bundle->hex()}}), "consortium epoch list"};
}

void add(model::Fields& fields, char const* name, std::string value) {
    if (!value.empty()) fields.rows.emplace_back(name, std::move(value));
}

/// "root-g2" as a certificate, so that it can be described: with a signature that does not hold.
std::string described(model::CeremonyItem const& item, port::Certifier const& certifier) {
    auto const object = certifier.assemble(item.tbs, "p256", base::Bytes(8));
    if (item.kind == "crl") {
        auto const facts = certifier.describe_crl(object);
        return fmt::format("revocation list {} of {} with {} entries, until {}", facts.content.number,
                           facts.issuer, facts.entries, facts.content.next_update.text());
    }
    auto const facts = certifier.describe(object);
    return fmt::format("{} certified by {} until {}, key {}", facts.subject, facts.issuer,
                       facts.content.not_after.text(), base::sha256(facts.content.public_key).brief());
}

Json item_record(model::CeremonyItem const& item, std::string const& words) {
    return {{"name", item.name},
            {"kind", item.kind},
            {"signer", item.signer},
            {"digest", item.digest.hex()},
            {"words", words}};
}

}  // namespace

model::Outcome root_show(State const& state) {
    auto const found = rotation(state.store);
    auto const plan = rotation_plan(state.store, found);
    auto const now = standing(state, found);
    auto const next = now.verdict.allowed() ? now.next : now.verdict.next;
    model::Outcome outcome;
    outcome.schema = "consortium.root/1";
    outcome.data = JsonValue(Json{{"rotation", found.name},
                                  {"state", found.state},
                                  {"phase", now.phase},
                                  {"from", plan.from},
                                  {"to", plan.to},
                                  {"plan", found.plan.hex()},
                                  {"approve", found.approve ? Json(found.approve->hex()) : Json()},
                                  {"bundle", found.bundle ? Json(found.bundle->hex()) : Json()},
                                  {"verdict", model::to_json(now.verdict)}});
    model::Fields fields;
    add(fields, "rotation", fmt::format("{} Root G{} to G{}", plan.name, plan.from, plan.to));
    add(fields, "phase", now.phase);
    add(fields, "state", now.verdict.state);
    add(fields, "missing", base::join(now.verdict.missing, ", "));
    for (auto const& rule : now.verdict.rules) {
        if (!rule.holds) add(fields, "because", rule.words);
    }
    if (now.verdict.deadline) add(fields, "deadline", now.verdict.deadline->text());
    if (found.approve) {
        add(fields, "digest", found.approve->hex());
        add(fields, "read aloud", base::spoken(*found.approve));
    }
    outcome.text.emplace_back(std::move(fields));
    if (!next.empty()) outcome.next.push_back(next);
    return outcome;
}

model::Outcome root_verify(port::Certifier const& certifier, model::Request const& request) {
    auto const file = request.arguments->at("operand").get<std::string>();
    auto const text = base::read_text(file, max_manifest);
    auto const read = model::manifest_from_text(text);
    auto const digest = base::sha256(text);
    Json items = Json::array();
    model::Table table;
    table.columns = {"object", "signed by", "digest", "what it says"};
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
                                  {"items", items}});
    model::Fields fields;
    fields.rows = {{"digest", digest.hex()}, {"read aloud", base::spoken(digest)}, {"plan", read.plan.hex()}};
    outcome.text.emplace_back(std::move(fields));
    outcome.text.emplace_back(std::move(table));
    outcome.next.push_back(
        fmt::format("consortium approval sign {} --rule root --file {}", digest.hex(), file));
    return outcome;
}

}  // namespace consortium::flow
