#pragma once

#include "core/port/clock.h"
#include "core/port/entropy.h"
#include "core/port/hash.h"
#include "core/port/node_driver.h"
#include "core/port/transport.h"

namespace consortium::driver {

/// What drivers need from outside; all of it outlives them.
struct Tools {
    port::Transport& transport;
    port::Clock const& clock;
    port::Entropy& entropy;
    port::Hash keccak256;
};

/// The driver for one kind of network: "rehearsal", "besu", "quorum" (GoQuorum), "clique" (geth). Throws
/// Error(unsupported) naming those that there are.
std::unique_ptr<port::NodeDriver> make_driver(std::string_view kind, Tools const& tools);

}  // namespace consortium::driver
