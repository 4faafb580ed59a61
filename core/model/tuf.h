#pragma once

#include "core/model/epoch.h"

/// Metadata of The Update Framework (specification 1.0, theupdateframework.github.io): the chain of trust
/// bundles as its stock clients follow it.
namespace consortium::model {

/// OLPC canonical JSON, which TUF's signatures are over: keys sorted, no blanks, and of a text only the quote
/// and the backslash escaped, so that it is no JSON where a text has a line feed. Throws Error(malformed) for
/// a fraction.
std::string tuf_canonical(base::Json const& value);

/// A key as a client knows it: {"keytype","keyval","scheme"}, and its keyid, the SHA-256 of that. None for a
/// key with which not every stock client verifies: only Ed25519 and P-256 are in the specification and sign
/// whole messages.
struct TufKey {
    std::string id;  // hexadecimal
    base::JsonValue value;
};
std::optional<TufKey> tuf_key(std::string_view algorithm, base::BytesView spki);

/// A file that the metadata vouches for.
struct TufTarget {
    std::string name;
    std::string content;
};

/// All that one version says. Two who hold the same epoch make the same of it, to the byte.
struct TufTerms {
    std::int64_t version = 0;  // consecutive from 1, as clients ask for them
    base::Instant expires;
    std::vector<TufKey> keys;
    std::int64_t threshold = 0;
    std::vector<TufTarget> targets;
    base::JsonValue origin;  // which epoch of which consortium carries which bundle: root's "x-consortium"
};

/// What is signed for one role: root, targets, snapshot, timestamp.
struct TufDocument {
    std::string role;
    base::JsonValue part;  // "signed" of its file
    std::string bytes;     // tuf_canonical(part): what signatures are over
    base::Digest digest;   // SHA-256 of these
};
/// In the order above. The same officers and the same threshold stand for every role.
std::vector<TufDocument> tuf_documents(TufTerms const& terms);

/// The file of a document with its signatures, keyid and signature, hexadecimal.
std::string tuf_file(TufDocument const& document,
                     std::vector<std::pair<std::string, std::string>> const& signatures);

}  // namespace consortium::model
