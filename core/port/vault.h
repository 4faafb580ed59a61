#pragma once

#include "core/base/secret.h"

#include <optional>
#include <string>
#include <vector>

namespace consortium::port {

/// Keys of persons, one each, kept outside the database and its backups: what is sealed under a key is lost
/// for good, in every copy, once the key is destroyed.
class Vault {
public:
    virtual ~Vault() = default;
    /// Pseudonyms of the persons who have a key here, sorted.
    virtual std::vector<std::string> subjects() const = 0;
    /// Encrypts and authenticates, together with `context` (what it belongs to, not secret). Makes the
    /// subject's key, durably, where there is none. Throws Error(storage).
    virtual base::Bytes seal(std::string_view subject, std::string_view context, base::BytesView plain) = 0;
    /// None where the key that it was sealed under is not here. Throws Error(verification_failed) for what
    /// was not sealed so.
    virtual std::optional<base::Secret> open(std::string_view subject, std::string_view context,
                                             base::BytesView sealed) const = 0;
    /// Whether the subject's present key is the one that it says it was sealed under.
    virtual bool has_key_of(std::string_view subject, base::BytesView sealed) const = 0;
    /// Overwrites and removes the subject's key; nothing to do where there is none. Throws Error(storage).
    virtual void destroy(std::string_view subject) = 0;
};

}  // namespace consortium::port
