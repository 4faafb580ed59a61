#pragma once

#include "tests/support/simulation/library.h"

#include <random>

namespace consortium::simulation {

/// What a test may take out, to see that the simulation notices.
struct Rules {
    bool carry = true;    // skips carry what was prepared
    bool relay = true;    // who pulls an act publishes it
    bool restore = true;  // a seat restored from a backup stays silent
};

class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed * 0x9e3779b97f4a7c15u + 1) {}
    /// splitmix64
    std::uint64_t next() {
        auto z = m_state += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
    }
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
    }
    bool percent(std::int64_t chance) { return below(100) < chance; }
    std::size_t index(std::size_t size) { return next() % size; }

private:
    std::uint64_t m_state;
};

/// A seat key by generation, made once: founders have generation 0.
inline model::NewKey new_seat_key(std::string const& member, int generation) {
    thread_local std::map<std::pair<std::string, int>, model::NewKey> made;
    auto& key = made[{member, generation}];
    if (key.spki.empty())
        key = {"ed25519", TestSigner("seat " + std::to_string(generation) + " of " + member).public_key()};
    return key;
}

/// One member's workspace: it pulls, its seat acts, and what it holds is published.
class Seat {
public:
    Seat(std::string id, std::size_t number, Library& library, Rules const& rules)
        : m_id(std::move(id)), m_number(number), m_library(library), m_rules(rules) {}

    std::string const& id() const { return m_id; }
    std::size_t number() const { return m_number; }
    model::Epoch const& epoch() const { return *holding.latest(); }
    bool votes() const {
        auto const* self = epoch().member(m_id);
        return self != nullptr && self->status == "active" && self->votes;
    }
    bool silent() const {
        auto const* self = epoch().member(m_id);
        return silenced != Digest{} && self != nullptr && self->seat == silenced;
    }
    agreement::Seat seat() const { return {m_id, final_here, silenced}; }

    void found(std::shared_ptr<model::Epoch const> const& start, base::Instant when) {
        holding.make_final(start);
        final_here = when;
    }

    /// An act of this member; every one it makes is stored here.
    Item* make(model::Draft const& draft, std::vector<std::string> const& files = {}) {
        for (auto const& file : files)
            holding.add_file(base::sha256(file), std::make_shared<std::string const>(file));
        model::Act act;
        act.kind = draft.kind;
        act.genesis = m_library.genesis();
        act.epoch = agreement::reference_of(holding.latest());
        act.member = m_id;
        act.officer = draft.by_seat ? "" : test::officer_of(m_id);
        act.key = draft.by_seat ? epoch().member(m_id)->seat : epoch().officer(act.officer)->key;
        act.time = now;
        act.refs = draft.refs;
        act.body = draft.body;
        return m_library.add(std::move(act), holding);
    }
    /// Stores an act that was made here; false if it is not valid.
    bool keep(Item* item) {
        if (m_library.judge(*item, holding) != Library::Answer::accepted) return false;
        store(item);
        return true;
    }

    /// Takes an act as it arrives; what it names may be missing.
    void receive(Item* item) {
        if (holding.has_act(item->stored.id)) return;
        switch (m_library.judge(*item, holding)) {
            case Library::Answer::accepted:
                store(item);
                break;
            case Library::Answer::waits:
                if (std::find(orphans.begin(), orphans.end(), item) == orphans.end()) orphans.push_back(item);
                break;
            case Library::Answer::rejected:
                break;
        }
    }
    void retry_orphans() {
        for (bool again = true; again && !orphans.empty();) {
            again = false;
            auto waiting = std::move(orphans);
            orphans.clear();
            for (auto* item : waiting) {
                receive(item);
                again = again || holding.has_act(item->stored.id);
            }
        }
    }

    /// The seat's loop; returns when it waits. Only called for honest seats.
    void step() {
        guard([&] { act_until_waiting(); });
    }
    /// Runs something that looks for final epochs; notes a fork.
    template <typename Work>
    void guard(Work const& work) {
        if (stopped) return;
        try {
            work();
        } catch (base::Error const& error) {
            // Two quorums of commits: it has seen a fork.
            if (error.code() != base::Code::verification_failed) throw;
            m_library.note_fork();
            stopped = true;
        }
    }
    void act_until_waiting() {
        for (;;) {
            auto next = agreement::next_action(holding, seat(), now);
            ++actions;
            if (auto* sign = std::get_if<agreement::Sign>(&next)) {
                forget_carrying(*sign);
                auto* item = make(sign->draft, sign->files);
                if (!keep(item))
                    throw std::runtime_error(m_id + "'s own " + sign->draft.kind +
                                             " is not valid: " + m_library.last_rejection());
            } else if (auto* found = std::get_if<agreement::Final>(&next)) {
                make_final(*found);
            } else {
                auto& wait = std::get<agreement::Wait>(next);
                until = wait.until;
                words = std::move(wait.words);
                asks_person = wait.needs_person;
                return;
            }
        }
    }
    void make_final(agreement::Final const& found) {
        holding.make_final(m_library.share(found.epoch, found.reference.hash));
        if (!liar) m_library.note_final(found.reference.number, found.reference.hash);
        final_here = now;
        retry_orphans();
    }

    /// Back to an earlier state of the workspace. Its published tree begins anew.
    struct Backup {
        Holding holding;
        std::vector<Item*> published;
        base::Instant final_here;
    };
    Backup backup() const { return {holding, published, final_here}; }
    void restore(Backup const& backup) {
        holding = backup.holding;
        published = backup.published;
        final_here = backup.final_here;
        orphans.clear();
        cursors.clear();
        ++generation;
        if (m_rules.restore && !liar) silenced = epoch().member(m_id)->seat;
        restored = true;
    }

    Holding holding;
    std::vector<Item*> published, orphans;
    std::map<std::size_t, std::pair<int, std::size_t>> cursors;  // peer -> its generation, entries read
    base::Instant now, final_here;
    base::Duration skew;
    Digest silenced = {};
    int generation = 0;
    bool liar = false, restored = false, stopped = false, asks_person = false;
    std::optional<base::Instant> until;
    std::string words;
    std::size_t actions = 0;

private:
    void store(Item* item) {
        holding.add(item, now);
        if (m_rules.relay || item->act().member == m_id) published.push_back(item);
    }
    void forget_carrying(agreement::Sign& sign) const {
        if (m_rules.carry || sign.draft.kind != "skip") return;
        auto skip = model::skip_from_json(*sign.draft.body);
        skip.carried.reset();
        sign.draft.body = base::JsonValue(model::to_json(skip));
        sign.draft.refs.clear();
    }

    std::string m_id;
    std::size_t m_number;
    Library& m_library;
    Rules m_rules;
};

}  // namespace consortium::simulation
