#include "cli/settings.h"

#include "cli/parse.h"
#include "cli/spec.h"
#include "cli/value.h"
#include "core/base/text.h"
#include "core/base/toml.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;
using Scope = Setting::Scope;

constexpr std::size_t largest_file = 64 * 1024;

std::string_view flag_text(Common const& common, std::string_view key) {
    if (key == "workspace") return common.workspace;
    if (key == "as") return common.as;
    if (key == "passphrase-file") return common.passphrase_file;
    if (key == "pin-file") return common.pin_file;
    if (key == "color") return common.color;
    if (key == "no-input") return common.no_input ? "true" : "false";
    return {};
}

std::string_view format_name(Format format) {
    switch (format) {
        case Format::json:
            return "json";
        case Format::jsonl:
            return "jsonl";
        case Format::csv:
            return "csv";
        case Format::text:
            break;
    }
    return "text";
}

std::string given_text(Common const& common, std::string_view key) {
    if (key == "format") return std::string(format_name(common.format));
    if (key == "timeout") return common.timeout.value_or(base::Duration{}).text();
    return std::string(flag_text(common, key));
}

/// The same check for a value, wherever it was written.
std::string checked(Setting const& setting, std::string_view text, std::string_view where) {
    auto const key = setting.key;
    if (key == "no-input" || key == "rehearsal") {
        return read_value(Kind::choice, "true|false", text, where).get<std::string>();
    }
    if (key == "alarm") return read_value(Kind::duration, {}, text, where).get<std::string>();
    for (Flag const& flag : common_flags()) {
        if (argument_key(flag) != setting.flag) continue;
        return read_value(flag.kind, flag.choices, text, where).get<std::string>();
    }
    return std::string(text);
}

Setting const* find_setting(std::string_view key) {
    auto const table = setting_table();
    auto const found = std::ranges::find(table, key, &Setting::key);
    return found == table.end() ? nullptr : &*found;
}

[[noreturn]] void unknown_key(std::string const& key, std::string const& pointer) {
    std::vector<std::string> known;
    for (auto const& setting : setting_table()) known.emplace_back(setting.key);
    auto const near = base::nearest(key, known);
    throw Error(Code::configuration, "unknown setting '" + base::printable(key) + "'",
                near.empty() ? "run 'consortium config show'" : "did you mean '" + near + "'?",
                {{"pointer", pointer}});
}

std::string plain_text(Json const& value, std::string const& key, std::string const& pointer) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
    if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
    throw Error(Code::configuration, "setting '" + key + "' is not a text, a number or true/false", {},
                {{"pointer", pointer}});
}

base::Path user_folder(Surroundings const& around, char const* name, char const* below_home) {
    auto const variable = [&](char const* wanted) {
        auto const found = around.variables.find(wanted);
        return found == around.variables.end() ? std::string{} : found->second;
    };
    if (auto const folder = variable(name); !folder.empty()) return base::Path(folder) / "consortium";
    if (auto const home = variable("HOME"); !home.empty())
        return base::Path(home) / below_home / "consortium";
    return {};
}

}  // namespace

