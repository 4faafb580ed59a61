#include "core/model/bundle.h"

#include "core/base/digest.h"
#include "core/base/error.h"

#include <doctest/doctest.h>

using namespace consortium;

namespace {

model::Bundle sample() {
    return {base::sha256("genesis"),
            "acme",
            {"one act", "another act"},
            {"a file", std::string(100'000, 'x')},
            {}};
}

/// The line that the refusal names; 0 if the text is taken.
std::string line_of(std::string const& text, base::Code expected) {
    try {
        static_cast<void>(model::bundle_from_text(text));
    } catch (base::Error const& error) {
        CHECK(error.code() == expected);
        for (auto const& [key, value] : error.details())
            if (key == "line") return value;
        return "none";
    }
    return "0";
}

/// With an end that fits, as a liar writes it.
std::string ended(std::string const& body) {
    auto const lines = std::to_string(std::count(body.begin(), body.end(), '\n'));
    return body + R"({"end":{"digest":")" + base::sha256(body).hex() + R"(","lines":)" + lines + "}}\n";
}

}  // namespace

TEST_CASE("a bundle is read as it was written, with the line of each act") {
    auto const text = model::to_text(sample());
    auto const read = model::bundle_from_text(text);
    CHECK(read.genesis == sample().genesis);
    CHECK(read.member == "acme");
    CHECK(read.acts == sample().acts);
    CHECK(read.files == sample().files);
    CHECK(read.lines == std::vector<std::size_t>{6, 7});  // header, one part, three parts
    CHECK(model::to_text(read) == text);
}

TEST_CASE("a bundle that was changed anywhere is refused, and names a line") {
    auto const text = model::to_text(sample());
    std::size_t line = 1;
    for (std::size_t at = 0; at < text.size(); ++at) {
        bool const look = at % 997 == 0 || text[at] == '\n' || at + 200 > text.size();
        if (look) {
            auto changed = text;
            changed[at] = static_cast<char>(changed[at] ^ 1);
            CAPTURE(at);
            auto const named = line_of(changed, base::Code::verification_failed);
            CHECK(named != "0");
            CHECK(named != "none");
            // Of a file in several parts, its last line.
            auto const wanted = line == 3 || line == 4 ? 5 : line;
            if (wanted > 1 && wanted < 8 && text[at] != '\n') CHECK(named <= std::to_string(wanted));
            if (wanted == 6 || wanted == 7) CHECK(named == std::to_string(line));
        }
        if (text[at] == '\n') ++line;
    }
}

TEST_CASE("a bundle that was cut short anywhere is refused") {
    auto const text = model::to_text(sample());
    for (std::size_t size = 0; size < text.size(); size += 331) {
        CAPTURE(size);
        CHECK(line_of(text.substr(0, size), base::Code::verification_failed) != "0");
    }
    auto const last = text.rfind('\n', text.size() - 2) + 1;
    CHECK(line_of(text.substr(0, last), base::Code::verification_failed) == "7");
}

TEST_CASE("a bundle that was made wrong names the line") {
    auto const header = R"({"genesis":")" + base::sha256("genesis").hex() +
                        R"(","member":"acme","schema":"consortium.bundle/1"})" + "\n";
    CHECK(line_of(ended(header), base::Code::malformed) == "0");
    CHECK(line_of(ended(""), base::Code::verification_failed) == "1");  // an end that counts no line is none
    CHECK(line_of(ended("{}\n"), base::Code::malformed) == "1");
    CHECK(line_of(ended(header + "{}\n"), base::Code::malformed) == "2");
    CHECK(line_of(ended(header + R"({"act":"x","digest":"00"})" + "\n"), base::Code::malformed) == "2");
    auto const digest = base::sha256("y").hex();
    CHECK(line_of(ended(header + R"({"act":"x","digest":")" + digest + "\"}\n"), base::Code::malformed) ==
          "2");
    auto const part = R"({"data":"eA==","file":")" + digest + R"(","of":2,"part":0})" + "\n";
    CHECK(line_of(ended(header + part), base::Code::malformed) == "2");
    CHECK(line_of(ended(header + part + part), base::Code::malformed) == "3");
    auto const whole = R"({"data":"eA==","file":")" + digest + R"(","of":1,"part":0})" + "\n";
    CHECK(line_of(ended(header + whole), base::Code::malformed) == "2");
}

TEST_CASE("a bundle that is larger than one may be is not written") {
    auto bundle = sample();
    bundle.acts.assign(model::max_bundle_lines, "x");
    CHECK_THROWS_AS((void)model::to_text(bundle), base::Error);
}
