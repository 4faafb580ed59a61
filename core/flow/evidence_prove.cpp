#include "core/base/error.h"
#include "core/flow/audit.h"
#include "core/flow/evidence.h"
#include "core/journal/proof.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::vector<CosignedHead> cosigned(State const& state, Witnesses const& witnesses) {
    if (witnesses.exchange == nullptr) return {};
    return cosigned_heads(state, witnesses.verifier, *witnesses.exchange);
}

/// The head that a single proof leads to: of those that contain the entry the one that most have cosigned,
/// and the newest of these; without an exchange, the journal's.
CosignedHead best_head(State const& state, Witnesses const& witnesses, std::uint64_t index) {
    auto const head = state.store.head();
    CosignedHead best{head.size, 0, head.checkpoint};
    bool found = witnesses.exchange == nullptr;
    for (auto const& other : cosigned(state, witnesses)) {
        if (other.size <= index || other.cosigners < best.cosigners) continue;
        best = other;
        found = true;
    }
    if (found) return best;
    throw Error(Code::not_found, "nobody has cosigned a head that contains entry " + std::to_string(index),
                "run 'consortium exchange sync' once the others have, or leave out --cosigned");
}

model::Outcome file_outcome(std::string schema, Json data, std::string text, std::string const& ending) {
    model::Outcome outcome;
    outcome.schema = std::move(schema);
    outcome.data = JsonValue(std::move(data));
    outcome.text.emplace_back(std::move(text));
    outcome.next = {"consortium audit verify FILE" + ending};
    return outcome;
}

model::Outcome prove_entry(State const& state, Witnesses const& witnesses, std::string const& name) {
    auto const index = find_entry(state.store, name);
    auto const head = best_head(state, witnesses, index);
    journal::Proof proof;
    proof.extra = state.store.entry(index).leaf;
    proof.index = index;
    proof.hashes = journal::inclusion_proof(index, head.size, subtrees(state.store));
    proof.checkpoint = head.note;
    auto const text = proof.text();
    return file_outcome(
        "consortium.proof/1",
        {{"index", index}, {"size", head.size}, {"cosigners", head.cosigners}, {"proof", text}}, text,
        " --key VKEY");
}

model::Outcome prove_consistency(State const& state, std::uint64_t old_size) {
    auto const head = state.store.head();
    if (old_size == 0)
        throw Error(Code::usage, "every tree continues the empty one",
                    "give --since the size of a head that was seen, at least 1");
    if (old_size > head.size)
        throw Error(Code::not_found, "this journal has " + std::to_string(head.size) + " entries",
                    "run 'consortium audit checkpoint' to see its head");
    auto const read = subtrees(state.store);
    journal::ConsistencyProof proof;
    proof.old_size = old_size;
    proof.old_root = journal::tree_root(old_size, read);
    proof.hashes = journal::consistency_proof(old_size, head.size, read);
    proof.checkpoint = head.checkpoint;
    auto const text = proof.text();
    return file_outcome(
        "consortium.consistency/1",
        {{"since", old_size}, {"root", proof.old_root.hex()}, {"size", head.size}, {"proof", text}}, text,
        " --key VKEY --old CHECKPOINT");
}

model::Outcome prove_scope(State const& state, Witnesses const& witnesses, EvidenceScope const& scope,
                           std::uint64_t first_epoch) {
    auto const last = state.joined().number;
    auto dossier = gather(state, scope, {}, {first_epoch, last});
    seal(dossier, state.store, cosigned(state, witnesses));
    auto const text = to_text(dossier);
    bool const named = names_head_key(state, last);
    auto outcome = file_outcome("consortium.evidence/1",
                                {{"scope", *scope.stated},
                                 {"entries", dossier.records.size()},
                                 {"epochs", dossier.epochs.size()},
                                 {"digest", base::sha256(text).hex()}},
                                text, named ? " --genesis HASH" : " --genesis HASH --key VKEY");
    if (!named) outcome.warnings.emplace_back(unnamed_head_key);
    return outcome;
}

bool is_range(std::string const& name) {
    auto const dash = name.find('-');
    return dash != std::string::npos && dash > 0 &&
           name.find_first_not_of("0123456789-") == std::string::npos;
}

}  // namespace

model::Outcome audit_prove(State const& state, Witnesses const& witnesses, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const asked = arguments.count("operand") + arguments.count("proposal") + arguments.count("since");
    if (asked != 1)
        throw Error(Code::usage, "one thing is proven at a time",
                    "give an entry, a range such as 100-250, --proposal or --since");
    if (arguments.contains("since")) return prove_consistency(state, arguments["since"].get<std::uint64_t>());
    auto const first_epoch = arguments.value("epochs-from", std::uint64_t{0});
    if (arguments.contains("proposal"))
        return prove_scope(state, witnesses, proposal_scope(state, arguments["proposal"].get<std::string>()),
                           first_epoch);
    auto const name = arguments["operand"].get<std::string>();
    if (is_range(name))
        return prove_scope(state, witnesses, find_scope(state, "entries:" + name), first_epoch);
    return prove_entry(state, witnesses, name);
}

}  // namespace consortium::flow
