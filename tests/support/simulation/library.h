#pragma once

#include "core/agreement/document.h"
#include "core/agreement/reference.h"
#include "core/agreement/validation.h"
#include "core/base/error.h"
#include "tests/support/seats.h"

#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>

/// A simulation of agreement: every act is made, parsed and judged once, whoever holds it.
namespace consortium::simulation {

using base::Digest;

struct DigestHash {
    std::size_t operator()(Digest const& digest) const {
        std::size_t out = 0;
        for (std::size_t i = 0; i < sizeof out; ++i) out = out << 8 | digest.bytes[i];
        return out;
    }
};

/// An act, with what is the same wherever it is held.
struct Item {
    model::StoredAct stored;  // without an envelope text
    agreement::Named named;
    Digest subject;
    bool judged = false, valid = false;
    std::uint32_t shown = ~0u;  // to whom its author shows it, a bit a member; relaying knows no bounds

    model::Act const& act() const { return stored.act; }
};

/// What one workspace holds. Items and files live in the library.
class Holding : public port::Evidence {
public:
    using Files = std::unordered_map<Digest, std::shared_ptr<std::string const>, DigestHash>;

    std::optional<model::StoredAct> act(Digest const& id) const override {
        auto const at = m_index.find(id);
        return at == m_index.end() ? std::nullopt : std::optional(stored(at->second));
    }
    bool has_act(Digest const& id) const override { return m_index.contains(id); }
    std::vector<model::StoredAct> acts(port::ActQuery const& query) const override {
        std::vector<model::StoredAct> out;
        each(query, [&](std::size_t index) { out.push_back(stored(index)); });
        return out;
    }
    std::size_t count(port::ActQuery const& query) const override {
        std::size_t found = 0;
        each(query, [&](std::size_t) { ++found; });
        return found;
    }
    std::vector<model::StoredAct> waiting(std::string const& kind) const override {
        std::vector<model::StoredAct> out;
        each({.kind = kind, .subject = {}, .epoch = {}, .member = {}}, [&](std::size_t index) {
            if (!m_settled.contains(m_held[index].item->stored.id)) out.push_back(stored(index));
        });
        return out;
    }
    std::optional<std::uint64_t> settled(Digest const& id) const override {
        auto const at = m_settled.find(id);
        return at == m_settled.end() ? std::nullopt : std::optional(at->second);
    }
    std::optional<std::string> file(Digest const& digest) const override {
        auto const at = m_files.find(digest);
        return at == m_files.end() ? std::nullopt : std::optional(*at->second);
    }
    bool has_file(Digest const& digest) const override { return m_files.contains(digest); }
    std::shared_ptr<model::Epoch const> epoch(std::uint64_t number) const override {
        return number < m_epochs.size() ? m_epochs[number] : nullptr;
    }
    std::shared_ptr<model::Epoch const> latest() const override {
        return m_epochs.empty() ? nullptr : m_epochs.back();
    }

    void add(Item const* item, base::Instant received) {
        auto const index = m_held.size();
        m_index.emplace(item->stored.id, index);
        m_held.push_back({item, received});
        m_by_kind[item->act().kind].push_back(index);
        m_by_epoch[{item->act().epoch.number, item->act().kind}].push_back(index);
        m_by_subject[item->subject].push_back(index);
    }
    void add_file(Digest const& digest, std::shared_ptr<std::string const> content) {
        m_files.emplace(digest, std::move(content));
    }
    std::shared_ptr<std::string const> shared_file(Digest const& digest) const {
        auto const at = m_files.find(digest);
        return at == m_files.end() ? nullptr : at->second;
    }
    void make_final(std::shared_ptr<model::Epoch const> const& epoch) {
        for (auto const& id : epoch->own_changes) m_settled[id] = epoch->number;
        for (auto const& result : epoch->results)
            if (result.outcome != "continues") m_settled[result.proposal] = epoch->number;
        m_epochs.push_back(epoch);
    }
    Item const* item(std::size_t index) const { return m_held[index].item; }
    base::Instant received(std::size_t index) const { return m_held[index].received; }
    std::size_t size() const { return m_held.size(); }
    std::optional<base::Instant> received(Digest const& id) const {
        auto const at = m_index.find(id);
        return at == m_index.end() ? std::nullopt : std::optional(m_held[at->second].received);
    }

private:
    struct Held {
        Item const* item;
        base::Instant received;
    };

