#include "core/exchange/git.h"

#include "core/base/error.h"
#include "core/exchange/open.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"
#include "tests/support/git_place.h"

#include <algorithm>
#include <thread>

using namespace consortium;
using base::Code;
using exchange::Git;
using exchange::GitAddress;
using Names = port::Exchange::Names;

TEST_CASE("a branch holds what was written, in one commit without personal data") {
    GitPlace place;
    auto acme = place.open("acme");
    CHECK_FALSE(acme.read("acme/checkpoint", 10));
    CHECK(acme.list("")->empty());
    acme.write("acme/tile/0/000.p/4", "four");
    acme.separate();
    acme.write("acme/checkpoint", "one");
    CHECK(acme.read("acme/checkpoint", 10) == "one");
    CHECK(acme.list("acme") == Names{"checkpoint", "tile"});
    acme.settle();
    CHECK(place.git({"log", "--format=%an %ae %cn %s", "main"}) ==
          "acme acme@consortium.invalid acme acme publishes\n");
    CHECK(place.git({"show", "main:acme/tile/0/000.p/4"}) == "four");

    auto globex = place.open("globex");
    CHECK(globex.list("") == Names{"acme"});
    CHECK(globex.list("acme/tile/0") == Names{"000.p"});
    CHECK(globex.list("acme/nothing")->empty());
    CHECK(globex.read("acme/checkpoint", 3) == "one");
    CHECK(code_of([&] { globex.read("acme/checkpoint", 2); }) == Code::malformed);
    CHECK(globex.has("acme/checkpoint"));
    CHECK_FALSE(globex.has("acme/tile"));

    acme.write("acme/tile/0/000", "full");
    acme.write("acme/checkpoint", "two");
    acme.remove("acme/tile/0/000.p/4");
    CHECK(acme.list("acme/tile/0/000.p")->empty());
    acme.settle();
    CHECK(globex.read("acme/checkpoint", 10) == "one");  // one commit, as long as it is open
    CHECK(place.open("globex").read("acme/checkpoint", 10) == "two");
    CHECK(place.git({"ls-tree", "-r", "--name-only", "main"}) == "acme/checkpoint\nacme/tile/0/000\n");
}

TEST_CASE("what is there already makes no commit, and one connection reads everything") {
    GitPlace place;
    place.open("acme").settle();
    CHECK(place.git({"for-each-ref"}).empty());
    auto acme = place.open("acme");
    acme.write("acme/checkpoint", "one");
    acme.settle();
    auto const before = place.connections();
    auto again = place.open("acme");
    again.write("acme/checkpoint", "one");
    again.settle();
    again.settle();
    CHECK(place.connections() == before + 1);
    CHECK(place.git({"rev-list", "--count", "main"}) == "1\n");
}

TEST_CASE("two that publish at once both end up published") {
    GitPlace place;
    auto acme = place.open("acme");
    auto globex = place.open("globex");
    CHECK(acme.list("")->empty());
    CHECK(globex.list("")->empty());
    acme.write("acme/checkpoint", "a");
    globex.write("globex/checkpoint", "g");
    acme.settle();
    globex.settle();
    CHECK(globex.read("acme/checkpoint", 1) == "a");
    CHECK(place.git({"rev-list", "--count", "main"}) == "2\n");

    std::vector<std::thread> threads;
    for (std::string const member : {"one", "two", "three", "four"}) {
        threads.emplace_back([&place, member] {
            auto here = place.open(member);
            for (int i = 0; i < 3; ++i) {
                here.write(member + "/checkpoint", std::to_string(i));
                here.settle();
            }
        });
    }
    for (auto& thread : threads) thread.join();
    auto const reader = place.open("acme");
    for (std::string const member : {"one", "two", "three", "four"})
        CHECK(reader.read(member + "/checkpoint", 1) == "2");
    CHECK(place.git({"rev-list", "--count", "main"}) == "14\n");
}

