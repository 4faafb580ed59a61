#include "core/base/process.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <linux/close_range.h>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace consortium::base {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int not_found_status = 127;
constexpr std::size_t max_errors = 4096;

[[noreturn]] void fail(char const* what) {
    throw Error(Code::internal, std::string(what) + ": " + std::strerror(errno));
}

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : m_number(number) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    int get() const { return m_number; }
    void reset(int number = -1) {
        if (m_number >= 0) ::close(m_number);
        m_number = number;
    }

private:
    int m_number = -1;
};

/// A pair of sockets rather than a pipe: what goes to a program that has ended raises no signal here.
struct Channel {
    Channel() {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("no socket pair");
        ours.reset(ends[0]);
        theirs.reset(ends[1]);
        ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    }
    Descriptor ours, theirs;
};

std::vector<char*> pointers(std::vector<std::string> const& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (auto const& text : texts) out.push_back(const_cast<char*>(text.c_str()));
    out.push_back(nullptr);
    return out;
}

class Running {
public:
    explicit Running(Job const& job)
        : m_job(job), m_deadline(Clock::now() + std::chrono::seconds(job.time_limit.seconds)) {
        auto arguments = pointers(job.arguments);
        auto environment = pointers(job.environment);
        m_process = ::fork();
        if (m_process < 0) fail("no new process");
        if (m_process == 0) become(arguments.data(), environment.data());
        m_watch.reset(static_cast<int>(::syscall(SYS_pidfd_open, m_process, 0)));
        if (m_watch.get() < 0) fail("cannot watch a program");
        for (auto* channel : {&m_input, &m_output, &m_errors}) channel->theirs.reset();
    }

    ~Running() { stop(); }

    // Its end counts, not that of its output: what it leaves behind (a shared ssh connection, a credential
    // cache) may hold that open.
    Ended finish() {
        while (wait() && move()) {
            if (!m_has_ended) continue;
            while (move() && m_moved) {
            }
            break;
        }
        if (m_ended.how == Ended::How::exited) {
            reap();
        } else {
            stop();
        }
        return std::move(m_ended);
    }

private:
    // Between fork and exec: only what a signal handler might call too.
    [[noreturn]] void become(char** arguments, char** environment) const {
        ::setsid();  // no terminal to ask at, and one group to end
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(m_input.theirs.get(), 0);
        ::dup2(m_output.theirs.get(), 1);
        ::dup2(m_errors.theirs.get(), 2);
        ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);  // where there is a PIN, for one
        rlimit const files{m_job.max_file, m_job.max_file};
        ::setrlimit(RLIMIT_FSIZE, &files);
        rlimit const none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));  // a write that fails is told in words
        for (int const number : {SIGINT, SIGTERM, SIGPIPE, SIGHUP})
            static_cast<void>(std::signal(number, SIG_DFL));
        sigset_t all;
        ::sigemptyset(&all);
        ::sigprocmask(SIG_SETMASK, &all, nullptr);
        if (!m_job.folder.empty() && ::chdir(m_job.folder.c_str()) != 0) ::_exit(not_found_status - 1);
        ::execvpe(arguments[0], arguments, environment);
        ::_exit(errno == ENOENT ? not_found_status : not_found_status - 1);
    }

    /// False when the time is over.
    bool wait() {
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_deadline - Clock::now()).count();
        std::array<pollfd, 4> waiting{{{m_watch.get(), POLLIN, 0},
                                       {m_output.ours.get(), POLLIN, 0},
                                       {m_errors.ours.get(), POLLIN, 0},
                                       {m_input.ours.get(), POLLOUT, 0}}};
        int const ready =
            left <= 0 ? 0
                      : ::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<long>(left, 1000)));
        if (ready < 0 && errno != EINTR) fail("cannot wait for a program");
        m_has_ended = ready > 0 && waiting[0].revents != 0;
        if (left > 0) return true;
        m_ended.how = Ended::How::late;
        return false;
    }

    /// False when it says too much.
    bool move() {
        m_moved = false;
        give();
        take(m_errors.ours, m_ended.errors);
        if (m_ended.errors.size() > max_errors) m_ended.errors.erase(0, m_ended.errors.size() - max_errors);
        take(m_output.ours, m_ended.output);
        if (m_ended.output.size() <= m_job.max_output) return true;
        m_ended.how = Ended::How::talkative;
        m_ended.output.resize(m_job.max_output);
        return false;
    }

    void give() {
        if (m_input.ours.get() < 0) return;
        auto const rest = m_job.input.substr(m_given);
        auto const sent =
            rest.empty() ? 0 : ::send(m_input.ours.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent > 0) m_given += static_cast<std::size_t>(sent);
        bool const broken = sent < 0 && errno != EAGAIN && errno != EINTR;
        if (broken || m_given == m_job.input.size()) m_input.ours.reset();
    }

    void take(Descriptor& from, std::string& into) {
        if (from.get() < 0) return;
        std::array<char, 65536> buffer;
        auto const got = ::recv(from.get(), buffer.data(), buffer.size(), 0);
        if (got > 0) {
            into.append(buffer.data(), static_cast<std::size_t>(got));
            m_moved = true;
        } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            from.reset();
        }
    }

    void reap() {
        int status = 0;
        while (::waitpid(m_process, &status, 0) < 0 && errno == EINTR) {
        }
        m_process = -1;
        if (m_ended.how != Ended::How::exited) return;
        if (WIFEXITED(status)) {
            m_ended.status = WEXITSTATUS(status);
        } else {
            m_ended.how = Ended::How::stopped;
        }
    }

    void stop() {
        if (m_process <= 0) return;
        if (::kill(-m_process, SIGKILL) != 0) ::kill(m_process, SIGKILL);
        reap();
    }

    Job const& m_job;
    Clock::time_point m_deadline;
    Channel m_input, m_output, m_errors;
    std::size_t m_given = 0;
    pid_t m_process = -1;
    Descriptor m_watch;
    bool m_has_ended = false;
    bool m_moved = false;  // something came in the last round
    Ended m_ended;
};

}  // namespace

std::string last_words(Ended const& ended) {
    constexpr std::size_t most = 600, most_lines = 4;
    auto const& said = ended.errors;
    auto lines = split(std::string_view(said).substr(said.size() - std::min(said.size(), most)), '\n');
    std::erase_if(lines, [](std::string const& line) { return trimmed(line).empty(); });
    if (lines.size() > most_lines) lines.erase(lines.begin(), lines.end() - most_lines);
    return printable(join(lines, "; "));
}

Ended run(Job const& job) {
    auto ended = Running(job).finish();
    if (ended.how == Ended::How::exited && ended.status == not_found_status && ended.errors.empty()) {
        throw Error(Code::unsupported, "the program '" + job.arguments.front() + "' is not installed",
                    "install the package " + job.arguments.front());
    }
    return ended;
}

}  // namespace consortium::base
