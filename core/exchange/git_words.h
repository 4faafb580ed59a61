#pragma once

#include "core/exchange/git_command.h"

namespace consortium::exchange {

/// What git could not do with another host, in our words: not_authorized, verification_failed (a host key, a
/// certificate), unsupported (no ssh), malformed (larger than `max_file`), else unavailable.
base::Error git_failure(std::string const& place, GitAddress const& address, base::Ended const& said,
                        std::size_t max_file);

/// Whether git says only that the branch does not exist.
bool lacks_branch(base::Ended const& said);

}  // namespace consortium::exchange
