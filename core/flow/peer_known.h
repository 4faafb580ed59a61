#pragma once

#include "core/base/error.h"
#include "core/flow/application.h"
#include "core/journal/checkpoint.h"

namespace consortium::flow {

/// What is kept of a peer between two looks.
struct Known {
    std::optional<std::string> seen = {};          // the signed head that was taken in whole
    std::optional<journal::Checkpoint> part = {};  // of a newer one: up to where it was taken in
    std::optional<std::string> head = {};          // the newer one, as it was signed
    bool substance = false;                        // something in the part is no checkpoint
};

/// Two heads of one journal that cannot both be true, both signed by the same log key.
struct Fork {
    std::string seen;
    std::string shown;
    std::uint64_t size = 0;  // of the earlier head
    std::string proof;       // journal::ConsistencyProof that the other one has another root there
};

/// Store::note under which the newest checkpoint seen of a peer is kept.
std::string seen_note(std::string_view member);

Known known_of(port::Store const& store, std::string const& member);
/// Keeps what was taken in of a tree that is too long for one pull, and the signed head of the whole.
void keep_part(Services& services, std::string const& member, Known const& known);
void forget_part(port::Transaction& transaction, std::string const& member);

/// Keeps both heads and the proof in this journal, as the event "fork.found": once for each head that was
/// forked from, however often the peer goes on. What is to be said of it.
base::Error record_fork(Services& services, std::string const& member, Fork const& fork);

}  // namespace consortium::flow
