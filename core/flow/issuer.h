#pragma once

#include "core/flow/certificate_wanted.h"

namespace consortium::flow {

/// Why the authority may not certify this, as a sentence; empty: it may. Every authority may certify who
/// answers for it (profile "ocsp"): a root too, and one that is retired.
std::string unfit_words(Authority const& authority, Wanted const& wanted);

/// Who certifies what is wanted. Of the active intermediates whose key is here, those that are for its member
/// and its profile: one for that member and that profile goes before one for the member, this before one for
/// the profile, and this before one for everything; of equals, the newest. `all` are the authorities among
/// which that is decided. Throws Error(not_found) that names the command which makes one.
Authority const& issuer_among(std::vector<Authority> const& all, Wanted const& wanted);
/// The same among those of this workspace. `named` is what --issuer says; empty: nobody is named. Throws
/// Error(refused), too, where the one that is named may not certify it.
Authority issuer_for(State const& state, Wanted const& wanted, std::string const& named = {});

}  // namespace consortium::flow
