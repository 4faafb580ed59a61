#include "core/crypto/tls_probe.h"

#include "core/base/parallel.h"
#include "core/base/text.h"
#include "core/crypto/connection.h"
#include "core/crypto/x509_handles.h"

#include <csignal>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace consortium::crypto {

using port::TlsPlace;
using port::TlsShown;

namespace {

using ContextHandle = Handle<SSL_CTX, SSL_CTX_free>;
using SessionHandle = Handle<SSL, SSL_free>;

constexpr unsigned most_at_once = 16;
constexpr long max_chain = 65'536;  // bytes of certificates that one server may make us hold
constexpr int max_certificates = 20;
constexpr int max_authorities = 200;
constexpr std::int64_t longest_seconds = 3600;

/// What happened in one handshake, told by OpenSSL's callbacks.
struct Told {
    bool asked_for_client = false;
    std::string alert;  // that the server sent: "certificate required"
};

Told& told_of(SSL const* session) {
    return *static_cast<Told*>(SSL_get_app_data(session));
}

int no_certificate(SSL* session, X509** /*certificate*/, EVP_PKEY** /*key*/) {
    told_of(session).asked_for_client = true;
    return 0;
}

void note_alert(SSL const* session, int where, int value) {
    if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || (value & 0xff) == SSL_AD_CLOSE_NOTIFY) return;
    told_of(session).alert = SSL_alert_desc_string_long(value);
}

ContextHandle client_context() {
    auto context = need(ContextHandle(SSL_CTX_new(TLS_client_method())), "a client of TLS");
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // Nothing is trusted and nothing is told, so whatever a server presents may be looked at; what is to be
    // said of it is for whoever judges the chain. With a key exchange that the server signs, it has shown
    // that the key is its own before it asks who we are.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_security_level(context.get(), 0);
    need_one(SSL_CTX_set_cipher_list(context.get(), "ALL:!aNULL:!eNULL:!kRSA:!PSK:!SRP"), "ciphers");
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_max_cert_list(context.get(), max_chain);
    SSL_CTX_set_client_cert_cb(context.get(), no_certificate);
    SSL_CTX_set_info_callback(context.get(), note_alert);
    return context;
}

bool is_address(std::string const& host) {
    ASN1_OCTET_STRING* const address = a2i_IPADDRESS(host.c_str());
    ERR_clear_error();
    ASN1_OCTET_STRING_free(address);
    return address != nullptr;
}

bool is_no_tls(int reason) {
    return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
           reason == SSL_R_UNKNOWN_PROTOCOL || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
           reason == SSL_R_UNEXPECTED_MESSAGE || reason == SSL_R_BAD_RECORD_TYPE;
}

void fail(TlsShown& shown, std::string failure, std::string words) {
    shown.failure = std::move(failure);
    shown.words = std::move(words);
}

/// Why a handshake ended; clears OpenSSL's errors.
void explain(TlsShown& shown, Told const& told, int kind) {
    auto const code = ERR_peek_error();
    int const reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    if (!told.alert.empty()) {
        fail(shown, "alert", "it ended the handshake: " + told.alert);
    } else if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING || (kind == SSL_ERROR_SYSCALL && code == 0)) {
        fail(shown, "closed", "it hung up during the handshake");
    } else if (is_no_tls(reason)) {
        fail(shown, "not-tls", "what it answers is not TLS");
    } else {
        fail(shown, "broken", "the handshake failed: " + last_reason());
    }
    ERR_clear_error();
}

/// The handshake, to its end; false: `shown` says why not.
bool shake_hands(SSL* session, int descriptor, Deadline const& deadline, Told const& told, TlsShown& shown) {
    for (;;) {
        ERR_clear_error();
        int const result = SSL_connect(session);
        if (result == 1) return true;
        int const kind = SSL_get_error(session, result);
        bool const reads = kind == SSL_ERROR_WANT_READ;
        if (!reads && kind != SSL_ERROR_WANT_WRITE) {
            explain(shown, told, kind);
            return false;
        }
        if (reads ? wait_to_read(descriptor, deadline) : wait_to_write(descriptor, deadline)) continue;
        fail(shown, "timeout", "it does not go on with the handshake in time");
        return false;
    }
}

