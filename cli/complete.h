#pragma once

#include <string>

namespace consortium::cli {

/// Completion scripts, written from the registry: nouns, verbs, flags, choices and files.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

}  // namespace consortium::cli
