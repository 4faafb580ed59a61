#include "core/agreement/memory_evidence.h"

#include <nlohmann/json.hpp>

namespace consortium::agreement {

using base::Digest;
using model::StoredAct;

namespace {

bool fits(model::Act const& act, port::ActQuery const& query) {
    if (!query.kind.empty() && act.kind != query.kind) return false;
    if (!query.member.empty() && act.member != query.member) return false;
    if (query.epoch && act.epoch.number != *query.epoch) return false;
    return !query.subject || model::subject_of(act) == *query.subject;
}

}  // namespace

std::optional<StoredAct> MemoryEvidence::act(Digest const& id) const {
    auto const at = m_index.find(id);
    return at == m_index.end() ? std::nullopt : std::optional(m_acts[at->second]);
}

std::vector<StoredAct> MemoryEvidence::acts(port::ActQuery const& query) const {
    std::vector<StoredAct> out;
    if (query.kind.empty()) {
        for (auto const& held : m_acts)
            if (fits(held.act, query)) out.push_back(held);
        return out;
    }
    auto const of_kind = m_by_kind.find(query.kind);
    if (of_kind == m_by_kind.end()) return out;
    for (auto const index : of_kind->second)
        if (fits(m_acts[index].act, query)) out.push_back(m_acts[index]);
    return out;
}

std::vector<StoredAct> MemoryEvidence::waiting(std::string const& kind) const {
    auto out = acts({.kind = kind, .subject = {}, .epoch = {}, .member = {}});
    std::erase_if(out, [&](StoredAct const& held) { return m_settled.contains(held.id); });
    return out;
}

std::optional<std::uint64_t> MemoryEvidence::settled(Digest const& id) const {
    auto const at = m_settled.find(id);
    return at == m_settled.end() ? std::nullopt : std::optional(at->second);
}

std::optional<std::string> MemoryEvidence::file(Digest const& digest) const {
    auto const at = m_files.find(digest);
    return at == m_files.end() ? std::nullopt : std::optional(at->second);
}

std::shared_ptr<model::Epoch const> MemoryEvidence::epoch(std::uint64_t number) const {
    auto const at = m_epochs.find(number);
    return at == m_epochs.end() ? nullptr : at->second;
}

std::shared_ptr<model::Epoch const> MemoryEvidence::latest() const {
    return m_epochs.empty() ? nullptr : m_epochs.rbegin()->second;
}

Digest MemoryEvidence::add(std::string const& text, base::Instant received) {
    auto const envelope = model::envelope_from_text(text);
    auto const id = model::act_id(envelope);
    if (has_act(id)) return id;
    auto act = model::act_from_text(envelope.payload);
    auto const index = m_acts.size();
    m_index[id] = index;
    m_by_kind[act.kind].push_back(index);
    m_acts.push_back({id, index, received, std::move(act), text});
    return id;
}

Digest MemoryEvidence::add_file(std::string content) {
    auto const digest = base::sha256(content);
    m_files.emplace(digest, std::move(content));
    return digest;
}

void MemoryEvidence::make_final(model::Epoch const& epoch) {
    add_file(model::document(epoch));
    for (auto const& id : epoch.own_changes) m_settled[id] = epoch.number;
    for (auto const& result : epoch.results)
        if (result.outcome != "continues") m_settled[result.proposal] = epoch.number;
    m_epochs[epoch.number] = std::make_shared<model::Epoch const>(epoch);
}

}  // namespace consortium::agreement
