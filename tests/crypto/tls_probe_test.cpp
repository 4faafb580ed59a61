#include "core/crypto/tls_probe.h"

#include "core/base/file.h"
#include "core/crypto/certifier.h"
#include "core/crypto/entropy.h"
#include "core/port/certifier.h"
#include "tests/support/data_folder.h"
#include "tests/support/server_process.h"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <thread>

using namespace consortium;
using port::TlsShown;
using test::Listener;

namespace {

constexpr base::Duration soon{1}, enough{20};

struct Rotated {
    base::TemporaryFolder folder;
    Rotated() {
        auto const script = consortium::test::data_folder() + "/../support/rotated_pki ";
        REQUIRE(std::system((script + folder.path().string() + " >/dev/null 2>&1").c_str()) == 0);
    }
    std::string words(std::string const& chain) const {
        auto const place = folder.path().string() + "/";
        return "-cert " + place + "leaf.pem -key " + place + "leaf.key -cert_chain " + place + chain;
    }
    base::Bytes der(std::string const& name) const {
        auto const file = (folder.path() / name).string();
        REQUIRE(std::system(("openssl x509 -in " + file + " -outform DER -out " + file + ".der").c_str()) ==
                0);
        return base::read_file(file + ".der", 65'536);
    }
};

Rotated const& rotated() {
    static Rotated const made;
    return made;
}

TlsShown look(std::uint16_t port, base::Duration deadline = enough, std::string const& host = "127.0.0.1") {
    return crypto::make_tls_probe()->look({{host, port}}, deadline).at(0);
}

/// What a server shows that accepts one connection and answers the first bytes with these.
TlsShown answered_with(std::string const& bytes, base::Duration deadline = enough) {
    Listener const listener;
    std::thread server([&] {
        int const client = listener.accept();
        char asked[4096];
        static_cast<void>(::read(client, asked, sizeof asked));
        static_cast<void>(::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL));
        if (deadline == enough) ::shutdown(client, SHUT_WR);
        while (::read(client, asked, sizeof asked) > 0) continue;
        ::close(client);
    });
    auto shown = look(listener.port(), deadline);
    server.join();
    return shown;
}

}  // namespace

TEST_CASE("the chain that OpenSSL's server presents is read as it is, by TLS 1.2 and 1.3") {
    auto const& pki = rotated();
    for (std::string const version : {"1.2", "1.3"}) {
        CAPTURE(version);
        test::OpensslServer const server(pki.words("chain-linked.pem") +
                                         (version == "1.2" ? " -no_tls1_3" : " -no_tls1_2"));
        auto const shown = look(server.port(), enough, "localhost");
        REQUIRE_MESSAGE(shown.failure.empty(), shown.words);
        CHECK(shown.chain ==
              std::vector<base::Bytes>{pki.der("leaf.pem"), pki.der("issuing-new.pem"), pki.der("link.pem")});
        CHECK(shown.protocol == "TLSv" + version);
        CHECK_FALSE(shown.cipher.empty());
        CHECK_FALSE(shown.asks_client);
    }
}

TEST_CASE("a server that wants a client's certificate has shown its chain all the same") {
    auto const& pki = rotated();
    for (std::string const version : {"-no_tls1_3", "-no_tls1_2"}) {
        for (std::string const how : {"-verify 3", "-Verify 3 -verify_return_error"}) {
            CAPTURE(version + " " + how);
            test::OpensslServer const server(pki.words("chain-new.pem") + " " + version + " " + how);
            auto const shown = look(server.port());
            CHECK_MESSAGE(shown.failure.empty(), shown.words);
            CHECK(shown.asks_client);
            CHECK(shown.chain.size() == 2);
            CHECK(shown.authorities.empty());
        }
    }
}

