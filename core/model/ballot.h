#pragma once

#include "core/model/act.h"

namespace consortium::model {

/// Bodies of the acts on a proposal. Those of kinds "recuse" (the member declares that it takes no part in a
/// vote, for good) and "withdraw" (the proposal's own member takes it back before it closes) refer to
/// [proposal] and have an empty body.

/// Body of an act of kind "ballot". The act refers to [proposal], and from revision 1 on to
/// [proposal, predecessor…]: all the member's ballots of the revision before that its author knows. A reason
/// is said in the private part; that there is one is public.
struct Ballot {
    std::string choice = "yes";  // yes | no | abstain | veto, where the decision has it
    std::int64_t revision = 0;
};

base::Json to_json(Ballot const& ballot);
Ballot ballot_from_json(base::Json const& value);

/// Body of an act of kind "delegate": another member's ballot counts for this one, which casts none. Refers
/// to what a ballot refers to: [proposal], and from revision 1 on the delegations before it.
struct Delegation {
    std::string to;  // a member; empty: nobody any more
    std::int64_t revision = 0;
};

base::Json to_json(Delegation const& delegation);
Delegation delegation_from_json(base::Json const& value);

/// Body of an act of kind "suspend": a fellow officer's key is not to be relied on from now (PROTOCOL P10).
/// A reason is said in the private part, which is about that officer.
struct Suspension {
    std::string officer;  // of the same member
    base::Digest key;
};

base::Json to_json(Suspension const& suspension);
Suspension suspension_from_json(base::Json const& value);

}  // namespace consortium::model
