#pragma once

#include "core/driver/consensus/client.h"
#include "core/driver/evm/dialect.h"
#include "core/port/hash.h"
#include "core/port/transport.h"

namespace consortium::driver::evm {

/// Nodes over JSON-RPC; how they are asked depends on the engine of their latest block. Credentials of a
/// node, all paths of files: "authorities", "certificate", "key", "bearer" (a token), "login" (JSON
/// {"username","password"}: a token is asked for at /login).
std::unique_ptr<consensus::Client> make_client(Dialect const& dialect, port::Transport& transport,
                                               port::Hash keccak256);

}  // namespace consortium::driver::evm
