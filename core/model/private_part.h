#pragma once

#include "core/model/act.h"

#include <map>
#include <span>

namespace consortium::model {

/// One field that acts of a kind may say in private: outside the act, which commits to it only (PROTOCOL P1).
struct PrivateField {
    std::string_view kind;  // of the act
    std::string_view name;
    std::size_t most;           // bytes
    std::string_view argument;  // the command and its argument that gives it: "vote cast/reason"
};

/// All of them; a field that several commands give has a row for each. What counting, agreement and execution
/// read stays public: that a reason was given is `private` not being null.
std::span<PrivateField const> private_fields();
bool has_private_fields(std::string_view kind);

/// What is to be said in private: by name of the field. Empty fields are left out.
using PrivateWords = std::map<std::string, std::string, std::less<>>;

/// What an act says in private, with what makes its commitment impossible to guess, and with what ties it to
/// that act: whoever copies the commitment cannot pass the words off as another's.
struct PrivatePart {
    std::string kind, member, officer, nonce;  // of the act
    std::string subject;  // pseudonym of the person whom it is about, under whose key it is kept
    PrivateWords words;
    base::Bytes salt;  // 32 bytes
};

/// domain || salt || payload: the domain is "consortium/private-part/v1\n", the payload the canonical JSON of
/// {"fields":{…},"kind","member","nonce","officer","subject"}. This is what is sealed and sent, so that
/// sha256sum of it is the commitment.
std::string to_bytes(PrivatePart const& part);
/// Throws Error(malformed) for what to_bytes() does not make of fields that acts of its kind have.
PrivatePart private_part_from_bytes(std::string_view bytes);
/// Throws Error(malformed) for a field that acts of its kind do not have, or that is too long.
void check_private(PrivatePart const& part);
/// Takes kind, member, officer and nonce of the act.
void bind(PrivatePart& part, Act const& act);
/// Whether it was made for this act.
bool is_bound(PrivatePart const& part, Act const& act);

/// C = SHA256(domain || salt || payload): the act's `private`.
base::Digest commitment(PrivatePart const& part);

/// The arguments of a command without those that go into private parts: what may be hashed into the journal,
/// where an unsalted digest of a name could be found by trying names (G28).
base::Json without_private_arguments(std::string_view command, base::Json arguments);
/// Names of the arguments that go into private parts and are given here, in the order of the table.
std::vector<std::string> private_arguments(std::string_view command, base::Json const& arguments);

}  // namespace consortium::model
