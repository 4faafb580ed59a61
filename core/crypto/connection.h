#pragma once

#include <chrono>
#include <cstdint>
#include <string>

/// Connections that end at a deadline, whatever the other side does.
namespace consortium::crypto {

/// What is left of a time that was given.
class Deadline {
public:
    explicit Deadline(std::chrono::milliseconds limit) : m_end(std::chrono::steady_clock::now() + limit) {}
    /// Never negative.
    std::chrono::milliseconds left() const;

private:
    std::chrono::steady_clock::time_point m_end;
};

/// A TCP connection that does not block.
class Connection {
public:
    Connection() = default;
    ~Connection();
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    int descriptor() const { return m_descriptor; }

private:
    friend struct Opened open_connection(std::string const&, std::uint16_t, Deadline const&);
    explicit Connection(int descriptor) : m_descriptor(descriptor) {}

    int m_descriptor = -1;
};

/// A connection, or why there is none.
struct Opened {
    Connection connection;
    std::string failure;  // "" | "name" | "refused" | "unreachable" | "timeout"
    std::string words;
};

/// Tries each address that the host has, in the resolver's order.
Opened open_connection(std::string const& host, std::uint16_t port, Deadline const& deadline);

/// Waits until the descriptor can be read from, or written to; false: the deadline came first.
bool wait_to_read(int descriptor, Deadline const& deadline);
bool wait_to_write(int descriptor, Deadline const& deadline);

}  // namespace consortium::crypto
