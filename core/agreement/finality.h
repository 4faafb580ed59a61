#pragma once

#include "core/agreement/next_epoch.h"
#include "core/model/candidate.h"

#include <variant>

namespace consortium::agreement {

/// Who asks: a member's seat, or (member empty) a workspace that only follows.
struct Seat {
    std::string member;
    base::Instant final_here;  // when this workspace saw the latest epoch become final
    base::Digest silenced =
        {};  // a seat key that must not sign: the journal is a restored one (PROTOCOL P10)
};

/// Sign this draft with the seat's key, put the files, append the act; then ask again.
struct Sign {
    model::Draft draft;
    std::vector<std::string> files;
    std::string words;
};

/// The next epoch is final: q equal commits of one attempt and its document are held.
struct Final {
    model::Epoch epoch;
    model::EpochReference reference;
    std::int64_t attempt = 0;
    std::vector<base::Digest> commits;
};

/// Nothing to do here now.
struct Wait {
    std::string words;                 // why: "nothing is due", "3 of 4 commits are needed, 1 held"
    std::vector<std::string> missing;  // members that are waited for
    std::optional<base::Instant> until;
    bool needs_person = false;  // nothing goes on here by itself
    std::string then = {};      // what this seat does at `until`
};

using NextAction = std::variant<Sign, Final, Wait>;

/// One step of PROTOCOL P6: {advance, state (and `ready`), lead, prepare, commit, skip}, the first that
/// applies. A pure function; it never asks for a second content in a slot that the evidence shows taken by
/// this member, nor for a prepare or commit in an attempt that it has left.
NextAction next_action(port::Evidence const& evidence, Seat const& seat, base::Instant now);

/// `advance` alone.
std::optional<Final> final_next(port::Evidence const& evidence);

/// A skip of the current attempt before its timer has ended: a person asks for it. None: this seat has no
/// vote, is silent, or has left the attempt already; or what is held is contradictory.
std::optional<Sign> early_skip(port::Evidence const& evidence, Seat const& seat, base::Instant now);

/// The attempt that the seats of the latest epoch are in, by the skips held; and its leader.
std::int64_t current_attempt(port::Evidence const& evidence, model::Epoch const& current);
std::string leader(model::Epoch const& current, std::int64_t attempt);

}  // namespace consortium::agreement
