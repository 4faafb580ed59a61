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
/// "FILE", "yes|no|abstain"; of a list that is too long for that, the placeholder alone.
std::string_view value_of(Flag const& flag);
/// That list: "unspecified, key-compromise, …"; empty: `value_of` has it.
std::string choices_in_help(Flag const& flag);

/// Listed in help, manual and completion; "__spec" is not.
bool is_public(Noun const& noun);
/// Commands that tell about the program and must work anywhere.
bool needs_no_settings(Command const& command);

}  // namespace consortium::cli
