#pragma once

#include "core/base/secret.h"

#include <optional>
#include <string>
#include <vector>

namespace consortium::port {

/// Takes what is private to named recipients, each of whom alone can open it: files of the format age v1.
class Courier {
public:
    virtual ~Courier() = default;
    /// The members whose recipient is known here, sorted.
    virtual std::vector<std::string> members() const = 0;
    /// For these of them, one at least. Throws Error(configuration) for a setting that is no recipient,
    /// Error(not_found) for a member whose recipient is not known here.
    virtual base::Bytes seal(base::BytesView content, std::vector<std::string> const& to) = 0;
    /// Whether something can be opened here at all.
    virtual bool has_identity() const = 0;
    /// Names of the identities here that are kept without a passphrase, sorted.
    virtual std::vector<std::string> unencrypted() const = 0;
    /// None where it is not for this workspace. Throws Error(verification_failed) for what was changed on its
    /// way, or is no such file. May ask for the passphrase of each identity, once; throws why one could not
    /// be used (Error(not_authorized), Error(declined), Error(malformed) …) where no other opens it.
    virtual std::optional<base::Secret> open(base::BytesView sealed) = 0;
};

}  // namespace consortium::port
