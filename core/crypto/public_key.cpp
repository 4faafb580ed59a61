#include "core/crypto/public_key.h"

#include "core/base/error.h"
#include "core/crypto/evp_key.h"

namespace consortium::crypto {

std::optional<std::string> algorithm_of(base::BytesView spki) {
    auto algorithm = model::spki_algorithm(spki);
    if (!algorithm || (algorithm != "ed25519" && !public_key_of(spki))) return std::nullopt;
    return algorithm;
}

base::Bytes public_from_pem(std::string_view pem) {
    auto key = model::read_public_key(pem);
    if (key.algorithm == "ssh" || !algorithm_of(key.bytes))
        throw base::Error(base::Code::malformed,
                          "not a sound Ed25519, P-256 or P-384 public key in PEM form");
    return std::move(key.bytes);
}

}  // namespace consortium::crypto
