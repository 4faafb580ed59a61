#pragma once

#include "core/model/share.h"

namespace consortium::model {

/// Body of an act of kind "share": what was done about a deal. Its first reference is the act that dealt;
/// that of "dealt" itself is the act of the deal before it, where there was one. What happens in a session
/// has the act that opened it as second reference.
///   dealt      by the officer who dealt; the file is the manifest
///   accepted   a custodian opened the share and found it to be what the manifest commits to
///   drilled    the same, later on
///   destroyed  a custodian keeps the share no more, nor any copy of it
///   opened     whoever will recover, or rehearse it: the session's key
///   submitted  a custodian sealed the share to that key; `file`: SHA-256 of the sealed file
///   recovered  the key was put together from these shares
///   rehearsed  so was the key that wraps it, and only compared
struct ShareAct {
    std::string about;
    base::Digest deal;               // file of the manifest
    std::int64_t index = 0;          // accepted, drilled, destroyed, submitted
    base::Bytes proof;               // accepted, drilled: a signature by the share's own key
    std::string purpose;             // opened: recovery | drill
    ShareKey to;                     // opened
    base::Instant closes;            // opened
    base::Digest file;               // submitted
    std::vector<std::int64_t> used;  // recovered, rehearsed: indexes, rising
};

base::Json to_json(ShareAct const& act);
/// Throws Error(malformed).
ShareAct share_act_from_json(base::Json const& value);

/// What the key of a share signs, for a receipt by this officer in this epoch: nobody uses it for another.
std::string share_proof_text(ShareAct const& act, std::string_view officer, base::Digest const& epoch);

}  // namespace consortium::model
