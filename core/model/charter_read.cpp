#include "core/model/charter_read.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model::reading {

namespace {

using base::JsonReader;

constexpr std::int64_t max_weight = 1'000'000'000'000'000'000;
constexpr std::int64_t max_json_integer = (std::int64_t{1} << 53) - 1;
/// Bounds have small terms, so that a bound times all the votes there can be stays within 127 bits.
constexpr std::int64_t max_bound_term = 1'000'000'000'000'000;

/// "unknown role 'x': governance, security … expected; did you mean …?"
std::string unknown(std::string_view what, std::string_view word, std::vector<std::string> const& known) {
    std::string out = fmt::format("unknown {} '{}': {} expected", what, base::printable(word.substr(0, 80)),
                                  base::join(known, ", "));
    std::string const likely = base::nearest(word, known);
    return likely.empty() ? out : fmt::format("{}; did you mean '{}'?", out, likely);
}

bool contains(Words words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// What somebody wrote as text, read by its own type: a mistake in it is at this key.
template <class Value>
Value parsed(JsonReader& in, std::string_view key) {
    std::string const text = in.text(key);
    try {
        return Value::from_text(text);
    } catch (base::Error const& error) {
        in.fail(key, error.message());
    }
}

}  // namespace

std::vector<std::string> as_strings(Words words) {
    return {words.begin(), words.end()};
}

std::string choice(JsonReader& in, std::string_view key, Words known, std::string_view fallback) {
    if (!in.has(key) && !fallback.empty()) return std::string(fallback);
    std::string text = in.text(key);
    if (!contains(known, text)) in.fail(key, unknown(key, text, as_strings(known)));
    return text;
}

std::vector<std::string> subset(JsonReader& in, std::string_view key, std::string_view what,
                                std::vector<std::string> const& known) {
    std::vector<std::string> items = in.texts(key);
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::string const place = fmt::format("{}/{}", key, i);
        auto const here = items.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(known.begin(), known.end(), items[i]) == known.end()) {
            throw base::Error(base::Code::malformed,
                              fmt::format("{}/{}: {}", in.pointer(), place, unknown(what, items[i], known)),
                              {}, {{"pointer", fmt::format("{}/{}", in.pointer(), place)}});
        }
        if (std::find(items.begin(), here, items[i]) != here) {
            in.fail(key, fmt::format("names the {} '{}' twice", what, items[i]));
        }
    }
    std::sort(items.begin(), items.end());
    return items;
}

std::vector<std::string> some_of(JsonReader& in, std::string_view key, std::string_view what,
                                 std::vector<std::string> const& known) {
    std::vector<std::string> items = subset(in, key, what, known);
    if (items.empty()) in.fail(key, fmt::format("names no {}", what));
    return items;
}

std::vector<std::string> alternatives(JsonReader& in, std::string_view key, std::string_view what,
                                      Words known) {
    std::vector<std::string> out;
    if (!in.has(key)) return out;
    std::string const text = in.text(key);
    if (text == "none") return out;
    for (std::string_view rest = text; !rest.empty();) {
        std::size_t const bar = rest.find('|');
        std::string word(base::trimmed(rest.substr(0, bar)));
        if (!contains(known, word)) in.fail(key, unknown(what, word, as_strings(known)));
        if (std::find(out.begin(), out.end(), word) != out.end())
            in.fail(key, fmt::format("names '{}' twice", word));
        out.push_back(std::move(word));
        rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
    }
    if (out.empty())
        in.fail(key, fmt::format("is empty: \"none\" or {} expected", base::join(as_strings(known), "|")));
    std::sort(out.begin(), out.end());
    return out;
}

base::Duration duration(JsonReader& in, std::string_view key, base::Duration fallback) {
    return in.has(key) ? in.duration(key) : fallback;
}

int small(JsonReader& in, std::string_view key, int min, int max) {
    return static_cast<int>(in.integer(key, min, max));
}

bool truth(JsonReader& in, std::string_view key, std::optional<bool> fallback) {
    return in.has(key) || !fallback ? in.boolean(key) : *fallback;
}

Bound bound(JsonReader& in, std::string_view key) {
    auto const out = parsed<Bound>(in, key);
    bool const beyond = out.value > base::Rational(1) || (out.strict && out.value == base::Rational(1));
    if (beyond) in.fail(key, fmt::format("'{}' can never be reached: a share is at most 1", out.text()));
    if (out.value < base::Rational(0)) in.fail(key, "a bound below zero");
    if (out.value.denominator() > max_bound_term)
        in.fail(key, fmt::format("'{}' is finer than one in {}", out.text(), max_bound_term));
    return out;
}

Bound demand(JsonReader& in, std::string_view key) {
    auto const out = bound(in, key);
    if (!out.strict && out.value == base::Rational(0))
        in.fail(key, fmt::format("'{}' is reached by nobody at all", out.text()));
    return out;
}

std::int64_t weight(JsonReader& in, std::string_view key) {
    if (!in.value(key).is_string()) return in.integer(key, 1, max_json_integer);
    std::string const text = in.text(key, 20);
    std::int64_t value = 0;
    auto const [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const number = status == std::errc{} && end == text.data() + text.size() && text[0] != '0';
    if (!number || value < 1 || value > max_weight)
        in.fail(key, fmt::format("a whole number from 1 to {} expected", max_weight));
    return value;
}

base::Json weight_json(std::int64_t weight) {
    return weight > max_json_integer ? base::Json(std::to_string(weight)) : base::Json(weight);
}

std::map<std::string, std::int64_t> weights(JsonReader in) {
    std::map<std::string, std::int64_t> out;
    for (auto const& item : in.whole().items()) {
        if (!base::is_name(item.key())) in.fail(item.key(), "is not the name of a member");
        out[item.key()] = weight(in, item.key());
    }
    return out;
}

base::Json weights_json(std::map<std::string, std::int64_t> const& weights) {
    base::Json out = base::Json::object();
    for (auto const& [member, weight] : weights) out[member] = weight_json(weight);
    return out;
}

bool is_identifier(std::string_view text) {
    return !text.empty() && text.size() <= 63 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

void tables(JsonReader& in, std::string_view key,
            std::function<void(JsonReader&, std::string const&)> const& each) {
    if (!in.has(key)) return;
    JsonReader group = in.object(key);
    for (auto const& item : group.whole().items()) {
        if (!is_identifier(item.key()))
            group.fail(item.key(), "is not an id: a-z, 0-9, '-' and '_' expected");
        JsonReader table = group.object(item.key());
        each(table, item.key());
        table.done();
    }
}

}  // namespace consortium::model::reading
