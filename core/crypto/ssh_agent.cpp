#include "core/crypto/ssh_agent.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/sshsig.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using model::SshReader;

namespace {

using Clock = std::chrono::steady_clock;

// draft-ietf-sshm-ssh-agent section 6.1.
constexpr std::uint8_t failure = 5, request_identities = 11, identities_answer = 12, sign_request = 13,
                       sign_response = 14;
constexpr std::size_t max_message = 256u << 10;  // OpenSSH's AGENT_MAX_LEN

constexpr char const* how_else =
    "start one and add the key with 'ssh-add', or sign without it what 'consortium vote prepare' or "
    "'consortium approval prepare' writes, with 'ssh-keygen -Y sign -n consortium'";

/// One connection, with the time that is left for it.
class Conversation {
public:
    Conversation(std::string const& socket, std::chrono::milliseconds limit)
        : m_socket(socket), m_deadline(Clock::now() + limit) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (socket.size() >= sizeof address.sun_path) give_up("has a path that is too long for a socket");
        std::memcpy(address.sun_path, socket.c_str(), socket.size() + 1);
        m_descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (m_descriptor < 0) give_up(std::strerror(errno));
        if (::connect(m_descriptor, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return;
        auto const* const why = std::strerror(errno);
        ::close(m_descriptor);
        give_up(fmt::format("cannot be reached: {}", why));
    }
    ~Conversation() { ::close(m_descriptor); }
    Conversation(Conversation const&) = delete;
    Conversation& operator=(Conversation const&) = delete;

    void send(BytesView bytes) const {
        while (!bytes.empty()) {
            auto const sent = ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0)
                bytes = bytes.subspan(static_cast<std::size_t>(sent));
            else
                wait_after_failure(POLLOUT);
        }
    }

    Bytes receive(std::size_t size) const {
        Bytes out(size);
        std::size_t held = 0;
        while (held < size) {
            auto const got = ::recv(m_descriptor, out.data() + held, size - held, 0);
            if (got == 0) give_up("went away before it had answered");
            if (got > 0)
                held += static_cast<std::size_t>(got);
            else
                wait_after_failure(POLLIN);
        }
        return out;
    }

    [[noreturn]] void give_up(std::string const& why) const {
        throw Error(Code::unavailable,
                    fmt::format("the ssh-agent at '{}' {}", base::printable(m_socket), why), how_else);
    }

private:
    void wait_after_failure(short wanted) const {
        if (errno == EINTR) return;
        if (errno != EAGAIN) give_up("went away before it had answered");
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_deadline - Clock::now()).count();
        if (left <= 0) give_up("did not answer in time");
        pollfd waiting{m_descriptor, wanted, 0};
        ::poll(&waiting, 1, static_cast<int>(left));
    }

    std::string const& m_socket;
    Clock::time_point m_deadline;
    int m_descriptor = -1;
};

class AgentSigner : public port::Signer {
public:
    AgentSigner(port::KeyInfo key, KeyMeans const& means)
        : m_key(std::move(key)), m_agent(means.agent), m_tell(means.tell) {}

    std::string algorithm() const override { return "ssh"; }
    Bytes public_key() const override { return m_key.public_key; }

    Bytes sign(BytesView message) override {
        if (m_tell && ssh_type(m_key.public_key) == model::ssh_security_key)
            m_tell("touch the security key of '" + m_key.name + "' to sign");
        auto const made = m_agent.sign(m_key.public_key, ssh_signed_bytes(message, ssh_namespace));
        auto signature = make_ssh_signature(m_key.public_key, ssh_namespace, made);
        if (!verify_ssh(m_key.public_key, message, signature, ssh_namespace))
            throw Error(Code::verification_failed,
                        "what the ssh-agent signed with key '" + m_key.name + "' does not verify",
                        "see which keys it has with 'ssh-add -l'");
        return signature;
    }

private:
    port::KeyInfo m_key;
    SshAgent m_agent;
    std::function<void(std::string const&)> m_tell;
};

}  // namespace

Bytes SshAgent::ask(Bytes const& question, std::chrono::milliseconds limit) const {
    Conversation const conversation(m_socket, limit);
    Bytes framed;
    model::append_ssh_string(framed, question);
    conversation.send(framed);
    auto const head = conversation.receive(4);
    auto const size = SshReader(head).integer();
    if (size == 0 || size > max_message) conversation.give_up("gives no answer that is one");
    return conversation.receive(size);
}

bool SshAgent::has(BytesView key) const {
    auto const answer = ask({request_identities}, m_limits.answer);
    SshReader in(answer);
    bool const is_list = in.take(1).front() == identities_answer;
    auto const count = in.integer();
    bool found = false;
    for (std::uint32_t i = 0; is_list && i < count && !in.failed(); ++i) {
        found = std::ranges::equal(in.string(), key) || found;
        in.string();  // a comment
    }
    if (!is_list || !in.done())
        throw Error(Code::unavailable,
                    fmt::format("the ssh-agent at '{}' gives no list of keys", base::printable(m_socket)),
                    how_else);
    return found;
}

Bytes SshAgent::sign(BytesView key, BytesView bytes) const {
    Bytes question{sign_request};
    model::append_ssh_string(question, key);
    model::append_ssh_string(question, bytes);
    model::append_ssh_integer(question, 0);  // flags: they are for RSA, with which no act is signed
    auto const answer = ask(question, m_limits.person);
    SshReader in(answer);
    auto const type = in.take(1).front();
    auto const signature = in.string();
    if (type == sign_response && in.done()) return {signature.begin(), signature.end()};
    if (type == failure && answer.size() == 1)
        throw Error(Code::not_authorized, "the ssh-agent refused to sign",
                    "it may be locked, or a person said no or did not touch the key; it was asked once");
    throw Error(Code::unavailable,
                fmt::format("the ssh-agent at '{}' gives no signature", base::printable(m_socket)), how_else);
}

std::shared_ptr<port::Signer> make_agent_signer(port::KeyInfo const& key, KeyMeans const& means) {
    if (means.agent.empty())
        throw Error(Code::not_authorized,
                    "key '" + key.name + "' is a key of SSH, and there is no ssh-agent to sign with it",
                    how_else, {{"SSH_AUTH_SOCK", "is not set"}});
    if (!SshAgent(means.agent).has(key.public_key))
        throw Error(Code::not_authorized, "the ssh-agent does not have key '" + key.name + "'",
                    "add it with 'ssh-add FILE', or sign without it what 'consortium vote prepare' or "
                    "'consortium approval prepare' writes, with 'ssh-keygen -Y sign -n consortium'",
                    {{"key", model::ssh_fingerprint(key.id)}});
    return std::make_shared<AgentSigner>(key, means);
}

}  // namespace consortium::crypto