std::span<Setting const> setting_table() {
    static constexpr auto table = std::to_array<Setting>({
        {"workspace", "workspace", "CONSORTIUM_WORKSPACE", "",
         "folder in which the search for a workspace starts"},
        {"format", "format", "CONSORTIUM_FORMAT", "text", "form of the output"},
        {"color", "color", "CONSORTIUM_COLOR", "auto", "when to use colour"},
        {"no-input", "no-input", "CONSORTIUM_NO_INPUT", "false", "never prompt"},
        {"officer", "as", "CONSORTIUM_OFFICER", "", "the officer who acts"},
        {"passphrase-file", "passphrase-file", "CONSORTIUM_PASSPHRASE_FILE", "",
         "file with the passphrase of keys"},
        {"pin-file", "pin-file", "CONSORTIUM_PIN_FILE", "", "file with the PIN of a PKCS#11 token"},
        {"timeout", "timeout", "CONSORTIUM_TIMEOUT", "PT10S", "how long a remote may take"},
        {"exchange", "", "CONSORTIUM_EXCHANGE", "", "where organizations exchange"},
        {"exchange-bearer-file", "", "", "", "file with the token that the place wants"},
        {"exchange-authorities", "", "", "", "certificate authorities of the place (PEM)"},
        {"exchange-certificate", "", "", "", "client certificate that the place wants (PEM)"},
        {"exchange-key-file", "", "", "", "key of the client certificate (PEM)"},
        {"exchange-credentials-file", "", "", "", "file with the access key of an object store"},
        {"exchange-endpoint", "", "", "", "URL of an object store that is not AWS"},
        {"exchange-region", "", "", "", "region of an object store"},
        {"tsa", "", "", "", "URL of the time-stamping authority (RFC 3161)"},
        {"tsa-ca", "", "", "",
         "root certificates of time-stamping authorities (PEM), relative to the file of this setting"},
        {"tsa-policy", "", "", "", "policy that timestamps must be under, such as 1.2.3.4"},
        {"alarm", "", "", "P3D", "how long a member's head may stand still"},
        {"member", "", "", "", "the organization", Scope::workspace},
        {"origin", "", "", "", "name of this journal in checkpoints", Scope::workspace},
        {"rehearsal", "", "", "false", "this workspace belongs to a rehearsal", Scope::workspace},
    });
    return table;
}

Surroundings Surroundings::of_process() {
    Surroundings around;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        std::string_view const text(*entry);
        auto const end = text.find('=');
        bool const wanted = text.starts_with("CONSORTIUM_") || text.starts_with("XDG_") ||
                            text.starts_with("HOME=") || text.starts_with("SSH_AUTH_SOCK=");
        if (wanted && end != std::string_view::npos)
            around.variables.emplace(text.substr(0, end), text.substr(end + 1));
    }
    std::error_code failure;
    around.folder = std::filesystem::current_path(failure);
    return around;
}

std::optional<base::Path> find_workspace(base::Path const& start) {
    for (auto folder = start.lexically_normal();; folder = folder.parent_path()) {
        if (base::exists(folder / "consortium.toml")) return folder;
        if (!folder.has_relative_path()) return std::nullopt;
    }
}

base::Path user_settings_file(Surroundings const& around) {
    auto const folder = user_folder(around, "XDG_CONFIG_HOME", ".config");
    return folder.empty() ? folder : folder / "config.toml";
}

base::Path state_folder(Surroundings const& around) {
    auto folder = user_folder(around, "XDG_STATE_HOME", ".local/state");
    if (folder.empty()) {
        throw Error(Code::configuration, "neither XDG_STATE_HOME nor HOME is set",
                    "set HOME: the journal's high-water mark is kept below it");
    }
    return folder;
}

Settings Settings::load(Common const& common, Surroundings const& around,
                        std::optional<base::Path> const& workspace) {
    Settings settings;
    for (auto const& setting : setting_table()) {
        settings.m_values[std::string(setting.key)] = {std::string(setting.fallback), "default"};
    }
    auto const user = user_settings_file(around);
    if (!user.empty() && base::exists(user)) settings.read_file(user, Scope::anywhere);
    if (workspace) settings.read_file(*workspace / "consortium.toml", Scope::workspace);
    settings.read_above(common, around);
    return settings;
}

Settings Settings::without_files(Common const& common, Surroundings const& around) {
    auto bare = around;
    bare.variables.erase("XDG_CONFIG_HOME");
    bare.variables.erase("HOME");
    return load(common, bare, std::nullopt);
}

