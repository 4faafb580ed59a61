#include "core/crypto/key_command.h"

#include "core/base/error.h"
#include "core/crypto/key_folder.h"
#include "core/crypto/keystore.h"
#include "core/crypto/signer.h"
#include "tests/support/code_of.h"
#include "tests/support/error_of.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace consortium;
using base::Code;

namespace {

/// A program that keeps what it is given, and gives what it is told to: the signature that the real key made.
struct Fixture {
    explicit Fixture(std::string const& algorithm = "p256")
        : real(crypto::make_signer(crypto::generate_key(algorithm))) {
        says("cat >" + file("input") + "; cat " + file("signature"));
        prepare(crypto::pair_question);
    }

    std::string file(std::string const& name) const { return (work.path() / name).string(); }
    void says(std::string const& script) {
        base::write_file(program, "#!/bin/sh\n" + script + "\n");
        std::filesystem::permissions(program, std::filesystem::perms{0755});
    }
    /// What the key would sign.
    void prepare(std::string_view message) {
        base::write_file(work.path() / "signature", real->sign(base::as_bytes(message)));
    }
    crypto::KeyCommand command() const { return {{program.string()}, {}, base::Duration{60}}; }
    port::KeyInfo import(crypto::KeyCommand const& wanted) const {
        return crypto::import_command_key(keys.path(), "ca", wanted, real->public_key(), trusted);
    }
    std::unique_ptr<port::Keyring> keyring() const {
        return crypto::open_keyring(keys.path(), {}, {.trusted = trusted});
    }
    base::Bytes sign(std::string_view message) const {
        return keyring()->open("ca")->sign(base::as_bytes(message));
    }
    std::string given() const { return base::read_text(work.path() / "input", 10'000); }
    bool is_empty() const { return std::filesystem::is_empty(keys.path()); }

    base::TemporaryFolder work, keys;
    crypto::TrustedPlaces trusted{work.path() / "places"};
    base::Path program = work.path() / "sign";
    std::shared_ptr<port::Signer> real;
};

}  // namespace

TEST_CASE("command: it is given the hash, for Ed25519 the message, and its signature is used") {
    struct Row {
        char const* algorithm;
        std::size_t size;
    };
    for (auto const& [algorithm, size] :
         {Row{"p256", 32}, Row{"p384", 48}, Row{"rsa3072", 32}, Row{"ed25519", 5}}) {
        CAPTURE(algorithm);
        Fixture here(algorithm);
        auto const made = here.import(here.command());
        CHECK(made.algorithm == algorithm);
        CHECK_FALSE(made.encrypted);
        CHECK(made.public_key == here.real->public_key());
        here.prepare("hello");
        CHECK(here.sign("hello") == base::read_file(here.work.path() / "signature", 10'000));
        auto const given = here.given();
        CHECK(given.size() == size);
        if (size == 5) CHECK(given == "hello");
        if (size == 32) CHECK(given == base::as_text(base::sha256("hello").view()));
        CHECK(code_of([&] { here.import(here.command()); }) == Code::conflict);
    }
}

TEST_CASE_FIXTURE(Fixture, "command: only its words are in the folder, and nobody else reads them") {
    import({{program.string(), "--key", "it's"}, {"AWS_*"}, base::Duration { 90 }});
    CHECK(
        base::read_text(keys.path() / "ca.command", 4096) ==
        R"({"arguments":[")" + program.string() +
            R"(","--key","it's"],"format":"consortium.key-command/1","time_limit":"PT1M30S","variables":["AWS_*"]})" +
            "\n");
    CHECK(std::filesystem::status(keys.path() / "ca.command").permissions() == std::filesystem::perms{0600});
    CHECK(crypto::elsewhere(keys.path(), "ca") == program.string() + " --key 'it'\\''s'");
    CHECK_FALSE(base::exists(keys.path() / "ca.pem"));
    CHECK(keyring()->list().front().name == "ca");
}

