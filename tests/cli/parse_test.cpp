#include "cli/parse.h"

#include "cli/help.h"
#include "cli/suggest.h"
#include "core/base/error.h"
#include "core/model/proposal.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using cli::Invocation;

namespace {

Invocation parsed(std::vector<std::string> const& words) {
    return cli::parse(words);
}

base::Error failure_of(std::vector<std::string> const& words) {
    try {
        cli::parse(words);
    } catch (base::Error const& error) {
        return error;
    }
    FAIL("accepted");
    return {base::Code::internal, ""};
}

}  // namespace

TEST_CASE("the help of 'proposal open' names every action") {
    auto const invocation = parsed({"proposal", "open", "release.upgrade"});
    REQUIRE(invocation.command != nullptr);
    for (auto const& action : model::action_kinds())
        CHECK_MESSAGE(
            std::string_view(invocation.command->description).find(action.name) != std::string::npos,
            action.name);
}

TEST_CASE("common flags stand before the noun, between noun and verb, and behind them") {
    std::vector<std::vector<std::string>> const orders = {
        {"--format", "json", "config", "show", "--origin"},
        {"config", "--format", "json", "show", "--origin"},
        {"config", "show", "--origin", "--format=json"},
    };
    for (auto const& words : orders) {
        auto const invocation = parsed(words);
        REQUIRE(invocation.command != nullptr);
        CHECK(invocation.request.command == "config show");
        CHECK(invocation.common.format == cli::Format::json);
        CHECK(base::canonical(*invocation.request.arguments) == R"({"origin":true})");
        CHECK(invocation.common.given == std::vector<std::string>{"format"});
    }
}

TEST_CASE("a common flag's value that looks like a noun is its value") {
    auto const invocation = parsed({"-C", "status", "config", "show"});
    CHECK(invocation.common.workspace == "status");
    CHECK(invocation.request.command == "config show");
}

TEST_CASE("unknown words are refused with what was meant, never guessed") {
    CHECK(failure_of({"confg", "show"}).hint() == "did you mean 'config'?");
    CHECK(failure_of({"config", "shwo"}).hint() == "did you mean 'config show'?");
    CHECK(failure_of({"config", "show", "--orgin"}).hint() == "did you mean '--origin'?");
    CHECK(failure_of({"bash"}).hint() == "did you mean 'completion bash'?");
    CHECK(failure_of({"con", "sh"}).code() == base::Code::usage);
    CHECK(failure_of({"config", "show", "--orig"}).code() == base::Code::usage);
    CHECK(failure_of({"config"}).message() == "'config' needs one of: show");
    CHECK(failure_of({"config", "show", "-x"}).message() == "unknown flag '-x' of 'config show'");
}

TEST_CASE("standard input is read once only, toggles take no value, flags are given once") {
    CHECK(failure_of({"config", "show", "--origin=maybe"}).message() == "'--origin' takes no value");
    CHECK(failure_of({"config", "show", "--as", "a", "--as", "b"}).message() == "'--as' is given twice");
    CHECK(failure_of({"config", "show", "--as", "--yes"}).message() == "'--as' needs a value");
    CHECK(failure_of({"config", "show", "--as", "Ada!"}).code() == base::Code::usage);
}

TEST_CASE("one operand at most; a double dash makes operands of what looks like flags") {
    auto const shown = parsed({"template", "show", "--", "--charter"});
    CHECK(shown.request.arguments->at("operand") == "--charter");
    CHECK(failure_of({"template", "show"}).message().starts_with("'template show' needs NAME"));
    CHECK(failure_of({"template", "show", "a", "b"}).message() == "'template show' does not take 'b'");
    CHECK(failure_of({"template", "list", "a"}).message() == "'template list' does not take 'a'");
}

TEST_CASE("help is found anywhere") {
    CHECK(parsed({"config", "show", "--help"}).topic == std::vector<std::string>{"config", "show"});
    CHECK(parsed({"--help", "config"}).topic == std::vector<std::string>{"config"});
    CHECK(parsed({"help", "config", "show"}).topic == std::vector<std::string>{"config", "show"});
    CHECK(parsed({}).command == nullptr);
}

TEST_CASE("the form of errors is known even where the command line is wrong") {
    std::vector<std::string> const words = {"nonsense", "--format", "json", "--what"};
    CHECK(cli::format_asked_for(words) == cli::Format::json);
}

TEST_CASE("every command tells what it does, with an example, and its flags are well formed") {
    for (auto const* noun : cli::registry()) {
        if (!cli::is_public(*noun)) continue;
        CHECK_FALSE(noun->commands.empty());
        CHECK_FALSE(noun->summary.empty());
        for (auto const& command : noun->commands) {
            CAPTURE(cli::full_name(command));
            CHECK(command.noun == noun->name);
            CHECK_FALSE(command.summary.empty());
            CHECK_FALSE(command.description.empty());
            CHECK_FALSE(command.examples.empty());
            CHECK((command.handler != nullptr));
            for (auto const& example : command.examples) {
                CHECK(example.command.find("consortium") != std::string_view::npos);
            }
            for (auto const& flag : command.flags) {
                CAPTURE(flag.name);
                CHECK(flag.name.find("--") != std::string_view::npos);
                CHECK((flag.kind != cli::Kind::choice || !flag.choices.empty()));
                CHECK_FALSE(flag.help.ends_with('.'));
            }
        }
    }
}

TEST_CASE("every command that changes something tells that it may end in part, each exit code once") {
    for (auto const* noun : cli::registry()) {
        for (auto const& command : noun->commands) {
            CAPTURE(cli::full_name(command));
            auto const codes = cli::exit_codes(command);
            CHECK(std::ranges::adjacent_find(codes, std::ranges::greater_equal{}) == codes.end());
            CHECK(std::ranges::count(codes, base::Code::partial) >=
                  (command.effect == cli::Effect::read ? 0 : 1));
            for (auto const code : command.codes) CHECK(std::ranges::count(codes, code) == 1);
        }
    }
}
