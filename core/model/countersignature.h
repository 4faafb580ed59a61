#pragma once

#include "core/base/json.h"

namespace consortium::model {

/// The largest document that is countersigned.
inline constexpr std::size_t max_countersigned = 256U << 10U;

/// A signature over the bytes of a document themselves, as another program verifies it.
struct Countersignature {
    base::Digest document;  // SHA-256 of a file that the act names, and that must be held
    base::Digest key;       // of the officer, also one that was retired since
    base::Bytes signature;  // by the key's own algorithm, see port::Signer
    bool operator==(Countersignature const&) const = default;
};

/// Body of "countersign": an officer signs documents in the form of another program, which knows nothing of
/// acts. `format` says which ("tuf"), `about` what they are of, for people.
struct Countersigning {
    std::string format;
    std::string about;
    std::vector<Countersignature> signatures;
};

base::Json to_json(Countersigning const& countersigning);
/// Throws Error(malformed), also for none, or two of one document and key.
Countersigning countersigning_from_json(base::Json const& value);

}  // namespace consortium::model
