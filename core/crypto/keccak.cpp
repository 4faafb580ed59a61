#include "core/crypto/keccak.h"

#include <botan/keccak.h>

namespace consortium::crypto {

base::Digest keccak256(base::BytesView bytes) {
    Botan::Keccak_1600 hash(256);
    hash.update(bytes.data(), bytes.size());
    base::Digest out;
    hash.final(out.bytes.data());
    return out;
}

}  // namespace consortium::crypto
