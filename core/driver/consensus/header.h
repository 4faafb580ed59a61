#pragma once

#include "core/base/error.h"
#include "core/model/node.h"

#include <span>

namespace consortium::driver::consensus {

/// One validator's vote on an address, as a sealed header shows it.
struct Vote {
    std::string voter, subject;
    bool add = true;
    std::uint64_t block = 0;
};

/// A block header of a QBFT chain with what was recomputed from it. Addresses are "0x" and 40 lower-case
/// hexadecimal digits.
struct Header {
    std::uint64_t number = 0;
    std::string hash, parent;
    std::int64_t time = 0;  // seconds since 1970
    std::string proposer;
    int round = 0;
    std::vector<std::string> validators;  // the set that holds for this block
    std::optional<Vote> vote;
    std::vector<std::string> sealers;  // those whose seal over this header was found to hold
    bool hash_holds = false;           // the hash was recomputed and is the one given
};

/// Commits that make a block final: ceil(2n/3).
int quorum(int validators);
/// Votes that decide a change of the set: floor(n/2) + 1.
int vote_threshold(int validators);
/// Validators that may fail: floor((n-1)/3).
int tolerated(int validators);

/// Whether at least a quorum of the header's own validators sealed it, each counted once.
bool is_sealed(Header const& header);
int count_seals(Header const& header);

/// The votes that count after the last of `headers` (consecutive, oldest first): one a voter and subject,
/// none that is pointless, none on what has been decided since.
std::vector<Vote> open_votes(std::span<Header const> headers);

/// Those of the last header's validators that proposed or sealed one of `headers`.
std::vector<std::string> active(std::span<Header const> headers);

/// Checks consecutive headers: linked, hashed, sealed by a quorum, and each change of the set by one address
/// on which the block before carries a vote of one of its validators. Starts from `pinned` if not empty.
/// Returns what is wrong, or nothing.
std::optional<std::string> check_chain(std::span<Header const> headers,
                                       std::vector<std::string> const& pinned);

/// "0x" and 40 hexadecimal digits, made lower-case. Throws Error(malformed): nothing untyped reaches a node
/// (G35).
std::string checked_address(std::string_view text);

}  // namespace consortium::driver::consensus
