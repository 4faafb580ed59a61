#include "cli/value.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using cli::Kind;

TEST_CASE("values are typed and canonical") {
    auto const read = [](Kind kind, std::string_view text) {
        return cli::read_value(kind, "yes|no", text, "--x");
    };
    CHECK(read(Kind::integer, "42") == 42);
    CHECK(read(Kind::integer, "-1") == -1);
    CHECK(read(Kind::duration, "24h") == "P1D");
    CHECK(read(Kind::instant, "2026-11-02") == "2026-11-02T00:00:00Z");
    CHECK(read(Kind::month, "2026-10") == "2026-10");
    CHECK(read(Kind::choice, "yes") == "yes");
    CHECK(read(Kind::money, "-12.50") == "-12.50");
    CHECK(read(Kind::input, "-") == "-");
}

TEST_CASE("wrong values are usage errors that name the flag") {
    struct Case {
        Kind kind;
        std::string_view text;
    };
    Case const cases[] = {
        {Kind::integer, "4.2"},    {Kind::integer, "9007199254740993"},
        {Kind::integer, ""},       {Kind::duration, "soon"},
        {Kind::instant, "noon"},   {Kind::month, "2026-13"},
        {Kind::digest, "abc"},     {Kind::choice, "yse"},
        {Kind::money, "1,5"},      {Kind::money, "1."},
        {Kind::name, "Acme Corp"}, {Kind::text, ""},
    };
    for (auto const& [kind, text] : cases) {
        CAPTURE(text);
        try {
            cli::read_value(kind, "yes|no", text, "--x");
            FAIL("accepted");
        } catch (base::Error const& error) {
            CHECK(error.code() == base::Code::usage);
            CHECK(error.message().starts_with("--x is '"));
        }
    }
}
