#pragma once

#include "cli/spec.h"

#include <span>
#include <string>

namespace consortium::cli {

/// Help about nothing (the headings), a noun, or a noun and a verb. Throws Error(usage), with did-you-mean,
/// for an unknown one.
std::string help_text(std::span<std::string const> topic);

/// "consortium vote cast PROPOSAL --choice yes|no|abstain [--reason TEXT] [flags]"
std::string synopsis(Command const& command);

/// "--out FILE", "--choice yes|no|abstain", "--yes".
std::string flag_with_value(Flag const& flag);

/// Listed in help, manual and completion; "__spec" is not.
bool is_public(Noun const& noun);
/// Commands that tell about the program and must work anywhere.
bool needs_no_settings(Command const& command);

}  // namespace consortium::cli
