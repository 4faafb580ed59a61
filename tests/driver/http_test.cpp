#include "core/base/error.h"
#include "core/driver/http/jsonrpc.h"
#include "core/driver/transport.h"
#include "tests/support/http_server.h"

#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>

namespace base = consortium::base;
namespace port = consortium::port;
namespace driver = consortium::driver;
namespace jsonrpc = consortium::driver::jsonrpc;
using base::Code;
using consortium::test::HttpServer;
using consortium::test::ServedAnswer;
using consortium::test::ServedRequest;

namespace {

constexpr base::Duration patience{5};

port::HttpRequest get(std::string url) {
    port::HttpRequest request;
    request.url = std::move(url);
    return request;
}

base::Error error_of(std::function<void()> const& work) {
    try {
        work();
    } catch (base::Error const& error) {
        return error;
    }
    FAIL("nothing was thrown");
    return {Code::internal, ""};
}

std::string detail(base::Error const& error, std::string_view key) {
    for (auto const& [name, value] : error.details()) {
        if (name == key) return value;
    }
    return "(none)";
}

bool maps_libcurl() {
    std::ifstream maps("/proc/self/maps");
    std::string line;
    while (std::getline(maps, line)) {
        if (line.find("libcurl") != std::string::npos) return true;
    }
    return false;
}

// Looked at before any test runs: another one may have sent something.
bool const mapped_at_start = [] {
    auto const transport = driver::make_transport(patience);
    return transport != nullptr && maps_libcurl();
}();

base::Error rpc_error(ServedAnswer const& answer) {
    HttpServer server([&](ServedRequest const&) { return answer; });
    auto const transport = driver::make_transport({1});
    return error_of([&] {
        jsonrpc::request(*transport, {server.url(), {}, {}}, {"eth_blockNumber", base::Json::array()});
    });
}

}  // namespace

TEST_CASE("making a transport does not map libcurl; the library is loaded by the first request") {
    CHECK_FALSE(mapped_at_start);
    auto const transport = driver::make_transport(patience);
    HttpServer server([](ServedRequest const&) { return ServedAnswer{}; });
    CHECK(transport->send(get(server.url())).status == 200);
    CHECK(maps_libcurl());
}

TEST_CASE("an answer carries status, lower-case headers and body; a redirect is not followed") {
    HttpServer server([](ServedRequest const& request) {
        return ServedAnswer{request.path == "/old" ? 302 : 200, "text/plain", "body of " + request.path};
    });
    auto const transport = driver::make_transport(patience);
    auto const answer = transport->send(get(server.url() + "/x"));
    CHECK(answer.body == "body of /x");
    CHECK(answer.headers.at("content-type") == "text/plain");
    CHECK(transport->send(get(server.url() + "/old")).status == 302);
}

TEST_CASE("an answer over the bound, a silent server and a closed port are unavailable") {
    HttpServer server([](ServedRequest const& request) {
        ServedAnswer answer;
        answer.silent = request.path == "/silent";
        answer.body = std::string(5000, 'x');
        return answer;
    });
    auto const transport = driver::make_transport(patience);
    auto bounded = get(server.url());
    bounded.max_answer = 4999;
    auto const large = error_of([&] { transport->send(bounded); });
    CHECK(large.code() == Code::unavailable);
    CHECK(large.message().find("4999") != std::string::npos);
    auto const slow = error_of([&] { driver::make_transport({1})->send(get(server.url() + "/silent")); });
    CHECK(slow.code() == Code::unavailable);
    CHECK(slow.message() == "no answer within 1 s");
    CHECK(detail(slow, "url") == server.url() + "/silent");
    CHECK(error_of([&] { transport->send(get("http://127.0.0.1:1/")); }).code() == Code::unavailable);
}

TEST_CASE("only http and https, without passwords in the URL, and no token in clear") {
    auto const transport = driver::make_transport(patience);
    base::TemporaryFolder folder;
    base::write_file(folder.path() / "token", std::string_view("abc\n"), base::FileMode::owner);
    for (std::string const url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
                                  "http://user:word@127.0.0.1/", "http://127.0.0.1/a b"}) {
        CAPTURE(url);
        CHECK(error_of([&] { transport->send(get(url)); }).code() == Code::configuration);
    }
    auto clear = get("http://node.example/");
    clear.security.bearer_file = folder.path() / "token";
    CHECK(error_of([&] { transport->send(clear); }).code() == Code::configuration);
    auto disguised = get("http://127.0.0.1.example/");
    disguised.security.bearer_file = folder.path() / "token";
    CHECK(error_of([&] { transport->send(disguised); }).code() == Code::configuration);
}

TEST_CASE("the bearer is read from its file") {
    base::TemporaryFolder folder;
    base::write_file(folder.path() / "token", std::string_view("abc.def\n"), base::FileMode::owner);
    HttpServer server([](ServedRequest const& request) {
        auto const found = request.headers.find("authorization");
        return ServedAnswer{200, "text/plain", found == request.headers.end() ? "none" : found->second};
    });
    auto const transport = driver::make_transport(patience);
    auto request = get(server.url());
    request.security.bearer_file = folder.path() / "token";
    CHECK(transport->send(request).body == "Bearer abc.def");
    base::write_file(folder.path() / "token", std::string_view("a\r\nX-Evil: b"), base::FileMode::owner);
    CHECK(error_of([&] { transport->send(request); }).code() == Code::configuration);
}

