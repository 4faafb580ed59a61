#include "cli/secret_input.h"

#include "cli/output.h"
#include "cli/terminal.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace consortium::cli {

using base::Code;
using base::Error;

namespace {

constexpr std::size_t longest_secret = 4096;
constexpr char const* give_pin = "give --pin-file FILE, or CONSORTIUM_PIN_FD";

base::Secret first_line(base::Secret const& content, std::string const& from, std::string_view what) {
    auto const text = content.text();
    base::Secret line(base::to_bytes(text.substr(0, text.find_first_of("\r\n"))));
    if (line.empty()) throw Error(Code::not_authorized, "'" + from + "' holds no " + std::string(what));
    return line;
}

int descriptor_from(std::string const& text) {
    int number = -1;
    auto const* const end = text.data() + text.size();
    auto const [rest, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc() || rest != end || number <= STDERR_FILENO || ::fcntl(number, F_GETFD) < 0)
        throw Error(Code::usage, "CONSORTIUM_PIN_FD names no open descriptor above 2",
                    "run 'consortium … 3<FILE' with CONSORTIUM_PIN_FD=3");
    return number;
}

base::Secret secret_from_descriptor(int number) {
    base::Bytes content(longest_secret);
    std::size_t held = 0;
    ssize_t got = 1;
    while (held < content.size() && got != 0) {
        got = ::read(number, content.data() + held, content.size() - held);
        if (got < 0 && errno != EINTR) break;
        if (got > 0) held += static_cast<std::size_t>(got);
    }
    ::close(number);  // what this program starts has no use for it
    base::wipe(std::span(content).subspan(held));
    content.resize(held);
    return base::Secret(std::move(content));
}

base::Secret read_pin(Common const& common, Surroundings const& around, std::string_view token) {
    if (!common.pin_file.empty()) return secret_from_file(common.pin_file, "PIN");
    if (auto const found = around.variables.find("CONSORTIUM_PIN_FD"); found != around.variables.end())
        return first_line(secret_from_descriptor(descriptor_from(found->second)), "CONSORTIUM_PIN_FD", "PIN");
    auto const whose = "PIN of " + base::printable(token);
    check_may_ask(common, whose, give_pin);
    return Terminal(give_pin).ask_secret(whose + ": ");
}

}  // namespace

base::Secret secret_from_file(std::string const& file, std::string_view what) {
    return first_line(base::Secret(base::read_file(file, longest_secret)), file, what);
}

void check_may_ask(Common const& common, std::string const& question, std::string const& instead) {
    if (common.no_input)
        throw Error(Code::declined, "the " + question + " is needed, but --no-input is given", instead);
}

crypto::Pin pin_from(Common const& common, Surroundings const& around) {
    crypto::Pin pin;
    pin.ask = [&common, &around](std::string_view token) { return read_pin(common, around, token); };
    pin.warn = [](std::string const& words) {
        write_words("consortium: warning: " + base::printable(words) + "\n");
    };
    if (common.last_pin_try) pin.last_try = crypto::Pin::LastTry::allowed;
    return pin;
}

}  // namespace consortium::cli
