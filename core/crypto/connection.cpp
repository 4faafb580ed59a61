#include "core/crypto/connection.h"

#include "core/base/text.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <future>
#include <memory>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace consortium::crypto {

namespace {

using std::chrono::milliseconds;
using Addresses = std::shared_ptr<addrinfo>;

struct Resolved {
    Addresses addresses;
    int error = 0;  // of getaddrinfo
};

Resolved resolve(std::string const& host, std::uint16_t port, int flags) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICSERV | flags;
    addrinfo* found = nullptr;
    int const error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
    if (error != 0) return {nullptr, error};
    return {Addresses(found, ::freeaddrinfo), 0};
}

/// A resolver cannot be told how long it may take, so that one which takes too long is left behind: it ends
/// on its own and touches nothing but what it holds itself.
Resolved resolve_in_time(std::string const& host, std::uint16_t port, Deadline const& deadline) {
    if (auto literal = resolve(host, port, AI_NUMERICHOST); literal.addresses) return literal;
    auto promise = std::make_shared<std::promise<Resolved>>();
    auto answer = promise->get_future();
    try {
        std::thread([promise, host, port] {
            promise->set_value(resolve(host, port, AI_ADDRCONFIG));
        }).detach();
    } catch (std::system_error const&) {
        return resolve(host, port, AI_ADDRCONFIG);
    }
    if (answer.wait_for(deadline.left()) != std::future_status::ready) return {nullptr, EAI_AGAIN};
    return answer.get();
}

bool wait_for(int descriptor, short events, Deadline const& deadline) {
    for (;;) {
        pollfd one{descriptor, events, 0};
        auto const left = deadline.left().count();
        int const ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
        if (deadline.left() == milliseconds::zero()) return false;
    }
}

/// 0, or the errno of the connection.
int connect_to(int descriptor, addrinfo const& address, Deadline const& deadline) {
    if (::connect(descriptor, address.ai_addr, address.ai_addrlen) == 0) return 0;
    if (errno != EINPROGRESS) return errno;
    if (!wait_for(descriptor, POLLOUT, deadline)) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return errno;
    return error;
}

char const* failure_of(int error) {
    switch (error) {
        case ECONNREFUSED:
        case ECONNRESET:
            return "refused";
        case ETIMEDOUT:
            return "timeout";
        default:
            return "unreachable";
    }
}

}  // namespace

milliseconds Deadline::left() const {
    auto const left = std::chrono::ceil<milliseconds>(m_end - std::chrono::steady_clock::now());
    return std::max(left, milliseconds::zero());
}

Connection::~Connection() {
    if (m_descriptor >= 0) ::close(m_descriptor);
}

Connection::Connection(Connection&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

bool wait_to_read(int descriptor, Deadline const& deadline) {
    return wait_for(descriptor, POLLIN, deadline);
}

bool wait_to_write(int descriptor, Deadline const& deadline) {
    return wait_for(descriptor, POLLOUT, deadline);
}

Opened open_connection(std::string const& host, std::uint16_t port, Deadline const& deadline) {
    Opened out;
    auto const resolved = resolve_in_time(host, port, deadline);
    if (!resolved.addresses) {
        out.failure = "name";
        out.words = "'" + base::printable(host) + "' is not resolved: " + ::gai_strerror(resolved.error);
        return out;
    }
    for (auto const* each = resolved.addresses.get(); each != nullptr; each = each->ai_next) {
        Connection one(
            ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, each->ai_protocol));
        int const error = one.m_descriptor < 0 ? errno : connect_to(one.m_descriptor, *each, deadline);
        if (error == 0) return {std::move(one), {}, {}};
        // The first address's failure is that of the host: others are often of a network that is not there.
        if (out.failure.empty()) {
            out.failure = failure_of(error);
            out.words = error == ETIMEDOUT ? "it does not answer in time"
                                           : base::printable(std::generic_category().message(error));
        }
    }
    return out;
}

}  // namespace consortium::crypto
