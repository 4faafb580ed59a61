#include "core/flow/expiring.h"

#include "core/flow/ca.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

/// A root, or a link between two, ends with a rotation; an intermediate is replaced by another one.
std::string replace(model::Object const& authority) {
    if (authority.data->at("role") != "issuing") return "consortium root rotate";
    auto const& data = *authority.data;
    auto const words = fmt::format("{} --replaces {}", successor_name(authority.name), authority.name);
    if (data.value("adopted", false)) return "consortium ca request " + words;
    return "consortium ca add " + words +
           (data.at("key").get_ref<std::string const&>().empty() ? " --csr FILE" : "");
}

std::string renew(model::Object const& certificate) {
    return "consortium cert renew " + certificate.name;
}

/// Lists of earlier versions do not say of which authority they are, and had its name.
std::string issue_list(model::Object const& list) {
    auto const& data = *list.data;
    return "consortium crl issue " + data.value("authority", list.name) +
           (data.value("base", std::int64_t{0}) == 0 ? "" : " --delta");
}

std::string issue_for_ssh(model::Object const&) {
    return "consortium ssh issue";
}

constexpr ExpiringKind kinds[] = {
    {"authority", "active", replace},
    {"certificate", "valid", renew},
    {"crl", "current", issue_list},
    {"ssh-certificate", "valid", issue_for_ssh},
};

}  // namespace

std::span<ExpiringKind const> expiring_kinds() {
    return kinds;
}

std::string renewal_command(model::Object const& object) {
    for (auto const& each : kinds) {
        if (each.kind == object.kind && each.state == object.state) return each.command(object);
    }
    return {};
}

}  // namespace consortium::flow
