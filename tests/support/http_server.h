#pragma once

#include <arpa/inet.h>
#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace consortium::test {

struct ServedRequest {
    std::string method, path, body;
    std::map<std::string, std::string> headers;  // lower-case names
};

struct ServedAnswer {
    int status = 200;
    std::string type = "application/json";
    std::string body;
    bool silent = false;  // never answer; hold the connection until the server goes
    bool drop = false;    // close the connection at once, as a node that goes down
};

/// An HTTP/1.1 server on a loopback port of its own, one thread, one request a connection.
class HttpServer {
public:
    using Handler = std::function<ServedAnswer(ServedRequest const&)>;

    explicit HttpServer(Handler handler) : m_handler(std::move(handler)) {
        m_socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        if (bind(m_socket, generic, size) != 0 || listen(m_socket, 256) != 0 ||
            getsockname(m_socket, generic, &size) != 0) {
            throw std::runtime_error("no loopback port");
        }
        m_port = ntohs(address.sin_port);
        m_thread = std::thread([this] { serve(); });
    }
    ~HttpServer() {
        m_stop = true;
        m_thread.join();
        for (int const held : m_held) close(held);
        close(m_socket);
    }
    HttpServer(HttpServer const&) = delete;
    HttpServer& operator=(HttpServer const&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    std::vector<ServedRequest> seen() const {
        std::lock_guard const lock(m_mutex);
        return m_seen;
    }

private:
    void serve() {
        while (!m_stop) {
            pollfd waiting{m_socket, POLLIN, 0};
            if (poll(&waiting, 1, 20) <= 0) continue;
            int const connection = accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC);
            if (connection >= 0) answer(connection);
        }
    }

    void answer(int connection) {
        auto const request = read_request(connection);
        {
            std::lock_guard const lock(m_mutex);
            m_seen.push_back(request);
        }
        auto const out = m_handler(request);
        if (out.silent) {
            m_held.push_back(connection);
            return;
        }
        if (out.drop) {
            close(connection);
            return;
        }
        auto const text = "HTTP/1.1 " + std::to_string(out.status) + " X\r\nContent-Type: " + out.type +
                          "\r\nContent-Length: " + std::to_string(out.body.size()) +
                          "\r\nConnection: close\r\n\r\n" + out.body;
        for (std::size_t sent = 0; sent < text.size();) {
            auto const n = send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
            if (n <= 0) break;
            sent += static_cast<std::size_t>(n);
        }
        close(connection);
    }

    static ServedRequest read_request(int connection) {
        std::string raw;
        std::size_t end = std::string::npos;
        while ((end = raw.find("\r\n\r\n")) == std::string::npos && take(connection, raw)) {
        }
        ServedRequest request;
        if (end == std::string::npos) return request;
        read_head(raw.substr(0, end), request);
        auto const length =
            request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
        request.body = raw.substr(end + 4);
        while (request.body.size() < length && take(connection, request.body)) {
        }
        return request;
    }

    static bool take(int connection, std::string& into) {
        char buffer[16384];
        auto const n = recv(connection, buffer, sizeof buffer, 0);
        if (n > 0) into.append(buffer, static_cast<std::size_t>(n));
        return n > 0;
    }

    static void read_head(std::string const& head, ServedRequest& request) {
        auto const blank = head.find(' ');
        request.method = head.substr(0, blank);
        request.path = head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1);
        for (auto at = head.find("\r\n"); at != std::string::npos; at = head.find("\r\n", at + 2)) {
            auto const line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
            auto const colon = line.find(": ");
            if (colon == std::string::npos) continue;
            auto name = line.substr(0, colon);
            for (auto& c : name) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
            request.headers[name] = line.substr(colon + 2);
        }
    }

    Handler m_handler;
    std::thread m_thread;
    std::atomic<bool> m_stop = false;
    mutable std::mutex m_mutex;
    std::vector<ServedRequest> m_seen;
    std::vector<int> m_held;
    int m_socket = -1;
    int m_port = 0;
};

}  // namespace consortium::test
