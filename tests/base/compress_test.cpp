#include "core/base/compress.h"

#include "core/base/file.h"
#include "tests/support/code_of.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace consortium;
using base::Code;

TEST_CASE("what is compressed comes back, and gunzip reads it too") {
    base::TemporaryFolder const folder;
    std::string large;
    for (int i = 0; i < 200'000; ++i) large += std::to_string(i) + "\n";
    for (auto const& text : {std::string(), std::string("one"), std::string(3, '\0'), large}) {
        auto const packed = base::gzip(text);
        CHECK(base::is_gzip(packed));
        CHECK(base::gunzip(packed, large.size()) == text);
        CHECK(base::gzip(text) == packed);
        base::write_file(folder.path() / "packed.gz", packed);
        base::write_file(folder.path() / "wanted", text);
        auto const place = folder.path().string();
        auto const command = "gunzip -c " + place + "/packed.gz | cmp -s - " + place + "/wanted";
        CHECK(std::system(command.c_str()) == 0);
    }
}

TEST_CASE("a compressed text that is torn, damaged, followed by something or too large is refused") {
    std::string const text = "a text that is long enough to be torn in many places, and then some more of it";
    auto const packed = base::gzip(text);
    auto const refused = [](std::string const& bytes, std::size_t max) {
        return code_of([&] { static_cast<void>(base::gunzip(bytes, max)); }) == Code::malformed;
    };
    for (std::size_t size = 0; size < packed.size(); ++size) CHECK(refused(packed.substr(0, size), 1000));
    CHECK(refused(packed + "x", 1000));
    CHECK(refused(packed + packed, 1000));
    CHECK(refused(packed, text.size() - 1));
    CHECK_FALSE(refused(packed, text.size()));
    auto damaged = packed;
    damaged[packed.size() - 6] = static_cast<char>(damaged[packed.size() - 6] ^ 1);
    CHECK(refused(damaged, 1000));
    CHECK(refused("not compressed at all", 1000));
    // Ten megabytes of nothing are ten kilobytes on the way.
    CHECK(refused(base::gzip(std::string(10u << 20, '\0')), 1u << 20));
}
