#pragma once

#include "core/base/file.h"
#include "core/base/instant.h"
#include "core/crypto/key_means.h"
#include "core/port/keyring.h"

namespace consortium::crypto {

/// A program that signs with a key which is elsewhere: a key management service, for one. It is run without a
/// shell and without a terminal, in the folder "/", with what it is to sign on standard input: the hash
/// (SHA-384 for P-384, else SHA-256), for Ed25519 the message. On standard output it gives the signature:
/// ECDSA in DER, RSA PKCS#1 v1.5, or the 64 bytes of Ed25519.
struct KeyCommand {
    std::vector<std::string> arguments;  // the program first, by its absolute path
    std::vector<std::string> variables;  // of the environment, besides the usual ones: "AWS_PROFILE", "AWS_*"
    base::Duration time_limit{60};
};

/// What stands in NAME.command, one line. Reading throws Error(malformed).
std::string to_text(KeyCommand const& command);
KeyCommand key_command_from_text(std::string_view text);
/// The command line as a shell would take it, for people.
std::string words_of(KeyCommand const& command);

/// From what a person wrote: blanks part the words, quotes of either kind keep them together, nothing else
/// has a meaning. The program is found now, on PATH or from the current folder, and named by its absolute
/// path from then on: what another PATH or folder holds under that name is another program. Throws
/// Error(usage), or Error(not_found) for a program that is not there.
KeyCommand key_command(std::string_view text, std::vector<std::string> variables, base::Duration time_limit);

/// Adopts a pair whose private key a command signs with: NAME.command and NAME.pub.pem. Asks it for one
/// signature, to see that both belong together, and trusts it. Writes both files or none. Throws what its
/// signer throws, and Error(conflict) for a name in use.
port::KeyInfo import_command_key(base::Path const& folder, std::string_view name, KeyCommand const& command,
                                 base::Bytes const& spki, TrustedPlaces const& trusted);

/// Throws, when it signs, Error(unsupported) where the program is missing, refused where everybody may change
/// it, unavailable where it fails, and verification_failed for what is no signature by the key.
std::shared_ptr<port::Signer> make_command_signer(KeyCommand command, std::string name, base::Bytes spki);

}  // namespace consortium::crypto
