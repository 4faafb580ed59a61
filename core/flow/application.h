#pragma once

#include "core/flow/intake.h"
#include "core/port/exchange.h"

namespace consortium::flow {

/// Who was invited and is no member yet. Nobody knows the key of such an organization's log before its
/// application names it, so its tree cannot be checked: its applications travel as single acts, which are
/// checked by themselves.
std::vector<std::string> invited(Services const& services);

/// Takes in what an invited organization has put under <member>/acts/: `submit` acts of its own, nothing
/// else.
Intake take_applications(Services& services, port::Exchange& exchange, std::string const& member);

/// Takes in what other workspaces of this member have put under <member>/acts/: acts of its own officers.
/// None in a workspace that does not publish the member's tree, and so could not pass them on.
std::optional<Intake> take_handed_over(Services& services, Identity const& self, port::Exchange& exchange);

/// In a workspace that publishes no tree: puts acts that were signed here under <member>/acts/<id> (an
/// organization that is no member: its applications only), and the files that they name beside them. Returns
/// how many acts are there of it.
std::size_t hand_over(Services& services, Identity const& self, port::Exchange& exchange);

}  // namespace consortium::flow
