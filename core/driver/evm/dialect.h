#pragma once

#include "core/driver/consensus/engine.h"

#include <string_view>

namespace consortium::driver::evm {

/// The names by which nodes of one kind call the same things on a chain of one engine; "" where they have
/// none.
struct Names {
    std::string_view propose, discard, pending, validators;
    std::string_view start;  // what held before a block, where headers do not list it
    std::string_view address;
};

/// One kind of node.
struct Dialect {
    std::string_view kind;
    std::string_view install, restart;  // where a node's certificate goes, and what makes it take it
};

/// "besu", "quorum" (GoQuorum), "clique" (geth); null for another kind.
Dialect const* find_dialect(std::string_view kind);

/// Throws Error(unsupported) naming both where nodes of the kind do not run the engine.
Names const& names_of(Dialect const& dialect, consensus::Engine engine);

}  // namespace consortium::driver::evm
