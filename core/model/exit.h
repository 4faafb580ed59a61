#pragma once

#include "core/model/act.h"
#include "core/model/verdict.h"

namespace consortium::model {

/// Why a member leaves. Voluntary ends by member.exit, which it asks for itself; the others by
/// member.remove.
inline constexpr std::string_view exit_reasons[]{"voluntary", "expelled", "insolvent"};
bool is_exit_reason(std::string_view reason);

/// Body of an act of kind "exit": notice that a member leaves. The notice period runs from the act's receipt.
struct ExitNotice {
    std::string member;
    std::string reason;
    std::string settles;      // the month whose allocation settles the account: "2026-10"
    base::Duration notice{};  // of the charter of the act's epoch
};

base::Json to_json(ExitNotice const& notice);
ExitNotice exit_notice_from_json(base::Json const& value);

/// One thing that a gate looked at: an act, a file or a record, by digest.
struct GateEvidence {
    std::string kind;  // "act", "file", "epoch", "record"
    std::string words;
    base::Digest digest;
    base::JsonValue record = {};  // of kind "record": what the digest is of (canonical JSON); else null
};

/// One gate of an exit, answered.
struct ExitGate {
    std::string id;
    Verdict::Ruling ruling = Verdict::Ruling::pending;
    std::string words;  // what was found
    std::vector<GateEvidence> evidence;
    std::string next;  // the command that opens it
};

std::string_view ruling_text(Verdict::Ruling ruling);
base::Json to_json(GateEvidence const& evidence);
base::Json to_json(ExitGate const& gate);

}  // namespace consortium::model
