#include "cli/progress.h"

#include "cli/output.h"
#include "core/base/text.h"

namespace consortium::cli {

using Clock = std::chrono::steady_clock;  // paces what is drawn; nothing else depends on it

StreamProgress::StreamProgress(Style style) : m_style(style) {}

void StreamProgress::start(std::string_view what, std::uint64_t total) {
    m_what = base::printable(what);
    m_total = total;
    m_done = 0;
    m_drawn = false;
    m_begun = m_last = Clock::now();
    if (m_style == Style::terminal) draw();
}

void StreamProgress::advance(std::uint64_t done) {
    using std::chrono::milliseconds;
    m_done = done;
    auto const pause = m_style == Style::terminal ? milliseconds(100) : milliseconds(10'000);
    if (m_style == Style::silent || Clock::now() - m_last < pause) return;
    m_last = Clock::now();
    draw();
}

void StreamProgress::finish() {
    if (m_style == Style::terminal && m_drawn) write_words("\r\033[K");
    m_drawn = false;
}

// How fast, and how much longer at that rate; nothing in the first second, when it would jump about.
std::string StreamProgress::pace() const {
    auto const seconds = std::chrono::duration<double>(Clock::now() - m_begun).count();
    auto const rate = static_cast<double>(m_done) / seconds;
    if (seconds < 1 || m_done == 0) return {};
    std::string text = ", " + std::to_string(static_cast<std::uint64_t>(rate)) + "/s";
    if (m_total <= m_done) return text;
    auto const left = static_cast<std::uint64_t>(static_cast<double>(m_total - m_done) / rate) + 1;
    auto const minutes = left / 60;
    return text + ", " + (minutes > 0 ? std::to_string(minutes) + " min " : "") + std::to_string(left % 60) +
           " s left";
}

void StreamProgress::draw() {
    std::string line = m_what + " " + std::to_string(m_done);
    if (m_total > 0) line += " of " + std::to_string(m_total);
    line += pace();
    write_words(m_style == Style::terminal ? "\r\033[K" + line : line + "\n");
    m_drawn = true;
}

}  // namespace consortium::cli
