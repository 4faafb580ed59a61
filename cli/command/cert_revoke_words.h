#pragma once

#include <string_view>

namespace consortium::cli {

inline constexpr std::string_view cert_revoke_description =
    "Records the revocation with its reason. Others learn of it by the next revocation list: run 'crl "
    "issue' and 'ca publish'. It cannot be undone, so the serial must be typed or given with --confirm.\n\n"
    "The serial of an intermediate, or of a link between two roots, revokes every certificate that it "
    "has, under each root, and ends it: nothing more is issued under it, and what it has certified "
    "fails 'cert verify' at once, elsewhere with the next list of the root ('crl issue ROOT'). A root "
    "is revoked by no list: the members' trust bundle does without it.\n\n"
    "Without a serial, every certificate is revoked that is in force and of which all is said that is "
    "given: --member, --node, --officer, --key. The plan shows each with its serial; what is typed, or "
    "given with --confirm, is then the officer, the node, the key or the member, the first of these "
    "that is given. All are revoked at once or none.";

}  // namespace consortium::cli
