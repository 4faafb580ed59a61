#include "core/crypto/envelope.h"

#include "core/base/error.h"

#include <nlohmann/json.hpp>

namespace consortium::crypto {

model::Envelope seal(model::Act const& act, port::Signer& signer) {
    if (act.key != signer.id())
        throw base::Error(base::Code::malformed, "the act names key " + act.key.brief() +
                                                     ", the signer has key " + signer.id().brief());
    model::Envelope envelope;
    envelope.payload = base::canonical(model::to_json(act));
    if (envelope.payload.size() > model::max_payload)
        throw base::Error(base::Code::malformed, "an act of kind '" + act.kind + "' is too large: " +
                                                     std::to_string(envelope.payload.size()) + " of " +
                                                     std::to_string(model::max_payload) + " bytes");
    envelope.key_id = act.key.hex();
    envelope.signature = signer.sign(base::as_bytes(model::pre_authentication(envelope)));
    return envelope;
}

bool holds(model::Envelope const& envelope, base::BytesView key, port::Verifier const& verifier) {
    auto const message = model::pre_authentication(envelope);
    return verifier.verify(envelope.scheme, key, base::as_bytes(message), envelope.signature);
}

}  // namespace consortium::crypto
