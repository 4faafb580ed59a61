#pragma once

#include "core/driver/consensus/client.h"

namespace consortium::driver::consensus {

/// Seconds without a block after which a chain counts as halted: three times the round time-out of a chain
/// with one validator down.
inline constexpr std::int64_t stale_after = 30;
/// Headers that are read for votes and liveness. An undecided vote is cast again whenever its voter
/// proposes, so that a few rounds show them all.
inline constexpr std::uint64_t window = 64;

/// What is known of a network before a change.
struct View {
    Look look;
    Stretch stretch;  // the last headers
    std::vector<std::string> validators;
    std::vector<std::string> live;
    std::vector<Vote> votes;
    bool halted = false;
};

/// Validators that proposed or sealed within the last two turns; none on a halted chain.
std::vector<std::string> live_validators(View const& view);

/// Throws Error(unsupported) for an engine whose set is not changed by votes.
void require_votes(Engine engine);

/// The arithmetic in words, or Error(refused): a vote that cannot count (G1), or a change that halts the
/// network (G3). `newcomer` is 1 if the added validator's node was seen to follow the chain.
std::string check_addition(View const& view, std::string const& own, std::string const& subject,
                           int newcomer);
std::string check_removal(View const& view, std::string const& own, std::string const& subject);

}  // namespace consortium::driver::consensus
