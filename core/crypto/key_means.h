#pragma once

#include "core/crypto/pin.h"
#include "core/crypto/trusted_places.h"

namespace consortium::crypto {

/// What it takes to use keys that are not in their folder.
struct KeyMeans {
    Pin pin = {};                                             // of tokens
    TrustedPlaces trusted = {};                               // whose modules are loaded and programs run
    std::string agent = {};                                   // SSH_AUTH_SOCK; empty: there is no ssh-agent
    std::function<void(std::string const& words)> tell = {};  // the person who is to touch a security key
};

}  // namespace consortium::crypto
