#pragma once

#include "core/flow/authority.h"

namespace consortium::flow {

/// What servers present above a certificate of this issuer: the intermediate; and after a rotation's switch
/// the link by which whoever trusts the old root alone believes the new one. Nothing below a root.
std::vector<base::Bytes> issuer_chain(port::Store const& store, Authority const& issuer);

}  // namespace consortium::flow
