#include "core/agreement/equivocation.h"

#include "core/agreement/statement.h"
#include "core/base/error.h"
#include "core/model/kind.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

std::string slot_in(model::Act const& act, std::string_view field) {
    auto const subject = model::subject_of(act).hex();
    return act.kind + "/" + act.member + "/" + subject + "/" + std::to_string(act.body->value(field, 0));
}

std::string statement_slot(model::Act const& act) {
    auto slot = act.kind + "/" + act.key.hex() + "/" + model::subject_of(act).hex();
    if (act.body->contains("stage")) slot += "/stage " + act.body->at("stage").dump();
    return act.body->contains("early") ? slot + "/early" : slot;
}

std::string agreement_slot(model::Act const& act) {
    return act.kind + "/" + act.key.hex() + "/" + std::to_string(act.epoch.number + 1) + "/" +
           std::to_string(act.body->value("attempt", 0));
}

/// Once a stage: a party's commitment in its plea, whom it strikes, its appeal; a panelist's ruling.
std::string dispute_slot(model::Act const& act) {
    bool const commits = act.kind == "plea" && !act.body->value("commitment", base::Json()).is_null();
    bool const ruling = act.kind == "ruling";
    if (!commits && !ruling && act.kind != "strike" && act.kind != "appeal") return {};
    return act.kind + "/" + (ruling ? act.officer : act.member) + "/" + model::subject_of(act).hex();
}

std::vector<model::StoredAct> in_slot_of(port::Evidence const& evidence, model::Act const& act) {
    port::ActQuery query;
    query.kind = act.kind;
    query.member = act.member;
    bool const on_subject = act.kind == "ballot" || act.kind == "delegate" || act.kind == "seen";
    if (on_subject || !dispute_slot(act).empty()) {
        query.subject = model::subject_of(act);
    } else {
        query.epoch = act.epoch.number;
    }
    auto held = evidence.acts(query);
    auto const slot = slot_of(act);
    std::erase_if(held, [&](model::StoredAct const& other) { return slot_of(other.act) != slot; });
    return held;
}

constexpr std::string_view schema = "consortium.contradiction/2";

[[noreturn]] void not_proven(std::string const& why) {
    throw base::Error(base::Code::verification_failed, "this evidence proves nothing: " + why);
}

/// The texts below one name in a list of two records at most.
std::vector<std::string> texts_in(base::JsonReader& in, std::string_view list, std::string_view name,
                                  std::size_t max) {
    std::vector<std::string> out;
    in.objects(
        list,
        [&](base::JsonReader& item) {
            out.push_back(item.text(name, max));
            item.done();
        },
        2);
    return out;
}

using Epochs = std::map<base::Digest, model::Epoch>;  // by hash

Epochs epochs_in(std::vector<std::string> const& documents, Proof& proof) {
    Epochs out;
    for (auto const& document : documents) {
        auto epoch = model::epoch_from_document(document);
        proof.epochs.push_back({epoch.number, base::sha256(document)});
        out.emplace(base::sha256(document), std::move(epoch));
    }
    std::sort(proof.epochs.begin(), proof.epochs.end(),
              [](auto const& left, auto const& right) { return left.number < right.number; });
    return out;
}

/// An act of the proof's member in the proof's slot, signed with a key that the epoch it names has for it.
model::StoredAct signed_act(std::string const& text, Epochs const& epochs, Proof const& proof,
                            port::Verifier const& verifier) {
    auto const envelope = model::envelope_from_text(text);
    model::StoredAct out;
    out.id = model::act_id(envelope);
    out.act = model::act_from_text(envelope.payload);
    auto const* kind = model::find_kind(out.act.kind);
    if (kind == nullptr) not_proven("this program does not know the kind '" + out.act.kind + "'");
    kind->check(*out.act.body);
    auto const epoch = epochs.find(out.act.epoch.hash);
    if (epoch == epochs.end() || epoch->second.number != out.act.epoch.number)
        not_proven("the epoch that an act names is not in it");
    auto const* key = epoch->second.key(out.act.key);
    if (key == nullptr || key->member != out.act.member || key->status != "active")
        not_proven("an act's key is not one of '" + proof.member + "' in the epoch that it names");
    if (out.act.member != proof.member || slot_of(out.act) != proof.slot || proof.slot.empty())
        not_proven("an act does not fill the slot that it is about");
    if (!verifier.verify(key->algorithm == "ssh" ? "sshsig" : "raw", key->spki,
                         base::as_bytes(model::pre_authentication(envelope)), envelope.signature))
        not_proven("a signature does not hold");
    return out;
}

}  // namespace