    model::StoredAct stored(std::size_t index) const {
        auto out = m_held[index].item->stored;
        out.index = index;
        out.received = m_held[index].received;
        return out;
    }
    template <typename Index, typename Key>
    static std::vector<std::size_t> const& find(Index const& index, Key const& key) {
        static std::vector<std::size_t> const none;
        auto const at = index.find(key);
        return at == index.end() ? none : at->second;
    }
    template <typename Take>
    void each(port::ActQuery const& query, Take const& take) const {
        auto const& candidates = query.subject ? find(m_by_subject, *query.subject)
                                 : query.epoch ? find(m_by_epoch, std::pair(*query.epoch, query.kind))
                                               : find(m_by_kind, query.kind);
        for (auto const index : candidates) {
            auto const& act = m_held[index].item->act();
            bool const fits = act.kind == query.kind &&
                              (query.member.empty() || act.member == query.member) &&
                              (!query.epoch || act.epoch.number == *query.epoch);
            if (fits) take(index);
        }
    }

    std::vector<Held> m_held;
    std::unordered_map<Digest, std::size_t, DigestHash> m_index;
    std::unordered_map<std::string, std::vector<std::size_t>> m_by_kind;
    std::map<std::pair<std::uint64_t, std::string>, std::vector<std::size_t>> m_by_epoch;
    std::unordered_map<Digest, std::vector<std::size_t>, DigestHash> m_by_subject;
    Files m_files;
    std::unordered_map<Digest, std::uint64_t, DigestHash> m_settled;
    std::vector<std::shared_ptr<model::Epoch const>> m_epochs;
};

/// Signatures are left out: in a history nobody can sign for somebody else.
class NoSignatures : public port::Verifier {
public:
    bool verify(std::string_view, base::BytesView, base::BytesView, base::BytesView) const override {
        return true;
    }
};

/// All acts of one history, and which epochs honest members saw become final.
class Library {
public:
    Library(Digest const& genesis, std::uint64_t seed) : m_genesis(genesis), m_seed(seed) {}

    Digest const& genesis() const { return m_genesis; }

    Item* add(model::Act act, Holding const& maker) {
        act.nonce = std::to_string(m_items.size());
        m_items.push_back(std::make_unique<Item>());
        auto& item = *m_items.back();
        item.stored.id = base::sha256(std::to_string(m_seed) + act.kind + act.member + act.nonce);
        item.subject = model::subject_of(act);
        item.named = agreement::named_by(maker, act);
        item.stored.act = std::move(act);
        return &item;
    }

    enum class Answer { accepted, waits, rejected };
    /// What validate() says, asked once: it is the same wherever all that the act names is held.
    Answer judge(Item& item, Holding const& holding) {
        auto const& act = item.act();
        auto const epoch = holding.epoch(act.epoch.number);
        if (!epoch) return Answer::waits;
        if (agreement::reference_of(epoch) != act.epoch) return Answer::rejected;
        for (auto const& id : item.named.files)
            if (!holding.has_file(id)) return Answer::waits;
        for (auto const& id : item.named.acts)
            if (!holding.has_act(id)) return Answer::waits;
        if (!item.judged) {
            item.judged = true;
            item.valid = really_judge(item, holding);
        }
        return item.valid ? Answer::accepted : Answer::rejected;
    }

    /// One object an epoch, however many hold it.
    std::shared_ptr<model::Epoch const> share(model::Epoch const& epoch, Digest const& hash) {
        auto& known = m_epochs[hash];
        if (!known) known = std::make_shared<model::Epoch const>(epoch);
        return known;
    }
    /// What an honest seat saw become final. Two of one number are a fork.
    void note_final(std::uint64_t number, Digest const& hash) {
        auto const [at, fresh] = m_finals.emplace(number, hash);
        m_forked = m_forked || (!fresh && at->second != hash);
    }
    void note_fork() { m_forked = true; }
    bool forked() const { return m_forked; }
    std::map<std::uint64_t, Digest> const& finals() const { return m_finals; }
    std::vector<std::unique_ptr<Item>> const& items() const { return m_items; }
    std::string const& last_rejection() const { return m_rejection; }

private:
    bool really_judge(Item const& item, Holding const& holding) {
        model::Envelope envelope;
        envelope.payload = item.stored.id.hex();
        agreement::Acceptance answer;
        try {
            answer = agreement::judge_act(envelope, item.act(), {holding, m_verifier, m_genesis});
        } catch (base::Error const& error) {
            answer.reason = error.message();
        }
        bool const accepted = answer.result == agreement::Acceptance::Result::accepted;
        if (!accepted) m_rejection = item.act().kind + " of " + item.act().member + ": " + answer.reason;
        return accepted;
    }

    Digest m_genesis;
    std::uint64_t m_seed;
    NoSignatures m_verifier;
    std::vector<std::unique_ptr<Item>> m_items;
    std::map<Digest, std::shared_ptr<model::Epoch const>> m_epochs;
    std::map<std::uint64_t, Digest> m_finals;
    bool m_forked = false;
    std::string m_rejection;
};

}  // namespace consortium::simulation
