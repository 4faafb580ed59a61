#pragma once

#include "core/base/bytes.h"
#include "core/base/instant.h"
#include "core/port/signer.h"

#include <optional>

namespace consortium::journal {

/// What an Ed25519 key signs in notes. Each role has a key of its own: a cosignature does not bind the name
/// of its cosigner.
enum class NoteKeyType : std::uint8_t { log = 0x01, cosigner = 0x04 };

/// A public key that verifies lines of a signed note (C2SP signed-note, tlog-cosignature).
struct NoteKey {
    std::string name;
    NoteKeyType type = NoteKeyType::log;
    base::Bytes raw;  // the 32 bytes of an Ed25519 key

    /// The first four bytes of SHA-256(name ‖ 0A ‖ type ‖ raw), big-endian.
    std::uint32_t id() const;
    /// "name+hex8+base64(type ‖ raw)".
    std::string vkey() const;
    base::Bytes spki() const;

    /// Throws Error(malformed): wrong form, unknown type, or an id that does not fit.
    static NoteKey from_vkey(std::string_view text);
    /// Throws Error(malformed) unless it is an Ed25519 key and the name has no blank and no '+'.
    static NoteKey from_spki(std::string name, NoteKeyType type, base::BytesView spki);
};

struct NoteSignature {
    std::string name;
    std::uint32_t id = 0;
    base::Bytes bytes;
};

inline constexpr std::size_t max_note_signatures = 64;

/// A text with signatures: body, blank line, "— name base64(id ‖ signature)" lines.
struct Note {
    std::string body;  // ends with '\n'
    std::vector<NoteSignature> signatures;

    std::string text() const;
    /// Strict: UTF-8, no control character but '\n', at most 64 signatures and 16 KiB. Throws
    /// Error(malformed).
    static Note parse(std::string_view text);
};

/// Signs as a log (type 01).
NoteSignature sign_note(std::string const& name, std::string_view body, port::Signer& signer);
/// Signs as a witness: cosignature/v1 with the time in whole seconds.
NoteSignature cosign_note(std::string const& name, std::string_view body, base::Instant time,
                          port::Signer& signer);
std::string signature_line(NoteSignature const& signature);

/// A known key whose signature on the note holds.
struct NoteSigner {
    NoteKey key;
    std::optional<base::Instant> time;  // of a cosignature
};

/// The keys whose signatures hold, each once; unknown signers are ignored. Throws Error(verification_failed)
/// when a known key's signature does not hold.
[[nodiscard]] std::vector<NoteSigner> verified_signers(Note const& note, std::vector<NoteKey> const& keys,
                                                       port::Verifier const& verifier);

}  // namespace consortium::journal
