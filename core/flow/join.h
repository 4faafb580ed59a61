#pragma once

#include "core/flow/apply.h"
#include "core/flow/exchange.h"

namespace consortium::flow {

/// `join --genesis HASH --epoch HASH` (PROTOCOL P9): accepts the genesis whose document was found in the
/// exchange. Arguments: genesis, epoch (obtained from f+1 members by other means), rehearsal.
model::Plan plan_join(State const& state, model::Request const& request, std::string const& document);

/// The genesis document, from whichever member publishes it: of those that the exchange lists, and those that
/// are `known` to publish somewhere. Throws Error(not_found), or Error(unavailable) naming the places that
/// could not be read.
std::string find_genesis(port::Exchange& exchange, base::Digest const& genesis,
                         std::vector<std::string> const& known = {});

/// After a pull: checks that the chain of epochs leads to the hash that was given
/// (Error(verification_failed)), asks the members for a welcome, and counts those that answered. Joined once
/// f+1 have; until then pending, naming who is missing.
model::Outcome continue_join(Services& services, Identity const& self, port::Exchange& exchange);

/// True while a newcomer has not been welcomed yet: its seat signs nothing.
bool is_joining(port::Store const& store);

}  // namespace consortium::flow
