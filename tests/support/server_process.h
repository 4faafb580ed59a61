#pragma once

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace consortium::test {

/// A socket of ours on a loopback port that nobody else has; it listens, and its owner does what it likes.
class Listener {
public:
    Listener() : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(m_socket, generic, size) != 0 || ::listen(m_socket, 16) != 0 ||
            ::getsockname(m_socket, generic, &size) != 0)
            throw std::runtime_error("no loopback port");
        m_port = ntohs(address.sin_port);
    }
    ~Listener() { ::close(m_socket); }
    Listener(Listener const&) = delete;
    Listener& operator=(Listener const&) = delete;

    std::uint16_t port() const { return m_port; }
    int accept() const { return ::accept(m_socket, nullptr, nullptr); }

private:
    int m_socket;
    std::uint16_t m_port = 0;
};

/// Somebody else's server, as long as this lives: it runs once a line of its output has the words `ready`.
class ServerProcess {
public:
    ServerProcess(std::string const& command, std::string const& ready) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        m_child = ::fork();
        if (m_child == 0) {
            ::dup2(ends[1], 1);
            ::dup2(ends[1], 2);
            ::close(ends[0]);
            ::execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ::close(ends[1]);
        m_output = ends[0];
        while (line.find(ready) == std::string::npos) line = next_line();
    }
    ~ServerProcess() {
        if (m_child > 0) {
            ::kill(m_child, SIGKILL);
            ::waitpid(m_child, nullptr, 0);
        }
        ::close(m_output);
    }
    ServerProcess(ServerProcess const&) = delete;
    ServerProcess& operator=(ServerProcess const&) = delete;

    std::string line;  // the one that says that it is ready

private:
    std::string next_line() const {
        constexpr int longest_wait = 30'000;
        std::string out;
        for (char c = 0;;) {
            pollfd one{m_output, POLLIN, 0};
            if (::poll(&one, 1, longest_wait) != 1 || ::read(m_output, &c, 1) != 1)
                throw std::runtime_error("the server does not start: " + out);
            if (c == '\n') return out;
            out += c;
        }
    }

    pid_t m_child = -1;
    int m_output = -1;
};

/// `openssl s_server` with these words, on a port of its own.
class OpensslServer : public ServerProcess {
public:
    explicit OpensslServer(std::string const& words)
        : ServerProcess("openssl s_server -accept 127.0.0.1:0 -rev " + words, "ACCEPT") {}
    std::uint16_t port() const {
        return static_cast<std::uint16_t>(std::stoi(line.substr(line.rfind(':') + 1)));
    }
};

}  // namespace consortium::test