TEST_CASE_FIXTURE(Fixture, "command: what it sees of us is what is said that it sees") {
    setenv("AWS_PROFILE", "signing", 1);
    setenv("AWS_REGION", "north", 1);
    setenv("OTHER", "hidden", 1);
    setenv("CONSORTIUM_PASSPHRASE_FILE", "/secret", 1);
    says("env >" + file("environment") + "; pwd >" + file("folder") + "; cat " + file("signature"));
    import({{program.string()}, {"AWS_*", "OTHER_ONE"}, base::Duration { 60 }});
    auto const environment = "\n" + base::read_text(work.path() / "environment", 100'000);
    for (std::string const wanted :
         {"\nAWS_PROFILE=signing\n", "\nAWS_REGION=north\n", "\nCONSORTIUM_KEY=ca\n",
          "\nCONSORTIUM_ALGORITHM=p256\n", "\nCONSORTIUM_DIGEST=sha256\n", "\nPATH="})
        CHECK_MESSAGE(environment.find(wanted) != std::string::npos, wanted);
    for (std::string const hidden : {"\nOTHER=", "\nCONSORTIUM_PASSPHRASE_FILE="})
        CHECK_MESSAGE(environment.find(hidden) == std::string::npos, hidden);
    CHECK(base::read_text(work.path() / "folder", 100) == "/\n");
    for (auto const* name : {"AWS_PROFILE", "AWS_REGION", "OTHER", "CONSORTIUM_PASSPHRASE_FILE"})
        unsetenv(name);
}

TEST_CASE_FIXTURE(Fixture,
                  "command: one that lies, fails, talks or hangs is told apart, and leaves nothing") {
    Fixture const other;
    struct Row {
        std::string script;
        Code code;
        std::string words;
    };
    std::string const begin = "the command that signs with key 'ca' ";
    auto const lies = "what was signed with key 'ca' does not verify with its public key";
    for (auto const& row : {
             Row{"cat " + other.file("signature"), Code::verification_failed, lies},
             Row{"echo nonsense", Code::verification_failed, lies},
             Row{"cat " + file("signature") + "; echo", Code::verification_failed, lies},
             Row{"exit 0", Code::unavailable, begin + "gave no signature"},
             Row{"cat " + file("signature") + "; exit 3", Code::unavailable, begin + "ended with status 3"},
             Row{"kill -9 $$", Code::unavailable, begin + "was ended by a signal"},
             Row{"yes", Code::unavailable, begin + "gave more than 4096 bytes and was ended"},
             Row{"exec sleep 1000", Code::unavailable, begin + "took longer than PT1S and was ended"},
         }) {
        CAPTURE(row.script);
        says(row.script);
        auto wanted = command();
        if (row.script.find("sleep") != std::string::npos) wanted.time_limit = base::Duration{1};
        auto const error = error_of([&] { import(wanted); });
        CHECK(error.code() == row.code);
        CHECK(error.message() == row.words);
        CHECK(is_empty());
    }
    says("echo one >&2; echo AccessDenied: no such key >&2; exit 255");
    CHECK(error_of([&] { import(command()); }).details().back() ==
          std::pair<std::string, std::string>{"said", "one; AccessDenied: no such key"});
}

TEST_CASE_FIXTURE(Fixture, "command: a key that was fine is used no further when its program is not") {
    import(command());
    prepare("something else");
    CHECK(code_of([&] { sign("x"); }) == Code::verification_failed);
    prepare("x");
    CHECK_NOTHROW(sign("x"));
    std::filesystem::permissions(program, std::filesystem::perms{0757});
    auto const open = error_of([&] { sign("x"); });
    CHECK(open.code() == Code::refused);
    CHECK(open.message() == "the program '" + program.string() + "' can be changed by everybody");
    std::filesystem::permissions(program, std::filesystem::perms{0644});
    CHECK(code_of([&] { sign("x"); }) == Code::unsupported);
    std::filesystem::remove(program);
    CHECK(error_of([&] { sign("x"); }).message() ==
          "the program '" + program.string() + "', which signs with key 'ca', cannot be run");
}

TEST_CASE_FIXTURE(Fixture, "command: what came with a copied folder is not run until it is trusted") {
    import(command());
    trusted = crypto::TrustedPlaces(work.path() / "of-another-user");
    std::filesystem::remove(work.path() / "input");
    auto const refused = error_of([&] { sign("x"); });
    REQUIRE(refused.code() == Code::refused);
    CHECK(refused.details().front().second == program.string());
    CHECK_FALSE(base::exists(work.path() / "input"));
    CHECK(crypto::trust_place(keys.path(), "ca", trusted) == program.string());
    prepare("x");
    CHECK_NOTHROW(sign("x"));
    // Other words, another key, another name: another decision.
    auto const words = base::read_text(keys.path() / "ca.command", 4096);
    base::write_file(keys.path() / "ca.command",
                     crypto::to_text({{program.string(), "x"}, {}, base::Duration{60}}) + "\n");
    CHECK(code_of([&] { sign("x"); }) == Code::refused);
    base::write_file(keys.path() / "ca.command", words);
    CHECK_NOTHROW(sign("x"));
    base::write_file(keys.path() / "cb.command", words);
    std::filesystem::copy(keys.path() / "ca.pub.pem", keys.path() / "cb.pub.pem");
    CHECK(code_of([&] { keyring()->open("cb"); }) == Code::refused);
    // Nobody's: nothing is trusted where no list is.
    CHECK(code_of([&] { crypto::open_keyring(keys.path(), {})->open("ca"); }) == Code::refused);
    CHECK(code_of([&] { crypto::TrustedPlaces().add(base::Digest(), "x"); }) == Code::configuration);
}

TEST_CASE_FIXTURE(Fixture, "command: words are parted by blanks and kept together by quotes, no more") {
    auto const text = program.string() + R"( a  'b c' "d'e" f"g h"i '' $HOME \n)";
    auto const read = crypto::key_command(text, {}, base::Duration{60});
    CHECK(read.arguments ==
          std::vector<std::string>{program.string(), "a", "b c", "d'e", "fg hi", "", "$HOME", "\\n"});
    CHECK(crypto::key_command_from_text(crypto::to_text(read)).arguments == read.arguments);
    CHECK(code_of([&] { crypto::key_command("'open", {}, base::Duration{60}); }) == Code::usage);
    CHECK(code_of([&] { crypto::key_command("  ", {}, base::Duration{60}); }) == Code::usage);
    CHECK(code_of([&] { crypto::key_command("no-such-program-anywhere", {}, base::Duration{60}); }) ==
          Code::not_found);
    CHECK(code_of([&] { crypto::key_command(work.path().string(), {}, base::Duration{60}); }) ==
          Code::not_found);
    CHECK(code_of([&] { crypto::key_command(program.string(), {}, base::Duration{0}); }) == Code::usage);
    CHECK(code_of([&] { crypto::key_command(program.string(), {}, base::Duration{3601}); }) == Code::usage);
    for (std::string const variable :
         {"", "*", "A=B", "1A", "CONSORTIUM_PIN_FD", "CONSORTIUM_*", "A*B", "A B"}) {
        CAPTURE(variable);
        CHECK(code_of([&] { crypto::key_command(program.string(), {variable}, base::Duration{60}); }) ==
              Code::usage);
    }
}

TEST_CASE("command: a program is found once, and named by its absolute path from then on") {
    auto const found = crypto::key_command("sh -c true", {}, base::Duration{60}).arguments.front();
    CHECK(base::Path(found).is_absolute());
    CHECK(base::Path(found).filename() == "sh");
    CHECK(crypto::key_command("/bin/../bin/sh", {}, base::Duration{60}).arguments.front() == "/bin/sh");
}

TEST_CASE_FIXTURE(Fixture, "command: a file of another form is refused, and nothing run") {
    import(command());
    std::filesystem::remove(work.path() / "input");
    for (
        std::string const line :
        {"", "{}",
         R"({"arguments":[],"format":"consortium.key-command/1","time_limit":"PT1M","variables":[]})",
         R"({"arguments":["sign"],"format":"consortium.key-command/1","time_limit":"PT1M","variables":[]})",
         R"({"arguments":["/sign"],"format":"consortium.key-command/1","time_limit":"PT2H","variables":[]})",
         R"({"arguments":["/sign"],"format":"consortium.key-command/1","time_limit":"PT1M","variables":["*"]})",
         R"({"arguments":["/sign"],"format":"consortium.key-command/1","shell":true,"time_limit":"PT1M","variables":[]})"}) {
        CAPTURE(line);
        base::write_file(keys.path() / "ca.command", line + "\n");
        CHECK(code_of([&] { keyring()->open("ca"); }) == Code::malformed);
    }
    base::write_file(keys.path() / "ca.command", std::string_view(R"({"format":"consortium.key-command/2"})"
                                                                  "\n"));
    CHECK(code_of([&] { keyring()->open("ca"); }) == Code::too_new);
    CHECK_FALSE(base::exists(work.path() / "input"));
}
