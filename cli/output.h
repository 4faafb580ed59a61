#pragma once

#include "cli/session.h"
#include "core/base/error.h"
#include "core/model/outcome.h"

#include <string>
#include <string_view>

namespace consortium::cli {

// The only file that writes to standard output and standard error. Data goes to the one, words to the other.

/// The outcome in a form, as it is written.
std::string data_text(model::Outcome const& outcome, Format format);
/// Warnings and next commands, for people.
std::string words_text(model::Outcome const& outcome);

/// For people: "consortium: MESSAGE", then indented details and the hint.
std::string error_text(base::Error const& error);
/// For programs, one line: code, message, hint, retry, details, operation.
std::string error_json(base::Error const& error, std::string_view operation);

/// Whether somebody reads the outcome on a terminal, and no program or file gets it.
bool for_people(Common const& common);

/// Whether -o names a file for the data: "-" is standard output, and into a folder the command itself puts
/// files.
bool names_file(Common const& common);

/// Writes the outcome to standard output, or to -o FILE, which a "no" never makes. Words go to standard
/// error. Throws Error(storage) when the output cannot be written.
void write_outcome(model::Outcome const& outcome, Common const& common);
/// What was carried out stays done though its result could not be shown: an Error(partial) that says so and
/// names the command that shows it.
base::Error done_but_not_shown(base::Error const& error, std::string const& operation);
void write_error(base::Error const& error, Common const& common);

/// Raw text to standard output (help, completion scripts); a reader that went away is no error.
void write_data(std::string_view text);
void write_words(std::string_view text) noexcept;

/// 0, or the exit status of the outcome's code; --wait-ok maps 6 to 0.
int exit_status(model::Outcome const& outcome, Common const& common);

}  // namespace consortium::cli
