#include "cli/help.h"

#include "cli/suggest.h"
#include "cli/table.h"
#include "cli/value.h"
#include "core/base/text.h"

#include <algorithm>

namespace consortium::cli {

namespace {

constexpr std::size_t text_width = 80;
constexpr std::size_t widest_left = 30;     // of two columns; what is wider has a line of its own
constexpr std::size_t longest_choice = 45;  // "red|green" after a flag; a longer list stands in its help

using Words = std::vector<std::string>;

/// Breaks between words; each line but the first starts with `indent`, that one with `first`.
std::string wrapped(Words const& words, std::string_view indent, std::string_view first) {
    std::string result;
    std::string line(first);
    bool fresh = true;
    for (auto const& word : words) {
        if (word.empty()) continue;
        if (!fresh && base::columns(line) + 1 + base::columns(word) > text_width) {
            result += line + '\n';
            line = indent;
            fresh = true;
        }
        line += (fresh ? "" : " ") + word;
        fresh = false;
    }
    return result + line + '\n';
}

std::string wrapped(std::string_view text, std::string_view indent) {
    return wrapped(base::split(text, ' '), indent, indent);
}

std::string paragraphs(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        auto const end = text.find("\n\n");
        result += '\n' + wrapped(text.substr(0, end), "");
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 2);
    }
    return result;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string two_columns(Rows const& rows) {
    std::size_t width = 0;
    for (auto const& [left, right] : rows) {
        auto const columns = base::columns(left);
        if (columns <= widest_left) width = std::max(width, columns);
    }
    std::string const indent(width + 4, ' ');
    std::string text;
    for (auto const& [left, right] : rows) {
        bool const fits = base::columns(left) <= width;
        if (!fits) text += "  " + left + '\n';
        text += wrapped(base::split(right, ' '), indent, fits ? "  " + padded(left, width) + "  " : indent);
    }
    return text;
}

std::string flag_help(Flag const& flag) {
    std::string text(flag.help);
    if (!choices_in_help(flag).empty()) text += ": " + choices_in_help(flag);
    if (flag.need == Need::repeatable) text += " (may be repeated)";
    if (flag.need == Need::required) text += " (required)";
    if (!flag.fallback.empty()) text += " [" + std::string(flag.fallback) + "]";
    return text;
}

std::string flags_text(std::string const& title, std::span<Flag const> flags) {
    if (flags.empty()) return {};
    Rows rows;
    for (Flag const& flag : flags) {
        auto const letter = std::string(short_name(flag));
        rows.emplace_back((letter.empty() ? "    " : letter + ", ") + flag_with_value(flag), flag_help(flag));
    }
    return "\n" + title + "\n" + two_columns(rows);
}

std::string overview() {
    std::string text =
        "consortium: the organizations of a permissioned network govern it together\n"
        "\nusage: consortium NOUN VERB [OPERAND] [flags]\n";
    std::string heading = "-";
    Rows rows;
    auto const flush = [&] {
        if (!rows.empty()) text += (heading.empty() ? "\n" : "\n" + heading + "\n") + two_columns(rows);
        rows.clear();
    };
    for (Noun const* noun : registry()) {
        if (!is_public(*noun)) continue;
        if (heading != noun->heading) {
            flush();
            heading = noun->heading;
        }
        rows.emplace_back(noun->name, noun->summary);
    }
    flush();
    return text +
           "\nrun 'consortium help NOUN' for its verbs, 'consortium help NOUN VERB' for one of them\n"
           "lost a key, or it was stolen: 'consortium help officer recover'\n";
}

std::string about_noun(Noun const& noun) {
    std::string text = std::string(noun.name) + ": " + std::string(noun.summary) + "\n\n";
    Rows rows;
    for (Command const& command : noun.commands) rows.emplace_back(full_name(command), command.summary);
    return text + two_columns(rows) + "\nrun 'consortium help " + std::string(noun.name) +
           " VERB' for flags and examples\n";
}

std::string codes_text(Command const& command) {
    auto const codes = exit_codes(command);
    if (codes.empty()) return {};
    Rows rows;
    for (auto const code : codes) {
        auto const& about = base::info(code);
        rows.emplace_back(std::to_string(about.exit_status),
                          std::string(about.name) + ": " + std::string(about.meaning));
    }
    return "\nexit status, beyond 0, 1 and 2\n" + two_columns(rows);
}

/// What may not be torn apart at the end of a line is one word.
Words synopsis_words(Command const& command) {
    Words words{"consortium", full_name(command)};
    if (auto const& operand = command.operand; !operand.name.empty()) {
        bool const optional = operand.need == Need::optional;
        words.push_back(optional ? "[" + std::string(operand.name) + "]" : std::string(operand.name));
    }
    for (Flag const& flag : command.flags) {
        auto const word = flag_with_value(flag);
        words.push_back(flag.need == Need::required ? word : "[" + word + "]");
        if (flag.need == Need::repeatable) words.back() += "...";
    }
    words.emplace_back("[flags]");
    return words;
}

std::string about_command(Command const& command) {
    std::string text = full_name(command) + ": " + std::string(command.summary) + "\n\n" +
                       wrapped(synopsis_words(command), "    ", "usage: ");
    text += paragraphs(command.description);
    if (command.effect == Effect::danger)
        text += "\nCannot be undone: asks for a name to be typed, or given with --confirm.\n";
    if (!command.operand.name.empty()) {
        text += "\n" + two_columns({{std::string(command.operand.name), std::string(command.operand.help)}});
    }
    text += flags_text("flags", command.flags);
    if (!command.examples.empty()) text += "\nexamples\n";
    for (auto const& example : command.examples) {
        text +=
            wrapped(std::string(example.words) + ":", "  ") + "    " + std::string(example.command) + '\n';
    }
    return text + codes_text(command) + flags_text("common flags", common_flags());
}

}  // namespace

std::string flag_with_value(Flag const& flag) {
    std::string text(long_name(flag));
    if (flag.kind == Kind::toggle) return text;
    return text + ' ' + std::string(value_of(flag));
}

std::string_view value_of(Flag const& flag) {
    if (!flag.choices.empty() && flag.choices.size() <= longest_choice) return flag.choices;
    return flag.value.empty() ? "TEXT" : flag.value;
}

std::string choices_in_help(Flag const& flag) {
    if (flag.choices.size() <= longest_choice) return {};
    return base::join(base::split(flag.choices, '|'), ", ");
}

std::string synopsis(Command const& command) {
    return base::join(synopsis_words(command), " ");
}

bool is_public(Noun const& noun) {
    return !noun.name.starts_with("__");
}

bool needs_no_settings(Command const& command) {
    constexpr std::string_view free[] = {"version", "help", "completion", "template", "doctor", "__spec"};
    return std::ranges::find(free, command.noun) != std::end(free);
}

std::string help_text(std::span<std::string const> topic) {
    if (topic.empty()) return overview();
    auto const& noun = noun_named(topic[0]);
    if (topic.size() > 2) {
        throw base::Error(base::Code::usage, "help takes a noun and a verb at most", "run 'consortium help'");
    }
    if (topic.size() == 2) return about_command(command_named(topic[0], topic[1]));
    if (!has_verbs(noun.name)) return about_command(noun.commands.front());
    return about_noun(noun);
}

}  // namespace consortium::cli
