#pragma once

#include "core/base/digest.h"
#include "core/base/file.h"

namespace consortium::crypto {

/// Where private keys are outside of their folder, so far as this user trusts it on this machine: a module of
/// PKCS#11 is loaded into the process, the program of a command is run. What names them lies in a workspace,
/// and comes with a copied one or a backup; this list does not. It lies in a folder of the user's state, a
/// file for each place, named by its digest.
class TrustedPlaces {
public:
    TrustedPlaces() = default;  // none is trusted
    explicit TrustedPlaces(base::Path folder) : m_folder(std::move(folder)) {}

    bool has(base::Digest const& place) const;
    /// `words` say to people what was trusted. Throws Error(configuration) where there is no folder.
    void add(base::Digest const& place, std::string_view words) const;

private:
    base::Path m_folder;
};

}  // namespace consortium::crypto
