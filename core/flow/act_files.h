#pragma once

#include "core/base/bytes.h"

namespace consortium::flow {

// Signed acts as files that other programs read.

/// An SSH signature as `ssh-keygen -Y sign` writes it.
std::string armoured(base::Bytes const& signature);
/// "TYPE BASE64" of a public-key blob, as in a .pub file.
std::string ssh_line(base::BytesView blob);
/// The line of a file of allowed signers, with its end: this name signs with this key in our namespace.
std::string allowed_signer(std::string_view name, base::BytesView blob);

}  // namespace consortium::flow