void read_chain(SSL* session, TlsShown& shown) {
    auto const* const chain = SSL_get_peer_cert_chain(session);
    int const count = std::min(sk_X509_num(chain), max_certificates);  // -1: there is no list
    shown.chain.reserve(static_cast<std::size_t>(std::max(count, 0)));
    for (int i = 0; i < count; ++i) shown.chain.push_back(encoded<X509>(i2d_X509, sk_X509_value(chain, i)));
    shown.protocol = SSL_get_version(session);
    shown.cipher = SSL_get_cipher_name(session);
}

/// RFC 8446 4.2.4, RFC 5246 7.4.4: "A list of the distinguished names of acceptable certificate authorities".
void read_authorities(SSL const* session, TlsShown& shown) {
    auto const* const names = SSL_get0_peer_CA_list(session);
    int const count = std::min(sk_X509_NAME_num(names), max_authorities);  // -1: there is no list
    shown.authorities.reserve(static_cast<std::size_t>(std::max(count, 0)));
    for (int i = 0; i < count; ++i)
        shown.authorities.push_back(encoded<X509_NAME>(i2d_X509_NAME, sk_X509_NAME_value(names, i)));
}

TlsShown look_at(TlsPlace const& place, SSL_CTX* context, Deadline const& deadline) {
    TlsShown shown;
    auto const opened = open_connection(place.host, place.port, deadline);
    if (!opened.failure.empty()) {
        fail(shown, opened.failure, opened.words);
        return shown;
    }
    Told told;
    auto const session = need(SessionHandle(SSL_new(context)), "a connection of TLS");
    SSL_set_app_data(session.get(), &told);
    // The macro for it casts as C does; the name is copied.
    if (!is_address(place.host))
        need_one(static_cast<int>(SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                                           TLSEXT_NAMETYPE_host_name, const_cast<char*>(place.host.c_str()))),
                 "a server's name");
    int const descriptor = opened.connection.descriptor();
    need_one(SSL_set_fd(session.get(), descriptor), "a connection of TLS");
    bool const done = shake_hands(session.get(), descriptor, deadline, told, shown);
    shown.asks_client = told.asked_for_client;
    // One that wants to know who we are has shown all of itself by then: it may hang up.
    if (done || told.asked_for_client) read_chain(session.get(), shown);
    if (told.asked_for_client) read_authorities(session.get(), shown);
    if (!shown.chain.empty()) fail(shown, {}, {});
    if (done) SSL_shutdown(session.get());  // says goodbye, and does not wait for an answer
    ERR_clear_error();
    return shown;
}

class OpensslProbe : public port::TlsProbe {
public:
    std::vector<TlsShown> look(std::vector<TlsPlace> const& places, base::Duration deadline) override {
        auto const seconds = std::clamp<std::int64_t>(deadline.seconds, 1, longest_seconds);
        auto const make_worker = [&]() -> base::InOrder<TlsShown>::Worker {
            ignore_broken_pipes();
            std::shared_ptr<SSL_CTX> const context(client_context());
            return [&places, context, seconds](std::uint64_t job) {
                return careful_look(places[job], context.get(), Deadline(std::chrono::seconds(seconds)));
            };
        };
        std::vector<TlsShown> out(places.size());
        base::InOrder<TlsShown>(places.size(), most_at_once, make_worker)
            .take([&](std::uint64_t job, TlsShown&& shown) { out[job] = std::move(shown); });
        return out;
    }

private:
    /// OpenSSL writes to sockets without MSG_NOSIGNAL. The thread ends with its mask.
    static void ignore_broken_pipes() {
        sigset_t pipe;
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    }

    static TlsShown careful_look(TlsPlace const& place, SSL_CTX* context, Deadline const& deadline) {
        try {
            return look_at(place, context, deadline);
        } catch (base::Error const& error) {
            TlsShown shown;
            fail(shown, "broken", base::printable(error.message()));
            return shown;
        }
    }
};

}  // namespace

std::unique_ptr<port::TlsProbe> make_tls_probe() {
    return std::make_unique<OpensslProbe>();
}

}  // namespace consortium::crypto
