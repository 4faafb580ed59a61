#include "cli/spec_json.h"

#include "cli/help.h"
#include "cli/value.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Json;

char const* name_of(Effect effect) {
    switch (effect) {
        case Effect::write:
            return "write";
        case Effect::danger:
            return "danger";
        case Effect::read:
            break;
    }
    return "read";
}

char const* name_of(Need need) {
    switch (need) {
        case Need::required:
            return "required";
        case Need::repeatable:
            return "repeatable";
        case Need::optional:
            break;
    }
    return "optional";
}

char const* name_of(Kind kind) {
    constexpr char const* names[] = {"toggle", "text",   "name",  "integer", "duration", "instant", "month",
                                     "digest", "choice", "money", "input",   "output",   "secret"};
    return names[static_cast<std::size_t>(kind)];
}

Json or_null(std::string_view text) {
    return text.empty() ? Json() : Json(text);
}

Json flag_json(Flag const& flag) {
    return {{"name", long_name(flag)},
            {"short", or_null(short_name(flag))},
            {"kind", name_of(flag.kind)},
            {"value", or_null(flag.value)},
            {"help", flag.help},
            {"need", name_of(flag.need)},
            {"choices", flag.choices.empty() ? Json::array() : Json(base::split(flag.choices, '|'))},
            {"default", or_null(flag.fallback)}};
}

Json flags_json(std::span<Flag const> flags) {
    Json list = Json::array();
    for (Flag const& flag : flags) list.push_back(flag_json(flag));
    return list;
}

Json operand_json(Operand const& operand) {
    if (operand.name.empty()) return nullptr;
    return {{"name", operand.name},
            {"kind", name_of(operand.kind)},
            {"help", operand.help},
            {"need", name_of(operand.need)}};
}

Json command_json(Command const& command) {
    Json examples = Json::array();
    for (auto const& example : command.examples) {
        examples.push_back({{"command", example.command}, {"words", example.words}});
    }
    Json codes = Json::array();
    for (auto const code : exit_codes(command)) codes.push_back(base::info(code).name);
    return {{"noun", command.noun},
            {"verb", or_null(command.verb)},
            {"effect", name_of(command.effect)},
            {"summary", command.summary},
            {"description", command.description},
            {"synopsis", synopsis(command)},
            {"operand", operand_json(command.operand)},
            {"flags", flags_json(command.flags)},
            {"examples", examples},
            {"codes", codes}};
}

}  // namespace

Json spec_json() {
    Json nouns = Json::array();
    for (Noun const* noun : registry()) {
        if (!is_public(*noun)) continue;
        Json commands = Json::array();
        for (Command const& command : noun->commands) commands.push_back(command_json(command));
        nouns.push_back({{"name", noun->name},
                         {"heading", or_null(noun->heading)},
                         {"summary", noun->summary},
                         {"commands", commands}});
    }
    Json codes = Json::array();
    for (auto const& code : base::error_table()) {
        codes.push_back({{"name", code.name},
                         {"exit", code.exit_status},
                         {"retry", code.retry},
                         {"meaning", code.meaning}});
    }
    return {{"nouns", nouns}, {"common_flags", flags_json(common_flags())}, {"codes", codes}};
}

}  // namespace consortium::cli
