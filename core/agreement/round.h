#pragma once

#include "core/model/candidate.h"
#include "core/port/evidence.h"

#include <map>
#include <set>

namespace consortium::agreement {

/// The skip of one seat.
struct Skipped {
    base::Digest id;
    std::optional<model::Choice> carried;
    base::Instant received;  // here
};

/// What the voting seats of an epoch have said to agree on the next one, each act read once (PROTOCOL P6).
class Round {
public:
    /// Prepares or commits by what they name: for each choice the first act of each voting member.
    using Sets = std::map<model::Choice, std::map<std::string, base::Digest>>;

    Round(port::Evidence const& evidence, model::Epoch const& current);

    std::size_t quorum() const { return m_quorum; }
    std::size_t liars() const { return m_liars; }  // f: how many members may lie
    bool votes(std::string_view member) const { return m_voters.contains(member); }
    /// The highest attempt before which q seats have skipped.
    std::int64_t attempt() const { return m_attempt; }

    /// In journal order; of one leader's for one attempt the first four.
    std::vector<model::StoredAct> const& candidates() const { return m_candidates; }
    Sets const& prepares() const { return m_prepares; }
    Sets const& commits() const { return m_commits; }
    /// One a member: the first that arrived.
    std::map<std::string, Skipped> const& skips(std::int64_t attempt) const;
    /// Members that have filled their slot of a phase ("candidate", "prepare", "commit", "skip").
    std::set<std::string> const& spoken(std::string const& phase, std::int64_t attempt) const;
    /// Whether the member has skipped this attempt or a later one.
    bool has_left(std::string const& member, std::int64_t attempt) const;

    /// The highest-attempt choice up to this attempt that q prepares name: what a skip of it carries. Those
    /// of later attempts, which may arrive before the skips that lead there, are not for this skip to carry.
    std::optional<model::Choice> prepared(std::int64_t attempt) const;
    /// An attempt in which two documents have q prepares: more members lie than f.
    std::optional<std::int64_t> contradictory() const;
    /// When the q-th skip of the attempt before was received here; none for attempt 0.
    std::optional<base::Instant> entered(std::int64_t attempt) const;

private:
    void read_candidates(port::Evidence const& evidence, std::uint64_t epoch);
    void read_sets(port::Evidence const& evidence, std::uint64_t epoch, std::string const& kind, Sets& out);
    void read_skips(port::Evidence const& evidence, std::uint64_t epoch);

    std::set<std::string, std::less<>> m_voters;
    std::size_t m_quorum = 0, m_liars = 0;
    std::int64_t m_attempt = 0;
    std::vector<model::StoredAct> m_candidates;
    Sets m_prepares, m_commits;
    std::map<std::int64_t, std::map<std::string, Skipped>> m_skips;
    std::map<std::pair<std::string, std::int64_t>, std::set<std::string>> m_spoken;
};

/// The ids of one act a member, sorted.
std::vector<base::Digest> ids_of(std::map<std::string, base::Digest> const& by_member);
std::vector<base::Digest> ids_of(std::map<std::string, Skipped> const& by_member);

}  // namespace consortium::agreement
