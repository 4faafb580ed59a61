#include "core/base/error.h"
#include "core/base/file.h"
#include "core/crypto/sshsig.h"
#include "core/crypto/verifier.h"
#include "tests/support/ssh.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace consortium;

namespace {

int run(std::string const& command) {
    return std::system((command + " >/dev/null 2>&1").c_str());
}

/// A missing peer is said to be missing, never counted as passed.
bool has_peer() {
    bool const found = run("command -v ssh-keygen") == 0;
    if (!found) MESSAGE("SKIPPED ssh-keygen: package openssh-client is not installed");
    return found;
}

std::string const act = "DSSEv1 44 application/vnd.consortium.act.v1+json 17 {\"kind\":\"ballot\"}";

}  // namespace

TEST_CASE("peer ssh-keygen: what it signs with a new key verifies here") {
    if (!has_peer()) return;
    for (std::string const type : {"ed25519", "ecdsa -b 256", "ecdsa -b 384"}) {
        CAPTURE(type);
        base::TemporaryFolder folder;
        auto const key = (folder.path() / "key").string();
        auto const message = (folder.path() / "act").string();
        base::write_file(message, act);
        REQUIRE(run("ssh-keygen -q -N '' -t " + type + " -f " + key) == 0);
        for (std::string const hash : {"sha256", "sha512"}) {
            std::filesystem::remove(message + ".sig");
            REQUIRE(run("ssh-keygen -Y sign -n consortium -O hashalg=" + hash + " -f " + key + " " +
                        message) == 0);
            auto const signature = crypto::ssh_signature(base::read_text(message + ".sig", 10'000));
            auto const blob = crypto::ssh_public_key(base::read_text(key + ".pub", 10'000));
            auto const& verifier = crypto::verifier();
            CHECK(verifier.verify("sshsig", blob, base::as_bytes(act), signature));
            CHECK_FALSE(verifier.verify("sshsig", blob, base::as_bytes(act + "\n"), signature));
        }
    }
}

TEST_CASE("peer ssh-keygen: what verifies here it accepts too, FIDO keys included") {
    if (!has_peer()) return;
    for (auto const type : {SshTestKey::Type::plain, SshTestKey::Type::security_key}) {
        base::TemporaryFolder folder;
        SshTestKey key("ada", type);
        auto const signature = key.sign(base::as_bytes(act), "consortium");
        REQUIRE(crypto::verify_ssh(key.blob(), base::as_bytes(act), signature, "consortium"));
        base::write_file(folder.path() / "act", act);
        base::write_file(folder.path() / "allowed", "ada " + key.line() + "\n");
        base::write_file(folder.path() / "act.sig", SshTestKey::armoured(signature));
        auto const verify = [&](std::string const& name_space) {
            return run("cd " + folder.path().string() + " && ssh-keygen -Y verify -f allowed -I ada -n " +
                       name_space + " -s act.sig < act");
        };
        CHECK(verify("consortium") == 0);
        CHECK(verify("file") != 0);
        base::write_file(folder.path() / "act", act + " ");
        CHECK(verify("consortium") != 0);
    }
}
