#include "core/model/own_change.h"
#include "tests/support/seats.h"

#include <nlohmann/json.hpp>
#include <random>

using namespace consortium;
using namespace consortium::test;
using base::Digest;

namespace {

constexpr std::size_t member_count = 5;
constexpr int target_proposals = 3;

/// Five workspaces that vote, exchange and agree in an order drawn from a seed: deliveries are dropped and
/// doubled, clocks are up to two minutes apart.
class History {
public:
    explicit History(unsigned seed) : m_random(seed) {
        auto start = founding({"a", "b", "c", "d", "e"});
        start.charter.grace = base::Duration::from_text("PT30M");
        start.charter.decisions[0].window = base::Duration::from_text("PT10M");
        auto const genesis = model::reference(start).hash;
        for (auto const& member : start.members) {
            m_seats.push_back(std::make_unique<Workspace>(member.id, start, genesis));
            m_skew.push_back(base::Duration{draw(240) - 120});
        }
    }

    void run() {
        for (int round = 0; round < 1000 && !agreed(); ++round) {
            m_now = m_now + base::Duration{30 + draw(60)};
            auto const who = static_cast<std::size_t>(draw(member_count));
            auto& one = *m_seats[who];
            one.now = m_now + m_skew[who];
            speak(one);
            deliver(*m_seats[static_cast<std::size_t>(draw(member_count))], one);
            one.step();
        }
    }

    bool agreed() const {
        if (static_cast<int>(m_proposals.size()) < target_proposals) return false;
        auto const number = m_seats.front()->evidence.latest()->number;
        return std::all_of(m_seats.begin(), m_seats.end(), [&](auto const& one) {
            auto const epoch = one->evidence.latest();
            return epoch->number == number &&
                   std::all_of(m_proposals.begin(), m_proposals.end(), [&](Digest const& proposal) {
                       return one->evidence.settled(proposal).has_value();
                   });
        });
    }
    std::vector<std::unique_ptr<Workspace>> const& seats() const { return m_seats; }

private:
    std::int64_t draw(std::int64_t below) { return static_cast<std::int64_t>(m_random() % below); }

    // Opens proposals, votes on what is known here, changes a vote, adds an officer: now and then.
    void speak(Workspace& one) {
        if (static_cast<int>(m_proposals.size()) < target_proposals && draw(8) == 0)
            m_proposals.push_back(one.propose(upgrade("r-" + std::to_string(m_proposals.size())),
                                              one.now + base::Duration{600 + draw(600)}));
        for (auto const& proposal : agreement::open_proposals(one.evidence)) {
            if (proposal.base->member(one.member()) == nullptr || one.now >= proposal.body.closes) continue;
            vote(one, proposal.id);
        }
        if (draw(60) == 0) change_officer(one);
    }

    void vote(Workspace& one, Digest const& proposal) {
        auto const mine =
            one.evidence.acts({.kind = "ballot", .subject = proposal, .epoch = {}, .member = one.member()});
        std::string const choice = draw(4) == 0 ? "no" : "yes";
        if (mine.empty()) {
            if (draw(4) == 0) one.cast(proposal, choice);
        } else if (draw(30) == 0) {
            auto const last = static_cast<std::int64_t>(mine.size()) - 1;
            one.cast(proposal, choice, last + 1, {mine.back().id});
        }
    }

    void change_officer(Workspace& one) {
        auto const mine = one.evidence.acts({.kind = "own", .member = one.member()});
        auto const name = one.member() + "-officer-" + std::to_string(mine.size());
        TestSigner const key(name);
        model::OwnChange change;
        change.kind = "officer.add";
        change.officer = model::NewOfficer{name, name, {"legal"}, {"ed25519", key.public_key()}};
        std::vector<Digest> refs;
        if (!mine.empty()) refs.push_back(mine.back().id);
        one.say({"own", refs, base::JsonValue(model::to_json(change)), false});
    }

    void deliver(Workspace const& from, Workspace& to) {
        std::vector<std::string> envelopes;
        for (auto const& held : from.evidence.all()) {
            bool const known = to.evidence.has_act(held.id);
            if (draw(100) < (known ? 97 : 30)) continue;  // dropped
            envelopes.push_back(held.envelope);
            if (!known && draw(10) < 2) envelopes.push_back(held.envelope);  // doubled
        }
        std::shuffle(envelopes.begin(), envelopes.end(), m_random);
        for (auto const& [digest, content] : from.evidence.files())
            if (draw(10) >= 3) to.evidence.add_file(content);
        for (auto const& envelope : envelopes) to.receive(envelope);
        to.retry_orphans();
    }

    std::mt19937 m_random;
    std::vector<std::unique_ptr<Workspace>> m_seats;
    std::vector<base::Duration> m_skew;
    std::vector<Digest> m_proposals;
    base::Instant m_now = at("2026-10-01T10:00:00Z");
};

}  // namespace

TEST_CASE("five workspaces that exchange in random order end with the same epoch") {
    for (unsigned seed = 1; seed <= 100; ++seed) {
        CAPTURE(seed);
        History history(seed);
        history.run();
        REQUIRE(history.agreed());
        // An epoch's hash covers all epochs before it.
        std::set<Digest> hashes;
        for (auto const& one : history.seats()) hashes.insert(model::reference(*one->evidence.latest()).hash);
        CHECK(hashes.size() == 1);
        CHECK(history.seats().front()->evidence.latest()->number >= 1);
    }
}
