#include "core/exchange/web.h"

#include "core/base/error.h"
#include "core/driver/transport.h"
#include "core/exchange/open.h"
#include "core/exchange/places.h"
#include "tests/support/code_of.h"
#include "tests/support/fakes.h"
#include "tests/support/http_server.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using test::HttpServer;
using test::ServedAnswer;
using test::ServedRequest;

namespace {

struct Reader {
    std::unique_ptr<port::Transport> transport = driver::make_transport(base::Duration{2});
    FixedClock clock;
    exchange::Means means() {
        exchange::Means out;
        out.member = "acme";
        out.clock = &clock;
        out.transport = [this]() -> port::Transport& { return *transport; };
        return out;
    }
    std::unique_ptr<port::Exchange> open(std::string const& where) {
        return exchange::open({.at = where}, means());
    }
};

ServedAnswer serve(ServedRequest const& request) {
    if (request.path == "/tree/globex/checkpoint") return {.body = "one"};
    if (request.path == "/tree/globex/moved") return {.status = 302, .body = "elsewhere"};
    if (request.path == "/tree/globex/secret") return {.status = 403, .body = "no"};
    if (request.path == "/tree/globex/broken") return {.status = 500, .body = "oh"};
    if (request.path == "/tree/globex/huge") return {.body = std::string(200'000, 'x')};
    return {.status = 404, .body = std::string(3000, 'x')};
}

base::Error error_of(auto const& work) {
    try {
        work();
    } catch (base::Error const& error) {
        return error;
    }
    return {Code::internal, "none"};
}

}  // namespace

TEST_CASE("a tree that a web server serves is read, by name only") {
    HttpServer const server(serve);
    Reader reader;
    auto const place = server.url() + "/tree/";
    auto const web = reader.open(place);
    CHECK(web->location() == place);
    CHECK(web->read("globex/checkpoint", 3) == "one");
    CHECK_FALSE(web->read("globex/nothing", 3));  // however long the page is that says so
    CHECK_FALSE(web->has("globex/nothing"));
    CHECK_FALSE(web->list("globex"));
    CHECK_FALSE(web->list(""));
    CHECK(web->is_read_only());
    CHECK_FALSE(web->is_near());
    CHECK(code_of([&] { web->write("acme/checkpoint", "x"); }) == Code::unsupported);
    CHECK(code_of([&] { web->remove("acme/checkpoint"); }) == Code::unsupported);
    CHECK(code_of([&] { web->read("../x", 3); }) == Code::malformed);
    for (auto const& request : server.seen()) CHECK(request.path.starts_with("/tree/globex/"));
}

TEST_CASE("what a web server answers otherwise, by what it means") {
    HttpServer const server(serve);
    Reader reader;
    auto const place = server.url() + "/tree";
    auto const web = reader.open(place);
    CHECK(code_of([&] { web->read("globex/checkpoint", 2); }) == Code::malformed);
    auto const huge = error_of([&] { web->read("globex/huge", 10); });
    CHECK(huge.code() == Code::malformed);
    CHECK(port::place_of(huge).empty());  // it is one blob, not the place
    CHECK(code_of([&] { web->read("globex/secret", 10); }) == Code::not_authorized);
    CHECK(code_of([&] { web->read("globex/moved", 10); }) == Code::unavailable);
    auto const broken = error_of([&] { web->read("globex/broken", 10); });
    CHECK(broken.code() == Code::unavailable);
    CHECK(port::place_of(broken) == place);
    CHECK(web->read("globex/checkpoint", 3) == "one");
}

TEST_CASE("a web server that gives no answer is asked once") {
    HttpServer const server([](ServedRequest const&) { return ServedAnswer{.body = {}, .drop = true}; });
    Reader reader;
    auto const web = reader.open(server.url());
    for (int i = 0; i < 3; ++i)
        CHECK(code_of([&] { web->read("globex/checkpoint", 3); }) == Code::unavailable);
    CHECK(server.seen().size() == 1);
}

TEST_CASE("a URL must not give anything away") {
    Reader reader;
    for (auto const* where :
         {"http://example.org/x", "https://me:secret@example.org/x", "https://example.org/x?y",
          "https://example.org/#x", "https:///x", "https://example.org/a b"}) {
        CAPTURE(where);
        auto const error = error_of([&] { reader.open(where); });
        CHECK(error.code() == Code::usage);
        CHECK(error.message().find("secret") == std::string::npos);
    }
    CHECK_NOTHROW(reader.open("http://localhost:8080/x"));
}

TEST_CASE("several places as one tree: each member where it publishes, the rest at home") {
    base::TemporaryFolder const folder;
    std::filesystem::create_directories(folder.path() / "home/initech");
    std::filesystem::create_directories(folder.path() / "home/globex");
    base::write_file(folder.path() / "home/initech/checkpoint", "at home");
    base::write_file(folder.path() / "home/globex/checkpoint", "not read");
    HttpServer const server(serve);
    Reader reader;
    std::map<std::string, exchange::Place> const peers{
        {"globex", {.at = server.url() + "/tree"}}, {"umbrella", {.at = (folder.path() / "gone").string()}}};
    exchange::Places places({.at = (folder.path() / "home").string()}, peers, reader.means());
    CHECK(places.list("") == port::Exchange::Names{"globex", "initech", "umbrella"});
    CHECK(places.read("globex/checkpoint", 10) == "one");
    CHECK(places.read("initech/checkpoint", 10) == "at home");
    auto const gone = error_of([&] { places.read("umbrella/checkpoint", 10); });
    CHECK(port::place_of(gone) == (folder.path() / "gone").string());
    CHECK_FALSE(places.is_near());
    CHECK_FALSE(places.is_read_only());
    places.write("acme/checkpoint", "mine");
    places.settle();
    CHECK(base::read_text(folder.path() / "home/acme/checkpoint", 10) == "mine");

    exchange::Places reading({}, peers, reader.means());
    CHECK(reading.is_read_only());
    CHECK(reading.list("") == port::Exchange::Names{"globex", "umbrella"});
    CHECK_FALSE(reading.read("initech/checkpoint", 10));
    CHECK(code_of([&] { reading.write("acme/checkpoint", "x"); }) == Code::unsupported);
    CHECK(code_of([&] {
              exchange::Places({}, {{"acme", {.at = "x"}}}, reader.means());
          }) == Code::configuration);
}
