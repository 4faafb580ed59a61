#include "cli/parse.h"

#include "cli/suggest.h"
#include "cli/value.h"
#include "core/base/text.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;
using Words = std::vector<std::string>;

bool is_flag(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
}

/// The words cut at "--", behind which all are operands, and into noun, verb and the rest.
struct Split {
    std::string noun, verb;
    Words rest;      // flags, their values and operands
    Words operands;  // behind "--"
    bool help = false;
    bool version = false;
};

bool takes_next_word(std::string_view word) {
    for (Flag const& flag : common_flags()) {
        if (flag.kind == Kind::toggle) continue;
        if (word == long_name(flag) || word == short_name(flag)) return true;
    }
    return false;
}

bool is_help(std::string_view word) {
    return word == "--help" || word == "-h";
}

/// Nouns and verbs are found before CLI11 sees anything, so that only the parts of one command are built,
/// and so that a mistyped noun or verb is named as such.
Split split_words(std::span<std::string const> words) {
    Split split;
    bool skip = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        auto const& word = words[i];
        if (std::exchange(skip, false)) {
            split.rest.push_back(word);
            continue;
        }
        if (word == "--") {
            split.operands.assign(words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end());
            break;
        }
        if (is_help(word)) {
            split.help = true;
        } else if (word == "--version" && split.noun.empty()) {
            split.version = true;
        } else if (is_flag(word)) {
            split.rest.push_back(word);
            skip = takes_next_word(word);
        } else if (split.noun.empty()) {
            split.noun = word;
        } else if (split.verb.empty() && has_verbs(split.noun)) {
            split.verb = word;
        } else {
            split.rest.push_back(word);
        }
    }
    return split;
}

/// What CLI11 found: the texts given to each flag by argument key, and the words that belong to none.
struct Found {
    std::map<std::string, Words, std::less<>> values;
    Words loose;
};

std::vector<Flag const*> flags_of(Command const& command) {
    std::vector<Flag const*> flags;
    for (Flag const& flag : command.flags) flags.push_back(&flag);
    for (Flag const& common : common_flags()) {
        bool const own = std::ranges::any_of(
            command.flags, [&](Flag const& flag) { return long_name(flag) == long_name(common); });
        if (!own) flags.push_back(&common);
    }
    return flags;
}

std::string help_hint(Command const& command) {
    return "run 'consortium help " + full_name(command) + "'";
}

/// A value flag at the end, with "=" and nothing, or before another known flag has lost its value: CLI11
/// would take the next flag for it.
void check_values_present(Command const& command, std::vector<Flag const*> const& flags, Words const& words) {
    auto const is_known = [&](std::string_view word) {
        return std::ranges::any_of(flags, [&](Flag const* flag) { return word == long_name(*flag); });
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        for (Flag const* flag : flags) {
            auto const name = long_name(*flag);
            bool const bare = words[i] == name || (words[i] == short_name(*flag) && is_flag(words[i]));
            bool const last = i + 1 == words.size() || is_known(words[i + 1]);
            bool const nothing = words[i] == std::string(name) + "=";
            if (flag->kind != Kind::toggle && ((bare && last) || nothing)) {
                throw Error(Code::usage, "'" + std::string(name) + "' needs a value", help_hint(command));
            }
        }
    }
}

Found run_cli11(Command const& command, std::vector<Flag const*> const& flags, Words words) {
    check_values_present(command, flags, words);
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    std::vector<std::pair<Flag const*, CLI::Option*>> options;
    for (Flag const* flag : flags) {
        std::string const name(flag->name);
        auto* option = flag->kind == Kind::toggle ? app.add_flag(name) : app.add_option(name);
        option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
        if (flag->kind != Kind::toggle) option->type_size(1)->expected(1)->allow_extra_args(false);
        options.emplace_back(flag, option);
    }
    std::ranges::reverse(words);  // as CLI11 wants them
    try {
        app.parse(std::move(words));
    } catch (CLI::ParseError const& failure) {
        throw Error(Code::usage, failure.what(), help_hint(command));
    }
    Found found;
    for (auto const& [flag, option] : options) {
        if (option->count() > 0) found.values[std::string(argument_key(*flag))] = option->results();
    }
    found.loose = app.remaining();
    return found;
}

