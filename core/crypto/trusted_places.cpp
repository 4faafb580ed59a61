#include "core/crypto/trusted_places.h"

#include "core/base/error.h"

namespace consortium::crypto {

bool TrustedPlaces::has(base::Digest const& place) const {
    return !m_folder.empty() && base::exists(m_folder / place.hex());
}

void TrustedPlaces::add(base::Digest const& place, std::string_view words) const {
    if (m_folder.empty())
        throw base::Error(base::Code::configuration, "there is no folder for what this user trusts",
                          "set HOME: it is kept below it");
    if (!base::exists(m_folder)) {
        std::filesystem::create_directories(m_folder.parent_path());
        base::make_folder(m_folder, base::FileMode::owner);
    }
    base::write_file(m_folder / place.hex(), std::string(words) + "\n", base::FileMode::owner);
}

}  // namespace consortium::crypto
