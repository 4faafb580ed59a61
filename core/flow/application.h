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

/// Takes in acts of a member that lie under its <member>/acts/, whoever reads, while <member>/recovering is
/// there: its journal has begun a new origin, its tree is not published before an epoch names the new key,
/// and that change comes this way. None where there is nothing new.
std::optional<Intake> take_direct(Services& services, port::Exchange& exchange, std::string const& member);
/// That file; it holds the name of the new origin. hand_over() writes it, the first publication under the new
/// origin removes it.
std::string recovering_file(std::string const& member);

/// In a workspace that publishes no tree: puts acts that were signed here under <member>/acts/<id> (an
/// organization that is no member: its applications only), and the files that they name beside them. Returns
/// how many acts are there of it.
std::size_t hand_over(Services& services, Identity const& self, port::Exchange& exchange);

}  // namespace consortium::flow
