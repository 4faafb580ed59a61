#pragma once

#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace consortium::base {

/// What went wrong, as a program sees it. One table (error_table) maps each code to its exit status, its
/// stable string and whether a retry can help; the manual's table of codes is generated from it.
enum class Code {
    internal,             // 1  a defect of this program
    storage,              // 1  disk full, read-only, I/O error
    usage,                // 2  wrong words on the command line
    configuration,        // 2  settings, charter or template that cannot be read
    malformed,            // 2  input that is not of its format
    too_new,              // 2  written by a newer version of this program
    not_found,            // 3
    not_authorized,       // 4  wrong key, role or passphrase
    refused,              // 5  policy says no
    pending,              // 6  accepted, waiting for others
    verification_failed,  // 7  a signature, proof or digest does not hold
    conflict,             // 8  state changed, name taken, stale plan
    busy,                 // 8  another process holds the workspace
    unavailable,          // 9  remote down, timed out or nonsense; retry safe
    partial,              // 10 partly applied; resumable
    unconfirmed,          // 10 submitted, effect not seen from enough witnesses
    unsupported,          // 11 not possible here; names what is missing
    declined,             // 12 the person said no, or a confirmation is missing
    interrupted,          // 130
    terminated,           // 143
};

struct CodeInfo {
    Code code;
    std::string_view name;     // stable string, e.g. "verification_failed"
    int exit_status;           // facts of the exit table
    bool retry;                // the same command may succeed later, unchanged
    std::string_view meaning;  // one line for the manual
};

std::span<CodeInfo const> error_table();
CodeInfo const& info(Code code);

/// The one exception type. `hint` names the next command; `details` are key/value pairs for machines
/// (file, line, column, pointer, missing …), printed indented to people, in order.
class Error : public std::exception {
public:
    using Details = std::vector<std::pair<std::string, std::string>>;

    Error(Code code, std::string message, std::string hint = {}, Details details = {});

    char const* what() const noexcept override { return m_message.c_str(); }
    Code code() const { return m_code; }
    std::string const& message() const { return m_message; }
    std::string const& hint() const { return m_hint; }
    Details const& details() const { return m_details; }

    /// A copy with one more detail, or with a hint where none was; for callers that know more.
    Error with(std::string key, std::string value) const;
    Error hinting(std::string hint) const;

private:
    Code m_code;
    std::string m_message;
    std::string m_hint;
    Details m_details;
};

}  // namespace consortium::base
