#pragma once

#include "core/base/instant.h"
#include "core/port/transport.h"

namespace consortium::driver {

/// HTTP(S) by libcurl's multi interface. libcurl is loaded ("libcurl.so.4") when the first request is sent:
/// a command that sends none never maps it. An answer is waited for no longer than `timeout`. Errors beside
/// those of the port: configuration (a URL that is not http or https, or carries a password; a credential
/// that would cross the network in clear), unsupported (libcurl is not installed).
std::unique_ptr<port::Transport> make_transport(base::Duration timeout);

}  // namespace consortium::driver
