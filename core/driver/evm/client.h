#pragma once

#include "core/driver/consensus/client.h"
#include "core/port/hash.h"
#include "core/port/transport.h"

namespace consortium::driver::evm {

/// The names by which one family of nodes calls the same things.
struct Dialect {
    std::string_view propose, discard, pending, validators, address;
    std::string_view install, restart;  // where a node's certificate goes, and what makes it take it
};

/// Besu's QBFT (qbft_…) and GoQuorum's (istanbul_…).
extern Dialect const besu;
extern Dialect const quorum;

/// QBFT nodes over JSON-RPC. Credentials of a node, all paths of files: "authorities", "certificate", "key",
/// "bearer" (a token), "login" (JSON {"username","password"}: a token is asked for at /login).
std::unique_ptr<consensus::Client> make_client(Dialect const& dialect, port::Transport& transport,
                                               port::Hash keccak256);

}  // namespace consortium::driver::evm
