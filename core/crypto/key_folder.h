#pragma once

#include "core/base/file.h"
#include "core/crypto/trusted_places.h"
#include "core/port/keyring.h"

/// The files of a folder of keys, for this folder's own .cpp files.
namespace consortium::crypto {

inline constexpr std::size_t max_key_file = 65'536;
inline constexpr std::string_view private_ending = ".pem", pkcs11_ending = ".pkcs11",
                                  command_ending = ".command", public_ending = ".pub.pem",
                                  ssh_ending = ".ssh.pub";
/// Of a private part that is being destroyed: what an interrupted command has left of it.
inline constexpr std::string_view dying_ending = ".dying";

base::Path file_of(base::Path const& folder, std::string_view name, std::string_view ending);

/// Throws Error(malformed) for what is no name, Error(conflict) for one that is in use.
void refuse_taken(base::Path const& folder, std::string_view name);

/// What says where a private key is that is not in the folder: the line in NAME.pkcs11 or NAME.command.
struct KeyPlace {
    enum class Sort { token, command } sort = Sort::token;
    std::string line;
};
/// None for a key that is in the folder, or not known here. Throws Error(malformed) for what is not one line.
std::optional<KeyPlace> read_place(base::Path const& folder, std::string_view name);
/// The place as people know it: a URI, a command line. Throws Error(malformed).
std::string words_of(KeyPlace const& place);
/// What is trusted: this place, for the key of this name.
base::Digest digest_of(KeyPlace const& place, std::string_view name, base::BytesView spki);

/// What a key signs to show that it belongs to its public key.
inline constexpr std::string_view pair_question =
    "consortium: is this private key the one of that public key?";
/// Trusts the place, and writes it down with the public key.
void note_place(base::Path const& folder, std::string_view name, KeyPlace const& place, base::BytesView spki,
                TrustedPlaces const& trusted);

/// Writes a private part, or what says where it is, and then NAME.pub.pem: both or none.
void write_pair(base::Path const& folder, std::string_view name, std::string_view ending,
                base::BytesView private_part, base::BytesView spki);

/// Writes a private key again, and finishes what a crash or a loss has left of it: one of the two files, of
/// the same key. Throws Error(conflict) where there is another key of that name.
void restore_pair(base::Path const& folder, std::string_view name, base::Secret const& pkcs8,
                  base::Secret const& passphrase);

/// What NAME.pub.pem holds; whether it is a sound key, read_info() says.
base::Bytes read_public(base::Path const& folder, std::string_view name);

/// Reads what of a key can be read without its passphrase or PIN.
port::KeyInfo read_info(base::Path const& folder, std::string_view name);

}  // namespace consortium::crypto
