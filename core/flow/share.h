#pragma once

#include "core/flow/apply.h"

/// Recovery of a private key by shares of the key that wraps it (not threshold signing: whoever deals and
/// whoever recovers sees the secret).
namespace consortium::flow {

/// `share deal KEY --threshold K --custodian OFFICER=FILE…`: seals one share to each custodian and writes the
/// files. Repeated, it writes again what a crash kept it from writing. Throws Error(unsupported) for a key
/// that never leaves its token.
model::Plan plan_share_deal(State const& state, Services& services, model::Request const& request);
/// `share refresh KEY [--threshold --custodian…]`: new shares of the same key; the old ones open nothing.
model::Plan plan_share_refresh(State const& state, Services& services, model::Request const& request);

/// `share accept FILE`: a custodian keeps the share, if it is the one that the deal commits to. One that came
/// under a passphrase is kept under another, and the file is destroyed.
model::Plan plan_share_accept(State const& state, Services& services, model::Request const& request);
/// `share drill KEY`: a custodian proves to hold it. `share drill SESSION --share FILE…`: the host of a
/// session puts the wrapping key together and compares it.
model::Plan plan_share_drill(State const& state, Services& services, model::Request const& request);
/// `share submit SESSION`: a custodian seals the share to the session's key.
model::Plan plan_share_submit(State const& state, Services& services, model::Request const& request);

/// `share open KEY --purpose recovery|drill`: a session with a key of its own.
model::Plan plan_share_open(State const& state, Services& services, model::Request const& request);
/// `share recover SESSION --share FILE…`: the key, once enough good shares are in (G22).
model::Plan plan_share_recover(State const& state, Services& services, model::Request const& request);

/// `share destroy KEY|DEAL`: a custodian destroys the share of a deal that is over, and says so.
model::Plan plan_share_destroy(State const& state, Services& services, model::Request const& request);

/// `share show KEY|DEAL|SESSION`: state, have and need, who is missing, the deadline, the next command.
model::Outcome share_show(State const& state, Services const& services, model::Request const& request);
model::Outcome share_list(State const& state, Services const& services);

extern Applier const share_deal_applier;       // "share.deal"
extern Applier const share_handout_applier;    // "share.hand-out" {key_id}
extern Applier const share_destroy_applier;    // "share.destroy" {id, name}
extern Applier const share_forget_applier;     // "share.forget" {deal, index}
extern Applier const share_accept_applier;     // "share.accept"
extern Applier const share_wipe_applier;       // "share.wipe" {file, sha256}
extern Applier const share_drill_applier;      // "share.drill"
extern Applier const share_submit_applier;     // "share.submit"
extern Applier const share_submitted_applier;  // "share.hand-over"
extern Applier const share_open_applier;       // "share.open"
extern Applier const share_recover_applier;    // "share.recover"
extern Applier const share_close_applier;      // "share.close"

}  // namespace consortium::flow
