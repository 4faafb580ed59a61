#pragma once

#include "core/base/error.h"
#include "core/port/evidence.h"
#include "core/port/signer.h"

namespace consortium::agreement {

/// What an act is judged by: what is held, whose signatures hold, and which consortium this is.
struct Ground {
    port::Evidence const& evidence;
    port::Verifier const& verifier;
    base::Digest genesis;  // that this workspace accepted; epoch 0 may not be final yet
};

/// The answer to "is this act to be stored?".
struct Acceptance {
    enum class Result {
        accepted,     // append it
        duplicate,    // held already
        orphan,       // keep it aside until `missing` is held, then ask again
        quarantined,  // of a kind or protocol that this program does not know: keep it aside (PROTOCOL P12)
        rejected,     // never valid, whatever arrives: `code` and `reason` say why
    };
    Result result = Result::rejected;
    base::Digest id;                    // zero if the envelope could not be read
    std::string member;                 // whom the act names as its author, for bounds a member; may be empty
    std::string kind;                   // likewise
    std::uint64_t epoch = 0;            // that the act names
    base::Digest subject = {};          // of an accepted act: as model::subject_of says
    std::string decision = {};          // of an accepted proposal: what decides it
    int most_open = 0;                  // how many of these a member may have open; 0: no such limit
    std::vector<base::Digest> missing;  // acts, files or epoch hashes
    base::Code code = base::Code::malformed;
    std::string reason;
};

std::string_view to_text(Acceptance::Result result);

/// PROTOCOL P2, in its order. Never throws for what the envelope holds. Appending what is accepted, and
/// asking again for orphans, is the caller's.
Acceptance validate(std::string_view text, Ground const& ground);
Acceptance validate(model::SignedAct const& given, Ground const& ground);
/// Steps 4 to 7, for an envelope whose act was read from it already and which is not held. Throws what the
/// kind's check throws.
Acceptance judge_act(model::Envelope const& envelope, model::Act const& act, Ground const& ground);

/// The final epoch that an act names; before epoch 0 is final, the accepted genesis document for acts that
/// name it. Null if it is not held.
std::shared_ptr<model::Epoch const> named_epoch(Ground const& ground, model::EpochReference const& reference);

}  // namespace consortium::agreement
