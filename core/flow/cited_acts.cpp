#include "core/flow/cited_acts.h"

#include "core/agreement/credential.h"
#include "core/base/error.h"
#include "core/flow/audit.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Digest;
using base::Json;

namespace {

journal::Proof prove(port::Store const& store, std::uint64_t index, port::Head const& head,
                     journal::SubtreeReader const& read) {
    return {store.entry(index).leaf, index, journal::inclusion_proof(index, head.size, read),
            head.checkpoint};
}

/// The officer's key, as the latest epoch names it.
std::shared_ptr<port::Signer> officer_key(State const& state, Services& services) {
    auto const* officer = state.joined().officer(state.self.officer);
    if (officer == nullptr || officer->member != state.self.member || !services.keys.has(officer->key))
        throw base::Error(base::Code::not_authorized,
                          "the key of officer '" + state.self.officer + "' is not in this workspace",
                          "name an officer with --as");
    return services.keys.open(officer->key);
}

}  // namespace

std::shared_ptr<model::Epoch const> deciding_epoch(State const& state, Digest const& proposal,
                                                   model::Result const*& result) {
    for (auto number = state.joined().number + 1; number-- > 0;) {
        auto epoch = state.store.epoch(number);
        if (!epoch) break;
        for (auto const& one : epoch->results)
            if (one.proposal == proposal) {
                result = &one;
                return epoch;
            }
    }
    return nullptr;
}

void cite_commits(State const& state, std::uint64_t epoch, Citations& cited) {
    auto const object = state.store.object("epoch", std::to_string(epoch));
    if (!object) return;
    for (auto const& commit : object->data->value("commits", Json::array()))
        cited.emplace(Digest::from_hex(commit.get<std::string>()), fmt::format("commits to epoch {}", epoch));
}

Json cited_acts(port::Store const& store, Citations const& cited, port::Head const& head) {
    auto const read =
        journal::subtrees_of([&](int level, std::uint64_t number) { return store.tile(level, number); });
    std::vector<model::StoredAct> found;
    for (auto const& [id, why] : cited)
        if (auto act = store.act(id)) found.push_back(std::move(*act));
    std::sort(found.begin(), found.end(),
              [](auto const& left, auto const& right) { return left.index < right.index; });
    Json out = Json::array();
    for (auto const& act : found)
        out.push_back({{"id", act.id.hex()},
                       {"name", model::short_name(act.id)},
                       {"kind", act.act.kind},
                       {"member", act.act.member},
                       {"officer", act.act.officer},
                       {"received", act.received.text()},
                       {"index", act.index},
                       {"why", cited.at(act.id)},
                       {"file", fmt::format("proofs/{}.tlog-proof", act.index)},
                       {"proof", prove(store, act.index, head, read).text()}});
    return out;
}

Json journal_record(Services& services, port::Head const& head) {
    auto const key = own_log_key(services);
    return {{"origin", key.name},
            {"size", head.size},
            {"root", head.root.hex()},
            {"checkpoint", head.checkpoint},
            {"vkey", key.vkey()}};
}

void write_proofs(base::Path const& folder, Json const& acts) {
    base::make_folder(folder / "proofs");
    for (auto const& act : acts)
        base::write_file(folder / act["file"].get<std::string>(), act["proof"].get_ref<std::string const&>());
}

SignedReport sign_report(State const& state, Services& services, Json const& report,
                         std::string_view payload_type) {
    auto const signer = officer_key(state, services);
    SignedReport out;
    out.text = base::canonical(report);
    // A DSSE envelope whose payload is the report: tools for DSSE verify it with the officer's key.
    model::Envelope envelope;
    envelope.payload_type = payload_type;
    envelope.payload = out.text;
    envelope.key_id = signer->id().hex();
    envelope.scheme = agreement::scheme_of(signer->algorithm());
    envelope.signature = signer->sign(base::as_bytes(model::pre_authentication(envelope)));
    out.envelope = model::to_text(envelope);
    out.signature = base::JsonValue(Json{{"member", state.self.member},
                                         {"officer", state.self.officer},
                                         {"key", signer->id().hex()},
                                         {"algorithm", signer->algorithm()},
                                         {"digest", base::sha256(out.text).hex()}});
    return out;
}

}  // namespace consortium::flow
