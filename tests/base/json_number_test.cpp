#include "core/base/error.h"
#include "core/base/json.h"
#include "tests/support/data_folder.h"

#include <cmath>
#include <cstring>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace consortium::base;

namespace {

double from_bits(std::uint64_t bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

/// The sequence of test numbers that the author of RFC 8785 publishes: fixed values, then 2,000 neighbours of
/// the smallest normal number, then the chained SHA-256 of 32 zero bytes read as little-endian numbers.
class Sequence {
public:
    Sequence() {
        std::ifstream in(consortium::test::data_folder() + "/rfc8785/es6-static.txt");
        for (std::string line; std::getline(in, line);) m_fixed.push_back(std::stoull(line, nullptr, 16));
        for (std::uint64_t i = 0; i < 2000; ++i) m_fixed.push_back(0x0010000000000000 + i);
    }
    std::uint64_t next() {
        if (m_index < m_fixed.size()) return m_fixed[m_index++];
        for (;;) {
            if (m_word == 4) {
                m_block = sha256(m_block.view());
                m_word = 0;
            }
            std::uint64_t bits = 0;
            for (std::size_t i = 8; i-- > 0;) bits = bits << 8U | m_block.bytes.at(8 * m_word + i);
            ++m_word;
            if (double const value = from_bits(bits); value != 0 && std::isfinite(value)) return bits;
        }
    }

private:
    std::vector<std::uint64_t> m_fixed;
    std::size_t m_index = 0;
    Digest m_block;
    std::size_t m_word = 4;
};

}  // namespace

TEST_CASE("RFC 8785: the published hashes of 1,000, 10,000 and 100,000 numbers") {
    Sequence sequence;
    std::string text;
    for (int line = 1; line <= 100'000; ++line) {
        std::uint64_t const bits = sequence.next();
        text += fmt::format("{:x},{}\n", bits, canonical(Json(from_bits(bits))));
        if (line == 1000) {
            CHECK(text.size() == 37'967);
            CHECK(sha256(text).hex() == "be18b62b6f69cdab33a7e0dae0d9cfa869fda80ddc712221570f9f40a5878687");
        }
        if (line == 10'000) {
            CHECK(sha256(text).hex() == "b9f7a8e75ef22a835685a52ccba7f7d6bdc99e34b010992cbc5864cd12be6892");
        }
    }
    CHECK(sha256(text).hex() == "22776e6d4b49fa294a0d0f349268e5c28808fe7e0cb2bcbe28f63894e494d4c7");
}

TEST_CASE("numbers survive being written and read") {
    Sequence sequence;
    for (int i = 0; i < 5000; ++i) {
        double const value = from_bits(sequence.next());
        Json const read = parse_json("[" + canonical(Json(value)) + "]", relaxed_limits(100));
        REQUIRE(read[0].get<double>() == value);
    }
}