TEST_CASE("many requests run at once, answer in order, and one that fails spoils no other") {
    HttpServer server([](ServedRequest const& request) {
        ServedAnswer answer;
        answer.silent = request.path == "/3";
        answer.body = request.path;
        return answer;
    });
    std::vector<port::HttpRequest> requests;
    requests.reserve(100);
    for (int i = 0; i < 100; ++i) requests.push_back(get(server.url() + "/" + std::to_string(i)));
    requests[7].url = "file:///etc/passwd";
    auto const answers = driver::make_transport({2})->send_all(requests);
    REQUIRE(answers.size() == 100);
    CHECK(answers[0].body == "/0");
    CHECK(answers[99].body == "/99");
    REQUIRE(answers[3].failure);
    CHECK(answers[3].failure->code() == Code::unavailable);
    REQUIRE(answers[7].failure);
    CHECK(answers[7].failure->code() == Code::configuration);
}

TEST_CASE("a batch is answered by id, whatever the order") {
    HttpServer server([](ServedRequest const&) {
        return ServedAnswer{
            200, "application/json",
            R"([{"jsonrpc":"2.0","id":2,"result":"b"},{"jsonrpc":"2.0","id":1,"result":1.5}])"};
    });
    auto const transport = driver::make_transport(patience);
    auto const results = jsonrpc::batch(*transport, {server.url(), {}, {}},
                                        {{"one", base::Json::array()}, {"two", base::Json::array({true})}});
    CHECK(*results[0] == 1.5);
    CHECK(*results[1] == "b");
    auto const sent = base::Json::parse(server.seen().at(0).body);
    CHECK(sent[1] == base::Json{{"jsonrpc", "2.0"}, {"id", 2}, {"method", "two"}, {"params", {true}}});
}

TEST_CASE("what is not one whole answer is unavailable, and names URL and method") {
    for (std::string const body :
         {"<html>busy</html>", R"({"jsonrpc":"2.0","id":1,"resu)", R"({"jsonrpc":"2.0","id":2,"result":1})",
          R"({"jsonrpc":"2.0","id":"1","result":1})", R"({"jsonrpc":"2.0","id":1})", "", "[]", "null",
          R"([{"id":1,"result":1},{"id":1,"result":1}])", R"({"id":1,"id":1,"result":1})",
          R"({"id":1,"error":"no"})", R"({"id":1,"result":1} trailing)", R"({"id":1.5,"result":1})"}) {
        CAPTURE(body);
        auto const error = rpc_error({200, "application/json", body});
        CHECK(error.code() == Code::unavailable);
        CHECK(detail(error, "method") == "eth_blockNumber");
        CHECK(detail(error, "url").starts_with("http://127.0.0.1:"));
    }
    CHECK(rpc_error({200, "text/html", "<html></html>"}).message().find("HTML") != std::string::npos);
    ServedAnswer silent;
    silent.silent = true;
    auto const slow = rpc_error(silent);
    CHECK(slow.code() == Code::unavailable);
    CHECK(detail(slow, "method") == "eth_blockNumber");
}

TEST_CASE("refusals keep their kind") {
    CHECK(rpc_error({401, "text/plain", ""}).code() == Code::not_authorized);
    CHECK(rpc_error({403, "text/plain", "invalid host"}).code() == Code::not_authorized);
    CHECK(rpc_error({500, "text/plain", "oops"}).code() == Code::unavailable);
    auto const error = [](int code) {
        return ServedAnswer{200, "application/json",
                            R"({"jsonrpc":"2.0","id":1,"error":{"code":)" + std::to_string(code) +
                                R"(,"message":"bad \u001b[31m"}})"};
    };
    CHECK(rpc_error(error(-32601)).code() == Code::unsupported);
    CHECK(rpc_error(error(-32604)).code() == Code::unsupported);
    CHECK(rpc_error(error(-40100)).code() == Code::not_authorized);
    auto const other = rpc_error(error(-32000));
    CHECK(other.code() == Code::unavailable);
    CHECK(other.message().find('\x1b') == std::string::npos);
}

TEST_CASE("what goes in clear goes past every proxy") {
    HttpServer proxy([](ServedRequest const&) { return ServedAnswer{502, "text/plain", "proxy"}; });
    HttpServer server([](ServedRequest const&) { return ServedAnswer{200, "text/plain", "server"}; });
    setenv("http_proxy", proxy.url().c_str(), 1);
    auto const answer = driver::make_transport(patience)->send(get(server.url()));
    unsetenv("http_proxy");
    CHECK(answer.body == "server");
    CHECK(proxy.seen().empty());
}

TEST_CASE("a secret that everybody may read is not sent") {
    base::TemporaryFolder folder;
    auto const file = folder.path() / "token";
    base::write_file(file, std::string_view("abc\n"), base::FileMode::shared);
    HttpServer server([](ServedRequest const&) { return ServedAnswer{}; });
    auto request = get(server.url());
    request.security.bearer_file = file;
    auto const open = error_of([&] { driver::make_transport(patience)->send(request); });
    CHECK(open.code() == Code::configuration);
    CHECK(detail(open, "file") == file.string());
    std::filesystem::permissions(file, std::filesystem::perms(0640));  // a service's group may
    CHECK(driver::make_transport(patience)->send(request).status == 200);
}
