#pragma once

#include "core/journal/note.h"

namespace consortium::journal {

/// Whose signatures make a head good enough for somebody (C2SP tlog-policy): lines "log VKEY [URL]",
/// "witness NAME VKEY [URL]", "group NAME THRESHOLD|any|all MEMBER…" and one "quorum NAME|none"; '#' begins a
/// comment. Groups are of witnesses and groups named before.
struct QuorumPolicy {
    struct Group {
        std::string name;
        std::size_t threshold = 0;
        std::vector<std::string> members;
    };
    std::vector<NoteKey> logs;
    std::vector<std::pair<std::string, NoteKey>> witnesses;  // by the policy's names for them
    std::vector<Group> groups;
    std::string quorum;  // a witness, a group, or "none"

    /// Of all logs and witnesses.
    std::vector<NoteKey> keys() const;
};

/// Throws Error(malformed) naming the line: also for a word that this program does not know, since a policy
/// of which a part is passed over would say yes too often. At most 64 KiB.
QuorumPolicy quorum_policy(std::string_view text);

/// Whether these signers of one head are a log of the policy and its quorum.
struct QuorumVerdict {
    bool holds = false;
    std::vector<std::string> have;  // names of witnesses, as the policy has them
    std::string words;              // "2 of 3 of 'all' are needed, 1 has cosigned"; empty if it holds
};
QuorumVerdict judge(QuorumPolicy const& policy, std::vector<NoteSigner> const& signers);

}  // namespace consortium::journal
