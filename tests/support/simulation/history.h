#pragma once

#include "core/model/own_change.h"
#include "tests/support/simulation/liar.h"

#include <array>

namespace consortium::simulation {

/// What came of one history.
struct Report {
    bool forked = false, stalled = false, ballot_lost = false, halted = false;
    bool progress_due = false;  // q honest members could exchange at the end
    std::size_t members = 0, liars = 0, epochs = 0, acts = 0, actions = 0;
    std::int64_t attempts = 0;  // the highest in which an epoch became final
    std::string why;

    bool good() const { return !forked && !stalled && !ballot_lost && !halted; }
};

/// 4, 5, 7 or 10 members that vote, exchange and agree in an order drawn from a seed. First everything goes
/// wrong that may; then honest members exchange without loss, and must come to an end.
/// The charter: today's plain one; votes that go on, delegation and recusal; votes that close early.
enum class Rulebook { plain, longer, sooner };

class History {
public:
    explicit History(std::uint64_t seed, Rules rules = {});
    Report run();

private:
    struct Restoration {
        std::size_t seat = 0, backup_at = 0, restore_at = 0;
        std::optional<Seat::Backup> backup;
        int syncs_since = 0;
        bool asked = false;
    };

    void choose_liars(std::size_t most);
    std::size_t draw_honest();
    void trouble();
    void quiet();

    // What people do.
    void speak(Seat& seat);
    void propose(Seat& seat);
    model::Action draw_action(Seat& seat, std::vector<std::string>& files);
    bool may_leave(model::Epoch const& epoch, std::string const& member) const;
    void vote(Seat& seat, agreement::OpenProposal const& proposal);
    void stand_aside(Seat& seat, agreement::OpenProposal const& proposal);
    void change_officer(Seat& seat);
    void ask_for_new_key(Seat& seat, Restoration& restoration);
    void speak_in_quiet(Seat& seat);
    void say_own(Seat& seat, model::OwnChange const& change);

    // What happens to workspaces and messages.
    void sync(Seat& seat);
    void pull(Seat& to, Seat const& from, std::int64_t drop_percent);
    void act(Seat& seat);
    void move_clock(base::Duration by);
    void restore_when_time(std::size_t step);
    bool exchange_until_still();
    void ambush(std::size_t victim);
    void open_for_ambush();
    bool work_apart(std::vector<std::size_t> const& half, std::uint64_t beyond);
    base::Instant next_time() const;

    // What must hold.
    bool done() const;
    bool decidable(agreement::OpenProposal const& proposal, model::Epoch const& latest) const;
    bool can_agree() const;
    void check_ballots(Report& report) const;
    bool every_honest_seat_held(Item const& ballot, agreement::OpenProposal const& proposal) const;
    Seat const& most_advanced() const;
    bool is_honest(std::string const& member) const;

