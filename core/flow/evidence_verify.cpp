// Files that left a workspace, verified where there is none.

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/flow/audit.h"
#include "core/journal/proof.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_file = 1u << 20;

}  // namespace

model::Outcome audit_verify_file(port::Verifier const& verifier, model::Request const& request) {
    auto const path = request.arguments->at("operand").get<std::string>();
    std::vector<journal::NoteKey> keys;
    for (auto const& text : request.arguments->value("key", Json::array()))
        keys.push_back(journal::NoteKey::from_vkey(text.get<std::string>()));
    if (keys.empty())
        throw Error(Code::usage, "a proof or checkpoint is checked with the key of its log",
                    "give it with --key, as 'consortium audit checkpoint' prints it");
    auto const text = base::read_text(path, max_file);
    bool const is_proof = text.starts_with("c2sp.org/tlog-proof@");
    journal::SignedCheckpoint opened;
    Json index;
    if (is_proof) {
        auto const proof = journal::Proof::parse(text);
        opened = journal::verify_proof(proof, proof.extra, keys, verifier);
        index = proof.index;
    } else {
        opened = journal::open_checkpoint(text, keys, verifier);
    }
    Json signers = Json::array();
    for (auto const& signer : opened.signers) signers.push_back(signer.key.name);
    auto const& checkpoint = opened.checkpoint;
    model::Outcome outcome;
    outcome.schema = "consortium.file-verification/1";
    outcome.data = JsonValue(Json{{"form", is_proof ? "proof" : "checkpoint"},
                                  {"origin", checkpoint.origin},
                                  {"size", checkpoint.size},
                                  {"root", checkpoint.root.hex()},
                                  {"index", index},
                                  {"signers", std::move(signers)}});
    auto const words = is_proof ? "entry " + index.dump() + " is in '" : std::string("the head of '");
    outcome.text.emplace_back(words + checkpoint.origin + "' at " + std::to_string(checkpoint.size) +
                              " entries");
    return outcome;
}

}  // namespace consortium::flow
