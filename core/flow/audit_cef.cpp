#include "core/flow/audit_cef.h"

#include "core/base/text.h"
#include "core/model/kind.h"

#include <fmt/format.h>

namespace consortium::flow {

namespace {

/// "If a pipe (|) is used in the header, it has to be escaped with a backslash"; the backslash as well.
std::string in_header(std::string_view text) {
    std::string out;
    for (char const c : base::printable(text)) {
        if (c == '|' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

/// "If an equal sign (=) is used in the extensions, it has to be escaped with a backslash"; the backslash as
/// well; a line feed is written as "\n".
std::string in_extension(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '=' || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else {
            out += c;
        }
    }
    return out;
}

std::string name_of(AuditRow const& row) {
    auto const* kind = row.type == "act" ? model::find_kind(row.kind) : nullptr;
    if (kind != nullptr) return std::string(kind->summary);
    return row.type == "checkpoint" ? "took note of a peer's head" : row.kind;
}

/// 0 to 10: what somebody watches for stands out from what goes on every day.
int severity(AuditRow const& row) {
    if (row.kind == "equivocation.found" || row.kind == "fork.found") return 9;
    if (row.kind == "suspend" || row.kind == "certificate.revoked" || row.kind == "disclosure") return 6;
    if (row.kind == "dispute" || row.kind == "exit" || row.kind == "own") return 5;
    return row.type == "checkpoint" ? 1 : 3;
}

}  // namespace

std::string cef_line(AuditRow const& row, std::string const& origin) {
    auto line =
        fmt::format("CEF:0|consortium|consortium|1|{}|{}|{}|rt={} externalId={} cat={} deviceExternalId={}",
                    in_header(row.kind), in_header(name_of(row)), severity(row), row.received.seconds * 1000,
                    row.index, row.type, in_extension(origin));
    auto const add = [&](std::string_view key, std::string const& value) {
        if (!value.empty()) line += fmt::format(" {}={}", key, in_extension(value));
    };
    add("suser", row.officer);
    if (!row.member.empty()) line += " cs1Label=member cs1=" + in_extension(row.member);
    if (!row.id.empty()) line += " cs2Label=act cs2=" + row.id;
    return line;
}

}  // namespace consortium::flow