std::string slot_of(model::Act const& act) {
    constexpr std::array<std::string_view, 4> phases{"candidate", "prepare", "commit", "skip"};
    if (act.kind == "ballot" || act.kind == "delegate") return slot_in(act, "revision");
    if (act.kind == "seen") return statement_slot(act);
    for (auto phase : phases)
        if (act.kind == phase) return agreement_slot(act);
    return dispute_slot(act);
}

bool says_the_same(model::Act const& one, model::Act const& other) {
    return *one.body == *other.body && one.private_part.has_value() == other.private_part.has_value();
}

bool slot_taken(port::Evidence const& evidence, model::Act const& act) {
    return !slot_of(act).empty() && !in_slot_of(evidence, act).empty();
}

std::optional<Contradiction> contradiction(port::Evidence const& evidence, model::StoredAct const& act) {
    auto const slot = slot_of(act.act);
    if (slot.empty()) return std::nullopt;
    for (auto const& other : in_slot_of(evidence, act.act)) {
        if (other.id == act.id || other.index > act.index) continue;
        if (!says_the_same(other.act, act.act)) return Contradiction{slot, act.act.member, other.id, act.id};
    }
    return std::nullopt;
}

std::string evidence_file(port::Evidence const& evidence, Contradiction const& found) {
    std::map<std::uint64_t, std::string> documents;
    auto const envelope = [&](base::Digest const& id) {
        auto const act = evidence.act(id);
        auto const epoch = act ? evidence.epoch(act->act.epoch.number) : nullptr;
        if (!epoch)
            throw base::Error(base::Code::not_found,
                              "act " + id.brief() + ", or the epoch that it names, is not held here");
        documents[epoch->number] = model::document(*epoch);
        return base::Json{{"envelope", act->envelope}};
    };
    base::Json const acts{envelope(found.first), envelope(found.second)};
    base::Json epochs = base::Json::array();
    for (auto const& [number, document] : documents) epochs.push_back({{"document", document}});
    return base::canonical({{"schema", schema},
                            {"slot", found.slot},
                            {"member", found.member},
                            {"acts", acts},
                            {"epochs", epochs}});
}

Proof check_evidence_file(std::string_view text, port::Verifier const& verifier) {
    base::JsonLimits limits;
    limits.bytes = 40u << 20;  // two documents, written as texts
    auto const value = base::parse_canonical(text, limits);
    base::JsonReader in(value);
    if (in.text("schema", 64) != schema) in.fail("schema", "is not " + std::string(schema));
    Proof proof;
    proof.slot = in.text("slot", 512);
    proof.member = in.name("member");
    auto const envelopes = texts_in(in, "acts", "envelope", model::max_entry);
    auto const documents = texts_in(in, "epochs", "document", 16u << 20);
    in.done();
    if (envelopes.size() != 2) in.fail("acts", "are not two");
    auto const epochs = epochs_in(documents, proof);
    auto const first = signed_act(envelopes[0], epochs, proof, verifier);
    auto const second = signed_act(envelopes[1], epochs, proof, verifier);
    proof.first = first.id;
    proof.second = second.id;
    proof.kind = first.act.kind;
    proof.genesis = first.act.genesis;
    if (second.act.genesis != proof.genesis) not_proven("its acts are of two consortia");
    if (says_the_same(first.act, second.act)) not_proven("its acts say the same");
    return proof;
}

}  // namespace consortium::agreement
