#pragma once

#include "core/base/zone.h"
#include "core/model/outcome.h"

namespace consortium::cli {

/// Adds to every time in a text what the clock of the charter's zone shows:
/// "2026-11-02T12:00:00Z (13:00 Europe/Zurich)", with the day where it is another one. Only for terminals:
/// programs and files get UTC alone. One made from nothing adds nothing.
class LocalTimes {
public:
    LocalTimes() = default;
    LocalTimes(base::Zone zone, std::string name) : m_zone(std::move(zone)), m_name(std::move(name)) {}

    std::string in(std::string_view text) const;
    /// The same in the outcome's text and warnings; its data and next commands stay as they are.
    model::Outcome in(model::Outcome outcome) const;

private:
    std::string beside(std::string_view written) const;

    std::optional<base::Zone> m_zone;
    std::string m_name;
};

/// Whether a text has a time in it at all.
bool has_time(std::string_view text);

}  // namespace consortium::cli
