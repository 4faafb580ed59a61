#include "cli/complete.h"

#include "cli/help.h"
#include "cli/suggest.h"
#include "cli/value.h"
#include "core/base/text.h"

#include <functional>

namespace consortium::cli {

namespace {

void each_command(std::function<void(Noun const&, Command const&)> const& visit) {
    for (Noun const* noun : registry()) {
        if (!is_public(*noun)) continue;
        for (Command const& command : noun->commands) visit(*noun, command);
    }
}

std::string words_of_nouns() {
    std::string words;
    for (Noun const* noun : registry()) {
        if (is_public(*noun)) words += (words.empty() ? "" : " ") + std::string(noun->name);
    }
    return words;
}

std::string words_of_verbs(Noun const& noun) {
    std::string words;
    for (Command const& command : noun.commands) {
        if (!command.verb.empty()) words += (words.empty() ? "" : " ") + std::string(command.verb);
    }
    return words;
}

std::string words_of_flags(std::span<Flag const> flags) {
    std::string words;
    for (Flag const& flag : flags) words += (words.empty() ? "" : " ") + std::string(long_name(flag));
    return words;
}

bool is_path(Kind kind) {
    return kind == Kind::input || kind == Kind::output || kind == Kind::secret;
}

/// What may follow a flag: its choices, "@files", or "@" for anything that cannot be completed.
std::string words_of_value(Flag const& flag) {
    if (flag.kind == Kind::choice) {
        auto words = std::string(flag.choices);
        for (char& c : words) c = c == '|' ? ' ' : c;
        return words;
    }
    return is_path(flag.kind) || long_name(flag) == "--workspace" ? "@files" : "@";
}

std::string case_line(std::string const& pattern, std::string const& words) {
    return "        " + pattern + ") echo '" + words + "' ;;\n";
}

std::string value_cases(std::string const& command, std::span<Flag const> flags) {
    std::string text;
    for (Flag const& flag : flags) {
        if (flag.kind == Kind::toggle) continue;
        auto const prefix = "'" + command + ":";
        std::string pattern = prefix + std::string(long_name(flag)) + "'";
        if (auto const letter = short_name(flag); !letter.empty()) {
            pattern += "|" + prefix + std::string(letter) + "'";
        }
        text += case_line(pattern, words_of_value(flag));
    }
    return text;
}

/// Shell functions over the registry that bash and zsh share: the words that fit at a place.
std::string shell_tables() {
    std::string verbs, flags, values, operands;
    for (Noun const* noun : registry()) {
        if (is_public(*noun)) verbs += case_line(std::string(noun->name), words_of_verbs(*noun));
    }
    each_command([&](Noun const&, Command const& command) {
        auto const name = full_name(command);
        flags += case_line("'" + name + "'", words_of_flags(command.flags));
        values += value_cases(name, command.flags);
        if (is_path(command.operand.kind)) operands += case_line("'" + name + "'", "@files");
    });
    auto common = value_cases("", common_flags());
    return "_consortium_verbs() {\n    case \"$1\" in\n" + verbs + "    esac\n}\n\n" +
           "_consortium_flags() {\n    echo '" + words_of_flags(common_flags()) +
           " --help'\n    case \"$1\" in\n" + flags + "    esac\n}\n\n" +
           "_consortium_value() {\n    case \"$1:$2\" in\n" + values + "    esac\n    case \":$2\" in\n" +
           common + "    esac\n}\n\n" + "_consortium_operand() {\n    case \"$1\" in\n" + operands +
           "    esac\n}\n";
}

/// Finds noun and verb among the words before the cursor and leaves what fits in $reply.
constexpr std::string_view shell_logic = R"sh(
_consortium_reply() {
    # $1: the word before the cursor's; the rest: the complete words after "consortium"
    local previous="$1" word noun='' verb='' skip='' command value
    shift
    for word in "$@"; do
        if [ -n "$skip" ]; then skip=''; continue; fi
        case "$word" in
            --*=*) ;;
            -*) value="$(_consortium_value "$noun${verb:+ $verb}" "$word")"
                if [ -n "$value" ]; then skip=1; fi ;;
            *) if [ -z "$noun" ]; then noun="$word"
               elif [ -z "$verb" ] && [ -n "$(_consortium_verbs "$noun")" ]; then verb="$word"; fi ;;
        esac
    done
    command="$noun${verb:+ $verb}"
    reply=''
    if [ -n "$skip" ]; then reply="$(_consortium_value "$command" "$previous")"; return; fi
    if [ -z "$noun" ]; then reply="$(_consortium_nouns) $(_consortium_flags)"; return; fi
    if [ "$noun" = help ] && [ -z "$verb" ]; then reply="$(_consortium_nouns)"; return; fi
    if [ -z "$verb" ] && [ -n "$(_consortium_verbs "$noun")" ]; then reply="$(_consortium_verbs "$noun")"; return; fi
    reply="$(_consortium_flags "$command") $(_consortium_operand "$command")"
}
)sh";

