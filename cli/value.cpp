#include "cli/value.h"

#include "core/base/digest.h"
#include "core/base/instant.h"
#include "core/base/text.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;

[[noreturn]] void wrong(std::string_view where, std::string_view text, std::string_view expected,
                        std::string hint = {}) {
    throw Error(Code::usage,
                std::string(where) + " is '" + base::printable(text) + "', expected " + std::string(expected),
                std::move(hint));
}

std::int64_t read_integer(std::string_view text, std::string_view where) {
    std::int64_t value = 0;
    auto const* end = text.data() + text.size();
    auto const [rest, failure] = std::from_chars(text.data(), end, value);
    constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
    if (failure != std::errc{} || rest != end || value > largest || value < -largest) {
        wrong(where, text, "a whole number");
    }
    return value;
}

std::string read_choice(std::string_view choices, std::string_view text, std::string_view where) {
    auto const known = base::split(choices, '|');
    for (auto const& choice : known) {
        if (choice == text) return choice;
    }
    auto const near = base::nearest(text, known);
    wrong(where, text, "one of " + base::join(known, ", "),
          near.empty() ? std::string{} : "did you mean '" + near + "'?");
}

bool is_amount(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    auto const point = text.find('.');
    auto const whole = text.substr(0, point);
    auto const is_number = [](std::string_view digits) {
        return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
    };
    if (point == std::string_view::npos) return is_number(whole);
    return is_number(whole) && is_number(text.substr(point + 1));
}

/// Runs a parser of the base layer, whose messages do not know the flag.
template <typename Read>
std::string canonical_text(std::string_view text, std::string_view where, std::string_view expected,
                           Read read) {
    try {
        return read(text);
    } catch (Error const&) {
        wrong(where, text, expected);
    }
}

std::string read_text(Kind kind, std::string_view text, std::string_view where) {
    switch (kind) {
        case Kind::name:
            if (!base::is_name(text)) wrong(where, text, "1 to 63 of a-z, 0-9 and '-'");
            return std::string(text);
        case Kind::duration:
            return canonical_text(text, where, "a duration such as 14D, 6H or P1DT12H",
                                  [](auto typed) { return base::Duration::from_text(typed).text(); });
        case Kind::instant:
            return canonical_text(text, where, "a time such as 2026-11-02T12:00Z, or a day",
                                  [](auto typed) { return base::Instant::from_typed(typed).text(); });
        case Kind::month:
            return canonical_text(text, where, "a month such as 2026-10", [](auto typed) {
                base::Month::from_text(typed);
                return std::string(typed);
            });
        case Kind::digest:
            return canonical_text(text, where, "64 lower-case hexadecimal digits",
                                  [](auto typed) { return base::Digest::from_hex(typed).hex(); });
        case Kind::money:
            if (!is_amount(text)) wrong(where, text, "an amount such as 1234.56");
            return std::string(text);
        default:
            if (text.empty()) wrong(where, text, "something");
            return std::string(text);
    }
}

}  // namespace

base::Json read_value(Kind kind, std::string_view choices, std::string_view text, std::string_view where) {
    if (kind == Kind::toggle) return true;
    if (kind == Kind::integer) return read_integer(text, where);
    if (kind == Kind::choice) return read_choice(choices, text, where);
    return read_text(kind, text, where);
}

std::string_view long_name(Flag const& flag) {
    auto const comma = flag.name.find(',');
    return comma == std::string_view::npos ? flag.name : flag.name.substr(comma + 1);
}

std::string_view argument_key(Flag const& flag) {
    return long_name(flag).substr(2);
}

std::string_view short_name(Flag const& flag) {
    auto const comma = flag.name.find(',');
    return comma == std::string_view::npos ? std::string_view{} : flag.name.substr(0, comma);
}

}  // namespace consortium::cli
