#include "core/flow/tuf.h"

#include "core/agreement/ballots.h"
#include "core/base/error.h"
#include "core/model/countersignature.h"
#include "core/policy/approval.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using model::TufDocument;
using model::Verdict;

namespace {

std::string why_not(std::string const& algorithm) {
    return algorithm == "ssh" ? "a key of SSH" : "a key of type " + algorithm;
}

/// People count once in a charter, keys in TUF: of a person the first officer with a key that will do.
void name_signers(TufVersion& version) {
    auto const& epoch = *version.carried.epoch;
    std::set<std::string> people;
    for (auto const* officer : policy::approvers(epoch, version.rule)) {
        auto const* key = epoch.key(officer->key);
        auto tuf = model::tuf_key(key->algorithm, key->spki);
        if (!tuf)
            version.cannot.push_back(officer->id + ": " + why_not(key->algorithm));
        else if (people.insert(policy::person_of(*officer)).second)
            version.signers.push_back({officer->id, key->id, key->spki, *std::move(tuf)});
    }
}

std::string proposer_of(port::Evidence const& evidence, CarriedBundle const& carried) {
    auto const wanted = base::sha256(carried.document).hex();
    for (auto const& result : carried.epoch->results) {
        bool const fits = result.action == "root.trust" && result.detail->value("bundle", "") == wanted;
        auto const act = fits ? evidence.act(result.proposal) : std::nullopt;
        if (act) return act->act.officer;
    }
    return {};
}

std::string pem_of(std::vector<model::TrustedCertificate> const& all, port::Certifier const& certifier) {
    std::string out;
    for (auto const& each : all) out += certifier.pem("CERTIFICATE", each.certificate);
    return out;
}

std::vector<model::TufTarget> targets_of(CarriedBundle const& carried, port::Certifier const& certifier) {
    std::vector<model::TufTarget> out{{"bundle.json", carried.document}};
    auto const& bundle = carried.bundle;
    for (auto const& [name, part] : {std::pair("roots.pem", &bundle.roots),
                                     {"links.pem", &bundle.links},
                                     {"intermediates.pem", &bundle.intermediates}}) {
        if (!part->empty()) out.push_back({name, pem_of(*part, certifier)});
    }
    return out;
}

base::Instant end_of(model::TrustBundle const& bundle, port::Certifier const& certifier) {
    auto const end = [&](model::TrustedCertificate const& root) {
        return certifier.describe(root.certificate).content.not_after;
    };
    auto first = end(bundle.roots.at(0));
    for (auto const& root : bundle.roots) first = std::min(first, end(root));
    return first;
}

Json origin_of(CarriedBundle const& carried, base::Digest const& genesis) {
    auto const epoch = model::reference(*carried.epoch);
    return {
        {"genesis", genesis.hex()},
        {"epoch", {{"number", epoch.number}, {"hash", epoch.hash.hex()}}},
        {"bundle", {{"version", carried.bundle.version}, {"sha256", base::sha256(carried.document).hex()}}}};
}

TufVersion version_of(port::Evidence const& evidence, port::Certifier const& certifier,
                      CarriedBundle carried) {
    TufVersion out;
    auto const* rule = carried.epoch->charter.approval("root");
    if (rule == nullptr)
        throw Error(Code::refused,
                    fmt::format("in epoch {} the charter had no approval rule 'root', so nobody's signature "
                                "stands for the trust bundle",
                                carried.epoch->number));
    out.rule = *rule;
    out.proposer = proposer_of(evidence, carried);
    out.targets = targets_of(carried, certifier);
    out.carried = std::move(carried);
    name_signers(out);
    model::TufTerms terms;
    terms.version = out.carried.ordinal;
    terms.expires = end_of(out.carried.bundle, certifier);
    for (auto const& signer : out.signers) terms.keys.push_back(signer.tuf);
    terms.threshold = out.rule.officers;
    terms.targets = out.targets;
    terms.origin = origin_of(out.carried, model::reference(*evidence.epoch(0)).hash);
    out.documents = model::tuf_documents(terms);
    return out;
}

Verdict count(TufVersion const& by, TufDocument const& document, std::string const& proposer,
              std::vector<std::string> const& officers) {
    std::vector<policy::Signature> signatures;
    signatures.reserve(officers.size());
    for (auto const& officer : officers) signatures.push_back({officer, document.digest});
    return policy::approved(*by.carried.epoch, by.rule, {document.digest, proposer}, signatures);
}

/// Why a signature of this officer would not count, though its key is in the metadata.
std::string objection(TufVersion const& of, TufVersion const& by, TufDocument const& document,
                      TufSigner const& signer) {
    auto const verdict =
        policy::may_approve(*by.carried.epoch, by.rule, {document.digest, of.proposer}, {}, signer.officer);
    if (verdict.allowed()) return {};
    return signer.officer + ": proposed the bundle, which the charter does not count";
}

TufStanding standing(State const& state, TufVersion const& of, TufVersion const& by,
                     TufDocument const& document, TufSignatures const& signatures) {
    TufStanding out;
    out.version = of.carried.bundle.version;
    out.by = by.carried.bundle.version;
    out.role = document.role;
    out.need = by.rule.officers;
    out.cannot = by.cannot;
    for (auto const& signer : by.signers) {
        if (auto why = objection(of, by, document, signer); !why.empty())
            out.cannot.push_back(std::move(why));
        else if (signatures.of(signer, document))
            out.have.push_back(signer.officer);
        else if (may_countersign(*state.epoch, signer))
            out.missing.push_back(signer.officer);
        else
            out.cannot.push_back(signer.officer + ": no officer with that key any more");
    }
    auto possible = out.have;
    possible.insert(possible.end(), out.missing.begin(), out.missing.end());
    out.verdict = count(by, document, of.proposer, out.have);
    if (!out.verdict.allowed())
        out.verdict.ruling = count(by, document, of.proposer, possible).allowed() ? Verdict::Ruling::pending
                                                                                  : Verdict::Ruling::refused;
    return out;
}

using Signed = std::vector<std::pair<std::string, std::string>>;

void collect(Signed& out, TufVersion const& by, TufDocument const& document,
             TufSignatures const& signatures) {
    for (auto const& signer : by.signers) {
        auto const signature = signatures.of(signer, document);
        if (signature) out.emplace_back(signer.tuf.id, base::to_hex(*signature));
    }
}

/// Keyids once each: a client refuses metadata that names one twice.
std::string file_of(TufDocument const& document, Signed found) {
    std::ranges::sort(found);
    auto const same = [](auto const& a, auto const& b) { return a.first == b.first; };
    found.erase(std::unique(found.begin(), found.end(), same), found.end());
    return model::tuf_file(document, found);
}

}  // namespace

