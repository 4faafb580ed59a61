#pragma once

#include "core/base/file.h"
#include "core/port/courier.h"
#include "core/port/entropy.h"
#include "core/port/keyring.h"

#include <map>
#include <memory>

namespace consortium::crypto {

/// An identity that opens what is sent to its recipient: <name>.age.pem (PKCS#8 of X25519, as other keys are
/// kept) with <name>.age.pub beside it, one line.
struct AgeIdentity {
    std::string name;
    std::string recipient;  // "age1…"
    bool encrypted = false;
};

/// Never overwrites (Error(conflict)). An empty passphrase writes it unencrypted, mode 0600.
AgeIdentity create_age_identity(base::Path const& folder, std::string_view name,
                                base::Secret const& passphrase, port::Entropy& entropy);
/// Those of a folder, by name.
std::vector<AgeIdentity> age_identities(base::Path const& folder);
/// Its 32 bytes; asks for its passphrase if it has one. Throws Error(not_authorized), Error(malformed).
base::Secret open_age_identity(base::Path const& folder, AgeIdentity const& identity,
                               port::Keyring::Passphrase const& ask);

/// `recipients` by member.
std::unique_ptr<port::Courier> make_courier(base::Path folder, port::Keyring::Passphrase passphrase,
                                            std::map<std::string, std::string> recipients,
                                            port::Entropy& entropy);

}  // namespace consortium::crypto
