#include "core/flow/charter_file.h"

#include "core/base/error.h"
#include "core/base/zone.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

// Looked at only where people write it: what members signed must not depend on one machine's database.
void check_zone(std::string const& name) {
    if (base::Zone::find(name)) return;
    throw base::Error(base::Code::configuration, "'" + name + "' is no time zone that this system knows",
                      "the names are those below /usr/share/zoneinfo (package tzdata), like Europe/Zurich",
                      {{"pointer", "/time_zone"}});
}

}  // namespace

CharterFile read_charter_file(base::Path const& path) {
    constexpr std::size_t max_charter = 1u << 20;
    CharterFile file{base::Toml::parse(base::read_text(path, max_charter), path.string()), {}};
    file.toml.locate([&] {
        file.charter = model::charter_from_json(*file.toml.value);
        if (file.toml.value->contains("time_zone")) check_zone(file.charter.time_zone);
    });
    return file;
}

std::vector<policy::Party> parties_of(model::Epoch const& epoch) {
    std::vector<policy::Party> out;
    for (model::Member const& member : epoch.members) {
        if (member.status == "active") out.push_back({member.id, member.tier, member.control_group});
    }
    return out;
}

}  // namespace consortium::flow
