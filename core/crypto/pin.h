#pragma once

#include "core/base/secret.h"

#include <functional>
#include <string>

namespace consortium::crypto {

/// How to come by the PIN of a PKCS#11 token, which locks after a few wrong ones.
struct Pin {
    enum class LastTry { refused, allowed };
    std::function<base::Secret(std::string_view token)> ask;  // at most once a token and process
    std::function<void(std::string const& words)> warn;
    LastTry last_try = LastTry::refused;
};

}  // namespace consortium::crypto
