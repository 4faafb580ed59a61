#pragma once

#include "cli/settings.h"
#include "core/base/secret.h"

namespace consortium::cli {

/// The first line of a file. Throws Error(not_authorized) if it is empty; `what`: "passphrase", "PIN".
base::Secret secret_from_file(std::string const& file, std::string_view what);

/// Throws Error(declined) for --no-input.
void check_may_ask(Common const& common, std::string const& question, std::string const& instead);

/// How a token's PIN is come by: --pin-file, the inherited descriptor that CONSORTIUM_PIN_FD names, which is
/// read to its first line and closed, else the terminal. Never from an argument, which everybody could read.
/// Holds on to both references.
crypto::Pin pin_from(Common const& common, Surroundings const& around);

}  // namespace consortium::cli
