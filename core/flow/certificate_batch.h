#pragma once

#include "core/flow/apply.h"

namespace consortium::flow {

/// Certificates that become durable together; what a resumed batch goes on behind (G20).
inline constexpr std::size_t batch_chunk = 1'000;

/// `cert issue --batch FILE --to DIR [--new-key] …`: every row is looked at before anything is made. The
/// plan has the file's digest, and is nothing without that very file.
model::Plan plan_certificate_batch(State const& state, Services& services, model::Request const& request);

/// "certificate.batch": object batch/<id> says how many chunks are on file, batch-chunk/<id>/<n> which
/// serials, in the order of the rows.
extern Applier const certificate_batch_applier;

}  // namespace consortium::flow
