#pragma once

#include "core/flow/services.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// What is done by hand once a certificate is renewed: at every node that this workspace knows whose URL has
/// a host which the certificate names, in an order in which the network stays up. `renewal` is a plan of
/// `cert renew`; one that is refused has nothing to be done.
std::vector<model::ManualStep> certificate_rollout(State const& state, Services const& services,
                                                   model::Plan const& renewal);

}  // namespace consortium::flow
