#pragma once

#include "core/base/error.h"
#include "core/driver/consensus/engine.h"
#include "core/model/node.h"

#include <span>

namespace consortium::driver::consensus {

/// One validator's vote on an address, as a sealed header shows it.
struct Vote {
    std::string voter, subject;
    bool add = true;
    std::uint64_t block = 0;
};

/// A block header with what was recomputed from it. Addresses are "0x" and 40 lower-case hexadecimal digits.
struct Header {
    Engine engine = Engine::qbft;
    std::uint64_t number = 0;
    std::string hash, parent;
    std::int64_t time = 0;  // seconds since 1970
    std::string proposer;   // who made it; of clique and ibft1 recovered from the signature
    int round = 0;
    std::uint64_t difficulty = 1;         // of clique: 2 in turn, 1 out of turn
    std::vector<std::string> validators;  // the set that holds for this block
    bool listed = true;                   // by the header itself; else the set was folded from votes
    std::optional<Vote> vote;
    std::vector<std::string> sealers;  // one a seal: who made it, or "" where nobody can have
    bool hash_holds = false;           // the hash was recomputed and is the one given
};

bool contains(std::vector<std::string> const& list, std::string const& item);
/// What is in one of the lists only.
std::vector<std::string> difference(std::vector<std::string> const& left,
                                    std::vector<std::string> const& right);

/// Validators of the header's own set that sealed it, each counted once.
int count_seals(Header const& header);

/// What is wrong with who vouches for the header, or nothing: a quorum of its validators, each with one seal,
/// and no other seal; for clique one of its signers. Nobody vouches for a header of raft: always wrong.
std::optional<std::string> seal_fault(Header const& header);
/// Whether the hash holds and so do the seals.
bool is_sealed(Header const& header);

/// Those of the last header's validators that proposed or sealed one of `headers`.
std::vector<std::string> active(std::span<Header const> headers);

/// "0x" and 40 hexadecimal digits, made lower-case. Throws Error(malformed): nothing untyped reaches a node
/// (G35).
std::string checked_address(std::string_view text);

}  // namespace consortium::driver::consensus
