#include "core/exchange/directory.h"

#include "core/base/error.h"
#include "core/exchange/open.h"
#include "tests/support/code_of.h"

#include <doctest/doctest.h>

using namespace consortium;

TEST_CASE("a folder holds what was written, until it is removed") {
    base::TemporaryFolder const folder;
    exchange::Directory shared(folder.path());
    CHECK_FALSE(shared.read("acme/checkpoint", 10));
    CHECK(shared.list("acme")->empty());
    shared.write("acme/tile/0/000.p/4", "four");
    shared.write("acme/tile/0/000.p/7", "seven");
    CHECK(shared.list("acme/tile/0/000.p") == std::vector<std::string>{"4", "7"});
    CHECK(shared.read("acme/tile/0/000.p/4", 10) == "four");
    CHECK(shared.has("acme/tile/0/000.p/4"));
    shared.remove("acme/tile/0/000.p/4");
    CHECK_FALSE(shared.has("acme/tile/0/000.p/4"));
    CHECK(base::exists(folder.path() / "acme/tile/0/000.p"));
    shared.remove("acme/tile/0/000.p/7");
    CHECK_FALSE(base::exists(folder.path() / "acme/tile/0/000.p"));
    CHECK(base::exists(folder.path() / "acme/tile/0"));
    CHECK_NOTHROW(shared.remove("acme/tile/0/000.p/7"));
    CHECK(code_of([&] { exchange::Directory(folder.path() / "none"); }) == base::Code::not_found);
}

TEST_CASE("what was written is made durable from the root on, unless it was removed since") {
    base::TemporaryFolder const folder;
    exchange::Directory shared(folder.path() / "");  // as with a slash at its end
    CHECK(shared.location() == folder.path().string());
    shared.write("acme/tile/0/000.p/4", "four");
    shared.write("acme/checkpoint", "one");
    shared.remove("acme/tile/0/000.p/4");
    CHECK_NOTHROW(shared.settle());
    shared.write("acme/checkpoint", "two");
    std::filesystem::remove(folder.path() / "acme/checkpoint");
    CHECK(code_of([&] { shared.settle(); }) == base::Code::storage);  // gone, and promised
}

TEST_CASE("a folder is never left, and links in it are not followed") {
    base::TemporaryFolder const folder;
    base::TemporaryFolder const elsewhere;
    base::write_file(elsewhere.path() / "secret", "secret");
    exchange::Directory shared(folder.path());
    for (auto const* path : {"", "/etc/passwd", "../x", "a//b", "a/./b", "a/../b", "a b", "a\n", "a/"}) {
        CAPTURE(path);
        CHECK(code_of([&] { shared.read(path, 10); }) == base::Code::malformed);
        CHECK(code_of([&] { shared.write(path, "x"); }) == base::Code::malformed);
        CHECK(code_of([&] { shared.remove(path); }) == base::Code::malformed);
    }
    std::filesystem::create_directory_symlink(elsewhere.path(), folder.path() / "acme");
    CHECK(code_of([&] { shared.read("acme/secret", 10); }) == base::Code::malformed);
    CHECK(code_of([&] { shared.write("acme/secret", "x"); }) == base::Code::malformed);
    CHECK(code_of([&] { shared.remove("acme/secret"); }) == base::Code::malformed);
    CHECK(shared.list("")->empty());
    CHECK(base::read_text(elsewhere.path() / "secret", 10) == "secret");
}

TEST_CASE("a blob that is larger than it may be") {
    base::TemporaryFolder const folder;
    exchange::Directory shared(folder.path());
    shared.write("acme/x", "12345");
    CHECK(shared.read("acme/x", 5) == "12345");
    CHECK(code_of([&] { shared.read("acme/x", 4); }) == base::Code::malformed);
    std::filesystem::create_directory(folder.path() / "acme/folder");
    CHECK_FALSE(shared.read("acme/folder", 4));
    base::write_file(folder.path() / "acme/folder/x", "x");
    shared.remove("acme/folder");  // no blob
    CHECK(shared.has("acme/folder/x"));
}

TEST_CASE("a folder however it is named; nothing that is no place") {
    base::TemporaryFolder const folder;
    auto const open = [](std::string const& where) { return exchange::open({.at = where}, {}); };
    CHECK(open(folder.path().string())->location() == folder.path().string());
    CHECK(open("file://" + folder.path().string())->location() == folder.path().string());
    for (auto const* where : {"ftp://example.org/x", "gopher://example.org/x"})
        CHECK(code_of([&] { open(where); }) == base::Code::unsupported);
}
