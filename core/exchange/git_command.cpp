#include "core/exchange/git_command.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unistd.h>

namespace consortium::exchange {

using base::Code;
using base::Error;

namespace {

/// What git and ssh need to find keys, agents, credential helpers and proxies of this user.
constexpr auto passed_on = std::to_array<std::string_view>({"PATH",
                                                            "HOME",
                                                            "USER",
                                                            "LOGNAME",
                                                            "TMPDIR",
                                                            "XDG_CONFIG_HOME",
                                                            "XDG_RUNTIME_DIR",
                                                            "XDG_CACHE_HOME",
                                                            "SSH_AUTH_SOCK",
                                                            "DBUS_SESSION_BUS_ADDRESS",
                                                            "GIT_SSH",
                                                            "GIT_SSH_COMMAND",
                                                            "GIT_SSH_VARIANT",
                                                            "GIT_SSL_CAINFO",
                                                            "SSL_CERT_FILE",
                                                            "SSL_CERT_DIR",
                                                            "http_proxy",
                                                            "https_proxy",
                                                            "HTTPS_PROXY",
                                                            "all_proxy",
                                                            "ALL_PROXY",
                                                            "no_proxy",
                                                            "NO_PROXY"});

/// Of the user's own ~/.gitconfig, what says how to get through; nothing that rewrites addresses or runs
/// hooks, and nothing that leaves a certificate unverified.
constexpr std::string_view wanted_settings =
    "^(credential\\..*|core\\.sshcommand|ssh\\.variant|"
    "http\\.(.*\\.)?(sslcainfo|sslcapath|sslcert|sslkey|proxy))$";

constexpr auto own_settings = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"protocol.allow", "never"},         {"protocol.https.allow", "always"},
    {"protocol.ssh.allow", "always"},    {"protocol.version", "2"},
    {"http.sslVerify", "true"},          {"http.followRedirects", "false"},
    {"http.lowSpeedLimit", "1"},         {"transfer.fsckObjects", "true"},
    {"transfer.unpackLimit", "1"},  // one file, which the size limit ends
    {"fastimport.unpackLimit", "1"},     {"fetch.recurseSubmodules", "false"},
    {"fetch.writeCommitGraph", "false"}, {"submodule.recurse", "false"},
    {"core.hooksPath", "/dev/null"},     {"core.attributesFile", "/dev/null"},
    {"core.fsmonitor", "false"},         {"core.symlinks", "false"},
    {"core.bigFileThreshold", "32m"},    {"gc.auto", "0"},
    {"maintenance.auto", "false"},       {"pack.threads", "1"},
});

bool is_graphic(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_branch(std::string_view text) {
    auto const is_fit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_' || c == '/';
    };
    auto const parts = base::split(text, '/');
    return text.size() <= 100 && std::all_of(text.begin(), text.end(), is_fit) &&
           std::none_of(parts.begin(), parts.end(), [](std::string const& part) {
               return part.empty() || part.starts_with('-') || part.starts_with('.') || part.ends_with('.') ||
                      part.ends_with(".lock") || part.find("..") != std::string::npos;
           });
}

/// What may be told of a place: what stands before an '@' may hold a password, however it is written.
std::string_view told(std::string_view place) {
    auto const begin = place.find("://");
    bool const may_hold_secret =
        begin != std::string_view::npos && place.find('@', begin) != std::string_view::npos;
    return may_hold_secret ? place.substr(0, begin + 3) : place;
}

[[noreturn]] void refuse(std::string_view place, std::string const& why, std::string hint) {
    throw Error(Code::usage, "'" + base::printable(told(place)) + "' " + why, std::move(hint));
}

/// "user@host:path", as ssh and git write it.
bool is_short_form(std::string_view place) {
    auto const colon = place.find(':');
    auto const at = place.substr(0, colon).find('@');
    return colon != std::string_view::npos && at != std::string_view::npos && at > 0 &&
           place.find('/') > colon && !place.substr(colon).starts_with("://");
}

void check_host(std::string_view place, std::string_view url) {
    auto const begin = url.find("://");
    auto const authority = begin == std::string_view::npos
                               ? url.substr(0, url.find(':'))
                               : url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
    auto const at = authority.rfind('@');
    auto const user = at == std::string_view::npos ? std::string_view{} : authority.substr(0, at);
    auto const host = at == std::string_view::npos ? authority : authority.substr(at + 1);
    if (user.find(':') != std::string_view::npos)
        refuse(place, "carries a password",
               "leave it out, and let git's credential helper hold it: see consortium-exchange(7)");
    if (host.empty() || host.starts_with('-') || user.starts_with('-') ||
        user.find('@') != std::string_view::npos)
        refuse(place, "names no host",
               "write git+https://HOST/PATH, git+ssh://USER@HOST/PATH or USER@HOST:PATH");
}

std::vector<std::string> environment_of(std::vector<std::string> const& settings, base::Duration timeout) {
    std::vector<std::string> out;
    bool has_ssh = false;
    for (char** entry = ::environ; *entry != nullptr; ++entry) {
        std::string_view const text(*entry);
        auto const name = text.substr(0, text.find('='));
        if (std::ranges::find(passed_on, name) == passed_on.end()) continue;
        has_ssh = has_ssh || name.starts_with("GIT_SSH");
        out.emplace_back(text);
    }
    for (char const* fixed : {"LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1",
                              "GIT_ATTR_NOSYSTEM=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_OPTIONAL_LOCKS=0"})
        out.emplace_back(fixed);
    bool const own_ssh = std::ranges::any_of(
        settings, [](std::string const& one) { return one.starts_with("core.sshcommand\n"); });
    if (!has_ssh && !own_ssh)
        out.push_back(
            fmt::format("GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout={0} "
                        "-o ServerAliveInterval={0} -o ServerAliveCountMax=3",
                        timeout.seconds));
    return out;
}

