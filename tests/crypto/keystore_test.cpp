#include "core/crypto/keystore.h"

#include "core/base/error.h"
#include "core/crypto/public_key.h"
#include "core/crypto/signer.h"
#include "core/crypto/verifier.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/stat.h>

using namespace consortium;

namespace {

port::Keyring::Passphrase answer(std::string words) {
    return [words](std::string_view) { return base::Secret::from_text(std::string(words)); };
}

base::Secret secret(std::string words) {
    return base::Secret::from_text(std::move(words));
}

int mode_of(base::Path const& file) {
    struct stat status {};
    return stat(file.c_str(), &status) == 0 ? static_cast<int>(status.st_mode & 0777) : -1;
}

int run(std::string const& command) {
    return std::system((command + " >/dev/null 2>&1").c_str());
}

}  // namespace

TEST_CASE("keystore: a key that is made can be opened again and signs") {
    base::TemporaryFolder folder;
    for (std::string const algorithm : {"ed25519", "p256", "p384"}) {
        CAPTURE(algorithm);
        auto const made = crypto::open_keyring(folder.path(), answer("x"))
                              ->create(algorithm, algorithm, secret("correct horse"));
        CHECK(made.algorithm == algorithm);
        CHECK(made.encrypted);
        auto const keyring = crypto::open_keyring(folder.path(), answer("correct horse"));
        auto const signer = keyring->open(made.id);
        CHECK(signer->public_key() == made.public_key);
        auto const message = base::to_bytes("hello");
        CHECK(crypto::verify_raw(made.public_key, message, signer->sign(message)));
        CHECK_FALSE(crypto::verify_raw(made.public_key, base::to_bytes("hullo"), signer->sign(message)));
        CHECK(mode_of(folder.path() / (algorithm + ".pem")) == 0600);
    }
    CHECK(crypto::open_keyring(folder.path(), answer(""))->list().size() == 3);
}

TEST_CASE("keystore: an RSA key signs what openssl verifies, and no acts") {
    base::TemporaryFolder folder;
    auto const keyring = crypto::open_keyring(folder.path(), answer(""));
    auto const made = keyring->create("ca", "rsa3072", base::Secret());
    CHECK(made.algorithm == "rsa3072");
    auto const message = base::to_bytes("hello");
    auto const signature = keyring->open("ca")->sign(message);
    CHECK(signature.size() == 384);
    CHECK_FALSE(crypto::verify_raw(made.public_key, message, signature));
    CHECK_FALSE(crypto::algorithm_of(made.public_key));
    base::write_file(folder.path() / "message", message);
    base::write_file(folder.path() / "signature", signature);
    auto const verify =
        "cd " + folder.path().string() + "; openssl dgst -sha256 -verify ca.pub.pem -signature ";
    CHECK(run(verify + "signature message") == 0);
    CHECK(run(verify + "signature ca.pem") != 0);
}

