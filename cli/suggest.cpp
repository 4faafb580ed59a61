#include "cli/suggest.h"

#include "cli/value.h"
#include "core/base/text.h"

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;

std::string did_you_mean(std::string const& word, std::string otherwise) {
    return word.empty() ? std::move(otherwise) : "did you mean '" + word + "'?";
}

/// "admit" -> "member admit": people forget the noun more often than they mistype it. Empty where several
/// nouns have that verb.
std::string command_with_verb(std::string_view verb) {
    std::string found;
    for (Noun const* noun : registry()) {
        for (Command const& command : noun->commands) {
            if (command.verb != verb) continue;
            if (!found.empty()) return {};
            found = full_name(command);
        }
    }
    return found;
}

std::vector<std::string> verbs_of(Noun const& noun) {
    std::vector<std::string> verbs;
    for (Command const& command : noun.commands) verbs.emplace_back(command.verb);
    return verbs;
}

}  // namespace

std::string full_name(Command const& command) {
    std::string name(command.noun);
    if (!command.verb.empty()) name.append(" ").append(command.verb);
    return name;
}

Noun const* find_noun(std::string_view name) {
    for (Noun const* noun : registry()) {
        if (noun->name == name) return noun;
    }
    return nullptr;
}

bool has_verbs(std::string_view noun) {
    auto const* found = find_noun(noun);
    return found == nullptr || (!found->commands.empty() && !found->commands.front().verb.empty());
}

Noun const& noun_named(std::string_view name) {
    if (auto const* noun = find_noun(name)) return *noun;
    std::vector<std::string> known;
    for (Noun const* noun : registry()) {
        if (!noun->heading.empty()) known.emplace_back(noun->name);
    }
    auto near = base::nearest(name, known);
    if (auto with_verb = command_with_verb(name); !with_verb.empty()) near = with_verb;
    throw Error(Code::usage, "unknown command '" + base::printable(name) + "'",
                did_you_mean(near, "run 'consortium help'"));
}

Command const& command_named(std::string_view noun, std::string_view verb) {
    auto const& found = noun_named(noun);
    if (auto const* command = find_command(noun, verb)) return *command;
    auto const verbs = verbs_of(found);
    auto const help = "run 'consortium help " + std::string(noun) + "'";
    if (verb.empty()) {
        throw Error(Code::usage, "'" + std::string(noun) + "' needs one of: " + base::join(verbs, ", "),
                    help);
    }
    auto near = base::nearest(verb, verbs);
    if (!near.empty()) near = std::string(noun) + " " + near;
    throw Error(Code::usage, "unknown command '" + std::string(noun) + " " + base::printable(verb) + "'",
                did_you_mean(near, help));
}

void check_known_common(std::string_view word) {
    if (word.size() < 2 || word.front() != '-') return;
    auto const name = word.substr(0, word.find('='));
    std::vector<std::string> known{"--help", "--version"};
    for (Flag const& flag : common_flags()) {
        if (name == short_name(flag)) return;
        known.emplace_back(long_name(flag));
    }
    for (auto const& flag : known) {
        if (flag == name) return;
    }
    throw Error(Code::usage, "unknown flag '" + base::printable(name) + "'",
                did_you_mean(base::nearest(name, known), "run 'consortium help'"));
}

}  // namespace consortium::cli
