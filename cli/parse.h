#pragma once

#include "cli/session.h"
#include "cli/spec.h"

#include <span>
#include <string>
#include <vector>

namespace consortium::cli {

/// What one command line asks for.
struct Invocation {
    Command const* command = nullptr;  // null: help is wanted
    std::vector<std::string> topic;    // of help: nothing, a noun, or a noun and a verb
    Common common;
    model::Request request;
};

/// Reads the words after the program's name. Parsing never runs anything. Throws Error(usage), with
/// did-you-mean, for an unknown noun, verb or flag, a missing or superfluous operand, a wrong value.
Invocation parse(std::span<std::string const> words);

/// Of a command line that may be wrong elsewhere: errors must already have the form that was asked for.
Format format_asked_for(std::span<std::string const> words);

Format format_from_text(std::string_view text);

}  // namespace consortium::cli