TEST_CASE("keystore: of RSA keys only those of 3072 and 4096 bits with the usual exponent are held") {
    base::TemporaryFolder folder;
    auto const taken = [&](std::string const& options) {
        auto const file = folder.path() / "key.pem";
        REQUIRE(run("openssl genpkey -algorithm RSA " + options + " -out " + file.string()) == 0);
        auto const der = crypto::private_from_pem(base::read_file(file, 65'536), base::Secret(), "key");
        try {
            return crypto::make_signer(der)->algorithm();
        } catch (base::Error const& error) {
            CHECK(error.code() == base::Code::malformed);
            return std::string();
        }
    };
    CHECK(taken("-pkeyopt rsa_keygen_bits:4096") == "rsa4096");
    CHECK(taken("-pkeyopt rsa_keygen_bits:2048").empty());
    CHECK(taken("-pkeyopt rsa_keygen_bits:3072 -pkeyopt rsa_keygen_pubexp:3").empty());
}

TEST_CASE("keystore: openssl reads the key with its passphrase, and only with it") {
    base::TemporaryFolder folder;
    auto const keyring = crypto::open_keyring(folder.path(), answer(""));
    for (std::string const algorithm : {"ed25519", "p256"}) {
        keyring->create(algorithm, algorithm, secret("s3cret words"));
        auto const read = "openssl pkey -noout -in " + (folder.path() / (algorithm + ".pem")).string();
        CHECK(run(read + " -passin 'pass:s3cret words'") == 0);
        CHECK(run(read + " -passin pass:wrong") != 0);
    }
    keyring->create("plain", "p256", {});
    CHECK(run("openssl pkey -noout -in " + (folder.path() / "plain.pem").string()) == 0);
}

TEST_CASE("keystore: keys that openssl made can be imported, whatever scheme encrypts them") {
    base::TemporaryFolder folder;
    auto const file = (folder.path() / "from.key").string();
    REQUIRE(run("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-128-cbc -pass pass:old "
                "-out " +
                file) == 0);
    auto const pem = base::read_file(file, 10'000);
    CHECK(code_of([&] { crypto::private_from_pem(pem, secret("wrong"), "from"); }) ==
          base::Code::not_authorized);
    auto const pkcs8 = crypto::private_from_pem(pem, secret("old"), "from");
    auto const info = crypto::import_key(folder.path(), "ada", pkcs8, secret("new"));
    CHECK(info.algorithm == "p256");
    CHECK(crypto::open_keyring(folder.path(), answer("new"))->open("ada")->id() == info.id);
}

TEST_CASE("keystore: refusals leave nothing behind") {
    base::TemporaryFolder folder;
    auto const keyring = crypto::open_keyring(folder.path(), answer("wrong"));
    auto const made = keyring->create("ada", "ed25519", secret("right"));
    auto const before = base::read_text(folder.path() / "ada.pem", 10'000);

    CHECK(code_of([&] { keyring->open("ada"); }) == base::Code::not_authorized);
    CHECK(code_of([&] { keyring->create("ada", "p256", {}); }) == base::Code::conflict);
    CHECK(base::read_text(folder.path() / "ada.pem", 10'000) == before);
    CHECK(code_of([&] { keyring->create("bob", "rsa1024", {}); }) == base::Code::unsupported);
    CHECK(code_of([&] { keyring->create("../bob", "p256", {}); }) == base::Code::malformed);
    CHECK_FALSE(base::exists(folder.path() / "bob.pem"));
    CHECK(code_of([&] { keyring->open("bob"); }) == base::Code::not_found);
    CHECK(code_of([&] { keyring->open(base::sha256("nobody")); }) == base::Code::not_found);
    CHECK(keyring->has(made.id));
    CHECK_FALSE(keyring->has(base::sha256("nobody")));

    // A public key in the way: the private one must not stay without it.
    base::write_file(folder.path() / "eve.pub.pem", "in the way");
    CHECK(code_of([&] { keyring->create("eve", "p256", {}); }) == base::Code::conflict);
    CHECK_FALSE(base::exists(folder.path() / "eve.pem"));
}

TEST_CASE("keystore: a key is found by the first digits of its id, those of certificates last") {
    base::TemporaryFolder folder;
    auto const keyring = crypto::open_keyring(folder.path(), {});
    CHECK_FALSE(keyring->find("").has_value());
    auto const leaf = keyring->create("cert-node1", "p256", {});
    CHECK(keyring->find("")->name == "cert-node1");
    auto const log = keyring->create("log", "ed25519", {});
    CHECK(keyring->find("")->name == "log");
    CHECK(keyring->find(leaf.id.hex().substr(0, 12))->name == "cert-node1");
    CHECK(keyring->find(log.id.hex())->public_key == log.public_key);
    CHECK_FALSE(keyring->find(log.id.hex() + "0").has_value());
    // A public key alone opens nothing.
    std::filesystem::remove(folder.path() / "log.pem");
    CHECK_FALSE(crypto::open_keyring(folder.path(), {})->find(log.id.hex()).has_value());
}

TEST_CASE("keystore: a private key is given out by its folder only") {
    base::TemporaryFolder folder;
    auto const key =
        crypto::open_keyring(folder.path(), {})->create("node1", "p256", secret("correct horse"));
    auto const pkcs8 = crypto::private_key(folder.path(), "node1", answer("correct horse"));
    CHECK(crypto::make_signer(pkcs8)->public_key() == key.public_key);
    CHECK(code_of([&] { (void)crypto::private_key(folder.path(), "node1", answer("wrong")); }) ==
          base::Code::not_authorized);
    CHECK(code_of([&] { (void)crypto::private_key(folder.path(), "node2", {}); }) == base::Code::not_found);
}

TEST_CASE("keystore: the passphrase is asked for once, and not for an unencrypted key") {
    base::TemporaryFolder folder;
    int asked = 0;
    auto const keyring = crypto::open_keyring(folder.path(), [&](std::string_view name) {
        CHECK(name == "ada");
        ++asked;
        return secret("words");
    });
    keyring->create("ada", "ed25519", secret("words"));
    keyring->create("seat", "ed25519", {});
    keyring->open("ada");
    keyring->open("ada");
    keyring->open("seat");
    CHECK(asked == 1);
}

TEST_CASE("keystore: a private key beside another's public key is not used") {
    base::TemporaryFolder folder;
    auto const keyring = crypto::open_keyring(folder.path(), answer(""));
    keyring->create("ada", "ed25519", {});
    keyring->create("eve", "ed25519", {});
    std::filesystem::copy_file(folder.path() / "eve.pem", folder.path() / "ada.pem",
                               std::filesystem::copy_options::overwrite_existing);
    CHECK(code_of([&] { keyring->open("ada"); }) == base::Code::verification_failed);
}

TEST_CASE("keystore: damaged files are malformed, never a crash") {
    base::TemporaryFolder folder;
    auto const keyring = crypto::open_keyring(folder.path(), answer("words"));
    keyring->create("ada", "p256", secret("words"));
    auto const file = folder.path() / "ada.pem";
    auto const whole = base::read_text(file, 10'000);
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        base::write_file(file, std::string_view(whole).substr(0, size), base::FileMode::owner);
        auto const code = code_of([&] { keyring->open("ada"); });
        CHECK_MESSAGE((code == base::Code::malformed || code == base::Code::not_authorized), size);
    }
}

TEST_CASE("keystore: public keys of people who sign with ssh-keygen") {
    base::TemporaryFolder folder;
    auto const line =
        base::read_text(base::Path(consortium::test::data_folder()) / "sshsig" / "ed25519-256.pub", 10'000);
    auto const added = crypto::add_ssh_key(folder.path(), "ada", line);
    CHECK(added.algorithm == "ssh");
    CHECK(added.id == base::sha256(added.public_key));
    auto const all = crypto::ssh_keys(folder.path());
    REQUIRE(all.size() == 1);
    CHECK(all[0].id == added.id);
    CHECK(crypto::open_keyring(folder.path(), answer(""))->list().empty());
    CHECK(code_of([&] { crypto::add_ssh_key(folder.path(), "ada", line); }) == base::Code::conflict);
    CHECK(code_of([&] { crypto::open_keyring(folder.path(), answer(""))->create("ada", "p256", {}); }) ==
          base::Code::conflict);
    CHECK(code_of([&] { crypto::add_ssh_key(folder.path(), "bob", "ssh-rsa AAAA x"); }) ==
          base::Code::malformed);
}
