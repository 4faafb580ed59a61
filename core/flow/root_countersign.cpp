#include "core/flow/root_countersign.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/sign.h"
#include "core/flow/tuf.h"
#include "core/model/countersignature.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;
using model::Verdict;

namespace {

/// Where a version of the bundle stands in the chain; the last one by default.
std::size_t requested(std::vector<TufVersion> const& chain, State const& state,
                      std::optional<std::int64_t> version) {
    auto const wanted = carried_bundle(state.store, version).ordinal;
    return static_cast<std::size_t>(wanted - chain.front().carried.ordinal);
}

std::optional<std::int64_t> version_in(model::Request const& request, char const* flag) {
    if (!request.arguments->contains(flag)) return std::nullopt;
    return request.arguments->at(flag).get<std::int64_t>();
}

std::set<std::pair<Digest, Digest>> held_pairs(State const& state) {
    std::set<std::pair<Digest, Digest>> out;
    for (auto const& held : state.store.acts({.kind = "countersign", .member = state.self.member}))
        for (auto const& each : model::countersigning_from_json(*held.act.body).signatures)
            out.emplace(each.document, each.key);
    return out;
}

/// What one officer has to sign of one version: its own documents, and as one of those before, its root.
class Task {
public:
    Task(State const& state, std::set<std::pair<Digest, Digest>> const& held)
        : m_state(state), m_held(held) {}

    Json documents(std::vector<TufVersion> const& chain, std::size_t at) {
        m_documents = Json::array();
        auto const& version = chain[at];
        for (auto const& signer : version.signers)
            for (auto const& document : version.documents) add(signer, document);
        if (at == 0) return std::move(m_documents);
        for (auto const& signer : chain[at - 1].signers) add(signer, version.documents.front());
        return std::move(m_documents);
    }
    bool is_named() const { return m_named; }

private:
    void add(TufSigner const& signer, model::TufDocument const& document) {
        if (signer.officer != m_state.self.officer || !may_countersign(*m_state.epoch, signer)) return;
        m_named = true;
        Json const wanted{{"role", document.role}, {"key", signer.key.hex()}, {"text", document.bytes}};
        bool const again = std::ranges::find(m_documents, wanted) != m_documents.end();
        if (!again && !m_held.contains({document.digest, signer.key})) m_documents.push_back(wanted);
    }

