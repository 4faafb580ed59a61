#pragma once

#include "core/flow/services.h"

namespace consortium::flow {

/// How an officer whose key is lost or was stolen gets a new one. There is no key that opens all: either a
/// fellow officer of the same member signs it, or the members decide.
struct KeyRecovery {
    std::string by;                    // fellow | decision | nobody
    std::vector<std::string> fellows;  // who can sign it, where it is a fellow
    std::string words;                 // for people: who does what
    std::vector<std::string> steps;    // commands, in order
};

KeyRecovery key_recovery(State const& state, model::Officer const& officer);

}  // namespace consortium::flow