bool may_countersign(model::Epoch const& now, TufSigner const& signer) {
    auto const* officer = now.officer(signer.officer);
    auto const* key = now.key(signer.key);
    return officer != nullptr && officer->status == "active" && key != nullptr && key->status != "removed";
}

std::vector<TufVersion> tuf_chain(port::Evidence const& evidence, port::Certifier const& certifier) {
    static_cast<void>(carried_bundle(evidence, std::nullopt));
    std::vector<TufVersion> out;
    for (auto& carried : carried_bundles(evidence))
        out.push_back(version_of(evidence, certifier, std::move(carried)));
    return out;
}

TufSignatures::TufSignatures(State const& state, port::Verifier const& verifier)
    : m_state(state), m_verifier(verifier) {
    for (auto const& held : state.store.acts({.kind = "countersign"})) {
        auto body = model::countersigning_from_json(*held.act.body);
        if (body.format != tuf_format) continue;
        for (auto& each : body.signatures)
            m_held.try_emplace({each.document, each.key}, std::move(each.signature));
    }
}

std::optional<base::Bytes> TufSignatures::of(TufSigner const& signer, TufDocument const& document) const {
    auto const found = m_held.find({document.digest, signer.key});
    if (found == m_held.end() || agreement::removed_for_cause(*m_state.epoch, signer.key))
        return std::nullopt;
    bool const holds = m_verifier.verify("raw", signer.spki, base::as_bytes(document.bytes), found->second);
    return holds ? std::optional(found->second) : std::nullopt;
}

std::vector<TufStanding> tuf_standings(State const& state, TufChain chain, TufSignatures const& signatures) {
    std::vector<TufStanding> out;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        auto const& root = chain[i].documents.front();
        if (i > 0) out.push_back(standing(state, chain[i], chain[i - 1], root, signatures));
        out.push_back(standing(state, chain[i], chain[i], root, signatures));
    }
    auto const& now = chain.back();
    for (std::size_t role = 1; role < now.documents.size(); ++role)
        out.push_back(standing(state, now, now, now.documents[role], signatures));
    return out;
}

Files tuf_files(TufChain chain, TufSignatures const& signatures) {
    Files out;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        auto const& root = chain[i].documents.front();
        Signed found;
        collect(found, chain[i], root, signatures);
        if (i > 0) collect(found, chain[i - 1], root, signatures);
        out.emplace_back(fmt::format("{}.root.json", chain[i].carried.ordinal),
                         file_of(root, std::move(found)));
    }
    auto const& now = chain.back();
    for (std::size_t role = 1; role < now.documents.size(); ++role) {
        auto const& document = now.documents[role];
        Signed found;
        collect(found, now, document, signatures);
        auto const name = document.role + ".json";
        out.emplace_back(
            document.role == "timestamp" ? name : fmt::format("{}.{}", now.carried.ordinal, name),
            file_of(document, std::move(found)));
    }
    for (auto const& target : now.targets)
        out.emplace_back(fmt::format("targets/{}.{}", base::sha256(target.content).hex(), target.name),
                         target.content);
    return out;
}

}  // namespace consortium::flow
