#pragma once

#include "core/base/secret.h"

#include <string>
#include <string_view>

namespace consortium::cli {

/// Whether this stream (1, 2) is coloured: "always" and "never" decide; "auto" wants a terminal, no NO_COLOR
/// and a TERM other than "dumb".
bool is_coloured(int descriptor, std::string_view when);
bool is_terminal(int descriptor);

/// The person at /dev/tty, whatever standard input and output are. Throws Error(declined) where there is no
/// terminal, with a hint that says what answers instead.
class Terminal {
public:
    explicit Terminal(std::string const& instead);
    ~Terminal();
    Terminal(Terminal const&) = delete;
    Terminal& operator=(Terminal const&) = delete;

    void say(std::string_view text);
    /// One line, without its end. Throws Error(declined) at the end of input.
    std::string ask(std::string_view question);
    /// The same without echo; Ctrl-C restores the echo.
    base::Secret ask_secret(std::string_view question);

private:
    int m_descriptor = -1;
};

/// Restores the echo of a terminal that is being asked for a secret; safe in signal handlers.
void restore_echo() noexcept;

}  // namespace consortium::cli
