#pragma once

#include "core/base/digest.h"
#include "core/base/instant.h"

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace consortium::base {

using Json = nlohmann::json;

/// An immutable JSON value that headers and plain data can hold without the library's full header. Copies
/// share. Never null as a pointer: default is JSON null.
class JsonValue {
public:
    JsonValue();
    JsonValue(Json value);  // NOLINT: a value is a value
    Json const& operator*() const { return *m_value; }
    Json const* operator->() const { return m_value.get(); }
    bool operator==(JsonValue const& other) const;

private:
    std::shared_ptr<Json const> m_value;
};

/// What the strict parser accepts. The defaults are those of acts (PROTOCOL P2).
struct JsonLimits {
    std::size_t bytes = 45'000;
    int depth = 32;
    bool fractions = false;          // numbers with a fraction or exponent, as in the answers of nodes
    std::size_t values = 1'000'000;  // in all: a value takes many times the bytes of its text
};

JsonLimits relaxed_limits(std::size_t bytes);  // fractions allowed, depth 64: for what nodes answer

/// Parses UTF-8 JSON strictly: one value, no duplicate key, no byte order mark, no lone surrogate,
/// |integer| <= 2^53-1 unless fractions are allowed. Throws Error(malformed) with details line, column.
Json parse_json(std::string_view text, JsonLimits const& limits = {});

/// The canonical form of RFC 8785.
std::string canonical(Json const& value);
/// parse_json, then throws Error(malformed) unless the bytes equal canonical() of the result.
Json parse_canonical(std::string_view text, JsonLimits const& limits = {});
Digest digest_of(Json const& value);    // SHA-256 of canonical()
std::string pretty(Json const& value);  // two blanks a level, keys sorted, for people

/// Reads one object field by field, names the JSON pointer in every error, and refuses keys that nobody
/// asked for. Usage: JsonReader in(value, "/body"); auto x = in.text("title"); in.done();
class JsonReader {
public:
    explicit JsonReader(Json const& value, std::string pointer = "");

    bool has(std::string_view key) const;
    bool is_null(std::string_view key) const;
    Json const& value(std::string_view key);  // required, any type
    std::string text(std::string_view key, std::size_t max = 4096);
    std::string name(std::string_view key);  // [a-z0-9-]{1,63}
    std::int64_t integer(std::string_view key);
    std::int64_t integer(std::string_view key, std::int64_t min, std::int64_t max);
    bool boolean(std::string_view key);
    Digest digest(std::string_view key);
    Bytes base64(std::string_view key, std::size_t max = 65'536);
    Instant instant(std::string_view key);
    Duration duration(std::string_view key);
    JsonReader object(std::string_view key);
    std::vector<std::string> texts(std::string_view key, std::size_t max_items = 10'000);
    std::vector<Digest> digests(std::string_view key, std::size_t max_items = 10'000);
    /// Calls `each` with a reader for every object of the array.
    void objects(std::string_view key, std::function<void(JsonReader&)> const& each,
                 std::size_t max_items = 10'000);

    std::optional<std::string> optional_text(std::string_view key, std::size_t max = 4096);  // absent or null
    std::optional<Digest> optional_digest(std::string_view key);
    std::optional<Instant> optional_instant(std::string_view key);
    std::optional<std::int64_t> optional_integer(std::string_view key);

    /// Throws Error(malformed) naming the first key that was not read, with did-you-mean.
    void done() const;
    [[noreturn]] void fail(std::string_view key, std::string_view what) const;
    std::string const& pointer() const { return m_pointer; }
    Json const& whole() const { return *m_value; }

private:
    Json const* m_value;
    std::string m_pointer;
    std::vector<std::string> m_read;
};

}  // namespace consortium::base
