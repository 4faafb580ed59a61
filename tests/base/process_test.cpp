#include "core/base/process.h"

#include "core/base/error.h"
#include "core/base/file.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

using namespace consortium::base;
using How = Ended::How;

namespace {

/// What the shell makes of a script.
Ended shell(std::string const& script, std::string_view input = {}, std::size_t max_output = 1000) {
    Job job;
    job.arguments = {"/bin/sh", "-c", script};
    job.environment = {std::string("PATH=") + std::getenv("PATH"), "ONE=1"};
    job.input = input;
    job.max_output = max_output;
    job.time_limit = Duration{60};
    return run(job);
}

}  // namespace

TEST_CASE("process: what goes in, what comes out, and how it ended") {
    std::string const bytes("bytes\0of any kind", 17);
    auto const said = shell("cat; echo words >&2; exit 3", bytes);
    CHECK(said.how == How::exited);
    CHECK(said.status == 3);
    CHECK_FALSE(said.is_good());
    CHECK(said.output == bytes);
    CHECK(said.errors == "words\n");
    CHECK(shell("kill -9 $$").how == How::stopped);
    // One that does not read what it is given, more than any buffer holds, is no failure of ours.
    CHECK(shell("echo done", std::string(1u << 20, 'x')).output == "done\n");
}

TEST_CASE("process: its environment is what it was given, and its folder") {
    CHECK(shell("env | grep -v -e '^PWD=' -e '^PATH=' -e '^_=' -e '^SHLVL=' -e '^OLDPWD='").output ==
          "ONE=1\n");
    Job job;
    job.arguments = {"/bin/pwd"};
    job.folder = "/";
    CHECK(run(job).output == "/\n");
    job.folder = "/nowhere/at/all";
    CHECK_FALSE(run(job).is_good());
}

TEST_CASE("process: it gets no descriptor of ours, and no terminal") {
    TemporaryFolder const folder;
    write_file(folder.path() / "secret", std::string_view("secret"));
    int const open = ::open((folder.path() / "secret").c_str(), O_RDONLY);  // not to be closed on exec
    REQUIRE(open > 2);
    auto const number = std::to_string(open);
    CHECK(shell("cat <&" + number).output.empty());
    CHECK(shell("cat </dev/tty").output.empty());
    ::close(open);
}

TEST_CASE("process: who says too much or takes too long is ended, with what it started") {
    auto const much = shell("yes", {}, 5000);
    CHECK(much.how == How::talkative);
    CHECK(much.output.size() == 5000);
    Job job;
    job.arguments = {"/bin/sh", "-c", "sleep 1000 & sleep 1000"};
    job.environment = {std::string("PATH=") + std::getenv("PATH")};
    job.time_limit = Duration{0};
    CHECK(run(job).how == How::late);
}

TEST_CASE("process: of many words the last ones are shown, as one line that drives no terminal") {
    Ended ended;
    ended.errors = "first\nsecond\n\nthird\n  \nfourth\n\x1b[31mfifth\n";
    auto const words = last_words(ended);
    CHECK(words.starts_with("second; third; fourth; "));
    CHECK(words.find('\x1b') == std::string::npos);
    ended.errors.assign(5000, 'x');
    CHECK(last_words(ended).size() == 600);
    ended.errors.clear();
    CHECK(last_words(ended).empty());
}

TEST_CASE("process: a program that is not there is named") {
    Job job;
    job.arguments = {"/nowhere/program"};
    try {
        run(job);
        FAIL("no error");
    } catch (Error const& error) {
        CHECK(error.code() == Code::unsupported);
        CHECK(error.message() == "the program '/nowhere/program' is not installed");
    }
}
