#include "core/base/toml.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <toml++/toml.h>

namespace consortium::base {

namespace {

constexpr int max_depth = 32;

/// Turns the parsed tree into JSON and notes where each value stands.
class Reader {
public:
    Reader(std::string const& source, std::map<std::string, Position>& positions)
        : m_source(source), m_positions(positions) {}

    [[noreturn]] void fail(Position at, std::string_view what) const {
        throw Error(
            Code::configuration, fmt::format("{}:{}:{}: {}", m_source, at.line, at.column, what), {},
            {{"file", m_source}, {"line", std::to_string(at.line)}, {"column", std::to_string(at.column)}});
    }

    Json read(toml::node const& node, std::string const& pointer, int depth) const {
        Position const at = m_positions.emplace(pointer, place(node.source())).first->second;
        if (depth > max_depth) fail(at, fmt::format("nested deeper than {} levels", max_depth));
        if (toml::table const* table = node.as_table()) return read_table(*table, pointer, depth);
        if (toml::array const* array = node.as_array()) return read_array(*array, pointer, depth);
        if (auto const* text = node.as_string()) return text->get();
        if (auto const* truth = node.as_boolean()) return truth->get();
        if (auto const* number = node.as_integer()) {
            std::int64_t const limit = (std::int64_t{1} << 53) - 1;
            if (number->get() > limit || number->get() < -limit) fail(at, "an integer beyond 2^53-1");
            return number->get();
        }
        if (node.is_floating_point()) fail(at, "a fraction: write it as text, for example \"1/3\"");
        return read_date(node, at);
    }

private:
    static Position place(toml::source_region const& source) {
        return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
    }

    Json read_table(toml::table const& table, std::string const& pointer, int depth) const {
        Json out = Json::object();
        for (auto const& [key, value] : table) {
            std::string const child = pointer + (Json::json_pointer() / std::string(key.str())).to_string();
            // Messages point at the key, which is what an editor of the file looks for.
            m_positions[child] = place(key.source());
            out[std::string(key.str())] = read(value, child, depth + 1);
        }
        return out;
    }

    Json read_array(toml::array const& array, std::string const& pointer, int depth) const {
        Json out = Json::array();
        for (toml::node const& item : array) {
            out.push_back(read(item, fmt::format("{}/{}", pointer, out.size()), depth + 1));
        }
        return out;
    }

    Json read_date(toml::node const& node, Position at) const {
        std::ostringstream text;
        if (auto const* date = node.as_date()) text << date->get();
        if (auto const* time = node.as_date_time()) text << time->get();
        std::string out = text.str();
        if (out.ends_with("+00:00")) out.replace(out.size() - 6, 6, "Z");
        if (out.empty()) fail(at, "a time without a date");
        return out;
    }

    std::string const& m_source;
    std::map<std::string, Position>& m_positions;
};

}  // namespace

Toml Toml::parse(std::string_view text, std::string source) {
    Toml out;
    out.source = std::move(source);
    Reader const reader(out.source, out.positions);
    if (!is_utf8(text)) reader.fail({1, 1}, "not UTF-8");
    try {
        out.value = JsonValue(reader.read(toml::parse(text), "", 0));
    } catch (toml::parse_error const& error) {
        auto const& begin = error.source().begin;
        reader.fail({static_cast<int>(begin.line), static_cast<int>(begin.column)},
                    printable(error.description()));
    }
    return out;
}

Position Toml::place(std::string pointer) const {
    for (;;) {
        if (auto const found = positions.find(pointer); found != positions.end()) return found->second;
        std::size_t const slash = pointer.rfind('/');
        if (slash == std::string::npos) return {1, 1};
        pointer.resize(slash);
    }
}

void Toml::locate(std::function<void()> const& read) const {
    try {
        read();
    } catch (Error const& error) {
        for (auto const& [key, pointer] : error.details()) {
            if (key != "pointer") continue;
            Position const at = place(pointer);
            Error::Details details{
                {"file", source}, {"line", std::to_string(at.line)}, {"column", std::to_string(at.column)}};
            details.insert(details.end(), error.details().begin(), error.details().end());
            throw Error(Code::configuration,
                        fmt::format("{}:{}:{}: {}", source, at.line, at.column, error.message()),
                        error.hint(), std::move(details));
        }
        throw;
    }
}

}  // namespace consortium::base
