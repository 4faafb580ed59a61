#include "cli/complete.h"
#include "cli/session.h"
#include "cli/spec.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

model::Outcome script(std::string text) {
    model::Outcome outcome;
    outcome.schema = "consortium.completion/1";
    outcome.data = base::JsonValue(base::Json{{"script", text}});
    outcome.text.emplace_back(std::move(text));
    return outcome;
}

model::Outcome bash(Session&, model::Request const&) {
    return script(bash_completion());
}

model::Outcome zsh(Session&, model::Request const&) {
    return script(zsh_completion());
}

model::Outcome fish(Session&, model::Request const&) {
    return script(fish_completion());
}

constexpr Example bash_examples[] = {
    {"consortium completion bash -o ~/.local/share/bash-completion/completions/consortium",
     "complete in every new shell"},
};
constexpr Example zsh_examples[] = {
    {"consortium completion zsh -o ~/.zfunc/_consortium",
     "complete in every new shell; ~/.zfunc is in fpath"},
};
constexpr Example fish_examples[] = {
    {"consortium completion fish -o ~/.config/fish/completions/consortium.fish",
     "complete in every new shell"},
};

constexpr std::string_view description =
    "The script is written from the same table of commands as the help. It completes nouns, verbs, flags, "
    "their choices and files, and never starts this program.";

constexpr Command command(std::string_view verb, std::string_view summary, std::span<Example const> examples,
                          Handler handler) {
    return {.noun = "completion",
            .verb = verb,
            .effect = Effect::read,
            .summary = summary,
            .operand = {},
            .flags = {},
            .description = description,
            .examples = examples,
            .codes = {},
            .handler = handler};
}

constexpr Command commands[] = {
    command("bash", "print the completion script of bash", bash_examples, bash),
    command("zsh", "print the completion script of zsh", zsh_examples, zsh),
    command("fish", "print the completion script of fish", fish_examples, fish),
};

}  // namespace

extern Noun const completion_noun;
constexpr Noun completion_noun{"TOOL", "completion", "completion for bash, zsh and fish", commands};

}  // namespace consortium::cli
