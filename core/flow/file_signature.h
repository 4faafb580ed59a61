#pragma once

#include "core/flow/services.h"

namespace consortium::flow {

/// Who signs a file in CMS: a certificate of whose key the private part is in the keyring.
struct FileSigner {
    base::Bytes certificate;           // DER
    std::vector<base::Bytes> issuers;  // that are known here, DER: they are carried along
    std::vector<base::Bytes> roots;    // to one of which its path leads; empty: to none that is known here
    std::string subject;
    base::Digest key;     // SHA-256 of its SPKI
    std::string warning;  // why no path leads to a root that is known here
};

/// `named`: the serial of a certificate that was issued here (hexadecimal digits and colons alone), or else a
/// file, PEM or DER, in which its issuers may stand behind it. Throws Error before anything is signed:
/// not_found, malformed, not_authorized where the key is not here, refused for a certificate that is not in
/// force or not for signatures, unsupported for a key that CMS has no signature for here.
FileSigner file_signer(State const& state, Services const& services, std::string_view named);

base::Json to_json(FileSigner const& signer);
FileSigner file_signer_from_json(base::Json const& value);

/// A detached signature over the content (DER), verified before it is returned.
base::Bytes sign_file(FileSigner const& signer, Services& services, std::string_view content);

}  // namespace consortium::flow
