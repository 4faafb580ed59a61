#pragma once

#include <string>
#include <string_view>

namespace consortium::driver::consensus {

/// Whose rules make the blocks of a chain. ibft1 is GoQuorum's IBFT, ibft2 is Besu's IBFT 2.0, clique is
/// EIP-225, raft is GoQuorum's.
enum class Engine { qbft, ibft1, ibft2, clique, raft };

/// Who vouches for one header.
enum class Voucher { committers, signer, nobody };

/// What differs between engines. Their votes are decided alike: see vote_threshold.
struct Rules {
    Engine engine;
    std::string_view id, name;
    Voucher voucher;
    /// How many of so many validators make a block final: by seals, by building on it, by having it.
    int (*quorum)(int validators);
    /// How many of so many may fail, and the chain goes on.
    int (*tolerated)(int validators);
};

Rules const& rules_of(Engine engine);
/// By Rules::id. Throws Error(malformed).
Engine engine_of(std::string_view id);

/// Votes that decide a change of the set: floor(n/2) + 1.
int vote_threshold(int validators);

/// When a block is final, in words, with the numbers of so many validators.
std::string describe_finality(Engine engine, int validators);

}  // namespace consortium::driver::consensus
