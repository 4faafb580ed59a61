#include "core/crypto/ssh_certificate.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/crypto/signer.h"
#include "core/model/ssh_krl.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Bytes;
using base::Code;
using model::SshUse;

namespace {

std::string data(std::string const& name) {
    return base::read_text(base::Path(consortium::test::data_folder()) / "ssh" / name, 100'000);
}

model::SignedSshCertificate certificate(std::string const& name) {
    return model::ssh_certificate_from_line(data(name + "-cert.pub"));
}

Bytes whole(model::SignedSshCertificate const& one) {
    return model::join_ssh_certificate(one.tbs, one.signature);
}

std::vector<std::string> const certified{"ed25519", "p256",       "p384",   "p521",
                                         "rsa3072", "ed25519_sk", "p256_sk"};

Bytes blob_of(std::string const& type) {
    return crypto::ssh().read_key(data(type + ".pub")).blob;
}

std::string line(Bytes const& blob) {
    return model::ssh_line(blob, "");
}

}  // namespace

TEST_CASE("ssh: what ssh-keygen certified is read as it was asked for, and its signature holds") {
    auto const ada = certificate("ed25519").content;
    CHECK(ada.use == SshUse::user);
    CHECK(ada.serial == 7);
    CHECK(ada.key_id == "ada");
    CHECK(ada.principals == std::vector<std::string>{"ops", "backup"});
    CHECK(ada.valid_after == 1793491200);
    CHECK(ada.valid_before == 1793577600);
    CHECK(model::ssh_option_value(ada.critical.at("force-command")) == "/bin/true");
    CHECK(model::ssh_option_value(ada.critical.at("source-address")) == "10.0.0.0/8,2001:db8::1");
    CHECK(ada.critical.size() == 2);
    CHECK(ada.extensions == std::map<std::string, Bytes>{{"permit-pty", {}}});
    CHECK(certificate("p256").content.serial == ~std::uint64_t{0});
    CHECK(certificate("p256").content.valid_before == ~std::uint64_t{0});
    auto const node = certificate("p384").content;
    CHECK(node.use == SshUse::host);
    CHECK(node.principals == std::vector<std::string>{"node1.acme.example", "10.0.0.7"});
    for (auto const& type : certified) {
        CAPTURE(type);
        auto const one = certificate(type);
        CHECK(one.content.key == blob_of(type));
        CHECK(model::ssh_certificate_tbs(one.content) == one.tbs);
        CHECK(crypto::ssh().verify(one));
    }
    CHECK(certificate("rsa3072").content.authority == blob_of("ca-rsa3072"));
}

TEST_CASE("ssh: no octet of a certificate can be changed, cut off or added") {
    for (std::string const type : {"ed25519", "p384", "rsa3072"}) {
        CAPTURE(type);
        auto const good = whole(certificate(type));
        for (std::size_t i = 0; i < good.size(); ++i) {
            CAPTURE(i);
            auto bad = good;
            bad[i] ^= 1;
            bool holds = false;
            try {
                holds = crypto::ssh().verify(model::read_ssh_certificate(bad));
            } catch (base::Error const& error) {
                CHECK((error.code() == Code::malformed || error.code() == Code::refused));
            }
            CHECK_FALSE(holds);
            CHECK(code_of([&] { (void)model::read_ssh_certificate({good.data(), i}); }) == Code::malformed);
        }
        auto longer = good;
        longer.push_back(0);
        CHECK(code_of([&] { (void)model::read_ssh_certificate(longer); }) == Code::malformed);
    }
}

TEST_CASE("ssh: an authority of another type, or an older signature, does not hold") {
    auto one = certificate("ed25519");
    one.signature = certificate("p384").signature;
    CHECK_FALSE(crypto::ssh().verify(one));
    // ssh-rsa is SHA-1, and rsa-sha2-512 is not what is made here: the name must be that of the algorithm.
    auto rsa = certificate("rsa3072");
    model::SshReader in(rsa.signature);
    (void)in.text();
    auto const value = in.string();
    for (std::string_view const name : {"ssh-rsa", "rsa-sha2-512", ""}) {
        Bytes other;
        model::append_ssh_string(other, name);
        model::append_ssh_string(other, value);
        auto bad = rsa;
        bad.signature = other;
        CHECK_FALSE(crypto::ssh().verify(bad));
    }
    for (std::string const subject : {"p521", "rsa2048", "dsa"}) {
        auto bad = rsa;
        bad.content.authority = base::from_base64(base::split(data(subject + ".pub"), ' ').at(1));
        CHECK_FALSE(crypto::ssh().verify(bad));
    }
}

TEST_CASE("ssh: a key that this program makes is known to SSH, and certifies") {
    for (std::string const type : {"ed25519", "p256", "p384", "rsa3072"}) {
        CAPTURE(type);
        auto const signer = crypto::make_signer(crypto::generate_key(type));
        auto const& ssh = crypto::ssh();
        auto const blob = ssh.blob(signer->public_key());
        CHECK(ssh.read_key(line(blob)).blob == blob);
        CHECK(ssh.spki(blob) == signer->public_key());
        auto content = certificate("p384").content;
        content.authority = blob;
        auto const tbs = model::ssh_certificate_tbs(content);
        // r and s of an ECDSA signature have a leading zero, or less than their full length, now and then.
        for (int i = 0; i < 20; ++i) {
            auto const made =
                model::read_ssh_certificate(ssh.assemble(tbs, signer->algorithm(), signer->sign(tbs)));
            CHECK(made.content == content);
            CHECK(ssh.verify(made));
        }
    }
}

TEST_CASE("ssh: keys that are too weak, damaged, or none") {
    auto const code = [](std::string const& text) {
        return code_of([&] { (void)crypto::ssh().read_key(text); });
    };
    for (auto const& type : certified) CHECK_NOTHROW(crypto::ssh().read_key(data(type + ".pub")));
    CHECK(code(data("dsa.pub")) == Code::refused);
    CHECK(code(data("rsa2048.pub")) == Code::refused);
    CHECK(code(data("ed25519-cert.pub")) == Code::malformed);
    CHECK(code("") == Code::malformed);
    CHECK(code("ssh-ed25519") == Code::malformed);
    CHECK(code("ssh-ed25519 !") == Code::malformed);
    CHECK(code(data("ed25519.pub") + data("p256.pub")) == Code::malformed);
    CHECK(code("-----BEGIN OPENSSH PRIVATE KEY-----\n") == Code::malformed);
    CHECK(code("ssh-rsa " + base::to_base64(blob_of("ed25519"))) == Code::malformed);
    CHECK(code("ssh-ed25519 " + std::string(200'000, 'A')) == Code::malformed);
    for (auto const& type : certified) {
        CAPTURE(type);
        auto const good = blob_of(type);
        for (std::size_t size = 0; size < good.size(); ++size)
            CHECK(code(line({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)})) ==
                  Code::malformed);
        auto longer = good;
        longer.push_back(0);
        CHECK(code(line(longer)) == Code::malformed);
    }
    // A point beside its curve, one of small order, and RSA with the exponent 1.
    for (std::string const type : {"p256", "p384", "p521"}) {
        CAPTURE(type);
        auto off = blob_of(type);
        off.back() ^= 1;
        CHECK(code(line(off)) == Code::malformed);
    }
    auto small = blob_of("ed25519");
    std::fill(small.end() - 32, small.end(), std::uint8_t{0});
    CHECK(code(line(small)) == Code::malformed);
    Bytes rsa;
    auto const good = blob_of("rsa3072");
    model::append_ssh_string(rsa, "ssh-rsa");
    model::append_ssh_string(rsa, Bytes{1});
    rsa.insert(rsa.end(), good.begin() + 18, good.end());
    CHECK(code(line(rsa)) == Code::refused);
}

TEST_CASE("ssh: options are in order and once each, principals are bounded") {
    auto content = certificate("ed25519").content;
    auto const read = [&] {
        auto const tbs = model::ssh_certificate_tbs(content);
        return code_of([&] { (void)model::read_ssh_certificate(model::join_ssh_certificate(tbs, {})); });
    };
    CHECK(read() == Code::internal);  // it can be read
    content.principals.assign(256, "a");
    CHECK(read() == Code::internal);
    content.principals.emplace_back("a");
    CHECK(read() == Code::malformed);
    content.principals.clear();
    CHECK(read() == Code::internal);
    content.extensions.clear();
    for (int i = 0; i < 65; ++i) content.extensions["x" + std::to_string(100 + i)];
    CHECK(read() == Code::malformed);
    content.extensions = {{"permit-pty", {}}, {"permit-xyz", {}}};
    auto const tbs = model::ssh_certificate_tbs(content);
    std::string text(base::as_text(tbs));
    CHECK(read() == Code::internal);
    for (std::string const other : {"permit-pty", "permit-abc"}) {
        auto swapped = text;
        swapped.replace(swapped.find("permit-xyz"), 10, other);
        auto const bad = model::join_ssh_certificate(base::to_bytes(swapped), {});
        CHECK(code_of([&] { (void)model::read_ssh_certificate(bad); }) == Code::malformed);
    }
}

TEST_CASE("ssh: principals and address ranges") {
    for (char const* name : {"ops", "Ada.Lovelace", "ada@acme.example", "_apt", "a-b+c"})
        CHECK(model::is_ssh_principal(SshUse::user, name));
    for (char const* name : {"", "*", "o?s", "a,b", "a b", "-x", "!root", "a\n", "ädä", "a/b"})
        CHECK_FALSE(model::is_ssh_principal(SshUse::user, name));
    CHECK_FALSE(model::is_ssh_principal(SshUse::user, std::string(65, 'a')));
    for (char const* name : {"node1", "node1.acme.example", "10.0.0.7", "2001:db8::7"})
        CHECK(model::is_ssh_principal(SshUse::host, name));
    for (char const* name :
         {"", "*.acme.example", "Node1", "10.0.0.300", "2001:DB8::7", "a,b", "a_b", "a..b"})
        CHECK_FALSE(model::is_ssh_principal(SshUse::host, name));
    for (char const* range :
         {"10.0.0.0/8", "10.0.0.7", "10.0.0.7/32", "0.0.0.0/0", "2001:db8::/32", "::1/128"})
        CHECK(model::is_address_range(range));
    for (char const* range :
         {"", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/-1", "10/8",
          "10.0.0.0/8,::1", "::1/129", "2001:db8::1/32", "acme.example", "10.0.0.0/8 "})
        CHECK_FALSE(model::is_address_range(range));
}

TEST_CASE("ssh: a revocation list is read as it was written, whole or not at all") {
    model::SshKrl list;
    list.version = 3;
    list.generated = base::Instant::from_text("2026-11-02T12:00:00Z");
    list.comment = "payments/acme";
    auto const same = [](model::SshKrl const& one) {
        return model::read_ssh_krl(model::write_ssh_krl(one)) == one;
    };
    CHECK(same(list));
    list.serials[blob_of("ca-ed25519")] = {7, 1, ~std::uint64_t{0}};
    list.serials[blob_of("ca-p384")] = {9};
    list.keys = {blob_of("ca-p256")};
    CHECK(same(list));
    auto const good = model::write_ssh_krl(list);
    for (std::size_t size = 0; size < good.size(); ++size)
        if (code_of([&] { (void)model::read_ssh_krl({good.data(), size}); }) != Code::malformed) {
            // It may end only where a section does: then it is another, shorter list.
            CHECK(model::read_ssh_krl({good.data(), size}).keys.empty());
        }
    auto longer = good;
    longer.push_back(0);
    CHECK(code_of([&] { (void)model::read_ssh_krl(longer); }) == Code::malformed);
}
