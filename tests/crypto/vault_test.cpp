#include "core/crypto/vault.h"

#include "core/base/error.h"
#include "tests/support/code_of.h"
#include "tests/support/fakes.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;

namespace {

struct Fixture {
    base::TemporaryFolder folder;
    SeededEntropy entropy;
    std::unique_ptr<port::Vault> vault = crypto::open_vault(folder.path() / "private", entropy);

    base::Path key(std::string const& subject) const {
        return folder.path() / "private" / (subject + ".key");
    }
    base::Bytes seal(std::string const& words, std::string_view context = "act 1") {
        return vault->seal("ada", context, base::as_bytes(words));
    }
    std::string open(base::BytesView sealed, std::string_view context = "act 1") const {
        auto const plain = vault->open("ada", context, sealed);
        return plain ? std::string(plain->text()) : "no key";
    }
};

unsigned mode_of(base::Path const& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
}

}  // namespace

TEST_CASE("vault: what is sealed opens again, in its place only") {
    Fixture given;
    auto const sealed = given.seal("Ada Lovelace");
    CHECK(given.open(sealed) == "Ada Lovelace");
    CHECK(base::as_text(sealed).find("Lovelace") == std::string_view::npos);
    CHECK(given.seal("Ada Lovelace") != sealed);
    CHECK(given.open(given.seal("")).empty());
    CHECK(code_of([&] { given.open(sealed, "act 2"); }) == Code::verification_failed);
    for (std::size_t at : {std::size_t{0}, std::size_t{12}, sealed.size() / 2, sealed.size() - 1}) {
        auto changed = sealed;
        changed[at] ^= 1;
        CHECK(code_of([&] { given.open(changed); }) == Code::verification_failed);
    }
    CHECK(code_of([&] { given.open(base::BytesView(sealed).first(36)); }) == Code::verification_failed);
    CHECK(code_of([&] { given.vault->seal("../ada", "", {}); }) == Code::malformed);
}

TEST_CASE("vault: a key a person, readable by its owner only") {
    Fixture given;
    CHECK(given.vault->subjects().empty());
    given.seal("x");
    given.vault->seal("bob", "", base::as_bytes("y"));
    CHECK(given.vault->subjects() == std::vector<std::string>{"ada", "bob"});
    CHECK(mode_of(given.key("ada")) == 0600);
    CHECK(mode_of(given.folder.path() / "private") == 0700);
    CHECK(base::read_file(given.key("ada"), 32) != base::read_file(given.key("bob"), 32));
    auto const again = crypto::open_vault(given.folder.path() / "private", given.entropy);
    CHECK(again->open("bob", "", given.vault->seal("bob", "", base::as_bytes("z")))->text() == "z");
}

TEST_CASE("vault: a destroyed key is overwritten, and nothing opens without it") {
    Fixture given;
    auto const sealed = given.seal("Ada Lovelace");
    std::filesystem::create_hard_link(given.key("ada"), given.folder.path() / "beside");
    given.vault->destroy("ada");
    CHECK_FALSE(base::exists(given.key("ada")));
    CHECK(base::read_file(given.folder.path() / "beside", 64) == base::Bytes(32));
    CHECK(given.open(sealed) == "no key");
    CHECK_NOTHROW(given.vault->destroy("ada"));
    CHECK_NOTHROW(given.vault->destroy("nobody"));
    // A new key of the same person opens what is new, not what was.
    auto const later = given.seal("Ada King");
    CHECK(given.open(later) == "Ada King");
    CHECK(given.open(sealed) == "no key");
}

TEST_CASE("vault: a key that an erasure left overwritten is no key") {
    Fixture given;
    auto const sealed = given.seal("Ada Lovelace");
    base::write_file(given.key("ada"), base::BytesView(base::Bytes(32)), base::FileMode::owner);
    CHECK(given.open(sealed) == "no key");
    auto const later = given.seal("Ada King");
    CHECK(given.open(later) == "Ada King");
    CHECK(base::read_file(given.key("ada"), 32) != base::Bytes(32));
}
