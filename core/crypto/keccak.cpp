#include "core/crypto/keccak.h"

#include "core/base/error.h"

#include <botan/hash.h>

namespace consortium::crypto {

base::Digest keccak256(base::BytesView bytes) {
    auto const hash = Botan::HashFunction::create("Keccak-1600(256)");
    if (!hash) throw base::Error(base::Code::unsupported, "this Botan has no Keccak-256");
    hash->update(bytes.data(), bytes.size());
    base::Digest out;
    hash->final(out.bytes.data());
    return out;
}

}  // namespace consortium::crypto
