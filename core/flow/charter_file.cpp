#include "core/flow/charter_file.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/zone.h"

#include <charconv>
#include <fmt/format.h>
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

constexpr int max_parties = 10'000;

/// "validator=4" as four members named validator-1 …
void add_supposed(std::vector<policy::Party>& parties, std::string const& text,
                  model::Charter const& charter) {
    std::size_t const mark = text.find('=');
    std::string const tier = text.substr(0, mark);
    std::string const digits = mark == std::string::npos ? "" : text.substr(mark + 1);
    int count = 0;
    auto const [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    bool const number = status == std::errc{} && end == digits.data() + digits.size();
    if (!number || count < 1 || count > max_parties || charter.tier(tier) == nullptr) {
        throw base::Error(
            base::Code::usage,
            fmt::format(
                "--members is '{}', expected TIER=COUNT with a tier of the charter and a count from 1 "
                "to {}",
                base::printable(text), max_parties));
    }
    for (int i = 1; i <= count; ++i) parties.push_back({fmt::format("{}-{}", tier, i), tier});
}

std::string text_of_charter(base::Path const& path) {
    constexpr std::size_t max_charter = 1u << 20;
    try {
        return base::read_text(path, max_charter);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::not_found) throw;
        throw base::Error(
            error.code(), error.message(),
            "'consortium template list' names ready ones, 'consortium template show' prints one",
            error.details());
    }
}

}  // namespace

CharterFile read_charter_file(base::Path const& path) {
    CharterFile file{base::Toml::parse(text_of_charter(path), path.string()), {}};
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

std::vector<policy::Party> parties_for(model::Request const& request, model::Charter const& charter,
                                       model::Epoch const* epoch) {
    std::vector<policy::Party> out;
    if (request.arguments->contains("members")) {
        for (base::Json const& one : request.arguments->at("members"))
            add_supposed(out, one.get<std::string>(), charter);
    } else if (epoch != nullptr) {
        out = parties_of(*epoch);
    }
    return out;
}

}  // namespace consortium::flow
