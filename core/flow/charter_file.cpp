#include "core/flow/charter_file.h"

#include "core/base/file.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

CharterFile read_charter_file(model::Request const& request) {
    constexpr std::size_t max_charter = 1u << 20;
    base::Path const path = request.arguments->at("operand").get<std::string>();
    CharterFile file{base::Toml::parse(base::read_text(path, max_charter), path.string()), {}};
    file.toml.locate([&] { file.charter = model::charter_from_json(*file.toml.value); });
    return file;
}

std::vector<policy::Party> parties_of(model::Epoch const& epoch) {
    std::vector<policy::Party> out;
    for (model::Member const& member : epoch.members) {
        if (member.status == "active") out.push_back({member.id, member.tier});
    }
    return out;
}

}  // namespace consortium::flow