void Settings::read_file(base::Path const& file, Scope scope) {
    auto const toml = base::Toml::parse(base::read_text(file, largest_file), file.string());
    toml.locate([&] {
        for (auto const& [key, value] : toml.value->items()) {
            auto const pointer = "/" + key;
            auto const origin = [&](std::string const& below) {
                auto const place = toml.positions.find(below);
                auto const line = place == toml.positions.end() ? 0 : place->second.line;
                return file.string() + ":" + std::to_string(line);
            };
            if (key == "peer" && scope == Scope::workspace) {
                read_peers(value, origin);
                continue;
            }
            auto const* setting = find_setting(key);
            bool const belongs = setting != nullptr && (scope == Scope::workspace || setting->scope == scope);
            if (!belongs || key == "workspace") unknown_key(key, pointer);
            try {
                m_values[key] = {checked(*setting, plain_text(value, key, pointer), key), origin(pointer)};
            } catch (Error const& error) {
                if (error.code() != Code::usage) throw;
                throw Error(Code::configuration, error.message(), error.hint(), {{"pointer", pointer}});
            }
        }
    });
}

void Settings::read_peers(Json const& peers, std::function<std::string(std::string const&)> const& origin) {
    auto const fail = [](std::string const& what, std::string hint, std::string pointer) {
        throw Error(Code::configuration, what, std::move(hint), {{"pointer", std::move(pointer)}});
    };
    if (!peers.is_object()) fail("'peer' is no table", "write peer.MEMBER = \"PLACE\"", "/peer");
    for (auto const& [member, value] : peers.items()) {
        auto const pointer = "/peer/" + member;
        if (!base::is_name(member)) fail("'" + base::printable(member) + "' is no member", {}, pointer);
        auto& values = m_peers[member];
        if (value.is_string()) {
            values["place"] = {value.get<std::string>(), origin(pointer)};
            continue;
        }
        if (!value.is_object()) fail("'peer." + member + "' is neither a place nor a table", {}, pointer);
        for (auto const& [key, text] : value.items()) {
            auto const below = fmt::format("{}/{}", pointer, key);
            auto const name = fmt::format("peer.{}.{}", member, key);
            bool const known = key == "place" || key == "recipient";
            if (!known && find_setting("exchange-" + key) == nullptr) unknown_key(name, below);
            values[key] = {plain_text(text, name, below), origin(below)};
        }
        if (!values.contains("place") && (values.size() > 1 || !values.contains("recipient")))
            fail("'peer." + member + "' names no place", "add place = \"PLACE\"", pointer);
    }
}

void Settings::read_above(Common const& common, Surroundings const& around) {
    for (auto const& setting : setting_table()) {
        auto& value = m_values[std::string(setting.key)];
        auto const variable = around.variables.find(setting.variable);
        if (variable != around.variables.end() && !variable->second.empty()) {
            value = {checked(setting, variable->second, setting.variable), std::string(setting.variable)};
        }
        if (!setting.flag.empty() && std::ranges::count(common.given, setting.flag) > 0) {
            value = {given_text(common, setting.flag), "--" + std::string(setting.flag)};
        }
    }
}

Settings::Value const& Settings::at(std::string_view key) const {
    auto const found = m_values.find(key);
    if (found == m_values.end()) throw Error(Code::internal, "no setting '" + std::string(key) + "'");
    return found->second;
}

base::Path Settings::file(std::string_view key) const {
    auto const& value = at(key);
    if (value.text.empty()) return {};
    base::Path const named_in = value.origin.substr(0, value.origin.rfind(':'));
    return named_in.parent_path() / value.text;
}

void Settings::fill(Common& common) const {
    common.format = format_from_text(text("format"));
    common.color = text("color");
    common.no_input = is_true("no-input");
    common.as = text("officer");
    common.passphrase_file = text("passphrase-file");
    common.pin_file = text("pin-file");
    common.timeout = base::Duration::from_text(text("timeout"));
    if (common.timeout->seconds == 0) {
        throw Error(Code::usage, at("timeout").origin + ": a time-out of no time", "give at least 1S");
    }
}

}  // namespace consortium::cli
