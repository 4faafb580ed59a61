#pragma once

#include "core/flow/services.h"

namespace consortium::flow {

/// What a final epoch leaves this member to do: object duty/<proposal>, open until it is done or lapses. Data
/// {action, network|null, title, timelock, steps:[…]}; due: when it lapses.

/// Of a proposal that has passed: its upgrade or validator change if one's own nodes are on that network, the
/// steps for which it names this member. None where nothing is left to do.
std::optional<model::Object> duty_of(port::Store const& store, Identity const& self,
                                     model::Result const& result);

/// Duties that can be carried out no more.
std::vector<model::Object> lapsed_duties(port::Store const& store, base::Instant now);

/// Journals that a proposal's duty is done, if one is open.
void fulfil_duty(Services& services, base::Digest const& proposal);

}  // namespace consortium::flow
