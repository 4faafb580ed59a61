#pragma once

#include "cli/spec.h"

namespace consortium::cli {

/// A typed value as a plan's arguments hold it: an integer as an integer, a toggle as true, all others as
/// canonical text. `where` names the flag or operand in messages. Throws Error(usage).
base::Json read_value(Kind kind, std::string_view choices, std::string_view text, std::string_view where);

/// "--charter" of "-c,--charter"; the key in a request's arguments is that without its dashes.
std::string_view long_name(Flag const& flag);
std::string_view argument_key(Flag const& flag);
/// "-c", or empty.
std::string_view short_name(Flag const& flag);

}  // namespace consortium::cli
