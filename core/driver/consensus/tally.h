#pragma once

#include "core/driver/consensus/header.h"

namespace consortium::driver::consensus {

/// Blocks after which all open votes are dropped, where a genesis says nothing else: what GoQuorum, Besu and
/// geth take.
inline constexpr std::uint64_t default_epoch = 30'000;

/// What holds before a header: the set for it, and the votes that are open.
struct Start {
    std::vector<std::string> validators;  // empty: not known
    std::vector<Vote> votes;
    std::uint64_t epoch = default_epoch;
};

/// Consecutive headers, oldest first, and what held before them as far as it is known.
struct Stretch {
    Start start;
    std::vector<Header> headers;
};

/// The set and the open votes, header by header, as EIP-225, GoQuorum and Besu count: one vote a voter and
/// subject, none that is pointless; more than half decide, and clear what concerned the subject; at an epoch
/// block all are dropped.
class Tally {
public:
    explicit Tally(Start start) : m_start(std::move(start)) {}
    /// Headers that list another set than was counted are believed: votes from before may be missing.
    void count(Header const& header);
    /// For the next header.
    std::vector<std::string> const& validators() const { return m_start.validators; }
    std::vector<Vote> const& votes() const { return m_start.votes; }

private:
    void cast(Vote const& vote);
    void drop(std::string const& address);

    Start m_start;
};

/// The votes that count after the last header.
std::vector<Vote> open_votes(Stretch const& stretch);

/// Gives headers that do not list their set the one that the votes before them make.
void fold(Stretch& stretch);

/// What holds before the header at `index`.
Start start_at(Stretch const& stretch, std::size_t index);

/// The newest header that is final by its engine's rules: sealed by a quorum, or built on by enough distinct
/// signers. The first one, and not final, where none is.
struct Settled {
    std::size_t index = 0;
    int vouchers = 0;  // seals, or signers that built on it
    bool is_final = false;
};
Settled settle(std::span<Header const> headers);

/// Checks consecutive headers: linked, hashed, of one engine, sealed as it wants, for clique by signers in
/// their turn, and each change of the set by one address on which the block before carries a vote of one of
/// its validators. Where headers list no sets, each set must be what the votes make of `pinned`, if that is
/// not empty. Starts from `pinned` if not empty. Returns what is wrong, or nothing; of raft, for which nobody
/// vouches, that only means linked and hashed.
std::optional<std::string> check_chain(std::span<Header const> headers, Start const& pinned);

}  // namespace consortium::driver::consensus