TEST_CASE("of whom a server takes clients' certificates is read as it says it, by TLS 1.2 and 1.3") {
    auto const& pki = rotated();
    auto const file = [&](char const* name) { return (pki.folder.path() / name).string(); };
    REQUIRE(std::system(
                ("cat " + file("old.pem") + " " + file("new.pem") + " > " + file("both.pem")).c_str()) == 0);
    for (std::string const version : {"-no_tls1_3", "-no_tls1_2"}) {
        for (std::string const how : {"-verify 3", "-Verify 3 -verify_return_error"}) {
            CAPTURE(version + " " + how);
            test::OpensslServer const server(pki.words("chain-new.pem") + " " + version + " " + how +
                                             " -CAfile " + file("both.pem"));
            auto const shown = look(server.port());
            REQUIRE(shown.authorities.size() == 2);
            auto const certifier = crypto::make_certifier(crypto::system_entropy());
            for (char const* name : {"old.pem", "new.pem"})
                CHECK(std::ranges::count(shown.authorities,
                                         certifier->describe(pki.der(name)).content.subject) == 1);
        }
    }
    test::OpensslServer const indifferent(pki.words("chain-new.pem") + " -CAfile " + file("both.pem"));
    CHECK(look(indifferent.port()).authorities.empty());
}

TEST_CASE("what is no server of TLS is told from one that refuses, hangs or hangs up") {
    std::uint16_t closed = 0;
    {
        Listener const listener;
        closed = listener.port();
    }
    CHECK(look(closed).failure == "refused");
    Listener const silent;  // the kernel takes the connection; nobody ever answers
    CHECK(look(silent.port(), soon).failure == "timeout");
    CHECK(answered_with("HTTP/1.1 400 Bad Request\r\n\r\n").failure == "not-tls");
    CHECK(answered_with("SSH-2.0-OpenSSH_9.2\r\n").failure == "not-tls");
    CHECK(answered_with("").failure == "closed");
    CHECK(answered_with(std::string("\x15\x03\x03\0\x02\x02\x28", 7)).failure == "alert");
    CHECK(answered_with(std::string("\x15\x03\x03\0\x02\x02\x28", 7)).words.find("handshake failure") !=
          std::string::npos);
    CHECK(answered_with(std::string("\x16\x03\x03\x40\0\x02", 6), soon).failure == "timeout");  // and no more
    CHECK(answered_with(std::string("\x16\x03\x03\0\x08\x02\0\0\x04\xff\xff\xff\xff", 13)).failure ==
          "broken");
    CHECK(look(1, enough, "no-such-host.invalid").failure == "name");
    for (auto const& shown : {look(closed), answered_with("SSH-2.0-OpenSSH_9.2\r\n")}) {
        CHECK_FALSE(shown.words.empty());
        CHECK(shown.chain.empty());
        CHECK(shown.protocol.empty());
    }
}

TEST_CASE("an old server that speaks TLS 1.1 at most is not looked at, and says so") {
    // A server hello of TLS 1.1: version, random, no session, a cipher, no compression.
    auto hello = std::string("\x16\x03\x02\0\x2a\x02\0\0\x26\x03\x02", 11) + std::string(32, 'r');
    hello += std::string("\0\xc0\x13\0", 4);
    hello[4] = static_cast<char>(hello.size() - 5);
    hello[8] = static_cast<char>(hello.size() - 9);
    auto const shown = answered_with(hello);
    CHECK(shown.failure == "broken");
    CHECK(shown.words.find("unsupported protocol") != std::string::npos);
}

TEST_CASE("many are looked at at once: those that hang cost the time of one") {
    auto const& pki = rotated();
    test::OpensslServer const server(pki.words("chain-old.pem"));
    Listener const silent;
    std::vector<port::TlsPlace> places;
    for (int i = 0; i < 12; ++i) places.push_back({"127.0.0.1", silent.port()});
    places.insert(places.begin() + 5, {"127.0.0.1", server.port()});
    auto const begin = std::chrono::steady_clock::now();
    auto const shown = crypto::make_tls_probe()->look(places, {2});
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(12));  // one by one: 24
    REQUIRE(shown.size() == places.size());
    for (std::size_t i = 0; i < shown.size(); ++i) CHECK(shown[i].failure == (i == 5 ? "" : "timeout"));
    CHECK(crypto::make_tls_probe()->look({}, {2}).empty());
}
