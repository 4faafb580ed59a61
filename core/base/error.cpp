#include "core/base/error.h"

#include <array>

namespace consortium::base {

namespace {

constexpr std::array table{
    CodeInfo{Code::internal, "internal", 1, false, "a defect of this program"},
    CodeInfo{Code::storage, "storage", 1, true, "a disk is full, read-only or fails"},
    CodeInfo{Code::usage, "usage", 2, false, "wrong words on the command line"},
    CodeInfo{Code::configuration, "configuration", 2, false,
             "settings, a charter or a template that cannot be read"},
    CodeInfo{Code::malformed, "malformed", 2, false, "input that is not of its format"},
    CodeInfo{Code::too_new, "too_new", 2, false, "written by a newer version of this program"},
    CodeInfo{Code::not_found, "not_found", 3, false, "what was named does not exist here"},
    CodeInfo{Code::not_authorized, "not_authorized", 4, false, "wrong key, role or passphrase"},
    CodeInfo{Code::refused, "refused", 5, false, "policy says no"},
    CodeInfo{Code::pending, "pending", 6, true, "accepted, waiting for others"},
    CodeInfo{Code::verification_failed, "verification_failed", 7, false,
             "a signature, proof or digest does not hold"},
    CodeInfo{Code::conflict, "conflict", 8, false, "the state changed, a name is taken, or a plan is stale"},
    CodeInfo{Code::busy, "busy", 8, true, "another process holds the workspace"},
    CodeInfo{Code::unavailable, "unavailable", 9, true, "a remote is down, late or talks nonsense"},
    CodeInfo{Code::partial, "partial", 10, true, "partly applied; can be resumed"},
    CodeInfo{Code::unconfirmed, "unconfirmed", 10, true,
             "submitted, but too few witnesses have seen the effect"},
    CodeInfo{Code::unsupported, "unsupported", 11, false,
             "not possible here; the message names what is missing"},
    CodeInfo{Code::declined, "declined", 12, false, "a person said no, or a confirmation is missing"},
    CodeInfo{Code::interrupted, "interrupted", 130, true, "interrupted"},
    CodeInfo{Code::terminated, "terminated", 143, true, "terminated"},
};

}  // namespace

std::span<CodeInfo const> error_table() {
    return table;
}

CodeInfo const& info(Code code) {
    for (CodeInfo const& row : table) {
        if (row.code == code) return row;
    }
    return table.front();
}

Error::Error(Code code, std::string message, std::string hint, Details details)
    : m_code(code), m_message(std::move(message)), m_hint(std::move(hint)), m_details(std::move(details)) {}

Error Error::with(std::string key, std::string value) const {
    Error copy = *this;
    copy.m_details.emplace_back(std::move(key), std::move(value));
    return copy;
}

Error Error::hinting(std::string hint) const {
    Error copy = *this;
    if (copy.m_hint.empty()) copy.m_hint = std::move(hint);
    return copy;
}

}  // namespace consortium::base
