#pragma once

#include "cli/session.h"
#include "core/crypto/courier.h"

#include <nlohmann/json_fwd.hpp>

namespace consortium::cli {

// What the verbs of `key` share: where keys are, and what is told of one.

/// The named folder, else the workspace's, else the current one.
base::Path key_folder(Session& session, std::string const& named);
/// The operand: the name of a key that is to be. Throws Error(conflict) if there is one already.
std::string new_key_name(model::Request const& request, base::Path const& folder);
/// Asks for it, unless the key is to be kept unencrypted.
base::Secret wanted_passphrase(Session& session, model::Request const& request, std::string const& name);

/// "passphrase", "none", "pkcs11", "command", or "elsewhere" for a key of SSH.
std::string protection(port::KeyInfo const& key, base::Path const& folder);
base::Json record(port::KeyInfo const& key, base::Path const& folder);
base::Json record(crypto::AgeIdentity const& identity, base::Path const& folder);
model::Outcome describe(port::KeyInfo const& key, base::Path const& folder);
model::Outcome describe(crypto::AgeIdentity const& identity, base::Path const& folder);
/// What a dry run says instead: nothing is asked, nothing written.
model::Outcome intended_key(std::string const& name, base::Path const& folder);

}  // namespace consortium::cli
