#include "core/base/toml.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium::base;

namespace {

std::string refusal(std::string_view text) {
    try {
        Toml::parse(text, "c.toml");
    } catch (Error const& error) {
        CHECK(error.code() == Code::configuration);
        CHECK(error.details().at(0).second == "c.toml");
        return error.message();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("TOML becomes JSON with the place of each key") {
    Toml const toml =
        Toml::parse("name = \"x\"\n[a.b]\nlist = [1,\n  2]\n  on = true\nday = 2026-10-01\n", "c.toml");
    CHECK(canonical(*toml.value) == R"({"a":{"b":{"day":"2026-10-01","list":[1,2],"on":true}},"name":"x"})");
    CHECK(toml.positions.at("/a/b/on").line == 5);
    CHECK(toml.positions.at("/a/b/on").column == 3);
    CHECK(toml.positions.at("/a/b/list/1").line == 4);
    CHECK(toml.positions.at("/a/b/list/1").column == 3);
    CHECK(canonical(*Toml::parse("t = 2026-10-01T12:00:00Z", "c").value) ==
          R"({"t":"2026-10-01T12:00:00Z"})");
}

TEST_CASE("what TOML allows and a charter does not is refused with its place") {
    CHECK(refusal("a = 1\nb = 0.5\n").starts_with("c.toml:2:1: a fraction"));
    CHECK(refusal("a = 1\na = 2\n").starts_with("c.toml:2:"));
    CHECK(refusal("a = \n").starts_with("c.toml:1:"));
    CHECK(refusal("[t]\nx=1\n[t]\ny=1\n").starts_with("c.toml:3:"));
    CHECK(refusal("a = 9007199254740993\n").starts_with("c.toml:1:1: an integer beyond"));
    CHECK(refusal("a = 12:00:00\n").starts_with("c.toml:1:1: a time without a date"));
    CHECK(refusal("a = \"\xFF\"\n").starts_with("c.toml:1:1: not UTF-8"));
    CHECK(refusal("a = " + std::string(40, '[') + std::string(40, ']')).find("nested deeper") !=
          std::string::npos);
}

TEST_CASE("an error that names a pointer gains file, line and column") {
    Toml const toml = Toml::parse("[body]\n  count = \"x\"\n  x = 1\n", "c.toml");
    auto located = [&](auto const& read) -> Error {
        try {
            toml.locate(read);
        } catch (Error const& error) {
            return error;
        }
        return {Code::internal, "no error"};
    };
    Error const wrong = located([&] { JsonReader(*toml.value).object("body").integer("count"); });
    CHECK(wrong.code() == Code::configuration);
    CHECK(wrong.message() == "c.toml:2:3: /body/count: an integer expected, a text found");
    CHECK(wrong.details().at(1) == std::pair<std::string, std::string>{"line", "2"});
    CHECK(located([] { throw Error(Code::refused, "other"); }).code() == Code::refused);
}
