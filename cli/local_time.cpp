#include "cli/local_time.h"

#include "core/base/error.h"

#include <cctype>

namespace consortium::cli {

namespace {

constexpr std::string_view form = "0000-00-00T00:00:00Z";

bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool fits(std::string_view text) {
    for (std::size_t i = 0; i < form.size(); ++i) {
        bool const digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
        if (form[i] == '0' ? !digit : text[i] != form[i]) return false;
    }
    return true;
}

/// Where the next time begins, standing alone: not inside a longer word.
std::size_t find_time(std::string_view text, std::size_t from) {
    for (auto at = from; at + form.size() <= text.size(); ++at) {
        auto const end = at + form.size();
        bool const alone = (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
        if (alone && fits(text.substr(at, form.size()))) return at;
    }
    return std::string_view::npos;
}

/// Applies a change to every text of a paragraph that can hold a time.
struct EachText {
    LocalTimes const& times;

    void operator()(std::string& text) const { text = times.in(text); }
    void operator()(model::Fields& fields) const {
        for (auto& row : fields.rows) (*this)(row.second);
    }
    void operator()(model::Table& table) const {
        for (auto& row : table.rows) {
            for (auto& cell : row) (*this)(cell);
        }
    }
};

}  // namespace

bool has_time(std::string_view text) {
    return find_time(text, 0) != std::string_view::npos;
}

std::string LocalTimes::beside(std::string_view written) const {
    try {
        auto const instant = base::Instant::from_text(written);
        auto const local = (instant + m_zone->offset(instant)).text();
        bool const same_day = local.starts_with(written.substr(0, 10));
        auto const shown = same_day ? local.substr(11, 5) : local.substr(0, 10) + ' ' + local.substr(11, 5);
        return " (" + shown + ' ' + m_name + ')';
    } catch (base::Error const&) {
        return {};  // looks like a time, and is none: the 30th of February
    }
}

std::string LocalTimes::in(std::string_view text) const {
    if (!m_zone) return std::string(text);
    std::string out;
    std::size_t done = 0;
    for (auto at = find_time(text, 0); at != std::string_view::npos; at = find_time(text, done)) {
        auto const end = at + form.size();
        out.append(text.substr(done, end - done)).append(beside(text.substr(at, form.size())));
        done = end;
    }
    return out.append(text.substr(done));
}

model::Outcome LocalTimes::in(model::Outcome outcome) const {
    for (auto& paragraph : outcome.text) std::visit(EachText{*this}, paragraph);
    for (auto& warning : outcome.warnings) warning = in(warning);
    return outcome;
}

}  // namespace consortium::cli