    State const& m_state;
    std::set<std::pair<Digest, Digest>> const& m_held;
    Json m_documents;
    bool m_named = false;
};

std::string roles_of(Json const& documents) {
    std::vector<std::string> out;
    for (auto const& each : documents) {
        auto role = each.at("role").get<std::string>();
        if (std::ranges::find(out, role) == out.end()) out.push_back(std::move(role));
    }
    return base::join(out, ", ");
}

model::Step step_of(CarriedBundle const& carried, Json documents) {
    auto const about = fmt::format("trust bundle {}", carried.bundle.version);
    auto summary =
        fmt::format("countersign {} (digest {}, epoch {}) for TUF: {}", about,
                    base::sha256(carried.document).hex(), carried.epoch->number, roles_of(documents));
    return {"countersign", about, std::move(summary),
            JsonValue(Json{{"format", tuf_format}, {"about", about}, {"documents", std::move(documents)}})};
}

/// Nothing to sign: because all is signed, or because this officer is not asked.
void explain(Verdict& verdict, std::vector<TufVersion> const& chain, State const& state, bool named) {
    auto const& officer = state.self.officer;
    std::string words =
        named ? fmt::format("'{}' has countersigned all that there is", officer)
              : fmt::format("'{}' is not among the officers whom the charter's rule 'root' names", officer);
    for (auto const& version : chain)
        for (auto const& each : version.cannot)
            if (!named && each.starts_with(officer + ": "))
                words =
                    fmt::format("'{}' cannot: TUF's clients verify Ed25519 and P-256 only, and this is {}",
                                officer, each.substr(officer.size() + 2));
    verdict.require("countersignature", false, std::move(words));
    verdict.next = "consortium root export --type tuf -o DIR";
}

JsonValue sign_documents(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    model::Countersigning body{
        detail.at("format").get<std::string>(), detail.at("about").get<std::string>(), {}};
    for (auto const& each : detail.at("documents")) {
        auto const key = Digest::from_hex(each.at("key").get<std::string>());
        if (!services.keys.has(key)) continue;  // one that was replaced since, and is not kept
        auto const& text = each.at("text").get_ref<std::string const&>();
        body.signatures.push_back(
            {base::sha256(text), key, services.keys.open(key)->sign(base::as_bytes(text))});
    }
    if (body.signatures.empty())
        throw Error(
            Code::not_authorized,
            fmt::format("no key of '{}' that {} names is in this workspace", self.officer, body.about),
            "run 'consortium key list'");
    auto const act = sign({"countersign", {}, JsonValue(model::to_json(body)), false}, services, self);
    return JsonValue(Json{{"id", act.id.hex()}, {"envelope", act.envelope}});
}

JsonValue append_documents(model::Step const& step, JsonValue const& prepared, Services& services,
                           port::Transaction& transaction) {
    for (auto const& each : step.detail->at("documents"))
        transaction.put_file(each.at("text").get<std::string>());
    append_own(services, transaction, prepared->at("envelope").get<std::string>());
    return JsonValue(Json{{"id", prepared->at("id")}, {"kind", "countersign"}, {"about", step.target}});
}

Json record(TufStanding const& standing) {
    return {{"version", standing.version}, {"by", standing.by},     {"role", standing.role},
            {"need", standing.need},       {"have", standing.have}, {"missing", standing.missing},
            {"cannot", standing.cannot}};
}

std::string words_of(TufStanding const& standing) {
    auto out = fmt::format("{} of {}", standing.have.size(), standing.need);
    if (!standing.have.empty()) out += ": " + base::join(standing.have, ", ");
    if (!standing.missing.empty()) out += "; missing: " + base::join(standing.missing, ", ");
    if (!standing.cannot.empty()) out += "; cannot: " + base::join(standing.cannot, ", ");
    return out;
}

/// One line for whoever lacks the same signatures of several documents.
Error::Details lacks(std::vector<TufStanding> const& standings) {
    struct Lack {
        std::int64_t version, by;
        std::string words;
        std::vector<std::string> roles;
    };
    std::vector<Lack> all;
    for (auto const& each : standings) {
        if (each.verdict.allowed()) continue;
        auto words = words_of(each);
        auto const same = std::ranges::find_if(all, [&](Lack const& one) {
            return one.version == each.version && one.by == each.by && one.words == words;
        });
        if (same != all.end())
            same->roles.push_back(each.role);
        else
            all.push_back({each.version, each.by, std::move(words), {each.role}});
    }
    Error::Details out;
    for (auto& one : all)
        out.emplace_back(fmt::format("version {} ({}), officers of version {}", one.version,
                                     base::join(one.roles, ", "), one.by),
                         std::move(one.words));
    return out;
}

Json root_record(TufVersion const& version) {
    return {{"tuf", version.carried.ordinal},
            {"version", version.carried.bundle.version},
            {"epoch", version.carried.epoch->number}};
}

void check_standings(std::vector<TufStanding> const& standings) {
    bool refused = false, pending = false;
    for (auto const& each : standings) {
        refused = refused || each.verdict.ruling == Verdict::Ruling::refused;
        pending = pending || !each.verdict.allowed();
    }
    if (refused)
        throw Error(Code::refused,
                    "too few officers can ever countersign this chain: stock clients of TUF would refuse it",
                    "leave out what came before with --from N, and hand out that root to clients anew; "
                    "officers whom a later version is to count need keys of Ed25519 or P-256",
                    lacks(standings));
    if (pending)
        throw Error(Code::pending, "the chain has too few countersignatures for clients of TUF",
                    "ask those who are missing to run 'consortium root countersign', then 'consortium "
                    "exchange sync'",
                    lacks(standings));
}

}  // namespace

Applier const countersign_applier{.prepare = sign_documents, .append = append_documents};

model::Plan plan_root_countersign(State const& state, port::Certifier const& certifier,
                                  model::Request const& request) {
    auto const chain = tuf_chain(state.store, certifier);
    auto const one = version_in(request, "version");
    auto const last = requested(chain, state, one);
    auto const held = held_pairs(state);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    Task task(state, held);
    for (std::size_t at = one ? last : 0; at <= last; ++at) {
        auto documents = task.documents(chain, at);
        if (!documents.empty()) plan.steps.push_back(step_of(chain[at].carried, std::move(documents)));
    }
    if (plan.steps.empty()) explain(plan.verdict, chain, state, task.is_named());
    if (plan.verdict.allowed()) plan.verdict.next = "consortium exchange sync";
    return plan;
}

TufExport export_tuf(State const& state, Services const& services, model::Request const& request) {
    static_cast<void>(state.joined());
    auto const chain = tuf_chain(state.store, services.certifier);
    auto const last = requested(chain, state, version_in(request, "version"));
    auto const from = version_in(request, "from");
    auto const first = from ? requested(chain, state, from) : 0;
    if (first > last)
        throw Error(Code::usage, fmt::format("--from {} is after the version that is exported", *from),
                    "name an earlier one");
    auto const part = TufChain(chain).subspan(first, last - first + 1);
    TufSignatures const signatures(state, services.verifier);
    auto const standings = tuf_standings(state, part, signatures);
    check_standings(standings);
    TufExport out{{}, bundle_outcome(state, chain[last].carried, "tuf")};
    auto& outcome = out.outcome;
    auto data = *outcome.data;
    data["roots"] = Json::array();
    for (auto const& version : part) data["roots"].push_back(root_record(version));
    data["countersignatures"] = Json::array();
    for (auto const& each : standings) data["countersignatures"].push_back(record(each));
    outcome.data = JsonValue(std::move(data));
    out.files = tuf_files(part, signatures);
    return out;
}

}  // namespace consortium::flow
