#pragma once

#include "core/base/file.h"
#include "core/crypto/key_means.h"
#include "core/port/keyring.h"

namespace consortium::crypto {

/// Keys of a folder that live on a PKCS#11 token: NAME.pkcs11, which holds the URI (RFC 7512) of module,
/// token and key and nothing secret, with NAME.pub.pem beside it. Both functions log in once, sign something
/// to see that the pair belongs together, trust the
/// module, and write both files or none. They throw what Token and make_key()
/// throw, and Error(conflict) for a name in use.

/// Makes a pair on the token that never leaves it. `uri` names module and token.
port::KeyInfo create_token_key(base::Path const& folder, std::string_view name, std::string_view algorithm,
                               std::string_view uri, KeyMeans const& means);

/// Adopts a pair that is on the token. `uri` names it by id or label.
port::KeyInfo import_token_key(base::Path const& folder, std::string_view name, std::string_view uri,
                               KeyMeans const& means);

}  // namespace consortium::crypto