/// Loose words: a flag that nobody knows is named before a superfluous operand.
void check_loose(Command const& command, std::vector<Flag const*> const& flags, Words const& loose) {
    for (auto const& word : loose) {
        if (!is_flag(word)) continue;
        auto const name = word.substr(0, word.find('='));
        Words known{"--help"};
        for (Flag const* flag : flags) known.emplace_back(long_name(*flag));
        auto const near = base::nearest(name, known);
        throw Error(Code::usage,
                    "unknown flag '" + base::printable(name) + "' of '" + full_name(command) + "'",
                    near.empty() ? help_hint(command) : "did you mean '" + near + "'?");
    }
}

void read_operand(Command const& command, Words const& operands, Json& arguments) {
    auto const& operand = command.operand;
    std::size_t const most = operand.name.empty() ? 0 : 1;
    if (operands.size() > most) {
        throw Error(Code::usage,
                    "'" + full_name(command) + "' does not take '" + base::printable(operands[most]) + "'",
                    help_hint(command));
    }
    if (!operands.empty()) {
        arguments["operand"] = read_value(operand.kind, {}, operands[0], operand.name);
    } else if (most == 1 && operand.need != Need::optional) {
        throw Error(Code::usage,
                    "'" + full_name(command) + "' needs " + std::string(operand.name) + ": " +
                        std::string(operand.help),
                    help_hint(command));
    }
}

void read_toggle(Flag const& flag, Words const& texts) {
    auto const plain = [](std::string const& text) { return text == "true"; };
    if (!std::ranges::all_of(texts, plain)) {
        throw Error(Code::usage, "'" + std::string(long_name(flag)) + "' takes no value");
    }
}

void read_flag(Command const& command, Flag const& flag, Words const& texts, Json& arguments) {
    auto const name = long_name(flag);
    auto const read = [&](std::string const& text) {
        return read_value(flag.kind, flag.choices, text, name);
    };
    auto& value = arguments[std::string(argument_key(flag))];
    if (flag.kind == Kind::toggle) {
        read_toggle(flag, texts);
        value = true;
    } else if (flag.need == Need::repeatable) {
        value = Json::array();
        for (auto const& text : texts) value.push_back(read(text));
    } else if (texts.size() > 1) {
        throw Error(Code::usage, "'" + std::string(name) + "' is given twice", help_hint(command));
    } else {
        value = read(texts.front());
    }
}

/// A repeatable flag's default is a list: "governance, security".
Words fallback_of(Flag const& flag) {
    if (flag.need != Need::repeatable) return {std::string(flag.fallback)};
    Words words;
    for (auto const& word : base::split(flag.fallback, ',')) words.emplace_back(base::trimmed(word));
    return words;
}

void read_flags(Command const& command, std::span<Flag const> flags, Found const& found, Json& arguments) {
    for (Flag const& flag : flags) {
        auto const given = found.values.find(argument_key(flag));
        if (given != found.values.end()) {
            read_flag(command, flag, given->second, arguments);
        } else if (!flag.fallback.empty()) {
            read_flag(command, flag, fallback_of(flag), arguments);
        } else if (flag.need == Need::required) {
            throw Error(Code::usage,
                        "'" + full_name(command) + "' needs " + std::string(long_name(flag)) + ": " +
                            std::string(flag.help),
                        help_hint(command));
        }
    }
}

void check_standard_input(Command const& command, Json const& arguments, Common const& common) {
    int uses = (common.passphrase_file == "-" ? 1 : 0) + (common.pin_file == "-" ? 1 : 0);
    auto const count = [&](Kind kind, std::string_view key) {
        if (kind != Kind::input && kind != Kind::secret) return;
        auto const value = arguments.find(key);
        if (value == arguments.end()) return;
        auto const items = value->is_array() ? *value : Json::array({*value});
        uses += static_cast<int>(std::ranges::count(items, Json("-")));
    };
    for (Flag const& flag : command.flags) count(flag.kind, argument_key(flag));
    count(command.operand.kind, "operand");
    if (uses > 1) throw Error(Code::usage, "standard input ('-') can be read once only", help_hint(command));
}