TEST_CASE("an own head that was pushed meanwhile is not written over, an act beside it is") {
    GitPlace place;
    auto first = place.open("acme");
    first.write("acme/checkpoint", "one");
    first.settle();
    auto late = place.open("acme");
    auto desk = place.open("acme");
    CHECK(late.read("acme/checkpoint", 3) == "one");
    CHECK(desk.read("acme/checkpoint", 3) == "one");
    first.write("acme/checkpoint", "three");
    first.settle();
    late.write("acme/tile/entries/000.p/2", "two");
    late.settle();  // as one does that writes much
    late.write("acme/checkpoint", "two");
    CHECK(code_of([&] { late.settle(); }) == Code::conflict);
    CHECK(place.git({"show", "main:acme/checkpoint"}) == "three");
    desk.write("acme/acts/1", "act");
    desk.settle();
    CHECK(place.git({"show", "main:acme/acts/1"}) == "act");
    CHECK(place.git({"show", "main:acme/checkpoint"}) == "three");
    auto again = place.open("acme");
    again.write("acme/checkpoint", "four");
    again.settle();
    CHECK(place.git({"show", "main:acme/checkpoint"}) == "four");
}

TEST_CASE("a history that others have rewritten is read, and loses nothing that was written here") {
    GitPlace place;
    auto acme = place.open("acme");
    acme.write("acme/tile/entries/000.p/3", "entries");
    acme.write("acme/tile/0/000.p/3", "hashes");
    acme.write("acme/files/abc", "file");
    acme.write("acme/cosig/globex", "note");
    acme.write("acme/checkpoint", "one");
    acme.settle();
    place.rewrite(
        "M 100644 inline globex/checkpoint\ndata 3\nnew\n"
        "M 100644 inline acme/tile/0/000.p/3\ndata 3\nbad\n"
        "M 120000 inline acme/files/abc\ndata 4\n/etc\n");
    auto again = place.open("acme");
    CHECK(again.read("globex/checkpoint", 3) == "new");
    CHECK_FALSE(again.has("acme/checkpoint"));
    CHECK_FALSE(again.has("acme/tile/entries/000.p/3"));
    again.settle();  // what never changes under its name comes back; the rest its writer compares and writes
    CHECK(again.read("globex/checkpoint", 3) == "new");
    CHECK(place.git({"ls-tree", "-r", "--name-only", "main", "acme"}) ==
          "acme/files/abc\nacme/tile/0/000.p/3\nacme/tile/entries/000.p/3\n");
    CHECK(place.git({"show", "main:acme/tile/0/000.p/3"}) == "hashes");
    CHECK(place.git({"show", "main:acme/files/abc"}) == "file");

    place.git({"update-ref", "-d", "refs/heads/main"});
    auto third = place.open("acme");
    CHECK(third.list("")->empty());
    third.write("acme/checkpoint", "two");
    third.settle();
    CHECK(place.git({"show", "main:acme/files/abc"}) == "file");

    // Part of it may have been written when somebody was stopped: only the writer knows when that was all.
    CHECK_FALSE(third.remembers());
    third.remember();
    CHECK(third.remembers());
    CHECK(place.open("acme").remembers());
    // The private copy is one: without it everything is fetched again, and what was written is not known.
    std::filesystem::remove_all(place.folder.path() / "acme");
    CHECK(place.open("acme").read("acme/checkpoint", 3) == "two");
    CHECK_FALSE(place.open("acme").remembers());
}

