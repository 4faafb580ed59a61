#include "core/crypto/token_key.h"

#include "core/base/error.h"
#include "core/crypto/keystore.h"
#include "core/crypto/pkcs11/uri.h"
#include "core/crypto/verifier.h"
#include "tests/support/code_of.h"
#include "tests/support/error_of.h"
#include "tests/support/fake_pkcs11.h"

#include <dlfcn.h>
#include <doctest/doctest.h>

using namespace consortium;
using base::Code;

namespace {

std::string const module_path = CONSORTIUM_FAKE_PKCS11;
std::string const token_uri = "pkcs11:token=fake?module-path=" + module_path;

/// The module as a test finds it, a folder of keys, and whoever knows the PIN.
struct Fixture {
    Fixture() : library(dlopen(module_path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        REQUIRE(library != nullptr);
        auto const of = reinterpret_cast<FakePkcs11Of>(dlsym(library, "fake_pkcs11"));
        REQUIRE(bool(of));
        fake = of();
        *fake = FakePkcs11();
    }
    ~Fixture() {
        CHECK(fake->sessions == 0);
        CHECK(fake->running == 0);
        dlclose(library);
    }

    crypto::KeyMeans pin() {
        crypto::KeyMeans means;
        means.trusted = crypto::TrustedPlaces(trusted.path() / "places");
        auto& out = means.pin;
        out.ask = [this](std::string_view) {
            ++asked;
            return base::Secret::from_text(std::string(words));
        };
        out.warn = [this](std::string const& text) { warnings.push_back(text); };
        return means;
    }
    port::KeyInfo create() { return crypto::create_token_key(folder.path(), "ca", "p256", token_uri, pin()); }
    std::unique_ptr<port::Keyring> keyring() { return crypto::open_keyring(folder.path(), {}, pin()); }
    std::string place(char const* name) const { return crypto::elsewhere(folder.path(), name); }
    bool is_empty() const { return std::filesystem::is_empty(folder.path()); }

    void* library;
    FakePkcs11* fake = nullptr;
    base::TemporaryFolder folder, trusted;
    std::string words = "1234";
    int asked = 0;
    std::vector<std::string> warnings;
};

}  // namespace

TEST_CASE("pkcs11: a URI is read as it is written, and strictly") {
    auto const uri = crypto::pkcs11::parse_uri(
        "pkcs11:token=The%20token;serial=01;id=%00%ffz;object=a%3Bb;type=private?module-path=/usr/lib/m.so");
    CHECK(uri.token == "The token");
    CHECK(uri.serial == "01");
    CHECK(uri.id == base::Bytes{0, 0xff, 'z'});
    CHECK(uri.object == "a;b");
    CHECK(uri.module_path == "/usr/lib/m.so");
    CHECK(crypto::pkcs11::parse_uri(crypto::pkcs11::to_text(uri)) == uri);
    std::string const path = "?module-path=/m.so";
    for (std::string const& wrong : std::vector<std::string>{
             "token=a" + path,
             "pkcs11:" + path,
             "pkcs11:token=a",
             "pkcs11:token=a?module-path=m.so",
             "pkcs11:token=a;token=b" + path,
             "pkcs11:token=" + path,
             "pkcs11:token=a;" + path,
             "pkcs11:token=a;;serial=1" + path,
             "pkcs11:token=a%2" + path,
             "pkcs11:token=a%2g" + path,
             "pkcs11:token=a b" + path,
             "pkcs11:token=a/b" + path,
             "pkcs11:token=%0A" + path,
             "pkcs11:token=%ff" + path,
             "pkcs11:token=a;slot-id=1" + path,
             "pkcs11:token=a;type=public" + path,
             "pkcs11:token=a;=b" + path,
             "pkcs11:token" + path,
             "pkcs11:token=a?module-name=m",
             "pkcs11:token=a" + path + "&",
             "pkcs11:token=a" + path + "&pin-source=/p",
             "PKCS11:token=a" + path,
         }) {
        CAPTURE(wrong);
        CHECK(code_of([&] { crypto::pkcs11::parse_uri(wrong); }) == Code::usage);
    }
    auto const secret =
        error_of([&] { crypto::pkcs11::parse_uri("pkcs11:token=a" + path + "&pin-value=8765"); });
    CHECK(secret.message().find("8765") == std::string::npos);
    CHECK(secret.hint().find("--pin-file") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: a key on a token signs, and only its URI is in the folder") {
    auto const made = create();
    CHECK(made.algorithm == "p256");
    CHECK(made.encrypted);
    CHECK(place("ca").starts_with("pkcs11:token=fake;serial=0;id="));
    CHECK(base::read_text(folder.path() / "ca.pkcs11", 4096) == place("ca") + "\n");
    CHECK_FALSE(base::exists(folder.path() / "ca.pem"));
    CHECK(crypto::has_key(folder.path(), "ca"));
    {
        auto const keys = keyring();
        auto const message = base::to_bytes("hello");
        for (int i = 0; i < 8; ++i)  // r and s begin with a zero or a high bit now and then
            CHECK(crypto::verify_raw(made.public_key, message, keys->open(made.id)->sign(message)));
        CHECK(keys->list().front().id == made.id);
        CHECK(asked == 2);
    }
    CHECK(code_of([&] { create(); }) == Code::conflict);
    auto const adopted = crypto::import_token_key(folder.path(), "again", crypto::pkcs11::to_text([&] {
                                                      auto uri = crypto::pkcs11::parse_uri(place("ca"));
                                                      uri.object.clear();
                                                      return uri;
                                                  }()),
                                                  pin());
    CHECK(adopted.public_key == made.public_key);
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: a wrong PIN is given once, however many keys there are") {
    auto const made = create();
    base::write_file(folder.path() / "ca-2.pkcs11", place("ca") + "\n");
    std::filesystem::copy(folder.path() / "ca.pub.pem", folder.path() / "ca-2.pub.pem");
    crypto::trust_place(folder.path(), "ca-2", pin().trusted);
    fake->logins = asked = 0;
    words = "4321";
    auto const keys = keyring();
    for (auto const* name : {"ca", "ca", "ca-2"}) {
        auto const error = error_of([&] { keys->open(name); });
        CHECK(error.code() == Code::not_authorized);
        CHECK(error.message() == "wrong PIN for PKCS#11 token 'fake'");
        CHECK(error.hint().find("locks") != std::string::npos);
        CHECK(error.details().back().second == "few");
    }
    CHECK(fake->logins == 1);
    CHECK(asked == 1);
    CHECK(fake->pin == "4321");
}

TEST_CASE_FIXTURE(Fixture,
                  "pkcs11: a module that came with a copied folder is not loaded until it is trusted") {
    auto const made = create();
    std::filesystem::remove_all(trusted.path() / "places");  // another machine, or another user
    fake->logins = asked = 0;
    CHECK(crypto::untrusted_places(folder.path(), pin().trusted) == std::vector<std::string>{"ca"});
    auto const refused = error_of([&] { keyring()->open("ca"); });
    REQUIRE(refused.code() == Code::refused);
    CHECK(refused.hint() == "if it is yours, run 'consortium key trust ca'");
    CHECK(refused.details().front().second == place("ca"));
    CHECK(keyring()->list().front().id == made.id);
    CHECK(fake->logins == 0);
    CHECK(crypto::trust_place(folder.path(), "ca", pin().trusted) == place("ca"));
    CHECK(crypto::untrusted_places(folder.path(), pin().trusted).empty());
    CHECK_NOTHROW(keyring()->open("ca")->sign(base::to_bytes("x")));
    // What is trusted is this line: not another one, and not for another name.
    std::filesystem::copy(folder.path() / "ca.pkcs11", folder.path() / "cb.pkcs11");
    std::filesystem::copy(folder.path() / "ca.pub.pem", folder.path() / "cb.pub.pem");
    CHECK(code_of([&] { keyring()->open("cb"); }) == Code::refused);
    auto uri = crypto::pkcs11::parse_uri(place("ca"));
    uri.module_path = "/nowhere/module.so";
    base::write_file(folder.path() / "ca.pkcs11", crypto::pkcs11::to_text(uri) + "\n");
    CHECK(code_of([&] { keyring()->open("ca"); }) == Code::refused);
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: no PIN is tried where it cannot help") {
    words = "123";  // shorter than the token takes
    CHECK(code_of([&] { create(); }) == Code::not_authorized);
    words = "";
    CHECK(code_of([&] { create(); }) == Code::not_authorized);
    words = "1234";
    fake->flags |= CKF_USER_PIN_LOCKED;
    CHECK(error_of([&] { create(); }).message() == "the PIN of PKCS#11 token 'fake' is locked");
    fake->flags = CKF_LOGIN_REQUIRED | CKF_TOKEN_INITIALIZED;
    CHECK(code_of([&] { create(); }) == Code::not_authorized);
    CHECK(fake->logins == 0);
    CHECK(is_empty());
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: the last attempt is made only where that is allowed") {
    fake->flags |= CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW;
    auto const refused = error_of([&] { create(); });
    CHECK(refused.code() == Code::declined);
    CHECK(refused.hint().find("--last-pin-try") != std::string::npos);
    CHECK(asked == 0);
    CHECK(fake->logins == 0);
    auto allowed = pin();
    allowed.pin.last_try = crypto::Pin::LastTry::allowed;
    crypto::create_token_key(folder.path(), "ca", "p256", token_uri, allowed);
    CHECK(fake->logins == 1);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.front().find("another one locks it") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: a token that is pulled out half-way leaves nothing half-written") {
    for (CK_RV const gone : {CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_SESSION_HANDLE_INVALID}) {
        fake->generate = gone;
        CHECK(code_of([&] { create(); }) == Code::unavailable);
        CHECK(is_empty());
        fake->generate = CKR_OK;
        fake->sign = gone;
        CHECK(code_of([&] { create(); }) == Code::unavailable);
        CHECK(is_empty());
        CHECK_FALSE(fake->has_pair);
        fake->sign = CKR_OK;
    }
    create();
    auto const keys = keyring();
    auto const signer = keys->open("ca");
    fake->sign = CKR_DEVICE_REMOVED;
    auto const error = error_of([&] { signer->sign(base::to_bytes("x")); });
    CHECK(error.code() == Code::unavailable);
    CHECK(error.message() == "signing on PKCS#11 token 'fake' failed: CKR_DEVICE_REMOVED");
    fake->tokens = 0;
    CHECK(code_of([&] { keyring()->open("ca"); }) == Code::unavailable);
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: a wrong signature is given to nobody") {
    create();
    auto const keys = keyring();
    auto const signer = keys->open("ca");
    fake->lies = true;
    CHECK(code_of([&] { signer->sign(base::to_bytes("x")); }) == Code::verification_failed);
    fake->lies = false;
    CHECK_NOTHROW(signer->sign(base::to_bytes("x")));
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: lengths that a module claims are believed no further than its buffers") {
    for (CK_ULONG const size : {CK_ULONG{2049}, CK_ULONG{1} << 40, CK_UNAVAILABLE_INFORMATION}) {
        fake->claimed_size = size;
        CHECK(code_of([&] { create(); }) == Code::internal);
        CHECK(is_empty());
    }
    fake->claimed_size = 0;
    create();
    auto const keys = keyring();
    auto const signer = keys->open("ca");
    fake->claimed_size = CK_ULONG{1} << 40;
    CHECK(code_of([&] { signer->sign(base::to_bytes("x")); }) == Code::internal);
    fake->claimed_size = 63;  // no halves
    CHECK(code_of([&] { signer->sign(base::to_bytes("x")); }) == Code::verification_failed);
    fake->claimed_slots = CK_ULONG{1} << 40;
    CHECK(code_of([&] { keyring()->open("ca"); }) == Code::internal);
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: a pair that the token would give away is destroyed, and not adopted") {
    auto const made = create();
    fake->gives_away = true;
    CHECK(code_of([&] { crypto::import_token_key(folder.path(), "b", place("ca"), pin()); }) ==
          Code::refused);
    CHECK(code_of([&] { crypto::create_token_key(folder.path(), "b", "p256", token_uri, pin()); }) ==
          Code::refused);
    CHECK_FALSE(fake->has_pair);
    CHECK_FALSE(crypto::has_key(folder.path(), "b"));
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: which token is meant must be plain") {
    fake->tokens = 2;
    auto const two = error_of([&] { create(); });
    CHECK(two.code() == Code::usage);
    CHECK(two.hint().find("serial=") != std::string::npos);
    auto const second = "pkcs11:token=fake;serial=1?module-path=" + module_path;
    crypto::create_token_key(folder.path(), "ca", "p256", second, pin());
    CHECK(place("ca").starts_with("pkcs11:token=fake;serial=1;"));
    CHECK(code_of([&] {
              crypto::create_token_key(folder.path(), "b", "p256",
                                       "pkcs11:token=f?module-path=" + module_path, pin());
          }) == Code::unavailable);
    CHECK(code_of([&] {
              crypto::import_token_key(folder.path(), "b", second, pin());  // names no key
          }) == Code::usage);
    CHECK(code_of([&] {
              crypto::create_token_key(folder.path(), "b", "p256", "pkcs11:token=f?module-path=/nowhere.so",
                                       pin());
          }) == Code::unsupported);
    auto const none = "pkcs11:token=f?module-path=" + (folder.path() / "ca.pub.pem").string();
    CHECK(code_of([&] { crypto::create_token_key(folder.path(), "b", "p256", none, pin()); }) ==
          Code::unsupported);
}

TEST_CASE_FIXTURE(Fixture, "pkcs11: a description that is damaged names its file and loads nothing") {
    create();
    for (std::string const text : {"", "\n", "pkcs11:token=fake?module-path=m.so\n", "pkcs11:\n\n", "x"}) {
        base::write_file(folder.path() / "ca.pkcs11", text);
        CAPTURE(text);
        auto const code = code_of([&] { keyring()->info("ca"); });
        CHECK((code == Code::malformed || code == Code::usage));
    }
}
