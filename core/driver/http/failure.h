#pragma once

#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/port/transport.h"

#include <curl/curl.h>

namespace consortium::driver::http {

/// What a transfer's end without an answer means, in our words; `reason` is libcurl's.
base::Error failure(port::HttpRequest const& request, base::Duration timeout, CURLcode code,
                    std::string const& reason);

}  // namespace consortium::driver::http
