#pragma once

#include "core/model/act.h"
#include "core/model/epoch.h"

namespace consortium::model {

/// Body of "approval": names one digest (PROTOCOL P1). `rule` is the charter's approval rule that it is to
/// count for; `about` says to people what the digest is of.
struct Approval {
    base::Digest digest;
    std::string rule;
    std::string about;
};

base::Json to_json(Approval const& approval);
Approval approval_from_json(base::Json const& value);

/// Body of "attest": what a member's own node or person saw on a network. `facts` is free for `about`.
struct Attestation {
    Network network;
    std::string about;  // "validator.add", "release", "finality" …
    base::JsonValue facts;
};

base::Json to_json(Attestation const& attestation);
Attestation attestation_from_json(base::Json const& value);

/// Body of "handover": the named executor of a step gives it to another member (PROTOCOL P7). The act refers
/// to [proposal].
struct Handover {
    std::int64_t step = 0;
    std::string to;
};

base::Json to_json(Handover const& handover);
Handover handover_from_json(base::Json const& value);

base::Json to_json(Network const& network);
Network network_from_json(base::Json const& value, std::string const& pointer);

}  // namespace consortium::model
