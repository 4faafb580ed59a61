#include "cli/live.h"

#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/text.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

namespace consortium::cli {

namespace {

constexpr std::string_view clear_screen = "\033[H\033[2J";

bool can_draw() {
    auto const* kind = std::getenv("TERM");
    return kind != nullptr && std::string_view(kind) != "dumb" && *kind != '\0';
}

}  // namespace

LiveView::LiveView(Session& session) : m_session(session), m_form(form_for(session.common())) {}

LiveView::Form LiveView::form_for(Common const& common) {
    if (for_people(common) && can_draw()) return Form::drawn;
    if (common.format == Format::jsonl && common.out.empty()) return Form::lines;
    return common.format == Format::text && common.verbosity >= 0 ? Form::words : Form::silent;
}

void LiveView::show(model::Outcome const& outcome, std::vector<std::string> const& news) {
    switch (m_form) {
        case Form::drawn: {
            auto const local = m_session.local_times(data_text(outcome, Format::text)).in(outcome);
            write_data(std::string(clear_screen) + data_text(local, Format::text));
            break;
        }
        case Form::lines:
            write_data(data_text(outcome, Format::jsonl));
            break;
        case Form::words:
            for (auto const& line : news) write_words(base::printable(line) + '\n');
            break;
        case Form::silent:
            break;
    }
}

void LiveView::warn(std::string const& message) {
    if (std::find(m_warned.begin(), m_warned.end(), message) != m_warned.end()) return;
    m_warned.push_back(message);
    if (m_form == Form::words) write_words("warning: " + base::printable(message) + '\n');
}

model::Outcome LiveView::end(model::Outcome outcome) {
    if (m_form == Form::drawn) write_data(clear_screen);
    if (m_form != Form::words)
        outcome.warnings.insert(outcome.warnings.end(), m_warned.begin(), m_warned.end());
    // A list of nothing: the last line has been written.
    if (m_form == Form::lines) outcome.data = base::JsonValue(base::Json{{"items", base::Json::array()}});
    return outcome;
}

void LiveView::pause(base::Duration duration) {
    std::this_thread::sleep_for(std::chrono::seconds(duration.seconds));
}

}  // namespace consortium::cli
