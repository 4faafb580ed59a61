#include "core/base/error.h"
#include "core/flow/dossier_verify.h"
#include "core/flow/epoch_chain.h"
#include "core/flow/peer.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

[[noreturn]] void fails(std::string const& what) {
    throw Error(Code::verification_failed, what);
}

void check_told(journal::Dossier const& dossier, Told const& told, VerifiedEpochs const& epochs,
                Findings& findings) {
    auto const last = dossier.epochs.back().number;
    auto const words = fmt::format("epochs {} to {}", dossier.epochs.front().number, last);
    if (told.genesis) {
        if (*told.genesis != dossier.genesis)
            fails("this evidence is of the consortium " + dossier.genesis.hex());
        bool const whole = dossier.epochs.front().number == 0;
        if (!whole && !told.epoch)
            throw Error(Code::usage,
                        "this evidence begins with epoch " + std::to_string(dossier.epochs.front().number) +
                            ": the genesis alone does not show that it is one of its epochs",
                        "give --epoch with the hash of one of them, as 'consortium epoch show' prints it");
        if (whole) {
            findings.checked.push_back(words +
                                       " follow from the genesis that you named: signed by every founder, "
                                       "each later one committed to by a quorum of the one before");
        } else {
            findings.unchecked.push_back("that " + words + " follow from the genesis that you named");
        }
    }
    if (told.epoch) {
        auto const found = epochs.by_hash.find(*told.epoch);
        if (found == epochs.by_hash.end()) fails("no epoch of this evidence has the hash that you named");
        findings.checked.push_back(
            fmt::format("{} are linked with epoch {}, which you named: those before by "
                        "their hashes, those after by a quorum's commits",
                        words, found->second->number));
    }
    if (told.names_epochs()) return;
    findings.unchecked.push_back(fmt::format(
        "that {} are those of your consortium: compare its genesis {} with what you were told, or "
        "give it with --genesis",
        words, dossier.genesis.hex()));
}

}  // namespace

std::vector<journal::NoteKey> Told::note_keys() const {
    auto out = keys;
    if (!policy) return out;
    for (auto& key : policy->keys()) out.push_back(std::move(key));
    return out;
}

std::vector<journal::NoteKey> VerifiedEpochs::note_keys() const {
    std::map<std::string, journal::NoteKey> keys;  // most epochs have those of the one before
    auto const add = [&](journal::NoteKey key) {
        auto vkey = key.vkey();
        keys.emplace(std::move(vkey), std::move(key));
    };
    for (auto const& [hash, epoch] : by_hash) {
        for (auto const& member : epoch->members) {
            if (epoch->key(member.log) != nullptr) add(log_key(*epoch, member));
            if (epoch->key(member.witness) == nullptr) continue;
            auto key = witness_key(*epoch, member);
            auto const* now = latest(key);
            // Whoever stole it cosigns what they like, with any time that they like.
            if (now == nullptr || now->status != "removed") add(std::move(key));
        }
    }
    std::vector<journal::NoteKey> out;
    out.reserve(keys.size());
    for (auto& [vkey, key] : keys) out.push_back(std::move(key));
    return out;
}

model::Key const* VerifiedEpochs::latest(journal::NoteKey const& key) const {
    auto const epoch = evidence.latest();
    auto const spki = key.spki();
    auto const found =
        std::ranges::find_if(epoch->keys, [&](model::Key const& known) { return known.spki == spki; });
    return found == epoch->keys.end() ? nullptr : &*found;
}

VerifiedEpochs verify_epochs(journal::Dossier const& dossier, Told const& told,
                             port::Verifier const& verifier, Findings& findings) {
    if (dossier.epochs.empty()) throw Error(Code::malformed, "this evidence holds no epoch");
    VerifiedEpochs out;
    std::shared_ptr<model::Epoch const> before;
    for (auto const& given : dossier.epochs) {
        auto const epoch = std::make_shared<model::Epoch const>(model::epoch_from_document(given.document));
        if (epoch->number != given.number || (before && epoch->number != before->number + 1))
            throw Error(Code::malformed, "the epochs of this evidence are not in order");
        for (auto const& act : given.acts) out.evidence.add(act, {});
        if (epoch->number == 0) {
            check_genesis(base::sha256(given.document), dossier.genesis.hex());
            verify_genesis(out.evidence, *epoch, verifier);
        } else if (before) {
            verify_commits(out.evidence, *before, *epoch, verifier);
        }
        out.evidence.make_final(*epoch);
        out.by_hash.emplace(base::sha256(given.document), epoch);
        before = epoch;
    }
    check_told(dossier, told, out, findings);
    findings.unchecked.push_back(
        fmt::format("that no epoch after {} removed a key that was stolen", before->number));
    findings.unchecked.emplace_back(
        "that the content of each epoch follows from the acts that it names "
        "('consortium epoch verify --bundle' does)");
    return out;
}

}  // namespace consortium::flow
