#include "core/crypto/tls_probe.h"

#include "core/base/file.h"
#include "tests/support/data_folder.h"
#include "tests/support/server_process.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace consortium;

TEST_CASE("peer GnuTLS: what its server presents is seen, and that it wants a client's certificate") {
    if (std::system("command -v gnutls-serv >/dev/null 2>&1") != 0) {
        MESSAGE("SKIPPED gnutls-serv: package gnutls-bin is not installed");
        return;
    }
    base::TemporaryFolder const folder;
    auto const place = folder.path().string() + "/";
    auto const script = consortium::test::data_folder() + "/../support/rotated_pki ";
    REQUIRE(std::system((script + place + " >/dev/null 2>&1 && cat " + place + "leaf.pem " + place +
                         "chain-linked.pem >" + place + "served.pem")
                            .c_str()) == 0);
    struct Case {
        std::string priority, client, protocol;
        bool asks;
    };
    for (auto const& one : {Case{"NORMAL", "--disable-client-cert", "TLSv1.3", false},
                            Case{"NORMAL", "--require-client-cert", "TLSv1.3", true},
                            Case{"NORMAL:-VERS-TLS1.3", "--require-client-cert", "TLSv1.2", true}}) {
        CAPTURE(one.priority + " " + one.client);
        std::uint16_t port = 0;
        {
            test::Listener const free;
            port = free.port();
        }
        test::ServerProcess const server(
            "stdbuf -oL gnutls-serv --echo -p " + std::to_string(port) + " --priority " + one.priority + " " +
                one.client + " --x509keyfile " + place + "leaf.key --x509certfile " + place + "served.pem",
            "...done");
        auto const shown = crypto::make_tls_probe()->look({{"127.0.0.1", port}}, {20}).at(0);
        REQUIRE_MESSAGE(shown.failure.empty(), shown.words);
        CHECK(shown.chain.size() == 3);
        CHECK(shown.protocol == one.protocol);
        CHECK(shown.asks_client == one.asks);
    }
}
