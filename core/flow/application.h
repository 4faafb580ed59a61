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

/// In the workspace of an organization that is no member: puts its applications under <member>/acts/<id>.
void publish_applications(Services& services, Identity const& self, port::Exchange& exchange);

}  // namespace consortium::flow
