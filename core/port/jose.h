#pragma once

#include "core/base/json.h"

namespace consortium::port {

/// What of JSON Web Signatures and Keys (RFC 7515, 7517, 7518, 8037) rests on the mathematics of keys. A key
/// is its SPKI; each has one algorithm, so that nobody's header chooses another.
class Jose {
public:
    virtual ~Jose() = default;
    /// "EdDSA", "ES256", "ES384", "RS256". Throws Error(unsupported) for a key that signs no tokens.
    virtual std::string algorithm(base::BytesView spki) const = 0;
    /// The public JSON Web Key, only the members that its thumbprint covers.
    virtual base::Json to_jwk(base::BytesView spki) const = 0;
    /// The other way; none for a kind of key that is not known here, or too weak. Throws Error(malformed) for
    /// one that is not what it says.
    virtual std::optional<base::Bytes> from_jwk(base::Json const& jwk) const = 0;
    /// The thumbprint of RFC 7638 by SHA-256, in base64url.
    virtual std::string key_id(base::BytesView spki) const = 0;
    /// What a port::Signer of this key made, in the form that a token carries (RFC 7518 section 3.4).
    virtual base::Bytes to_jws(base::BytesView spki, base::BytesView signature) const = 0;
    /// A signature in that form; malformed input is false, never an exception.
    virtual bool verify(base::BytesView spki, std::string_view signing_input,
                        base::BytesView signature) const = 0;
};

}  // namespace consortium::port
