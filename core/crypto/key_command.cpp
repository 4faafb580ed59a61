#include "core/crypto/key_command.h"

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/process.h"
#include "core/base/text.h"
#include "core/crypto/key_folder.h"
#include "core/crypto/remote_signer.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

namespace consortium::crypto {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::string_view format = "consortium.key-command/1";
constexpr std::size_t max_signature = 4096;
constexpr std::size_t max_words = 100, max_word = 4096;
constexpr base::Duration longest_limit{3600};

/// What programs need to find their settings, and to get through to others.
constexpr auto passed_on = std::to_array<std::string_view>(
    {"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR",
     "SSL_CERT_FILE", "SSL_CERT_DIR", "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
     "no_proxy", "NO_PROXY"});
/// Ours: a passphrase's file, a descriptor with a PIN.
constexpr std::string_view own_prefix = "CONSORTIUM_";

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// A name, or the beginning of names with '*' after it.
bool is_variable(std::string_view text) {
    if (text.ends_with('*')) text.remove_suffix(1);
    return !text.empty() && text.size() <= 100 && is_letter(text.front()) && !text.starts_with(own_prefix) &&
           std::ranges::all_of(text, [](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

/// Why this cannot be a command; empty: it can.
std::string fault_of(KeyCommand const& command) {
    auto const& words = command.arguments;
    if (words.empty()) return "it names no program";
    if (words.size() > max_words) return "it has too many words";
    for (auto const& word : words)
        if (word.size() > max_word || word.find('\0') != std::string::npos || !base::is_utf8(word))
            return "one of its words is too long, or no text";
    if (!base::Path(words.front()).is_absolute()) return "it names no program by an absolute path";
    for (auto const& variable : command.variables)
        if (!is_variable(variable))
            return "'" + base::printable(variable) + "' is no variable that is passed on";
    if (command.time_limit.seconds < 1 || command.time_limit > longest_limit)
        return "its time limit is not between PT1S and " + longest_limit.text();
    return {};
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> out;
    bool inside = false;
    char quote = 0;
    for (char const c : text) {
        bool const blank = c == ' ' || c == '\t' || c == '\n';
        if (quote == 0 && blank) {
            inside = false;
            continue;
        }
        if (!inside) out.emplace_back();
        inside = true;
        if (quote == 0 && (c == '\'' || c == '"'))
            quote = c;
        else if (quote != 0 && c == quote)
            quote = 0;
        else
            out.back() += c;
    }
    if (quote != 0) throw Error(Code::usage, "a quote in the command is not closed", "close it");
    return out;
}

bool can_run(base::Path const& program) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(program, ignored) && ::access(program.c_str(), X_OK) == 0;
}

base::Path found(std::string const& program) {
    if (program.find('/') != std::string::npos) {
        auto path = std::filesystem::absolute(program).lexically_normal();
        if (can_run(path)) return path;
    } else {
        char const* const path = std::getenv("PATH");
        for (base::Path const folder : base::split(path == nullptr ? "" : path, ':'))
            if (folder.is_absolute() && can_run(folder / program)) return folder / program;
    }
    throw Error(Code::not_found, "there is no program '" + base::printable(program) + "' that can be run",
                "name it by its path, or install it");
}

std::string quoted(std::string const& word) {
    constexpr std::string_view plain = "/.-_=:,@%+";
    bool const is_plain = !word.empty() && std::ranges::all_of(word, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || plain.find(c) != std::string_view::npos;
    });
    if (is_plain) return word;
    std::string out = "'";
    for (char const c : word) {
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out + "'";
}

class CommandSigner : public RemoteSigner {
public:
    CommandSigner(KeyCommand command, std::string key, base::Bytes spki)
        : RemoteSigner(std::move(key), std::move(spki)), m_command(std::move(command)) {}

protected:
    base::Bytes sign_there(base::BytesView input) override {
        check_program();
        base::Job job;
        job.arguments = m_command.arguments;
        job.environment = environment();
        // The same wherever we are: what it finds by a relative path is chosen by nobody.
        job.folder = "/";
        job.input = base::as_text(input);
        job.max_output = max_signature;
        job.time_limit = m_command.time_limit;
        auto const ended = base::run(job);
        check(ended);
        return base::to_bytes(ended.output);
    }

private:
    std::string const& program() const { return m_command.arguments.front(); }

    void check_program() const {
        struct stat found {};
        if (!can_run(program()) || ::stat(program().c_str(), &found) != 0)
            throw Error(Code::unsupported,
                        fmt::format("the program '{}', which signs with key '{}', cannot be run",
                                    base::printable(program()), name()),
                        "install it there");
        if ((found.st_mode & S_IWOTH) != 0)
            throw Error(
                Code::refused,
                fmt::format("the program '{}' can be changed by everybody", base::printable(program())),
                "run 'chmod o-w' on it, and look at what is in it");
    }

    bool is_wanted(std::string_view variable) const {
        if (variable.starts_with(own_prefix)) return false;
        auto const matches = [&](std::string_view wanted) {
            return wanted.ends_with('*') ? variable.starts_with(wanted.substr(0, wanted.size() - 1))
                                         : variable == wanted;
        };
        return std::ranges::find(passed_on, variable) != passed_on.end() ||
               std::ranges::any_of(m_command.variables, matches);
    }

    std::vector<std::string> environment() const {
        std::vector<std::string> out;
        for (char** entry = ::environ; *entry != nullptr; ++entry) {
            std::string_view const text(*entry);
            if (is_wanted(text.substr(0, text.find('=')))) out.emplace_back(text);
        }
        auto const type = algorithm();
        out.push_back("CONSORTIUM_KEY=" + name());
        out.push_back("CONSORTIUM_ALGORITHM=" + type);
        out.push_back(std::string("CONSORTIUM_DIGEST=") + (type == "ed25519" ? "none"
                                                           : type == "p384"  ? "sha384"
                                                                             : "sha256"));
        return out;
    }

    void check(base::Ended const& ended) const {
        if (ended.is_good() && !ended.output.empty()) return;
        Error::Details details{{"program", base::printable(program())}};
        if (auto said = base::last_words(ended); !said.empty()) details.emplace_back("said", std::move(said));
        throw Error(Code::unavailable,
                    fmt::format("the command that signs with key '{}' {}", name(), how(ended)),
                    "mend that, then run the same command again; it runs in the folder '/', as "
                    "consortium-key(1) says",
                    std::move(details));
    }

    std::string how(base::Ended const& ended) const {
        switch (ended.how) {
            case base::Ended::How::late:
                return "took longer than " + m_command.time_limit.text() + " and was ended";
            case base::Ended::How::talkative:
                return fmt::format("gave more than {} bytes and was ended", max_signature);
            case base::Ended::How::stopped:
                return "was ended by a signal";
            case base::Ended::How::exited:
                break;
        }
        return ended.status == 0 ? std::string("gave no signature")
                                 : fmt::format("ended with status {}", ended.status);
    }

    KeyCommand m_command;
};

}  // namespace

std::string to_text(KeyCommand const& command) {
    return base::canonical(Json{{"format", format},
                                {"arguments", command.arguments},
                                {"variables", command.variables},
                                {"time_limit", command.time_limit.text()}});
}

KeyCommand key_command_from_text(std::string_view text) {
    auto const value = base::parse_json(text);
    base::JsonReader in(value);
    if (in.text("format", 100) != format)
        throw Error(Code::too_new, "this is no command of a key that this program can read",
                    "install a newer version");
    KeyCommand command{in.texts("arguments", max_words), in.texts("variables", max_words),
                       in.duration("time_limit")};
    in.done();
    if (auto const fault = fault_of(command); !fault.empty())
        throw Error(Code::malformed, "not a command that signs: " + fault);
    return command;
}

std::string words_of(KeyCommand const& command) {
    std::vector<std::string> words;
    words.reserve(command.arguments.size());
    for (auto const& word : command.arguments) words.push_back(quoted(word));
    return base::printable(base::join(words, " "));
}

KeyCommand key_command(std::string_view text, std::vector<std::string> variables, base::Duration time_limit) {
    KeyCommand command{split_words(text), std::move(variables), time_limit};
    if (!command.arguments.empty()) command.arguments.front() = found(command.arguments.front()).string();
    if (auto const fault = fault_of(command); !fault.empty())
        throw Error(Code::usage, "not a command that signs: " + fault, "run 'consortium help key import'");
    return command;
}

port::KeyInfo import_command_key(base::Path const& folder, std::string_view name, KeyCommand const& command,
                                 base::Bytes const& spki, TrustedPlaces const& trusted) {
    refuse_taken(folder, name);
    make_command_signer(command, std::string(name), spki)->sign(base::as_bytes(pair_question));
    KeyPlace const place{KeyPlace::Sort::command, to_text(command)};
    note_place(folder, name, place, spki, trusted);
    return read_info(folder, name);
}

std::shared_ptr<port::Signer> make_command_signer(KeyCommand command, std::string name, base::Bytes spki) {
    return std::make_shared<CommandSigner>(std::move(command), std::move(name), std::move(spki));
}

}  // namespace consortium::crypto
