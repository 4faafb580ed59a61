#include "core/base/json.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "tests/support/data_folder.h"

#include <algorithm>
#include <cstring>
#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

using namespace consortium::base;

namespace {

std::string content(std::string const& name) {
    std::ifstream in(consortium::test::data_folder() + "/rfc8785/" + name, std::ios::binary);
    REQUIRE(in.is_open());
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

std::string refusal(std::string_view text, JsonLimits const& limits = {}) {
    try {
        parse_json(text, limits);
    } catch (Error const& error) {
        CHECK(error.code() == Code::malformed);
        return error.message();
    }
    return "accepted";
}

/// Values at random, and texts of them that differ from the canonical one here and there.
class Values {
public:
    Json any(int depth) {
        switch (m_random() % (depth > 0 ? 7 : 4)) {
            case 0:
                return one_of<Json>({nullptr, true, false});
            case 1:
                return one_of<std::int64_t>({0, 1, -1, 10, 1000, (1LL << 53) - 1, 1 - (1LL << 53)});
            case 2:
            case 3:
                return text();
            case 4: {
                Json list = Json::array();
                for (auto count = m_random() % 4; count > 0; --count) list.push_back(any(depth - 1));
                return list;
            }
            default: {
                Json table = Json::object();
                for (auto count = m_random() % 5; count > 0; --count) table[text()] = any(depth - 1);
                return table;
            }
        }
    }
    std::string written(Json const& value) {
        if (value.is_string()) return rarely() ? value.dump(-1, ' ', true) : canonical(value);
        if (!value.is_structured()) return canonical(value);
        std::vector<std::string> parts;
        for (auto const& [key, member] : value.items())
            parts.push_back(value.is_object() ? written(Json(key)) + ":" + written(member) : written(member));
        if (value.is_object() && rarely()) std::reverse(parts.begin(), parts.end());
        std::string out(value.is_object() ? "{" : "[");
        for (auto const& part : parts) out += (out.size() > 1 ? (rarely() ? ", " : ",") : "") + part;
        return out + (value.is_object() ? "}" : "]");
    }

private:
    template <class Value>
    Value one_of(std::vector<Value> const& values) {
        return values[m_random() % values.size()];
    }
    bool rarely() { return m_random() % 12 == 0; }
    std::string text() {
        std::string out;
        for (auto count = m_random() % 4; count > 0; --count)
            out += one_of<std::string>({"a", "b", "Z", "~", "\"", "\\", "/", "\n", "\x1f", "\x7f", "\xC3\xA9",
                                        "\xEE\x80\x80", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80", ":", ","});
        return out;
    }

    std::mt19937 m_random{8785};  // NOLINT: the same cases every time
};

double from_bits(std::uint64_t bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace

TEST_CASE("RFC 8785: the published pairs of input and output") {
    for (char const* name : {"arrays", "french", "structures", "unicode", "values", "weird"}) {
        CAPTURE(name);
        std::string const file = std::string(name) + ".json";
        std::string const expected = content("output/" + file);
        CHECK(canonical(parse_json(content("input/" + file), relaxed_limits(10'000))) == expected);
        CHECK(canonical(parse_canonical(expected, relaxed_limits(10'000))) == expected);
    }
}

TEST_CASE("RFC 8785 appendix B: numbers") {
    struct Row {
        std::uint64_t bits;
        char const* text;
    };
    for (Row const& row : {Row{0x0000000000000000, "0"},
                           {0x8000000000000000, "0"},
                           {0x0000000000000001, "5e-324"},
                           {0x8000000000000001, "-5e-324"},
                           {0x7fefffffffffffff, "1.7976931348623157e+308"},
                           {0xffefffffffffffff, "-1.7976931348623157e+308"},
                           {0x4340000000000000, "9007199254740992"},
                           {0xc340000000000000, "-9007199254740992"},
                           {0x4430000000000000, "295147905179352830000"},
                           {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                           {0x44b52d02c7e14af6, "1e+23"},
                           {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                           {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                           {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                           {0x444b1ae4d6e2ef50, "1e+21"},
                           {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                           {0x3eb0c6f7a0b5ed8d, "0.000001"},
                           {0x41b3de4355555553, "333333333.3333332"},
                           {0x41b3de4355555554, "333333333.33333325"},
                           {0x41b3de4355555555, "333333333.3333333"},
                           {0x41b3de4355555556, "333333333.3333334"},
                           {0x41b3de4355555557, "333333333.33333343"},
                           {0xbecbf647612f3696, "-0.0000033333333333333333"},
                           {0x43143ff3c1cb0959, "1424953923781206.2"}}) {
        CHECK(canonical(Json(from_bits(row.bits))) == row.text);
    }
    CHECK_THROWS_AS(canonical(Json(from_bits(0x7fffffffffffffff))), Error);
    CHECK_THROWS_AS(canonical(Json(from_bits(0x7ff0000000000000))), Error);
}

TEST_CASE("P2: what the strict parser refuses, with line and column") {
    CHECK(refusal(R"({"a":1,"a":2})") == "line 1, column 8: the key 'a' is there twice");
    CHECK(refusal("{\n  \"b\": {\"x\":1,\n   \"x\" :2}}") == "line 3, column 4: the key 'x' is there twice");
    CHECK(refusal("[1,\n 0.5]").starts_with("line 2, column 2: a number with a fraction"));
    CHECK(refusal("[1e3]").starts_with("line 1, column 2: a number with a fraction"));
    CHECK(refusal("[9007199254740992]").starts_with("line 1, column 2: an integer beyond"));
    CHECK(refusal("[-9007199254740992]").starts_with("line 1, column 2: an integer beyond"));
    CHECK(refusal("[1, 99999999999999999999999]").starts_with("line 1, column 5: an integer beyond"));
    CHECK(refusal("[9007199254740991,-9007199254740991]") == "accepted");
    CHECK(refusal("\xEF\xBB\xBF{}") == "line 1, column 1: a byte order mark");
    CHECK(refusal(std::string_view("{}\0{}", 5)) == "line 1, column 3: a NUL byte");
    // Also where sixteen bytes are compared at once.
    for (char control = 1; control < 0x20; ++control) {
        CAPTURE(static_cast<int>(control));
        for (std::size_t const before : {0, 3, 15, 16, 40}) {
            auto const text = "\"" + std::string(before, 'x') + control + std::string(20, 'y') + "\"";
            CHECK(refusal(text) != "accepted");
            CHECK(refusal("{" + text + ":1}") != "accepted");
        }
    }
    CHECK(refusal("{} x").starts_with("line 1, column 4: not JSON"));
    CHECK(refusal("{}{}").starts_with("line 1, column 3: not JSON"));
    CHECK(refusal("").starts_with("line 1, column 1: not JSON"));
    CHECK(refusal("[1,]").starts_with("line 1, column 4: not JSON"));
    CHECK(refusal("[01]") != "accepted");
    CHECK(refusal("[NaN]") != "accepted");
    CHECK(refusal("// no\n1") != "accepted");
    CHECK(refusal(R"(["\ud800"])") != "accepted");
    CHECK(refusal(R"(["\udc00\ud800"])") != "accepted");
    CHECK(refusal(R"(["\ud83d\ude00"])") == "accepted");
    CHECK(refusal("[\"\xC0\xAF\"]") != "accepted");
    CHECK(refusal("[\"\xED\xA0\x80\"]") != "accepted");
    CHECK(refusal("[\"\x01\"]") != "accepted");
    CHECK(refusal("[\"a") != "accepted");
}

TEST_CASE("P2: depth and size have limits") {
    CHECK(refusal(std::string(32, '[') + std::string(32, ']')) == "accepted");
    CHECK(refusal(std::string(33, '[') + std::string(33, ']')).ends_with("nested deeper than 32 levels"));
    CHECK(refusal(std::string(1'000'000, '['), JsonLimits{2'000'000}).find("column 33") != std::string::npos);
    CHECK(refusal(std::string(45'001, ' ')) == "45001 bytes of JSON where at most 45000 are accepted");
    CHECK(refusal("[1,2,{\"a\":[]}]", JsonLimits{.values = 5}) == "accepted");
    CHECK(refusal("[1,2,{\"a\":[]}]", JsonLimits{.values = 4}).ends_with("more than 4 values"));
    CHECK(refusal("[1.5, 18446744073709551615, 1e999]", relaxed_limits(100)).find("not JSON") !=
          std::string::npos);
    CHECK(refusal("[1.5, 18446744073709551615]", relaxed_limits(100)) == "accepted");
}

TEST_CASE("another reader accepts the same texts, and reads the same values") {
    std::vector<std::string> const seeds{
        R"({"a":[1,-2,0.5,1e3,-0,123456789012345678901],"b":{"c":null,"d":[true,false]}})",
        "[\"\\u00e9\\n\\ud83d\\ude00 \xC3\xA9\",{\"\":[[],{}]},18446744073709551615,-9223372036854775808]",
        " { \"k\" : [ 1 , 2 ] }\n"};
    std::string const letters = "{}[]\",:\\u0dDeE+-. \n\tntfab1289\xC3\xED\xA9\x7F\x01";
    std::uint32_t state = 1;
    auto const next = [&](std::size_t below) {
        state = state * 1'664'525 + 1'013'904'223;
        return (state >> 8) % below;
    };
    int accepted = 0;
    for (int round = 0; round < 60'000; ++round) {
        auto text = seeds[next(seeds.size())];
        for (auto changes = next(3) + 1; changes > 0; --changes) {
            auto const at = next(text.size());
            if (next(2) == 0)
                text[at] = letters[next(letters.size())];
            else if (next(2) == 0)
                text.erase(at, 1);
            else
                text.insert(at, 1, letters[next(letters.size())]);
        }
        Json const theirs = Json::parse(text, nullptr, false);
        Json ours(Json::value_t::discarded);
        auto const why = [&]() -> std::string {
            try {
                ours = parse_json(text, relaxed_limits(1'000));
            } catch (Error const& error) {
                return error.message();
            }
            return {};
        }();
        CAPTURE(text);
        CAPTURE(why);
        // Where ours is the stricter one: of two keys theirs takes the last, and what is too small for a
        // double is zero.
        if (why.ends_with("is there twice") || why.ends_with("out of range") ||
            why.find("too big") < why.size())
            continue;
        CHECK((theirs.is_discarded() ? !why.empty() : why.empty() && ours == theirs));
        accepted += why.empty() ? 1 : 0;
    }
    CHECK(accepted > 1'000);
}

TEST_CASE("parse_canonical wants the very bytes") {
    CHECK(canonical(parse_canonical(R"({"a":1,"b":[true,null]})")) == R"({"a":1,"b":[true,null]})");
    for (char const* text :
         {R"({"b":1,"a":1})", R"({"a": 1})", R"(["\u0041"])", R"(["\/"])", "[-0]", "[1] "}) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(parse_canonical(text), doctest::Contains("canonical form"), Error);
    }
}

TEST_CASE("a text is taken for canonical exactly where it is what would be written") {
    Values values;
    int canonical_ones = 0;
    for (int round = 0; round < 20'000; ++round) {
        auto const value = values.any(3);
        auto const text = values.written(value);
        CAPTURE(text);
        REQUIRE(parse_json(text) == value);
        bool const same = text == canonical(value);
        std::optional<Json> taken;
        try {
            taken = parse_canonical(text);
        } catch (Error const&) {
            taken = std::nullopt;
        }
        REQUIRE(taken.has_value() == same);
        CHECK((!taken || *taken == value));
        canonical_ones += same ? 1 : 0;
    }
    CHECK(canonical_ones > 5'000);
    CHECK(canonical_ones < 18'000);
}

TEST_CASE("keys go by UTF-16 code units, not by bytes") {
    Json const value = {{"\xF0\x90\x80\x80", 1}, {"\xEF\xBF\xBD", 2}};
    CHECK(canonical(value) == "{\"\xF0\x90\x80\x80\":1,\"\xEF\xBF\xBD\":2}");
}

TEST_CASE("a reader names the place of what is wrong") {
    Json const value = parse_json(R"({"body":{"title":"x","count":7,"list":["a",3],"digst":"00","a/b":1}})");
    JsonReader whole(value);
    JsonReader in = whole.object("body");
    whole.done();
    CHECK(in.text("title") == "x");
    CHECK(in.integer("count", 0, 10) == 7);
    auto message = [](auto const& action) -> std::string {
        try {
            action();
        } catch (Error const& error) {
            REQUIRE(error.details().size() == 1);
            CHECK(error.details()[0].first == "pointer");
            return error.message();
        }
        return "";
    };
    CHECK(message([&] { in.integer("count", 8, 10); }) == "/body/count: 7 is not between 8 and 10");
    CHECK(message([&] { in.texts("list"); }) == "/body/list/1: a text expected, an integer found");
    CHECK(message([&] { in.text("count"); }) == "/body/count: a text expected, an integer found");
    CHECK(message([&] { in.text("absent-altogether"); }) == "/body: the key 'absent-altogether' is missing");
    CHECK(message([&] { in.digest("digest"); }) ==
          "/body/digst: unknown key 'digst'; did you mean 'digest'?");
    CHECK(message([&] { in.boolean("a/b"); }) == "/body/a~1b: true or false expected, an integer found");
    CHECK(message([&] { in.done(); }) == "/body/digst: unknown key 'digst'; did you mean 'digest'?");
    CHECK(!in.optional_text("nothing"));
}

TEST_CASE("whatever the bytes, the parser refuses or gives a value that has one canonical form") {
    std::mt19937 random(8785);  // NOLINT: the same cases every time
    std::string const start =
        R"({"a":[1,-2,true,null,"x\u00e9\n"],"b":{"c":"\ud83d\ude00","d":[]},"e":9007199254740991})";
    std::string_view const letters = "{}[],:\"\\u0189eE+-. \n\t\xC3\xA9\xFF";
    int accepted = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string text = start;
        for (auto changes = 1 + random() % 3; changes > 0; --changes) {
            std::size_t const at = random() % text.size();
            char const letter = letters[random() % letters.size()];
            switch (random() % 3) {
                case 0:
                    text[at] = letter;
                    break;
                case 1:
                    text.insert(at, 1, letter);
                    break;
                default:
                    text.erase(at, 1);
            }
        }
        try {
            std::string const once = canonical(parse_json(text));
            REQUIRE(canonical(parse_canonical(once)) == once);
            ++accepted;
        } catch (Error const& error) {
            REQUIRE(error.code() == Code::malformed);
            REQUIRE(error.details().size() == 2);
        }
    }
    CHECK(accepted > 500);
    CHECK(accepted < 15'000);
}