std::string shell_functions() {
    return "_consortium_nouns() { echo '" + words_of_nouns() + "'; }\n\n" + shell_tables() +
           std::string(shell_logic);
}

std::string quoted_for_fish(std::string_view text) {
    std::string quoted = "'";
    for (char const c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

std::string fish_flag(Flag const& flag, std::string const& condition) {
    std::string line = "complete -c consortium";
    if (!condition.empty()) line += " -n " + quoted_for_fish(condition);
    line += " -l " + std::string(argument_key(flag));
    if (auto const letter = short_name(flag); !letter.empty()) line += " -s " + std::string(letter.substr(1));
    if (flag.kind == Kind::choice) {
        line += " -x -a " + quoted_for_fish(words_of_value(flag));
    } else if (flag.kind != Kind::toggle) {
        line += words_of_value(flag) == "@files" ? " -r -F" : " -x";
    }
    return line + " -d " + quoted_for_fish(flag.help) + "\n";
}

}  // namespace

std::string bash_completion() {
    return "# bash completion of consortium, written by 'consortium completion bash'\n\n" +
           shell_functions() +
           R"sh(
_consortium() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}" reply
    _consortium_reply "$previous" "${COMP_WORDS[@]:1:COMP_CWORD-1}"
    case "$reply" in
        @) COMPREPLY=() ;;
        *@files*) mapfile -t COMPREPLY < <(compgen -W "${reply//@files/}" -- "$current"; compgen -f -- "$current") ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$reply" -- "$current") ;;
    esac
}
complete -o filenames -F _consortium consortium
)sh";
}

std::string zsh_completion() {
    return "#compdef consortium\n# zsh completion of consortium, written by 'consortium completion zsh'\n\n" +
           shell_functions() + R"sh(
_consortium() {
    local reply
    _consortium_reply "${words[CURRENT-1]}" "${(@)words[2,CURRENT-1]}"
    case "$reply" in
        @) ;;
        *@files*) compadd -- ${=reply//@files/}; _files ;;
        *) compadd -- ${=reply} ;;
    esac
}
if [ "$funcstack[1]" = _consortium ]; then _consortium "$@"; else compdef _consortium consortium; fi
)sh";
}

std::string fish_completion() {
    std::string text =
        "# fish completion of consortium, written by 'consortium completion fish'\ncomplete -c consortium "
        "-f\n";
    for (Noun const* noun : registry()) {
        if (!is_public(*noun)) continue;
        text += "complete -c consortium -n __fish_use_subcommand -a " + std::string(noun->name) + " -d " +
                quoted_for_fish(noun->summary) + "\n";
    }
    each_command([&](Noun const& noun, Command const& command) {
        auto seen = "__fish_seen_subcommand_from " + std::string(noun.name);
        if (!command.verb.empty()) {
            text += "complete -c consortium -n " +
                    quoted_for_fish(seen + "; and not __fish_seen_subcommand_from " + words_of_verbs(noun)) +
                    " -a " + std::string(command.verb) + " -d " + quoted_for_fish(command.summary) + "\n";
            seen += "; and __fish_seen_subcommand_from " + std::string(command.verb);
        }
        for (Flag const& flag : command.flags) text += fish_flag(flag, seen);
        if (is_path(command.operand.kind)) {
            text += "complete -c consortium -n " + quoted_for_fish(seen) + " -F\n";
        }
    });
    for (Flag const& flag : common_flags()) text += fish_flag(flag, {});
    return text;
}

}  // namespace consortium::cli