    Random m_random;
    Random m_habits;  // for what only some charters allow: leaves the other histories as they are
    Rules m_rules;
    Rulebook m_rulebook;
    std::unique_ptr<Library> m_library;
    std::vector<std::unique_ptr<Seat>> m_seats;
    std::vector<Liar> m_liars;
    std::vector<std::size_t> m_group;
    std::vector<bool> m_liar_relays;
    std::vector<Restoration> m_restorations;
    std::size_t m_proposals = 0, m_own_changes = 0;
    std::int64_t m_drop = 0;
    bool m_partitions = false;
    base::Instant m_now;
};

/// The founding epoch of so many members, made once; with one more whose seat is not ready, if asked.
struct Founding {
    std::shared_ptr<model::Epoch const> epoch;
    Digest hash;
};
enum class Newcomer { none, waiting };

inline void add_rules(model::Decision& decision, Rulebook rulebook) {
    if (rulebook == Rulebook::longer) {
        decision.window = base::Duration{2 * 3600};
        decision.late_quorum = base::Duration{3600};
        decision.delegation = true;
        decision.recusal = {"declared", "target"};
        decision.expedited =
            model::Expedited{base::Duration{3600}, base::Duration{}, {}, model::Bound::from_text(">=4/5")};
    }
    if (rulebook == Rulebook::sooner) {
        decision.earliest = base::Duration{1800};
        decision.ballot_change = false;
        decision.midvote_exit = "void";
    }
}

inline Founding const& founding_of(std::size_t members, Newcomer newcomer, Rulebook rulebook) {
    thread_local std::map<std::tuple<std::size_t, Newcomer, Rulebook>, Founding> made;
    auto& out = made[{members, newcomer, rulebook}];
    if (out.epoch) return out;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < members; ++i) names.emplace_back(1, static_cast<char>('a' + i));
    auto start = test::founding(names);
    add_rules(start.charter.decisions.front(), rulebook);
    if (newcomer == Newcomer::waiting)
        model::enroll(start, test::founder("z"), model::Seat::waiting, start.founded);
    out.epoch = std::make_shared<model::Epoch const>(start);
    out.hash = model::reference(start).hash;
    return out;
}

inline History::History(std::uint64_t seed, Rules rules)
    : m_random(seed), m_habits(~seed), m_rules(rules), m_rulebook(static_cast<Rulebook>(seed % 3)) {
    constexpr std::array<std::size_t, 10> sizes{4, 4, 4, 4, 5, 5, 5, 7, 7, 10};
    auto const members = sizes[m_random.index(sizes.size())];
    auto const newcomer = m_random.percent(20) ? Newcomer::waiting : Newcomer::none;
    auto const& start = founding_of(members, newcomer, m_rulebook);
    m_library = std::make_unique<Library>(start.hash, seed);
    m_now = start.epoch->founded + base::Duration{3600};
    auto const skew = std::array<std::int64_t, 3>{0, 120, 3 * 3600}[m_random.index(3)];
    for (auto const& member : start.epoch->members) {
        m_seats.push_back(std::make_unique<Seat>(member.id, m_seats.size(), *m_library, rules));
        auto& seat = *m_seats.back();
        seat.skew.seconds = skew == 0 ? 0 : m_random.below(2 * skew) - skew;
        seat.now = m_now + seat.skew;
        seat.found(start.epoch, start.epoch->founded);
    }
    m_group.assign(m_seats.size(), 0);
    choose_liars((members - 1) / 3);
    m_partitions = m_random.percent(60);
    m_drop = m_random.below(30);
}

inline void History::choose_liars(std::size_t most) {
    auto const wanted = m_random.percent(75) ? most : m_random.index(most + 1);
    m_liar_relays.assign(m_seats.size(), true);
    while (m_liars.size() < wanted) {
        auto const who = m_random.index(m_seats.size());
        if (m_seats[who]->liar || m_seats[who]->id() == "z") continue;
        m_liars.emplace_back(*m_seats[who], m_random);
        m_liar_relays[who] = m_random.percent(40);
    }
}

inline Report History::run() {
    trouble();
    quiet();
    Report report;
    report.members = m_seats.size();
    report.liars = m_liars.size();
    report.forked = m_library->forked();
    report.acts = m_library->items().size();
    report.epochs = m_library->finals().size();
    for (auto const& seat : m_seats) {
        report.actions += seat->actions;
        if (!seat->liar && seat->asks_person && !seat->silent()) {
            report.halted = true;
            report.why = seat->id() + ": " + seat->words;
        }
    }
    if (report.forked) return report;
    report.progress_due = can_agree();
    if (report.progress_due && !done()) {
        report.stalled = true;
        for (auto const& seat : m_seats)
            report.why += seat->id() + (seat->liar ? "(liar)" : "") + " in epoch " +
                          std::to_string(seat->epoch().number) + ": " + seat->words + "; ";
    }
    check_ballots(report);
    return report;
}

}  // namespace consortium::simulation