TEST_CASE("what is to be put back is known before others can see it") {
    GitPlace place;
    auto const copy = place.folder.path() / "acme";
    auto const hook = place.repository() / "hooks/post-receive";
    // Runs before the push ends: what a kill there would leave.
    base::write_file(hook, "#!/bin/sh\nunset GIT_DIR GIT_QUARANTINE_PATH\nfor copy in " + copy.string() +
                               "/*.git; do\ngit --git-dir=$copy ls-tree -r --name-only refs/exchange/own > " +
                               (place.folder.path() / "known").string() + "\ndone\n");
    std::filesystem::permissions(hook, std::filesystem::perms::owner_all);
    auto acme = place.open("acme");
    acme.write("acme/tile/entries/000.p/3", "entries");
    acme.write("acme/checkpoint", "one");
    acme.settle();
    CHECK(base::read_text(place.folder.path() / "known", 1000) == "acme/tile/entries/000.p/3\n");
}

TEST_CASE("what cannot be noted as written here is not pushed") {
    GitPlace place;
    place.open("acme").list("");
    auto const copy = std::filesystem::directory_iterator(place.folder.path() / "acme")->path();
    auto const repository = copy.extension() == ".git" ? copy : base::Path(copy).replace_extension();
    auto const in_the_way = repository / "refs/exchange/own";
    std::filesystem::create_directories(in_the_way);
    base::write_file(in_the_way / "another", "");
    auto acme = place.open("acme");
    acme.write("acme/tile/0/000.p/1", "one");
    acme.write("acme/checkpoint", "one");
    CHECK(code_of([&] { acme.settle(); }) == Code::storage);
    CHECK(place.git({"for-each-ref"}).empty());
    std::filesystem::remove_all(in_the_way);
    auto again = place.open("acme");
    again.write("acme/checkpoint", "one");
    again.settle();
    CHECK(place.git({"show", "main:acme/checkpoint"}) == "one");
}

TEST_CASE("links, submodules and programs are not read, and other names are nobody's") {
    GitPlace place;
    place.rewrite(
        "M 120000 inline acme/link\ndata 11\n/etc/passwd\n"
        "M 160000 1111111111111111111111111111111111111111 acme/module\n"
        "M 100755 inline acme/program\ndata 2\n:\n\n"
        "M 100644 inline acme/checkpoint\ndata 3\none\n"
        "M 100644 inline README\ndata 2\nhi\n"
        "M 120000 inline globex\ndata 4\nacme\n");
    auto const here = place.open("initech");
    CHECK(here.list("") == Names{"acme"});
    CHECK(here.list("acme") == Names{"checkpoint"});
    for (auto const* path : {"acme/link", "acme/module", "acme/program"}) {
        CAPTURE(path);
        CHECK(code_of([&] { here.read(path, 100); }) == Code::malformed);
        CHECK_FALSE(here.has(path));
    }
    CHECK_FALSE(here.read("globex/checkpoint", 10));
    CHECK_FALSE(here.read("acme/link/passwd", 10));
    CHECK(code_of([&] { here.read("../x", 10); }) == Code::malformed);
    auto globex = place.open("globex");
    globex.write("globex/checkpoint", "one");  // over the link of that name
    globex.settle();
    CHECK(place.open("initech").read("globex/checkpoint", 3) == "one");
}

