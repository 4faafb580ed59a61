#pragma once

#include "core/flow/private_part.h"

namespace consortium::flow {

struct SignedAct {
    base::Digest id;
    std::string envelope;                         // what is stored and sent
    std::optional<model::PrivatePart> part = {};  // what it commits to and does not say
};

/// Makes an act of the draft, as the officer or the member's seat, in the latest epoch (or in `epoch`, before
/// the workspace has joined), and signs it. Takes no lock; may ask for a passphrase. Throws not_authorized if
/// the workspace has no key of that officer or seat in that epoch.
SignedAct sign(model::Draft const& draft, Services& services, Identity const& self);
SignedAct sign(model::Draft const& draft, model::Epoch const& epoch, Services& services,
               Identity const& self);

/// As the first, with words that the act only commits to: they are for keep_part().
SignedAct sign(model::Draft const& draft, PrivateDraft const& words, Services& services,
               Identity const& self);

/// Signs with a given key an act whose author no epoch knows yet (an applicant). Draws a nonce where the act
/// has none.
SignedAct sign_as(model::Draft const& draft, model::Act act, port::Signer& signer, Services& services);

/// Unlocks the officer's key now, so that signing with it later asks nobody.
void open_officer_key(Services& services, Identity const& self);

/// Appends an act that was signed here, after judging it as everybody else will. Throws Error(refused) or
/// what the judgement says: nothing that others would reject enters this journal.
void append_own(Services& services, port::Transaction& transaction, std::string const& envelope);

}  // namespace consortium::flow
