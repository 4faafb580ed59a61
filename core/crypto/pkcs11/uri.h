#pragma once

#include "core/base/bytes.h"
#include "core/base/file.h"

namespace consortium::crypto::pkcs11 {

/// A PKCS#11 token and maybe a key on it, as RFC 7512 writes them:
/// "pkcs11:token=consortium;id=%0A%0B;object=root?module-path=/usr/lib/module.so". What is empty is left
/// open.
struct Uri {
    std::string token;  // its label
    std::string manufacturer;
    std::string model;
    std::string serial;
    base::Bytes id;      // CKA_ID of the key
    std::string object;  // CKA_LABEL of the key
    base::Path module_path;

    bool operator==(Uri const&) const = default;
    bool names_token() const { return !token.empty() || !serial.empty(); }
    bool names_key() const { return !id.empty() || !object.empty(); }
};

/// Strict: only attributes of the structure above and "type=private", each at most once, a module of an
/// absolute path, and a token by label or serial number. A PIN in it (pin-value, pin-source) is refused: that
/// is not where one belongs. Throws Error(usage) that names what is wrong.
Uri parse_uri(std::string_view text);

/// One line without its end; parse_uri() reads it back.
std::string to_text(Uri const& uri);

}  // namespace consortium::crypto::pkcs11
