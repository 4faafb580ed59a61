// Verification of what a bundle says was agreed, by whoever was told the hash of the genesis: no workspace,
// no exchange, no trust in who made the bundle.

#include "core/agreement/equivocation.h"
#include "core/agreement/finality.h"
#include "core/agreement/memory_evidence.h"
#include "core/agreement/validation.h"
#include "core/base/text.h"
#include "core/flow/carried_bundle.h"
#include "core/flow/epoch.h"
#include "core/flow/epoch_chain.h"
#include "core/model/bundle.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using agreement::Acceptance;
using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

/// What came of the acts of a bundle.
struct Judged {
    std::size_t accepted = 0, waiting = 0;
    std::vector<std::string> refused;  // "line 4: its signature does not hold"
};

void advance(agreement::MemoryEvidence& evidence) {
    while (auto const found = agreement::final_next(evidence)) evidence.make_final(found->epoch);
}

/// One pass over the acts that are not settled yet; true if one was accepted.
bool judge_pass(model::Bundle const& bundle, agreement::Ground const& ground,
                agreement::MemoryEvidence& evidence, std::vector<std::size_t>& waiting, Judged& judged) {
    bool moved = false;
    std::vector<std::size_t> still;
    for (auto const at : waiting) {
        auto const answer = agreement::validate(bundle.acts[at], ground);
        switch (answer.result) {
            case Acceptance::Result::accepted:
                evidence.add(bundle.acts[at], {});
                ++judged.accepted;
                moved = true;
                if (evidence.act(answer.id)->act.kind == "commit") advance(evidence);
                break;
            case Acceptance::Result::rejected:
                judged.refused.push_back(
                    fmt::format("line {}: {}", bundle.lines[at], base::printable(answer.reason)));
                break;
            case Acceptance::Result::orphan:
            case Acceptance::Result::quarantined:
                still.push_back(at);
                break;
            case Acceptance::Result::duplicate:
                break;
        }
    }
    waiting = std::move(still);
    return moved;
}

Judged judge_all(model::Bundle const& bundle, agreement::Ground const& ground,
                 agreement::MemoryEvidence& evidence) {
    Judged judged;
    std::vector<std::size_t> waiting(bundle.acts.size());
    for (std::size_t i = 0; i < waiting.size(); ++i) waiting[i] = i;
    while (judge_pass(bundle, ground, evidence, waiting, judged)) {
    }
    judged.waiting = waiting.size();
    return judged;
}

std::optional<Digest> told(model::Request const& request, char const* flag) {
    if (!request.arguments->contains(flag)) return std::nullopt;
    return Digest::from_hex(request.arguments->at(flag).get<std::string>());
}

void check_told(model::Request const& request) {
    if (!request.arguments->contains("genesis") && !request.arguments->contains("epoch"))
        throw Error(Code::usage, "a bundle is verified against a genesis or an epoch that you were told",
                    "give --genesis HASH or --epoch HASH; members read both to you from 'consortium epoch "
                    "show'");
}

/// Each epoch names the hash of the one before: whoever knows one knows them all, back to the genesis.
void check_epoch(port::Evidence const& evidence, Digest const& wanted) {
    for (auto number = evidence.latest()->number;; --number) {
        if (model::reference(*evidence.epoch(number)).hash == wanted) return;
        if (number == 0) break;
    }
    throw Error(Code::verification_failed, "no epoch in the bundle has the hash " + wanted.hex(),
                "it is of another consortium, or was made before that epoch");
}

constexpr std::size_t max_trust = 16u << 20;

/// Throws Error(verification_failed) unless the file is the trust bundle of the latest epoch.
void check_trust(port::Evidence const& evidence, std::string const& file) {
    auto const text = base::read_text(file, max_trust);
    auto const all = carried_bundles(evidence);
    if (!all.empty() && all.back().document == text) return;
    for (auto const& each : all) {
        if (each.document != text) continue;
        auto const& now = all.back();
        throw Error(
            Code::verification_failed,
            fmt::format("'{}' is version {} of the trust bundle, which version {} replaced in epoch {}",
                        base::printable(file), each.bundle.version, now.bundle.version, now.epoch->number));
    }
    throw Error(Code::verification_failed,
                fmt::format("no epoch has carried the trust bundle in '{}'", base::printable(file)),
                "the members have not agreed on it; if it is newer than the bundle of acts, ask for a newer "
                "one");
}

