#include "core/flow/charter_chart.h"

#include "core/base/rational.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <numeric>

namespace consortium::flow {

namespace {

using base::Json;

constexpr int widest = 60;  // cells
constexpr int bar_width = 40;
// In units of the drawing.
constexpr int wide = 480;                  // of all squares together, if they may be as large as that
constexpr int smallest = 8, largest = 40;  // square
constexpr int margin = 44;                 // for the numbers at the left and below
constexpr int bar_height = 18;             // with its gap
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

/// Places on an axis that get their number: all of a few, else the ends and the middle.
std::vector<std::size_t> marked(std::size_t count) {
    if (count > 13) return {0, (count - 1) / 2, count - 1};
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

Json numbers(std::vector<int> const& samples, int square) {
    int const side = static_cast<int>(samples.size()) * square;
    Json out = Json::array();
    for (auto const at : marked(samples.size())) {
        int const middle = static_cast<int>(at) * square + square / 2;
        out.push_back(
            {{"x", margin + middle}, {"y", side + 16}, {"anchor", "middle"}, {"text", samples[at]}});
        out.push_back(
            {{"x", margin - 8}, {"y", side - middle + 4}, {"anchor", "end"}, {"text", samples[at]}});
    }
    return out;
}

/// A triangle: a column for each number of votes, in it a square for each number of yes.
Json squares(Json const& patterns) {
    static constexpr std::array<std::string_view, 3> classes{"fails", "depends", "passes"};
    if (patterns.is_null())
        return {
            {"cells", Json::array()}, {"numbers", Json::array()}, {"width", 0}, {"height", 0}, {"square", 0}};
    auto const samples = sampled(static_cast<int>(patterns.size()) - 1);
    int const square = std::clamp(wide / static_cast<int>(samples.size()), smallest, largest);
    int const side = static_cast<int>(samples.size()) * square;
    Json cells = Json::array();
    for (std::size_t column = 0; column < samples.size(); ++column)
        for (std::size_t row = 0; row <= column; ++row) {
            Json const& pattern = patterns.at(static_cast<std::size_t>(samples[column]));
            cells.push_back({{"x", margin + static_cast<int>(column) * square},
                             {"y", side - static_cast<int>(row + 1) * square},
                             {"voting", samples[column]},
                             {"yes", samples[row]},
                             {"kind", classes.at(static_cast<std::size_t>(cell_of(pattern, samples[row])))}});
        }
    return {{"cells", std::move(cells)},
            {"numbers", numbers(samples, square)},
            {"width", margin + side + margin},
            {"height", side + margin},
            {"square", square - 1}};
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
    auto out = squares(simulation["patterns"]);
    int const rounds = simulation["rounds"].get<int>();
    Json bars = Json::array();
    for (Json const& one : simulation["sweep"]) {
        int const passed = one["passed"].get<int>();
        bars.push_back({{"y", static_cast<int>(bars.size()) * bar_height},
                        {"text_y", static_cast<int>(bars.size()) * bar_height + 12},
                        {"turnout", one["turnout"]},
                        {"width", static_cast<std::int64_t>(passed) * full_bar / rounds},
                        {"percent", percent(passed, rounds)}});
    }
    out["bars_height"] = static_cast<int>(bars.size()) * bar_height;
    out["bars"] = std::move(bars);
    return out;
}

}  // namespace consortium::flow
