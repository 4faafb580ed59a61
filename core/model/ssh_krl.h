#pragma once

#include "core/base/bytes.h"
#include "core/base/instant.h"

#include <map>
#include <set>

namespace consortium::model {

/// A key revocation list (OpenSSH's PROTOCOL.krl): serials of certificates, by the key that signed them, and
/// keys that are revoked themselves, an authority's with all that it has signed.
struct SshKrl {
    std::uint64_t version = 0;  // a later list has a higher one
    base::Instant generated;
    std::string comment;
    std::map<base::Bytes, std::set<std::uint64_t>> serials;  // by the authority's blob
    std::set<base::Bytes> keys;                              // blobs
    bool operator==(SshKrl const&) const = default;
};

/// Serials are listed one by one: random ones leave nothing for ranges and bitmaps to save.
base::Bytes write_ssh_krl(SshKrl const& krl);
/// Reads what write_ssh_krl() writes and nothing else. Throws Error(malformed).
SshKrl read_ssh_krl(base::BytesView bytes);

}  // namespace consortium::model
