#include "core/crypto/sshsig.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/crypto/verifier.h"
#include "tests/support/data_folder.h"
#include "tests/support/signer.h"
#include "tests/support/ssh.h"

#include <doctest/doctest.h>

using namespace consortium;

namespace {

std::string data(std::string const& name) {
    return base::read_text(base::Path(consortium::test::data_folder()) / "sshsig" / name, 100'000);
}

bool holds(std::string const& key, std::string const& signature, std::string const& message) {
    return crypto::verifier().verify("sshsig", crypto::ssh_public_key(data(key)), base::as_bytes(message),
                                     crypto::ssh_signature(data(signature)));
}

}  // namespace

TEST_CASE("sshsig: what ssh-keygen signed verifies, for that message only") {
    auto const message = data("message");
    for (std::string const key : {"ed25519-256", "ecdsa-256", "ecdsa-384"}) {
        CAPTURE(key);
        CHECK(holds(key + ".pub", key + ".sig", message));
        CHECK_FALSE(holds(key + ".pub", key + ".sig", message + " "));
    }
    CHECK(holds("ed25519-256.pub", "ed25519-256.sha256.sig", message));
    CHECK_FALSE(holds("ecdsa-256.pub", "ed25519-256.sig", message));
}

TEST_CASE("sshsig: another namespace is another statement") {
    CHECK_FALSE(holds("ed25519-256.pub", "ed25519-256.other-namespace.sig", data("message")));
    CHECK(crypto::verify_ssh(crypto::ssh_public_key(data("ed25519-256.pub")), base::as_bytes(data("message")),
                             crypto::ssh_signature(data("ed25519-256.other-namespace.sig")), "file"));
}

TEST_CASE("sshsig: types that cannot sign acts are refused when they are read") {
    CHECK_THROWS_AS(crypto::ssh_public_key(data("ecdsa-521.pub")), base::Error);
    CHECK_THROWS_AS(crypto::ssh_public_key(data("rsa-2048.pub")), base::Error);
    CHECK_THROWS_AS(crypto::ssh_public_key("ssh-ed25519"), base::Error);
    CHECK_THROWS_AS(crypto::ssh_public_key("ssh-ed25519 AAAA"), base::Error);
    CHECK_THROWS_AS(crypto::ssh_signature("-----BEGIN SSH SIGNATURE-----"), base::Error);
    auto const blob = crypto::ssh_public_key(data("ed25519-256.pub"));
    CHECK_THROWS_AS(crypto::ssh_public_key("ecdsa-sha2-nistp256 " + base::to_base64(blob)), base::Error);
}

TEST_CASE("sshsig: a FIDO key's signature from OpenSSH's own tests") {
    auto const key = crypto::ssh_public_key(data("openssh.ed25519_sk.pub"));
    auto const signature = crypto::ssh_signature(data("openssh.ed25519_sk.sig"));
    CHECK(crypto::verify_ssh(key, base::as_bytes(data("openssh.signed-data")), signature, "unittest"));
    CHECK_FALSE(
        crypto::verify_ssh(key, base::as_bytes(data("openssh.signed-data")), signature, "consortium"));
    CHECK_FALSE(crypto::verify_ssh(key, base::as_bytes("other"), signature, "unittest"));
}

TEST_CASE("sshsig: a FIDO key must have been touched") {
    SshTestKey touched("ada", SshTestKey::Type::security_key);
    auto const message = base::to_bytes("an act");
    auto const& verifier = crypto::verifier();
    CHECK(verifier.verify("sshsig", touched.blob(), message, touched.sign(message, "consortium", 0x01)));
    CHECK(verifier.verify("sshsig", touched.blob(), message, touched.sign(message, "consortium", 0x05)));
    CHECK_FALSE(
        verifier.verify("sshsig", touched.blob(), message, touched.sign(message, "consortium", 0x00)));
    CHECK_FALSE(
        verifier.verify("sshsig", touched.blob(), message, touched.sign(message, "consortium", 0x04)));
}

TEST_CASE("sshsig: flipped bits and cut signatures are refused without a throw") {
    auto const message = base::to_bytes(data("message"));
    for (std::string const name : {"ed25519-256", "ecdsa-256"}) {
        auto const key = crypto::ssh_public_key(data(name + ".pub"));
        auto const signature = crypto::ssh_signature(data(name + ".sig"));
        for (std::size_t at = 0; at < signature.size(); ++at) {
            auto wrong = signature;
            wrong[at] ^= 0x40;
            CHECK_FALSE(crypto::verify_ssh(key, message, wrong, "consortium"));
            base::Bytes const cut(signature.begin(), signature.begin() + std::ptrdiff_t(at));
            CHECK_FALSE(crypto::verify_ssh(key, message, cut, "consortium"));
        }
        for (std::size_t at = 0; at < key.size(); ++at) {
            auto wrong = key;
            wrong[at] ^= 0x40;
            CHECK_FALSE(crypto::verify_ssh(wrong, message, signature, "consortium"));
        }
    }
}

TEST_CASE("what a signature says of itself, and the fingerprint that ssh-keygen shows") {
    auto const signature = crypto::ssh_signature(data("ed25519-256.other-namespace.sig"));
    CHECK(crypto::describe_ssh_signature(signature).name_space == "file");
    for (std::size_t size = 0; size < signature.size(); ++size)
        CHECK_THROWS_AS((void)crypto::describe_ssh_signature(base::BytesView(signature.data(), size)),
                        base::Error);
}
