#include "core/flow/charter_chart.h"

#include "core/base/rational.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;

constexpr int widest = 60;  // cells
constexpr int bar_width = 40;
constexpr int square = 12;      // of a cell, in units of the drawing
constexpr int bar_height = 18;  // with its gap
constexpr int full_bar = 480;

/// What so many yes come to where so many vote.
enum class Cell { fails, depends, passes };

Cell cell_of(Json const& pattern, int yes) {
    auto const reaches = [&](char const* key) {
        return !pattern[key].is_null() && pattern[key].get<int>() <= yes;
    };
    if (reaches("surely")) return Cell::passes;
    return reaches("at_best") ? Cell::depends : Cell::fails;
}

/// At most `widest` of the numbers from 0 to `last`, its ends among them.
std::vector<int> sampled(int last) {
    std::vector<int> out;
    int const steps = std::min(last, widest - 1);
    for (int i = 0; i <= steps; ++i) out.push_back(steps == 0 ? 0 : i * last / steps);
    return out;
}

std::string percent(int part, int whole) {
    return base::Rational::of(base::Wide{100} * part, whole).decimal(1);
}

}  // namespace

std::vector<std::string> pattern_chart(Json const& patterns) {
    static constexpr std::array<std::string_view, 3> blocks{"·", "▒", "█"};
    std::vector<std::string> out{"vote  yes, from none to all who vote: █ passes, ▒ depends on who, · fails"};
    auto const samples = sampled(static_cast<int>(patterns.size()) - 1);
    for (int voting : samples) {
        std::string line = fmt::format("{:>4}  ", voting);
        for (int yes : samples)
            if (yes <= voting)
                line += blocks.at(
                    static_cast<std::size_t>(cell_of(patterns.at(static_cast<std::size_t>(voting)), yes)));
        out.push_back(std::move(line));
    }
    return out;
}

std::vector<std::string> sweep_chart(Json const& sweep, int rounds) {
    std::vector<std::string> out{"turnout  how often it passes"};
    for (Json const& one : sweep) {
        int const passed = one["passed"].get<int>();
        int const filled =
            static_cast<int>((static_cast<std::int64_t>(passed) * bar_width + rounds / 2) / rounds);
        std::string line = fmt::format("{:>5} %  ", one["turnout"].get<int>());
        for (int i = 0; i < bar_width; ++i) line += i < filled ? "█" : "·";
        out.push_back(line + fmt::format(" {:>5} %", percent(passed, rounds)));
    }
    return out;
}

Json drawing(Json const& simulation) {
    static constexpr std::array<std::string_view, 3> classes{"fails", "depends", "passes"};
    Json cells = Json::array(), bars = Json::array();
    int side = 0;
    if (Json const& patterns = simulation["patterns"]; !patterns.is_null()) {
        auto const samples = sampled(static_cast<int>(patterns.size()) - 1);
        side = static_cast<int>(samples.size()) * square;
        for (std::size_t column = 0; column < samples.size(); ++column)
            for (std::size_t row = 0; row <= column; ++row) {
                Json const& pattern = patterns.at(static_cast<std::size_t>(samples[column]));
                cells.push_back(
                    {{"x", static_cast<int>(column) * square},
                     {"y", side - static_cast<int>(row + 1) * square},
                     {"voting", samples[column]},
                     {"yes", samples[row]},
                     {"kind", classes.at(static_cast<std::size_t>(cell_of(pattern, samples[row])))}});
            }
    }
    int const rounds = simulation["rounds"].get<int>();
    for (Json const& one : simulation["sweep"]) {
        int const passed = one["passed"].get<int>();
        bars.push_back({{"y", static_cast<int>(bars.size()) * bar_height},
                        {"text_y", static_cast<int>(bars.size()) * bar_height + 12},
                        {"turnout", one["turnout"]},
                        {"width", static_cast<std::int64_t>(passed) * full_bar / rounds},
                        {"percent", percent(passed, rounds)}});
    }
    return {{"cells", std::move(cells)},
            {"side", side},
            {"bars", std::move(bars)},
            {"bars_height", static_cast<int>(simulation["sweep"].size()) * bar_height}};
}

}  // namespace consortium::flow