Common read_common(Command const& command, Found const& found) {
    Json given = Json::object();
    std::vector<Flag> common_only;
    for (Flag const& common : common_flags()) {
        bool const own = std::ranges::any_of(
            command.flags, [&](Flag const& flag) { return long_name(flag) == long_name(common); });
        if (!own) common_only.push_back(common);
    }
    read_flags(command, common_only, found, given);
    auto const text = [&](char const* key) { return given.value(key, std::string{}); };
    auto const toggle = [&](char const* key) { return given.value(key, false); };
    Common common;
    common.workspace = text("workspace");
    common.format = format_from_text(text("format"));
    common.out = text("out");
    common.dry_run = toggle("dry-run");
    common.save_plan = text("save-plan");
    common.yes = toggle("yes");
    common.confirm = text("confirm");
    common.no_input = toggle("no-input");
    common.operation = text("operation");
    common.as = text("as");
    if (given.contains("timeout")) common.timeout = base::Duration::from_text(text("timeout"));
    common.wait_ok = toggle("wait-ok");
    common.verbosity = toggle("quiet") ? -1 : toggle("verbose") ? 1 : 0;
    common.color = text("color");
    common.passphrase_file = text("passphrase-file");
    common.pin_file = text("pin-file");
    common.last_pin_try = toggle("last-pin-try");
    return common;
}

Invocation help_about(Split const& split) {
    Invocation invocation;
    if (split.noun == "help" || split.noun.empty()) {
        invocation.topic = split.rest;
    } else {
        invocation.topic.push_back(split.noun);
        if (!split.verb.empty()) invocation.topic.push_back(split.verb);
    }
    std::erase_if(invocation.topic, is_flag);
    return invocation;
}

Invocation read_command(Command const& command, Split const& split) {
    auto const flags = flags_of(command);
    auto found = run_cli11(command, flags, split.rest);
    check_loose(command, flags, found.loose);
    found.loose.insert(found.loose.end(), split.operands.begin(), split.operands.end());
    Invocation invocation;
    invocation.command = &command;
    invocation.common = read_common(command, found);
    for (Flag const& flag : common_flags()) {
        if (found.values.contains(argument_key(flag)))
            invocation.common.given.emplace_back(argument_key(flag));
    }
    Json arguments = Json::object();
    read_operand(command, found.loose, arguments);
    read_flags(command, command.flags, found, arguments);
    check_standard_input(command, arguments, invocation.common);
    invocation.request.command = full_name(command);
    invocation.request.arguments = base::JsonValue(std::move(arguments));
    return invocation;
}

void check_text(std::span<std::string const> words) {
    for (auto const& word : words) {
        if (!base::is_utf8(word)) {
            throw Error(Code::usage, "'" + base::printable(word) + "' is not UTF-8");
        }
    }
}

}  // namespace

Invocation parse(std::span<std::string const> words) {
    check_text(words);
    auto split = split_words(words);
    if (split.version) split.noun = "version";
    bool const nothing = split.noun.empty() && split.rest.empty() && split.operands.empty();
    if (split.help || nothing || split.noun == "help") return help_about(split);
    if (split.noun.empty()) {
        for (auto const& word : split.rest) {
            check_known_common(word);
        }
        throw Error(Code::usage, "no command is given", "run 'consortium help'");
    }
    return read_command(command_named(split.noun, split.verb), split);
}

Format format_from_text(std::string_view text) {
    if (text == "json") return Format::json;
    if (text == "jsonl") return Format::jsonl;
    if (text == "csv") return Format::csv;
    return Format::text;
}

Format format_asked_for(std::span<std::string const> words) {
    constexpr std::string_view flag = "--format";
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        if (words[i] == flag && i + 1 < words.size()) return format_from_text(words[i + 1]);
        if (words[i].starts_with(std::string(flag) + "=")) {
            return format_from_text(std::string_view(words[i]).substr(flag.size() + 1));
        }
    }
    return Format::text;
}

}  // namespace consortium::cli
