#pragma once

#include "core/port/progress.h"

#include <chrono>
#include <string>

namespace consortium::cli {

/// How far, how fast and how much longer. On a terminal one line that is drawn over, at most ten times a
/// second; elsewhere one line per 10 s. Nothing with --quiet.
class StreamProgress : public port::Progress {
public:
    enum class Style { terminal, plain, silent };
    explicit StreamProgress(Style style);

    void start(std::string_view what, std::uint64_t total) override;
    void advance(std::uint64_t done) override;
    void finish() override;

private:
    void draw();
    std::string pace() const;

    Style m_style;
    std::string m_what;
    std::uint64_t m_total = 0;
    std::uint64_t m_done = 0;
    std::chrono::steady_clock::time_point m_begun, m_last;
    bool m_drawn = false;
};

}  // namespace consortium::cli
