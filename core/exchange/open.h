#pragma once

#include "core/exchange/place.h"

#include <map>
#include <memory>
#include <string_view>

namespace consortium::exchange {

/// The exchange at a place: a folder ("/srv/exchange", "file:///srv/exchange") or a git repository
/// ("git+https://host/path", "git+ssh://user@host/path", "user@host:path", with "#branch"), an object store
/// ("s3://bucket/prefix") or, to read from, a web server ("https://host/path"). Nothing is
/// asked over a network yet. Throws Error(usage) for a place that cannot be used, Error(unsupported) for
/// another scheme, Error(not_found) for a folder that is not there.
std::unique_ptr<port::Exchange> open(Place const& place, Means const& means);

/// Throws Error(malformed) unless the path is relative, '/'-separated, without an empty part, "." or "..", of
/// letters, digits, '.', '-' and '_' only, at most 200 bytes.
void check_path(std::string_view path);

}  // namespace consortium::exchange