/// What the latest epoch of the chain carries.
Json trust_record(port::Evidence const& evidence) {
    auto const all = carried_bundles(evidence);
    if (all.empty() || evidence.latest()->trust_bundle->is_null()) return {};
    auto const& now = all.back();
    return {{"version", now.bundle.version},
            {"digest", base::sha256(now.document).hex()},
            {"epoch", now.epoch->number}};
}

void begin(model::Bundle const& bundle, Digest const& genesis, agreement::MemoryEvidence& evidence) {
    check_genesis(bundle.genesis, genesis.hex());
    for (auto const& file : bundle.files) evidence.add_file(file);
    auto const document = evidence.file(genesis);
    if (!document)
        throw Error(Code::not_found, "the bundle does not hold the genesis document",
                    "ask for one that 'consortium exchange export' made without --since");
    evidence.make_final(model::epoch_from_document(*document));
}

}  // namespace

model::Outcome epoch_verify_bundle(model::Request const& request, port::Verifier const& verifier) {
    check_told(request);
    auto const bundle = model::bundle_from_text(
        base::read_text(request.arguments->at("bundle").get<std::string>(), model::max_bundle));
    auto const genesis = told(request, "genesis").value_or(bundle.genesis);
    agreement::MemoryEvidence evidence;
    begin(bundle, genesis, evidence);
    auto const judged = judge_all(bundle, {evidence, verifier, genesis}, evidence);
    auto outcome = to_outcome(verify_chain(evidence, verifier));
    if (auto const epoch = told(request, "epoch")) check_epoch(evidence, *epoch);
    auto const trust = request.arguments->value("trust", std::string());
    if (!trust.empty()) check_trust(evidence, trust);
    auto data = *outcome.data;
    data["trust_bundle"] = trust_record(evidence);
    data["acts"] = {
        {"accepted", judged.accepted}, {"waiting", judged.waiting}, {"refused", judged.refused.size()}};
    outcome.data = JsonValue(std::move(data));
    outcome.text.emplace_back(
        fmt::format("judged {} acts from the first on: {} hold, {} name what the bundle "
                    "lacks, {} were refused",
                    bundle.acts.size(), judged.accepted, judged.waiting, judged.refused.size()));
    if (auto const& carried = outcome.data->at("trust_bundle"); !carried.is_null())
        outcome.text.emplace_back(fmt::format(
            "the trust bundle in force is version {}, since epoch {}: {}{}",
            carried.at("version").get<std::int64_t>(), carried.at("epoch").get<std::int64_t>(),
            carried.at("digest").get<std::string>(), trust.empty() ? "" : ", which is what the file holds"));
    for (auto const& line : judged.refused) outcome.warnings.push_back("refused " + line);
    return outcome;
}

model::Outcome epoch_verify_evidence(model::Request const& request, port::Verifier const& verifier) {
    constexpr std::size_t max_file = 40u << 20;
    auto const text = base::read_text(request.arguments->at("evidence").get<std::string>(), max_file);
    auto const proof = agreement::check_evidence_file(text, verifier);
    auto const wanted = request.arguments->value("genesis", proof.genesis.hex());
    if (wanted != proof.genesis.hex())
        throw Error(Code::verification_failed, "this evidence is of the consortium " + proof.genesis.hex());
    Json epochs = Json::array();
    model::Fields fields;
    fields.rows = {{"member", proof.member},
                   {"said two things in", base::printable(proof.slot)},
                   {"first", proof.first.hex()},
                   {"second", proof.second.hex()}};
    for (auto const& epoch : proof.epochs) {
        epochs.push_back({{"number", epoch.number}, {"hash", epoch.hash.hex()}});
        fields.rows.emplace_back(fmt::format("epoch {}", epoch.number), epoch.hash.hex());
    }
    model::Outcome outcome;
    outcome.schema = "consortium.equivocation/1";
    outcome.data = JsonValue(Json{{"member", proof.member},
                                  {"kind", proof.kind},
                                  {"slot", proof.slot},
                                  {"first", proof.first.hex()},
                                  {"second", proof.second.hex()},
                                  {"genesis", proof.genesis.hex()},
                                  {"epochs", epochs},
                                  {"holds", true}});
    outcome.text.emplace_back(
        fmt::format("the evidence holds: '{}' signed two different acts of kind '{}' in one slot",
                    proof.member, proof.kind));
    outcome.text.emplace_back(std::move(fields));
    outcome.text.emplace_back("compare the hash of each epoch with your own: 'consortium epoch show NUMBER'");
    return outcome;
}

}  // namespace consortium::flow
