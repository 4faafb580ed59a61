#include "core/crypto/public_key.h"

#include "core/base/error.h"
#include "core/crypto/openssl.h"

#include <openssl/err.h>

namespace consortium::crypto {

namespace {

bool is_on_curve(base::BytesView spki) {
    auto const* cursor = spki.data();
    PkeyPtr const key(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
    ERR_clear_error();
    return key != nullptr;
}

}  // namespace

std::optional<std::string> algorithm_of(base::BytesView spki) {
    auto algorithm = model::spki_algorithm(spki);
    if (!algorithm || (algorithm != "ed25519" && !is_on_curve(spki))) return std::nullopt;
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
