#pragma once

#include "core/port/exchange.h"

#include <memory>
#include <string_view>

namespace consortium::exchange {

/// The exchange at `where`: a folder ("/srv/exchange", "file:///srv/exchange"). Throws Error(unsupported) for
/// another scheme, Error(not_found) for a folder that is not there.
std::unique_ptr<port::Exchange> open(std::string_view where);

/// Throws Error(malformed) unless the path is relative, '/'-separated, without an empty part, "." or "..", of
/// letters, digits, '.', '-' and '_' only, at most 200 bytes.
void check_path(std::string_view path);

}  // namespace consortium::exchange
