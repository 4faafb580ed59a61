#include "core/model/role.h"

#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

void write_ends(base::Json& record, RoleEnds const& ends) {
    if (ends.empty()) return;
    auto& out = record["ends"] = base::Json::object();
    for (auto const& [role, end] : ends) out[role] = end.text();
}

RoleEnds read_ends(base::JsonReader& in, std::vector<std::string> const& roles) {
    RoleEnds ends;
    if (!in.has("ends")) return ends;
    auto list = in.object("ends");
    for (auto const& [role, end] : list.whole().items()) {
        if (std::find(roles.begin(), roles.end(), role) == roles.end())
            in.fail("ends", "names '" + base::printable(role) + "', which is not among the roles");
        ends.emplace(role, list.instant(role));
    }
    if (ends.empty()) in.fail("ends", "is empty: left out where no role ends");
    return ends;
}

std::vector<std::string> roles_at(std::vector<std::string> const& roles, RoleEnds const& ends,
                                  base::Instant when) {
    std::vector<std::string> out;
    for (auto const& role : roles) {
        auto const end = ends.find(role);
        if (end == ends.end() || when < end->second) out.push_back(role);
    }
    return out;
}

}  // namespace consortium::model