/// Settings by the environment: they are nobody else's to read, unlike arguments.
void add_settings(std::vector<std::string>& environment, std::vector<std::string> const& user,
                  base::Duration timeout) {
    std::size_t count = 0;
    auto const add = [&](std::string_view key, std::string_view value) {
        environment.push_back(fmt::format("GIT_CONFIG_KEY_{}={}", count, key));
        environment.push_back(fmt::format("GIT_CONFIG_VALUE_{}={}", count, value));
        ++count;
    };
    for (auto const& one : user) {
        auto const end = one.find('\n');  // "key\nvalue"; a key alone means true
        add(one.substr(0, end), end == std::string::npos ? "true" : std::string_view(one).substr(end + 1));
    }
    for (auto const& [key, value] : own_settings) add(key, value);
    add("http.lowSpeedTime", std::to_string(timeout.seconds));
    environment.push_back(fmt::format("GIT_CONFIG_COUNT={}", count));
    environment.emplace_back("GIT_CONFIG_GLOBAL=/dev/null");
}

}  // namespace

std::optional<GitAddress> GitAddress::parse(std::string_view place) {
    GitAddress out;
    auto const hash = place.find('#');
    auto url = place.substr(0, hash);
    if (url.starts_with("git+")) {
        url.remove_prefix(4);
        if (!url.starts_with("https://") && !url.starts_with("ssh://"))
            refuse(place, "cannot be used: git goes over https and ssh only",
                   "write git+https://HOST/PATH, or git+ssh://USER@HOST/PATH");
    } else if (url.starts_with("ssh://")) {
    } else if (!is_short_form(url)) {
        return std::nullopt;
    }
    if (!is_graphic(place)) refuse(place, "holds a blank or a control character", "write it without");
    check_host(place, url);
    out.url = url;
    out.branch = hash == std::string_view::npos ? "main" : place.substr(hash + 1);
    if (!is_branch(out.branch)) refuse(place, "names no branch after '#'", "write #BRANCH, or leave it out");
    return out;
}

GitCommand::GitCommand(base::Path folder, Means const& means, std::size_t max_file)
    : m_folder(std::move(folder)), m_timeout(means.timeout), m_max_file(max_file) {}

void GitCommand::prepare() {
    remove_remains();
    // git-init(1) makes objects/info last: before that it was stopped, and is run again.
    if (base::exists(m_folder / "HEAD") && base::exists(m_folder / "objects" / "info")) return;
    auto const made = run({"init", "--quiet", "--bare", "--template=", "--initial-branch=none"});
    if (!made.is_good())
        throw Error(Code::storage, "cannot make a private copy in '" + m_folder.string() + "'",
                    "see that the folder can be written to",
                    {{"git", base::printable(base::trimmed(made.errors))}});
}

// A command that was killed leaves its locks, at which every later one would stop, and half a pack. Whoever
// calls this holds the lock of the folder: no other works in it.
void GitCommand::remove_remains() const {
    std::error_code ignored;
    std::vector<base::Path> remains;
    for (std::filesystem::recursive_directory_iterator at(m_folder, ignored), end; at != end;
         at.increment(ignored)) {
        auto const name = at->path().filename().string();
        // No reference of git is named so either (git-check-ref-format(1)).
        if (name.ends_with(".lock") || name.starts_with("tmp_") || name.starts_with(".tmp-"))
            remains.push_back(at->path());
    }
    for (auto const& one : remains) std::filesystem::remove(one, ignored);
}

base::Ended GitCommand::start(std::vector<std::string> const& arguments,
                              std::vector<std::string> const& settings, std::string_view input,
                              std::size_t max_output) const {
    base::Job job;
    job.arguments = {"git", "--git-dir=" + m_folder.string(), "--no-pager"};
    job.arguments.insert(job.arguments.end(), arguments.begin(), arguments.end());
    job.environment = environment_of(settings, m_timeout);
    add_settings(job.environment, settings, m_timeout);
    job.input = input;
    job.max_output = max_output;
    job.max_file = m_max_file;
    job.time_limit = base::Duration{m_timeout.seconds * 60};
    return base::run(job);
}

base::Ended GitCommand::run(std::vector<std::string> const& arguments, std::string_view input,
                            std::size_t max_output) const {
    return start(arguments, {}, input, max_output);
}

base::Ended GitCommand::run_remote(std::vector<std::string> const& arguments) {
    if (!m_user_settings) m_user_settings = user_settings();
    return start(arguments, *m_user_settings, {}, 1u << 20);
}

std::vector<std::string> GitCommand::user_settings() const {
    base::Job job;
    job.arguments = {
        "git", "config", "--global", "--includes", "--null", "--get-regexp", std::string(wanted_settings)};
    job.environment = environment_of({}, m_timeout);
    job.max_output = 64u << 10;
    job.time_limit = m_timeout;
    auto const said = base::run(job);
    if (!said.is_good()) return {};  // none, or no such file
    auto settings = base::split(said.output, '\0');
    std::erase(settings, "");
    return settings;
}

}  // namespace consortium::exchange
