#pragma once

#include "core/base/error.h"
#include "core/port/evidence.h"

#include <map>

/// What a workspace holds, in memory: for tests of the pure layers.
class MemoryEvidence : public consortium::port::Evidence {
public:
    std::optional<consortium::model::StoredAct> act(consortium::base::Digest const& id) const override {
        auto const at = m_index.find(id);
        if (at == m_index.end()) return std::nullopt;
        return m_acts[at->second];
    }
    bool has_act(consortium::base::Digest const& id) const override { return m_index.contains(id); }
    std::vector<consortium::model::StoredAct> acts(consortium::port::ActQuery const& query) const override {
        std::vector<consortium::model::StoredAct> out;
        for (auto const& held : m_acts) {
            auto const& one = held.act;
            if (!query.kind.empty() && one.kind != query.kind) continue;
            if (!query.member.empty() && one.member != query.member) continue;
            if (query.epoch && one.epoch.number != *query.epoch) continue;
            if (query.subject && consortium::model::subject_of(one) != *query.subject) continue;
            out.push_back(held);
        }
        return out;
    }
    std::vector<consortium::model::StoredAct> waiting(std::string const& kind) const override {
        auto out = acts({.kind = kind, .subject = {}, .epoch = {}, .member = {}});
        std::erase_if(out, [&](auto const& held) { return m_settled.contains(held.id); });
        return out;
    }
    std::optional<std::uint64_t> settled(consortium::base::Digest const& id) const override {
        auto const at = m_settled.find(id);
        return at == m_settled.end() ? std::nullopt : std::optional(at->second);
    }
    std::optional<std::string> file(consortium::base::Digest const& digest) const override {
        auto const at = m_files.find(digest);
        if (at == m_files.end()) return std::nullopt;
        return at->second;
    }
    bool has_file(consortium::base::Digest const& digest) const override { return m_files.contains(digest); }
    std::shared_ptr<consortium::model::Epoch const> epoch(std::uint64_t number) const override {
        auto const at = m_epochs.find(number);
        return at == m_epochs.end() ? nullptr : at->second;
    }
    std::shared_ptr<consortium::model::Epoch const> latest() const override {
        return m_epochs.empty() ? nullptr : m_epochs.rbegin()->second;
    }

    /// Appends an act, valid or not: validation is the test's. An act already held stays as it is.
    consortium::base::Digest add(std::string const& text, consortium::base::Instant received) {
        namespace model = consortium::model;
        auto const envelope = model::envelope_from_text(text);
        auto const id = model::act_id(envelope);
        if (has_act(id)) return id;
        m_index[id] = m_acts.size();
        m_acts.push_back({id, m_acts.size(), received,
                          model::act_from_json(consortium::base::parse_canonical(envelope.payload)), text});
        return id;
    }
    consortium::base::Digest add_file(std::string content) {
        auto const digest = consortium::base::sha256(content);
        m_files.emplace(digest, std::move(content));
        return digest;
    }
    void make_final(consortium::model::Epoch const& epoch) {
        add_file(consortium::model::document(epoch));
        for (auto const& id : epoch.own_changes) m_settled[id] = epoch.number;
        for (auto const& result : epoch.results) m_settled[result.proposal] = epoch.number;
        m_epochs[epoch.number] = std::make_shared<consortium::model::Epoch const>(epoch);
    }

    std::vector<consortium::model::StoredAct> const& all() const { return m_acts; }
    std::map<consortium::base::Digest, std::string> const& files() const { return m_files; }

private:
    std::vector<consortium::model::StoredAct> m_acts;
    std::map<consortium::base::Digest, std::size_t> m_index;
    std::map<consortium::base::Digest, std::string> m_files;
    std::map<consortium::base::Digest, std::uint64_t> m_settled;
    std::map<std::uint64_t, std::shared_ptr<consortium::model::Epoch const>> m_epochs;
};
