#pragma once

#include "core/base/file.h"
#include "core/port/keyring.h"

/// The files of a folder of keys, for this folder's own .cpp files.
namespace consortium::crypto {

inline constexpr std::size_t max_key_file = 65'536;
inline constexpr std::string_view private_ending = ".pem", pkcs11_ending = ".pkcs11",
                                  public_ending = ".pub.pem", ssh_ending = ".ssh.pub";

base::Path file_of(base::Path const& folder, std::string_view name, std::string_view ending);

/// Throws Error(malformed) for what is no name, Error(conflict) for one that is in use.
void refuse_taken(base::Path const& folder, std::string_view name);

/// What stands in NAME.pkcs11 and the like: one line. Throws Error(malformed) for anything else.
std::string read_line(base::Path const& file);

/// Writes a private part, or what says where it is, and then NAME.pub.pem: both or none.
void write_pair(base::Path const& folder, std::string_view name, std::string_view ending,
                base::BytesView private_part, base::BytesView spki);

/// What NAME.pub.pem holds; whether it is a sound key, read_info() says.
base::Bytes read_public(base::Path const& folder, std::string_view name);

/// Reads what of a key can be read without its passphrase or PIN.
port::KeyInfo read_info(base::Path const& folder, std::string_view name);

}  // namespace consortium::crypto
