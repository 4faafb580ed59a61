#include "cli/session.h"
#include "cli/settings.h"
#include "cli/spec.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Json;

model::Outcome show(Session& session, model::Request const& request) {
    bool const origin = request.arguments->value("origin", false);
    Json items = Json::array();
    model::Table table{{"setting", "value"}, {}, {}};
    if (origin) table.columns.emplace_back("origin");
    auto const add = [&](std::string const& key, Settings::Value const& value) {
        items.push_back({{"name", key}, {"value", value.text}, {"origin", value.origin}});
        std::vector<std::string> row{key, value.text.empty() ? "-" : value.text};
        if (origin) row.push_back(value.origin);
        table.rows.push_back(std::move(row));
    };
    auto const& settings = session.settings();
    for (auto const& setting : setting_table()) add(std::string(setting.key), settings.at(setting.key));
    for (auto const& [member, values] : settings.peers()) {
        for (auto const& [key, value] : values)
            add(fmt::format("peer.{}{}", member, key == "place" ? "" : "." + key), value);
    }
    model::Outcome outcome;
    outcome.schema = "consortium.config/1";
    outcome.data = base::JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

constexpr Flag flags[] = {
    {"--origin", Kind::toggle, "", "say where each value comes from"},
};
constexpr Example examples[] = {
    {"consortium config show --origin", "why a setting has its value"},
    {"CONSORTIUM_FORMAT=json consortium config show", "a setting from the environment"},
};
constexpr base::Code codes[] = {base::Code::configuration};

constexpr Command commands[] = {{
    .noun = "config",
    .verb = "show",
    .effect = Effect::read,
    .summary = "show the settings that hold here",
    .operand = {},
    .flags = flags,
    .description =
        "A flag goes before the environment (CONSORTIUM_*), that before the workspace's consortium.toml, "
        "that "
        "before the user's $XDG_CONFIG_HOME/consortium/config.toml, and that before the default.\n\n"
        "Unknown settings in a file are refused, with the line.",
    .examples = examples,
    .codes = codes,
    .handler = show,
}};

}  // namespace

extern Noun const config_noun;
constexpr Noun config_noun{"TOOL", "config", "settings and where they come from", commands};

}  // namespace consortium::cli
