#include "cli/terminal.h"

#include "core/base/error.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t longest_answer = 4096;

// What the signal handler needs; plain data that is complete before the descriptor is published.
struct termios echoing_settings {};
std::atomic<int> silent_descriptor{-1};

class WithoutEcho {
public:
    explicit WithoutEcho(int descriptor) {
        if (::tcgetattr(descriptor, &echoing_settings) != 0) return;
        silent_descriptor = descriptor;
        auto silent = echoing_settings;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(descriptor, TCSAFLUSH, &silent);
    }
    ~WithoutEcho() { restore_echo(); }
    WithoutEcho(WithoutEcho const&) = delete;
    WithoutEcho& operator=(WithoutEcho const&) = delete;
};

/// Byte by byte, so that nothing of the answer stays in a buffer of this process.
std::string read_line(int descriptor) {
    std::string line;
    line.reserve(longest_answer);  // growing would leave copies of a secret behind
    for (;;) {
        char next = 0;
        auto const count = ::read(descriptor, &next, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw Error(Code::declined, "no answer was given");
        if (next == '\n') return line;
        if (line.size() == longest_answer) throw Error(Code::usage, "the answer is too long");
        line.push_back(next);
    }
}

}  // namespace

bool is_terminal(int descriptor) {
    return ::isatty(descriptor) == 1;
}

bool is_coloured(int descriptor, std::string_view when) {
    if (when == "always") return true;
    if (when == "never") return false;
    auto const* no_colour = std::getenv("NO_COLOR");
    if (no_colour != nullptr && *no_colour != '\0') return false;
    auto const* kind = std::getenv("TERM");
    return is_terminal(descriptor) && kind != nullptr && std::string_view(kind) != "dumb";
}

Terminal::Terminal(std::string const& instead)
    : m_descriptor(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (m_descriptor < 0) {
        throw Error(Code::declined, "an answer is needed, but there is no terminal to ask at", instead);
    }
}

Terminal::~Terminal() {
    ::close(m_descriptor);
}

void Terminal::say(std::string_view text) {
    while (!text.empty()) {
        auto const count = ::write(m_descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

std::string Terminal::ask(std::string_view question) {
    say(question);
    return read_line(m_descriptor);
}

base::Secret Terminal::ask_secret(std::string_view question) {
    WithoutEcho const silence(m_descriptor);
    say(question);
    auto answer = base::Secret::from_text(read_line(m_descriptor));
    say("\n");
    return answer;
}

void restore_echo() noexcept {
    int const descriptor = silent_descriptor.exchange(-1);
    if (descriptor >= 0) ::tcsetattr(descriptor, TCSANOW, &echoing_settings);
}

}  // namespace consortium::cli