TEST_CASE("what others push is bounded") {
    GitPlace place;
    std::string noise(300'000, '\0');
    std::uint32_t state = 1;
    for (auto& c : noise) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24);
    place.rewrite("M 100644 inline globex/big\ndata 300000\n" + noise +
                  "\nM 100644 inline acme/a\ndata 1\na\n");
    auto const small = place.open("acme", {.fetch = 100'000, .listing = 1000, .tries = 2});
    try {
        small.read("acme/a", 10);
        FAIL("read");
    } catch (base::Error const& error) {
        CHECK(error.code() == Code::malformed);
        CHECK(port::place_of(error) == place.location());
    }
    auto const connections = place.connections();
    CHECK(code_of([&] { small.list(""); }) == Code::malformed);
    CHECK(place.connections() == connections);  // told again, not tried again
    // Nothing of it stays on the disk once somebody looks again.
    auto const other = place.open("acme", {.fetch = 1'000'000, .listing = 1000, .tries = 2});
    CHECK(other.read("acme/a", 10) == "a");
    for (auto const& entry : std::filesystem::recursive_directory_iterator(place.folder.path() / "acme"))
        CHECK(entry.path().filename().string().find("tmp_") == std::string::npos);

    std::string many = "M 100644 inline acme/a\ndata 1\na\n";
    for (int i = 0; i < 50; ++i) many += "M 100644 inline globex/" + std::to_string(i) + "\ndata 1\nx\n";
    place.rewrite(many);
    auto const third = place.open("acme", {.fetch = 1'000'000, .listing = 1000, .tries = 2});
    CHECK(code_of([&] { third.read("globex/1", 10); }) == Code::malformed);  // too many names in one folder …
    CHECK(third.read("acme/a", 10) == "a");                                  // … spoil no other
}

TEST_CASE("what a killed git leaves behind stops nothing afterwards") {
    GitPlace place;
    std::string noise(300'000, '\0');
    std::uint32_t state = 1;
    for (auto& c : noise) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24);
    place.rewrite("M 100644 inline globex/big\ndata 300000\n" + noise + "\n");
    auto const cache = place.folder.path() / "acme";
    // A connection that ends in the middle of the pack, with the git that reads it.
    auto const killing = place.folder.path() / "killing_ssh";
    base::write_file(
        killing, "#!/bin/sh\nsh -c \"$2\" | { dd bs=1 count=20000 status=none; timeout 20 sh -c 'until ls " +
                     cache.string() + "/*/shallow.lock; do :; done' >/dev/null 2>&1; kill -9 $PPID; }\n");
    std::filesystem::permissions(killing, std::filesystem::perms::owner_all);
    auto const usual = std::string(getenv("GIT_SSH_COMMAND"));
    setenv("GIT_SSH_COMMAND", killing.c_str(), 1);
    CHECK(code_of([&] { place.open("acme").list(""); }) == Code::unavailable);
    setenv("GIT_SSH_COMMAND", usual.c_str(), 1);
    auto const copy = std::filesystem::directory_iterator(cache)->path();
    auto const repository = copy.extension() == ".git" ? copy : base::Path(copy).replace_extension();
    REQUIRE(base::exists(repository / "shallow.lock"));
    CHECK(place.open("acme").list("") == Names{"globex"});

    for (auto const* lock :
         {"config.lock", "packed-refs.lock", "refs/exchange/own.lock", "refs/exchange/tip.lock"})
        base::write_file(repository / lock, "");
    auto acme = place.open("acme");
    acme.write("acme/checkpoint", "one");
    acme.settle();
    CHECK(place.git({"show", "main:acme/checkpoint"}) == "one");

    // Stopped while the copy was made.
    std::filesystem::remove_all(repository / "objects");
    std::filesystem::remove(repository / "config");
    CHECK(place.open("acme").read("acme/checkpoint", 3) == "one");
}

TEST_CASE("a place that cannot be used says why, and is asked once") {
    GitPlace place;
    auto const open = [&](std::string const& where) {
        exchange::Means means;
        static FixedClock clock;
        means.member = "acme";
        means.cache = place.folder.path() / "cache";
        means.clock = &clock;
        return exchange::open({.at = where}, means);
    };
    CHECK(code_of([&] { open("git@nowhere:x.git")->list(""); }) == Code::unavailable);
    CHECK(code_of([&] { open("git@stranger:x.git")->list(""); }) == Code::not_authorized);
    CHECK(code_of([&] { open("git@here:/nowhere.git")->list(""); }) == Code::unavailable);
    CHECK(open(place.location() + "#other")->list("")->empty());
    auto const unwritable = open("git@nowhere:x.git");
    unwritable->write("acme/checkpoint", "x");
    CHECK(code_of([&] { unwritable->settle(); }) == Code::unavailable);

    // A branch that the owner protects.
    base::write_file(place.repository() / "hooks/pre-receive", "#!/bin/sh\necho protected >&2\nexit 1\n");
    std::filesystem::permissions(place.repository() / "hooks/pre-receive", std::filesystem::perms::owner_all);
    auto const closed = open(place.location());
    closed->write("acme/checkpoint", "x");
    CHECK(code_of([&] { closed->settle(); }) == Code::not_authorized);

    setenv("PATH", "/nonexistent", 1);
    auto const without = code_of([&] { open(place.location())->list(""); });
    setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
    CHECK(without == Code::unsupported);
}

TEST_CASE("of the user's own git settings only those count that say how to get through") {
    GitPlace place;
    base::write_file(place.folder.path() / ".gitconfig",
                     "[url \"git@nowhere:\"]\n\tinsteadOf = git@here:\n[core]\n\thooksPath = " +
                         (place.folder.path() / "hooks").string() +
                         "\n[protocol \"file\"]\n\tallow = always\n");
    auto acme = place.open("acme");
    acme.write("acme/checkpoint", "one");
    acme.settle();
    CHECK(place.git({"show", "main:acme/checkpoint"}) == "one");
    unsetenv("GIT_SSH_COMMAND");
    auto const support = std::filesystem::path(consortium::test::data_folder()).parent_path() / "support";
    base::write_file(place.folder.path() / ".gitconfig",
                     "[core]\n\tsshCommand = " + (support / "local_ssh").string() + "\n");
    CHECK(place.open("globex").read("acme/checkpoint", 3) == "one");
}

TEST_CASE("the copy stays small however often is fetched and written") {
    GitPlace place;
    for (int i = 0; i < 40; ++i) {
        auto acme = place.open("acme");
        acme.write("acme/checkpoint", std::to_string(i));
        acme.settle();
    }
    int packs = 0;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(place.folder.path() / "acme"))
        packs += entry.path().extension() == ".pack" ? 1 : 0;
    CHECK(packs < 31);
    CHECK(place.open("acme").read("acme/checkpoint", 2) == "39");
}

TEST_CASE("git repositories by their names") {
    auto const url = [](char const* place) {
        auto const address = GitAddress::parse(place);
        return address ? address->url + " " + address->branch : "";
    };
    CHECK(url("git+https://example.org/x.git") == "https://example.org/x.git main");
    CHECK(url("git+ssh://git@example.org:22/x.git#tree") == "ssh://git@example.org:22/x.git tree");
    CHECK(url("git@example.org:x.git#a/b") == "git@example.org:x.git a/b");
    CHECK(url("ssh://git@example.org/x") == "ssh://git@example.org/x main");
    for (auto const* other :
         {"/srv/exchange", "./a@b/c:d", "https://example.org/x", "s3://bucket/x", "relative"})
        CHECK(url(other).empty());
    for (auto const* wrong :
         {"git+http://example.org/x", "git+file:///srv/x", "git+ext::sh -c id",
          "git+https://me:secret@example.org/x", "git@-oProxyCommand=id:x", "git+ssh://-oProxyCommand=id/x",
          "git@example.org:x#-f", "git@example.org:x#a..b", "git@example.org:x#", "git@example.org:a b",
          "git+https:///x"}) {
        CAPTURE(wrong);
        CHECK(code_of([&] { GitAddress::parse(wrong); }) == Code::usage);
    }
    for (auto const* with_password :
         {"git+https://me:secret@example.org/x", "git+https://me:secret@more@example.org/x",
          "git+https://me:sec ret@example.org/x", "git+http://me:secret@example.org/x",
          "git+https://me:secret@example.org/x#-f", "git+https://me:secret@/x"}) {
        CAPTURE(with_password);
        try {
            GitAddress::parse(with_password);
            FAIL("taken");
        } catch (base::Error const& error) {
            CHECK(error.code() == Code::usage);
            CHECK(error.message().find("me") == std::string::npos);
        }
    }
}
