#pragma once

#include "core/model/act.h"

namespace consortium::model {

/// Body of an act of kind "ballot". The act refers to [proposal], and from revision 1 on to
/// [proposal, predecessor…]: all the member's ballots of the revision before that its author knows.
struct Ballot {
    std::string choice = "yes";  // yes | no | abstain
    std::int64_t revision = 0;
    std::string reason;  // public; empty: none
};

base::Json to_json(Ballot const& ballot);
Ballot ballot_from_json(base::Json const& value);

/// Body of an act of kind "suspend": a fellow officer's key is not to be relied on from now (PROTOCOL P10).
struct Suspension {
    std::string officer;  // of the same member
    base::Digest key;
    std::string reason;
};

base::Json to_json(Suspension const& suspension);
Suspension suspension_from_json(base::Json const& value);

}  // namespace consortium::model
