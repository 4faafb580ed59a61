#pragma once

#include "core/flow/services.h"

namespace consortium::flow {

/// How an officer whose key is lost or was stolen gets a new one. There is no key that opens all: either a
/// fellow officer of the same member signs it, or the members decide; where the charter has `rekey =
/// "decision"`, always the members, whom a fellow asks as long as there is one.
struct KeyRecovery {
    std::string by;                    // fellow | decision | nobody
    std::vector<std::string> fellows;  // officers of the same member who can act for it
    std::string words;                 // for people: who does what
    std::vector<std::string> steps;    // commands, in order
};

KeyRecovery key_recovery(State const& state, model::Officer const& officer);

}  // namespace consortium::flow
