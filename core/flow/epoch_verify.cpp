#include "core/agreement/next_epoch.h"
#include "core/base/error.h"
#include "core/flow/epoch.h"
#include "core/flow/epoch_chain.h"
#include "core/model/candidate.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

[[noreturn]] void broken(std::uint64_t number, std::string const& what) {
    throw Error(Code::verification_failed, fmt::format("epoch {} does not hold: {}", number, what),
                "run 'consortium audit verify'", {{"epoch", std::to_string(number)}});
}

bool is_signed(model::StoredAct const& held, model::Epoch const& epoch, port::Verifier const& verifier) {
    auto const envelope = model::envelope_from_text(held.envelope);
    auto const* key = epoch.key(held.act.key);
    return key != nullptr && model::act_id(envelope) == held.id &&
           verifier.verify(envelope.scheme, key->spki, base::as_bytes(model::pre_authentication(envelope)),
                           envelope.signature);
}

/// Seats of the epoch before that committed to this document in one attempt.
std::size_t commits(port::Evidence const& evidence, model::Epoch const& before, model::Epoch const& epoch,
                    port::Verifier const& verifier) {
    auto const hash = model::reference(epoch).hash;
    std::map<std::int64_t, std::set<std::string>> seats;
    for (auto const& held : evidence.acts({.kind = "commit", .subject = {}, .epoch = before.number})) {
        auto const choice = model::choice_from_json(*held.act.body);
        auto const* member = before.member(held.act.member);
        bool const counts = choice.document == hash && member != nullptr && member->votes &&
                            member->seat == held.act.key && is_signed(held, before, verifier);
        if (counts) seats[choice.attempt].insert(held.act.member);
    }
    std::size_t most = 0;
    for (auto const& [attempt, members] : seats) most = std::max(most, members.size());
    return most;
}

void verify_epoch(port::Evidence const& evidence, std::shared_ptr<model::Epoch const> const& latest,
                  model::Epoch const& epoch, port::Verifier const& verifier) {
    verify_commits(evidence, *latest, epoch, verifier);
    auto const again = agreement::next_epoch(evidence, latest, agreement::ingredients(epoch));
    if (model::document(again) != model::document(epoch)) {
        broken(epoch.number, "its content does not follow from the acts that it names");
    }
}

}  // namespace

void verify_genesis(port::Evidence const& evidence, model::Epoch const& genesis,
                    port::Verifier const& verifier) {
    auto const hash = model::reference(genesis).hash;
    std::set<std::string> signers;
    for (auto const& held : evidence.acts({.kind = "found"})) {
        bool const fits =
            held.act.body->value("document", "") == hash.hex() && is_signed(held, genesis, verifier);
        auto const* officer = genesis.officer(held.act.officer);
        if (fits && officer != nullptr && officer->member == held.act.member &&
            officer->key == held.act.key) {
            signers.insert(held.act.member);
        }
    }
    for (auto const& member : genesis.members) {
        if (!signers.contains(member.id)) broken(0, "'" + member.id + "' has not signed it");
    }
}

void verify_commits(port::Evidence const& evidence, model::Epoch const& before, model::Epoch const& epoch,
                    port::Verifier const& verifier) {
    if (epoch.previous != model::reference(before).hash)
        broken(epoch.number, "it does not follow the one before");
    auto const have = commits(evidence, before, epoch, verifier);
    auto const need = static_cast<std::size_t>(model::sizes(before).q);
    if (have < need) broken(epoch.number, fmt::format("{} of {} commits hold", have, need));
}

Chain verify_chain(port::Evidence const& evidence, port::Verifier const& verifier) {
    auto before = evidence.epoch(0);
    verify_genesis(evidence, *before, verifier);
    auto const last = evidence.latest()->number;
    for (std::uint64_t number = 1; number <= last; ++number) {
        auto epoch = evidence.epoch(number);
        verify_epoch(evidence, before, *epoch, verifier);
        before = std::move(epoch);
    }
    return {model::reference(*evidence.epoch(0)).hash, model::reference(*before)};
}

model::Outcome to_outcome(Chain const& chain) {
    model::Outcome outcome;
    outcome.schema = "consortium.verification/1";
    outcome.data = JsonValue(Json{{"genesis", chain.genesis.hex()},
                                  {"epochs", chain.latest.number + 1},
                                  {"latest", chain.latest.hash.hex()},
                                  {"holds", true}});
    outcome.text.emplace_back(
        fmt::format("{} epochs hold, from the genesis {} to {}: signed by every founder, each later one "
                    "committed by a quorum and recomputed from the acts that it names",
                    chain.latest.number + 1, chain.genesis.brief(), chain.latest.hash.brief()));
    return outcome;
}

void check_genesis(base::Digest const& genesis, std::string const& wanted) {
    if (wanted != genesis.hex()) broken(0, "its hash is " + genesis.hex());
}

model::Outcome epoch_verify(State const& state, model::Request const& request,
                            port::Verifier const& verifier) {
    static_cast<void>(state.joined());
    auto const genesis = model::reference(*state.store.epoch(0)).hash;
    check_genesis(genesis, request.arguments->value("genesis", genesis.hex()));
    return to_outcome(verify_chain(state.store, verifier));
}

}  // namespace consortium::flow
