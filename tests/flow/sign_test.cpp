#include "core/flow/sign.h"

#include "core/agreement/credential.h"
#include "core/crypto/verifier.h"
#include "tests/support/discreet.h"
#include "tests/support/ssh.h"

#include <doctest/doctest.h>

using namespace consortium;

TEST_CASE("an act by a key of SSH says that it is signed so, and verifies so only") {
    Discreet here;
    auto& acme = here.town.acme();
    SshSigner signer;
    auto act = acme.store().act(here.vote(acme, "for a reason"))->act;
    act.nonce.clear();
    act.key = signer.id();
    model::Draft draft;
    draft.kind = act.kind;
    draft.refs = act.refs;
    draft.body = act.body;
    auto const made = flow::sign_as(draft, act, signer, acme.services());
    auto const envelope = model::envelope_from_text(made.envelope);
    CHECK(envelope.scheme == "sshsig");
    CHECK(agreement::is_signed(envelope, {signer.public_key(), agreement::scheme_of("ssh")},
                               crypto::verifier()));
    CHECK_FALSE(agreement::is_signed(envelope, {signer.public_key(), "raw"}, crypto::verifier()));
    for (auto const* other : {"ed25519", "p256", "p384"}) CHECK(agreement::scheme_of(other) == "raw");
}
