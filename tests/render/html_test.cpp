#include "core/render/html.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

std::string fill(std::map<std::string, std::string> const& templates, Json data) {
    auto const find = [&](std::string_view name) { return templates.at(std::string(name)); };
    return render::html_renderer().render("page", find, base::JsonValue(std::move(data)));
}

std::string page(std::string const& text, Json data) {
    return fill({{"page", text}}, std::move(data));
}

}  // namespace

// Expectations of the Mustache specification's examples (interpolation.yml, sections.yml, inverted.yml).
TEST_CASE("variables, sections, inverted sections and comments as Mustache has them") {
    CHECK(page("Hello, {{subject}}!", {{"subject", "world"}}) == "Hello, world!");
    CHECK(page("\"{{mph}} miles an hour!\"", {{"mph", 85}}) == "\"85 miles an hour!\"");
    CHECK(page("\"{{a.b.c.name}}\" == \"Phil\"", {{"a", {{"b", {{"c", {{"name", "Phil"}}}}}}}}) ==
          "\"Phil\" == \"Phil\"");
    CHECK(page("\"{{#list}}{{.}}{{/list}}\"", {{"list", {1, 2, 3, 4, 5}}}) == "\"12345\"");
    CHECK(page("\"{{#list}}Yay lists!{{/list}}\"", {{"list", Json::array()}}) == "\"\"");
    CHECK(page("\"{{^boolean}}right{{/boolean}}\"", {{"boolean", false}}) == "\"right\"");
    CHECK(page("\"{{^list}}Empty list{{/list}}\"", {{"list", Json::array()}}) == "\"Empty list\"");
    CHECK(page("12345{{! Comment Block! }}67890", Json::object()) == "1234567890");
    CHECK(page("{{#items}}{{name}}/{{outer}};{{/items}}",
               {{"outer", "x"}, {"items", Json::array({Json{{"name", "a"}}, Json{{"name", "b"}}})}}) ==
          "a/x;b/x;");
}

TEST_CASE("everything is escaped and nothing hidden") {
    CHECK(page("<p title=\"{{t}}\">{{t}}</p>", {{"t", "<script>\"'&"}}) ==
          "<p title=\"&lt;script&gt;&quot;&apos;&amp;\">&lt;script&gt;&quot;&apos;&amp;</p>");
    CHECK(page("{{t}}", {{"t", "{{other}}"}}) == "{{other}}");
    CHECK(page("<pre>{{t}}</pre>", {{"t", "a\nb\r\x07"}}).starts_with("<pre>a\nb"));
    CHECK(page("{{t}}", {{"t", "a\nb\r\x07"}}).find('\r') == std::string::npos);
    auto const shown = page("{{t}}", {{"t",
                                       "abc\u202e"
                                       "cba\x1b[0m"}});
    CHECK(shown.find("\u202e") == std::string::npos);
    CHECK(shown.find('\x1b') == std::string::npos);
}

TEST_CASE("null, false and empty text make an empty section and print nothing") {
    Json const data{{"n", nullptr}, {"f", false}, {"e", ""}, {"t", true}};
    CHECK(page("{{#n}}n{{/n}}{{#f}}f{{/f}}{{#e}}e{{/e}}{{#t}}t{{/t}}", data) == "t");
    CHECK(page("[{{n}}{{f}}{{e}}]", data) == "[]");
}

TEST_CASE("a missing name is an error that names template and name, wherever it stands") {
    for (auto const* text : {"{{nmae}}", "{{#nmae}}x{{/nmae}}", "{{^nmae}}x{{/nmae}}", "{{name.first}}",
                             "{{#list}}{{nmae}}{{/list}}"}) {
        CHECK_THROWS_WITH_AS(page(text, {{"name", "x"}, {"list", {1}}}),
                             doctest::Contains("template 'page': nothing is called 'n"), base::Error);
    }
}

TEST_CASE("unescaped variables, other delimiters and broken tags are refused") {
    for (auto const* text : {"{{{name}}}", "{{&name}}", "{{=<% %>=}}", "{{#a}}", "{{#a}}{{/b}}", "{{name"})
        CHECK_THROWS_AS(page(text, {{"name", "x"}, {"a", true}, {"b", true}}), base::Error);
}

TEST_CASE("a template includes others, one level deep") {
    CHECK(
        fill({{"page", "<style>{{>style}}</style>{{>part}}"}, {"style", "p{a:b}"}, {"part", "<b>{{x}}</b>"}},
             {{"x", "<"}}) == "<style>p{a:b}</style><b>&lt;</b>");
    CHECK_THROWS_AS(fill({{"page", "{{>part}}"}, {"part", "{{>part}}"}}, Json::object()), base::Error);
    CHECK_THROWS_AS(fill({{"page", "{{>part}}"}, {"part", "{{{x}}}"}}, {{"x", 1}}), base::Error);
    CHECK_THROWS_AS(fill({{"page", "{{>part}}"}, {"part", "{{#x}}"}}, {{"x", 1}}), base::Error);
    CHECK_THROWS_AS(fill({{"page", "{{>part}}"}, {"part", "{{y}}"}}, {{"x", 1}}), base::Error);
}
