#include "core/base/file.h"

#include "core/base/error.h"
#include "core/base/file_place.h"

#include <csignal>
#include <doctest/doctest.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace consortium::base;

namespace {

Code code_of(auto const& action) {
    try {
        action();
    } catch (Error const& error) {
        return error.code();
    }
    return Code::terminated;  // stands for "no error"
}

std::size_t count(Path const& folder) {
    std::size_t found = 0;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) found += entry.exists() ? 1 : 0;
    return found;
}

unsigned mode(Path const& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("a file is written whole and replaces the old one") {
    TemporaryFolder const folder;
    Path const path = folder.path() / "a.txt";
    write_file(path, "first", FileMode::owner);
    CHECK(mode(path) == 0600);
    write_file(path, "second");
    CHECK(mode(path) == 0644);
    CHECK(read_text(path, 100) == "second");
    CHECK(count(folder.path()) == 1);
}

TEST_CASE("what cannot be written leaves nothing behind") {
    TemporaryFolder const folder;
    CHECK(code_of([&] { write_file(folder.path() / "absent" / "a", "x"); }) == Code::storage);
    std::filesystem::create_directory(folder.path() / "taken");
    CHECK(code_of([&] { write_file(folder.path() / "taken", "x"); }) == Code::storage);
    CHECK(count(folder.path()) == 1);
}

TEST_CASE("a pipe is written to, never replaced") {
    TemporaryFolder const folder;
    Path const path = folder.path() / "pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    CHECK(code_of([&] { write_file(path, "nobody reads"); }) == Code::storage);
    std::string const sent(200'000, 'x');  // more than a pipe holds
    std::string got;
    std::thread reader([&] {
        std::ifstream in(path);
        got.assign(std::istreambuf_iterator<char>(in), {});
    });
    while (code_of([&] { write_file(path, sent); }) == Code::storage) std::this_thread::yield();
    reader.join();
    CHECK(got == sent);
    CHECK(std::filesystem::is_fifo(path));
    CHECK(count(folder.path()) == 1);
}

TEST_CASE("a write that fails half-way leaves the old file and says where and why") {
    TemporaryFolder const folder;
    Path const path = folder.path() / "a.txt";
    write_file(path, "old");
    pid_t const child = ::fork();  // the limit would stay with this process
    if (child == 0) {
        rlimit const limit{10, 10};
        if (::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(3);
        try {
            write_file(path, std::string(100, 'x'));
        } catch (Error const& error) {
            bool const named = error.message() == "cannot write '" + path.string() + "': File too large";
            ::_exit(error.code() == Code::storage && named ? 0 : 1);
        }
        ::_exit(2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(read_text(path, 100) == "old");
    CHECK(count(folder.path()) == 1);
}

TEST_CASE("create_file never overwrites") {
    TemporaryFolder const folder;
    Path const path = folder.path() / "key";
    create_file(path, as_bytes("one"), FileMode::owner);
    CHECK(code_of([&] { create_file(path, as_bytes("two"), FileMode::owner); }) == Code::conflict);
    CHECK(read_text(path, 100) == "one");
    CHECK(mode(path) == 0600);
    CHECK(count(folder.path()) == 1);
}

TEST_CASE("reading is bounded and takes regular files only") {
    TemporaryFolder const folder;
    Path const path = folder.path() / "a";
    write_file(path, std::string(100'000, 'x'));
    CHECK(read_file(path, 100'000).size() == 100'000);
    CHECK(code_of([&] { read_file(path, 99'999); }) == Code::malformed);
    CHECK(code_of([&] { read_file(folder.path() / "absent", 10); }) == Code::not_found);
    CHECK(code_of([&] { read_file(folder.path(), 10); }) == Code::malformed);
    REQUIRE(::mkfifo((folder.path() / "pipe").c_str(), 0600) == 0);
    CHECK(code_of([&] { read_file(folder.path() / "pipe", 10); }) == Code::malformed);
}

TEST_CASE("a file is read whole, however its size is told") {
    TemporaryFolder folder;
    auto const file = folder.path() / "file";
    for (std::size_t const size : {0U, 1U, 65'535U, 65'536U, 65'537U, 200'000U}) {
        CAPTURE(size);
        std::string text(size, 'x');
        if (size != 0) text.back() = 'y';
        write_file(file, text);
        CHECK(read_text(file, size) == text);
        CHECK(read_text(file, size + 1) == text);
        if (size != 0) CHECK(code_of([&] { (void)read_file(file, size - 1); }) == Code::malformed);
    }
    // The kernel says that this one has no octets.
    CHECK(read_text("/proc/self/status", 1U << 16U).starts_with("Name:"));
}

TEST_CASE("a new file is whole under its own name at once, and never another's") {
    TemporaryFolder const folder;
    auto const path = folder.path() / "key";
    write_new(path, "secret", FileMode::owner);
    CHECK(read_text(path, 100) == "secret");
    CHECK(std::filesystem::status(path).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    CHECK(code_of([&] { write_new(path, "other", FileMode::owner); }) == Code::conflict);
    CHECK(read_text(path, 100) == "secret");
    CHECK(code_of([&] { write_new(folder.path() / "none" / "key", "x", FileMode::owner); }) == Code::storage);
}

TEST_CASE("a finished file takes its place once, and never another's") {
    TemporaryFolder const folder;
    auto const from = folder.path() / "aside", to = folder.path() / "placed";
    write_file(from, "mine");
    CHECK(place_file(from, to));
    CHECK(read_text(to, 100) == "mine");
    CHECK_FALSE(place_file(from, to));  // done before
    write_file(from, "other");
    CHECK(code_of([&] { place_file(from, to); }) == Code::conflict);
    CHECK(read_text(to, 100) == "mine");
    CHECK(read_text(from, 100) == "other");
    // Where link stands in for rename, one may have ended between the two names.
    std::filesystem::remove(from);
    std::filesystem::create_hard_link(to, from);
    CHECK(place_file(from, to));
    CHECK_FALSE(consortium::base::exists(from));
    CHECK(read_text(to, 100) == "mine");
    write_file(from, "x");
    CHECK(code_of([&] { place_file(from, folder.path() / "none" / "key"); }) == Code::storage);
}

TEST_CASE("folders are made with their parents") {
    TemporaryFolder const folder;
    Path const deep = folder.path() / "a" / "b";
    make_folder(deep, FileMode::owner);
    CHECK(mode(deep) == 0700);
    make_folder(deep);  // already there
    write_file(folder.path() / "file", "x");
    CHECK(code_of([&] { make_folder(folder.path() / "file" / "c"); }) == Code::storage);
}

TEST_CASE("a lock has one holder at a time") {
    TemporaryFolder const folder;
    Path const path = folder.path() / "lock";
    {
        FileLock const held(path, 0);
        CHECK(code_of([&] { FileLock const second(path, 0); }) == Code::busy);
    }
    CHECK(code_of([&] { FileLock const again(path, 0); }) == Code::terminated);
}

TEST_CASE("a temporary folder goes with all it holds") {
    Path path;
    {
        TemporaryFolder const folder;
        path = folder.path();
        write_file(path / "a", "x");
        CHECK(consortium::base::exists(path / "a"));
    }
    CHECK_FALSE(consortium::base::exists(path));
}
