#pragma once

#include "core/driver/consensus/client.h"
#include "core/port/clock.h"
#include "core/port/entropy.h"

namespace consortium::driver::rehearsal {

/// Simulated nodes ("rehearsal:PATH#NODE") as QBFT nodes.
std::unique_ptr<consensus::Client> make_client(port::Clock const& clock, port::Entropy& entropy);

}  // namespace consortium::driver::rehearsal
