#include "core/base/text.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <optional>

namespace consortium::base {

namespace {

struct Range {
    char32_t first, last;
};

/// Blocks whose characters take two columns (Unicode's East Asian Width W and F, by block).
constexpr std::array wide_ranges{
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF}, Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xAC00, 0xD7A3}, Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6}, Range{0x1F300, 0x1F64F},
    Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

/// Characters that take no column: combining marks, joiners, variation selectors.
constexpr std::array combining_ranges{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x0610, 0x061A},
    Range{0x064B, 0x065F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F},
    Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F},
};

/// What can drive a terminal or turn the direction of the text that follows.
constexpr std::array control_ranges{
    Range{0x00, 0x1F},     Range{0x7F, 0x9F},     Range{0x061C, 0x061C}, Range{0x200E, 0x200F},
    Range{0x2028, 0x202E}, Range{0x2066, 0x2069}, Range{0xFEFF, 0xFEFF},
};

template <std::size_t N>
bool within(std::array<Range, N> const& ranges, char32_t point) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [&](Range const& range) { return point >= range.first && point <= range.last; });
}

/// Takes one code point off the front (RFC 3629: shortest form, no surrogates, at most U+10FFFF); none for
/// bytes that are not UTF-8, of which nothing is taken.
std::optional<char32_t> take(std::string_view& text) {
    auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(text[i]); };
    unsigned const lead = byte(0);
    std::size_t const length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || text.size() < length) return std::nullopt;
    char32_t point = length == 1 ? lead : lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return std::nullopt;
        point = point << 6U | (byte(i) & 0x3FU);
    }
    bool const overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    if (overlong || (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF) return std::nullopt;
    text.remove_prefix(length);
    return point;
}

/// Edit distance in which swapping two neighbours counts one (optimal string alignment).
std::size_t distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before(right.size() + 1), previous(right.size() + 1), current(right.size() + 1);
    for (std::size_t j = 0; j <= right.size(); ++j) previous[j] = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            std::size_t const differs = left[i - 1] == right[j - 1] ? 0 : 1;
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + differs});
            bool const swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) current[j] = std::min(current[j], before[j - 2] + 1);
        }
        before.swap(previous);
        previous.swap(current);
    }
    return previous[right.size()];
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (;;) {
        std::size_t const at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(std::span<std::string const> parts, std::string_view separator) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) out += separator;
        out += parts[i];
    }
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\f\v";
    std::size_t const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        // Most text is ASCII: eight bytes at a time.
        std::uint64_t eight = 0;
        if (text.size() >= sizeof eight) {
            std::memcpy(&eight, text.data(), sizeof eight);
            if ((eight & 0x8080808080808080U) == 0) {
                text.remove_prefix(sizeof eight);
                continue;
            }
        }
        if (!take(text)) return false;
    }
    return true;
}

std::string printable(std::string_view text) {
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        std::string_view const rest = text;
        std::optional<char32_t> const point = take(text);
        if (!point) text.remove_prefix(1);
        if (!point || within(control_ranges, *point)) {
            out += replacement;
        } else {
            out += rest.substr(0, rest.size() - text.size());
        }
    }
    return out;
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        std::optional<char32_t> const point = take(text);
        if (!point) text.remove_prefix(1);
        if (point && within(combining_ranges, *point)) continue;
        count += point && within(wide_ranges, *point) ? 2 : 1;
    }
    return count;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 63 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

void check_name(std::string_view text, std::string_view what) {
    if (is_name(text)) return;
    throw Error(Code::malformed, fmt::format("{} '{}' is not a name: 1 to 63 of a-z, 0-9 and '-' expected",
                                             what, printable(text.substr(0, 80))));
}

std::string nearest(std::string_view word, std::span<std::string const> candidates) {
    std::string best;
    std::size_t best_distance = word.size() / 3 + 2;  // farther is no likeness
    for (std::string const& candidate : candidates) {
        std::size_t const far = distance(word, candidate);
        if (far < best_distance && far < std::max(word.size(), candidate.size())) {
            best = candidate;
            best_distance = far;
        }
    }
    return best;
}

}  // namespace consortium::base
