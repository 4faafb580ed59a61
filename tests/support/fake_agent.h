#pragma once

#include "core/base/file.h"
#include "core/model/ssh_key.h"

#include <doctest/doctest.h>
#include <functional>
#include <optional>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

/// An ssh-agent of whom a test says what it answers: to each message (without its length) the bytes that it
/// sends, or none, then it stays silent with the connection open.
class FakeAgent {
public:
    using Bytes = consortium::base::Bytes;
    using Answer = std::function<std::optional<Bytes>(Bytes const& question)>;

    explicit FakeAgent(Answer answer) : m_answer(std::move(answer)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path().copy(address.sun_path, sizeof address.sun_path - 1);
        m_listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        REQUIRE(::bind(m_listening, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
        REQUIRE(::listen(m_listening, 8) == 0);
        m_thread = std::thread([this] { serve(); });
    }
    ~FakeAgent() {
        ::shutdown(m_listening, SHUT_RDWR);
        m_thread.join();
        for (int const one : m_open) ::close(one);
        ::close(m_listening);
    }
    FakeAgent(FakeAgent const&) = delete;
    FakeAgent& operator=(FakeAgent const&) = delete;

    std::string path() const { return (m_folder.path() / "agent").string(); }

    /// A message with its length before it.
    static Bytes framed(Bytes const& message) {
        Bytes out;
        consortium::model::append_ssh_string(out, message);
        return out;
    }

private:
    static bool receive(int from, Bytes& into) {
        for (std::size_t held = 0; held < into.size();) {
            auto const got = ::recv(from, into.data() + held, into.size() - held, 0);
            if (got <= 0) return false;
            held += static_cast<std::size_t>(got);
        }
        return true;
    }

    void serve() {
        for (;;) {
            int const one = ::accept(m_listening, nullptr, nullptr);
            if (one < 0) return;
            m_open.push_back(one);
            Bytes head(4);
            if (!receive(one, head)) continue;
            Bytes question(consortium::model::SshReader(head).integer());
            if (!receive(one, question)) continue;
            auto const answer = m_answer(question);
            if (!answer) continue;
            static_cast<void>(::send(one, answer->data(), answer->size(), MSG_NOSIGNAL));
            ::shutdown(one, SHUT_WR);
        }
    }

    consortium::base::TemporaryFolder m_folder;
    Answer m_answer;
    int m_listening = -1;
    std::vector<int> m_open;
    std::thread m_thread;
};
