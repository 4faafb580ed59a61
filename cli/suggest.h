#pragma once

#include "cli/spec.h"

#include <string>

namespace consortium::cli {

/// "member invite", "status".
std::string full_name(Command const& command);

Noun const* find_noun(std::string_view name);
/// A noun whose commands have verbs, unlike "status".
bool has_verbs(std::string_view noun);

/// Throw Error(usage) with did-you-mean for a word that is unknown or missing.
Noun const& noun_named(std::string_view name);
Command const& command_named(std::string_view noun, std::string_view verb);
/// Of a flag before any noun.
void check_known_common(std::string_view word);

}  // namespace consortium::cli
