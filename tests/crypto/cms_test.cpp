#include "core/crypto/cms.h"

#include "core/base/file.h"
#include "core/crypto/signer.h"
#include "tests/support/code_of.h"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <openssl/pem.h>

using namespace consortium;
using base::Bytes;
using base::Code;

namespace {

// OpenSSL's own commands look at the real clock: what they make today still holds then.
base::Instant const now = base::Instant::from_text("2045-11-02T12:00:00Z");

/// A root of OpenSSL's and signers under it, with keys of every type. An RSA root, whose signatures have one
/// length.
struct Signers {
    base::TemporaryFolder folder;

    Signers() {
        write("ca.ext",
              "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n"
              "subjectKeyIdentifier=hash\n");
        write("sign.ext", extensions("digitalSignature"));
        write("agree.ext", extensions("keyAgreement"));
        openssl("req -newkey rsa:3072 -nodes -subj /CN=Root -keyout ca.key -out ca.csr");
        openssl("x509 -req -in ca.csr -signkey ca.key -days 40000 -extfile ca.ext -out ca.pem");
        make("p256", "ec -pkeyopt ec_paramgen_curve:P-256");
        make("p384", "ec -pkeyopt ec_paramgen_curve:P-384");
        make("rsa3072", "rsa:3072");
        make("ed25519", "ed25519");
    }
    static std::string extensions(std::string const& usage) {
        return "basicConstraints=critical,CA:false\nkeyUsage=critical," + usage +
               "\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
    }
    void write(std::string const& name, std::string_view content) const {
        base::write_file(folder.path() / name, content);
    }
    bool holds(std::string const& words) const {
        auto const command = "cd " + folder.path().string() + " && openssl " + words + " >/dev/null 2>said";
        return std::system(command.c_str()) == 0;
    }
    void openssl(std::string const& words) const { REQUIRE(holds(words)); }
    void certify(std::string const& name, std::string const& out, std::string const& ext = "sign.ext",
                 int serial = 7) const {
        openssl("x509 -req -in " + name + ".csr -CA ca.pem -CAkey ca.key -days 39000 -set_serial " +
                std::to_string(serial) + " -extfile " + ext + " -out " + out);
    }
    void make(std::string const& name, std::string const& key) const {
        openssl("req -newkey " + key + " -nodes -subj /O=Acme/CN=" + name + " -keyout " + name +
                ".key -out " + name + ".csr");
        certify(name, name + ".pem");
    }
    Bytes der(std::string const& name) const {
        openssl("x509 -in " + name + " -outform DER -out der");
        return base::read_file(folder.path() / "der", 65'536);
    }
    Bytes root() const { return der("ca.pem"); }
    std::shared_ptr<port::Signer> key(std::string const& name) const {
        auto const pem = base::read_file(folder.path() / (name + ".key"), 65'536);
        return crypto::make_signer(crypto::private_from_pem(pem, base::Secret(), name));
    }
    port::CmsRequest request(std::string const& name) const {
        return {der(name + ".pem"), {root(), root(), der(name + ".pem")}, now};
    }
    Bytes sign(std::string const& name, std::string_view content) const {
        return crypto::cms().sign(request(name), base::as_bytes(content), *key(name));
    }
    Code refusal(std::string_view content, Bytes const& cms) const {
        return code_of(
            [&] { static_cast<void>(crypto::cms().verify(base::as_bytes(content), cms, {root()}, now)); });
    }
};

/// Keys take a while to make: one for all tests.
Signers const& shared() {
    static Signers const signers;
    return signers;
}

std::string const content = "what the ceremony did\n\0with any byte\r\n";

}  // namespace

TEST_CASE("a file is signed in CMS with each type of key; OpenSSL accepts it and refuses a changed file") {
    auto const& signers = shared();
    for (std::string const name : {"p256", "p384", "rsa3072"}) {
        CAPTURE(name);
        auto const cms = signers.sign(name, content);
        auto const facts = crypto::cms().verify(base::as_bytes(content), cms, {signers.root()}, now);
        CHECK(facts.subject == "CN=" + name + ", O=Acme");
        CHECK(facts.signing_time == now);
        CHECK(facts.certificate == signers.der(name + ".pem"));
        CHECK(signers.refusal(content + " ", cms) == Code::verification_failed);
        signers.write("content", content);
        signers.write("changed", "W" + content.substr(1));
        signers.write("cms", base::as_text(cms));
        std::string const judge =
            "cms -verify -cades -binary -inform DER -in cms -CAfile ca.pem -purpose any -content ";
        CHECK(signers.holds(judge + "content"));
        CHECK_FALSE(signers.holds(judge + "changed"));
        signers.openssl("cms -cmsout -print -inform DER -in cms -out printed");
        auto const printed = base::read_text(signers.folder.path() / "printed", 1u << 20);
        for (std::string const part :
             {"signingTime", "messageDigest", "contentType", "id-smime-aa-signingCertificateV2",
              "Nov  2 12:00:00 2045 GMT", "eContent: <ABSENT>"})
            CHECK_MESSAGE(printed.find(part) != std::string::npos, part);
    }
    CHECK(code_of([&] { static_cast<void>(signers.sign("ed25519", content)); }) == Code::unsupported);
}

TEST_CASE("the signed bytes come first, and whoever has the key signs them: the same result, or none") {
    auto const& signers = shared();
    auto const request = signers.request("p256");
    auto const bytes = crypto::cms().to_sign(request, base::as_bytes(content));
    CHECK(crypto::cms().to_sign(request, base::as_bytes(content)) == bytes);
    CHECK(crypto::cms().to_sign(request, base::as_bytes("other")) != bytes);
    signers.write("attributes", base::as_text(bytes));
    signers.openssl("dgst -sha256 -sign p256.key -out signature attributes");
    auto const signature = base::read_file(signers.folder.path() / "signature", 1000);
    auto const cms = crypto::cms().assemble(request, base::as_bytes(content), signature);
    CHECK(crypto::cms().verify(base::as_bytes(content), cms, {signers.root()}, now).signing_time == now);
    auto const assembled = [&](port::CmsRequest const& other, std::string_view about, Bytes const& by) {
        return code_of([&] { static_cast<void>(crypto::cms().assemble(other, base::as_bytes(about), by)); });
    };
    CHECK(assembled(request, "other", signature) == Code::verification_failed);
    CHECK(assembled(signers.request("p384"), content, signature) == Code::verification_failed);
    CHECK(assembled(request, content, {}) == Code::verification_failed);
    auto later = request;
    later.signing_time.seconds += 1;
    CHECK(assembled(later, content, signature) == Code::verification_failed);
    auto const other_key = [&] {
        static_cast<void>(crypto::cms().sign(request, base::as_bytes(content), *signers.key("p384")));
    };
    CHECK(code_of(other_key) == Code::refused);
}

TEST_CASE("what OpenSSL signs in CMS verifies here; forms that are not ours are named") {
    auto const& signers = shared();
    signers.write("content", content);
    auto const made = [&](std::string const& words) {
        signers.openssl("cms -sign -binary -in content -md sha256 -outform DER -out cms " + words);
        return base::read_file(signers.folder.path() / "cms", 1u << 20);
    };
    auto const good = made("-cades -signer p256.pem -inkey p256.key");
    CHECK(crypto::cms().verify(base::as_bytes(content), good, {signers.root()}, now).subject ==
          "CN=p256, O=Acme");
    CHECK(signers.refusal(content, made("-signer p256.pem -inkey p256.key")) == Code::malformed);  // no V2
    CHECK(signers.refusal(content, made("-cades -nodetach -signer p256.pem -inkey p256.key")) ==
          Code::malformed);
    CHECK(signers.refusal(content, made("-cades -signer p256.pem -inkey p256.key -signer rsa3072.pem "
                                        "-inkey rsa3072.key")) == Code::malformed);
    CHECK(signers.refusal(content, made("-cades -nocerts -signer p256.pem -inkey p256.key")) ==
          Code::verification_failed);
    CHECK(signers.refusal(content, made("-noattr -signer p256.pem -inkey p256.key")) == Code::malformed);
    signers.openssl(
        "cms -sign -cades -binary -in content -md sha1 -outform DER -out cms -signer p256.pem "
        "-inkey p256.key");
    CHECK(signers.refusal(content, base::read_file(signers.folder.path() / "cms", 1u << 20)) ==
          Code::verification_failed);
}

TEST_CASE("whose signature it is: by a path to a root, at that time, for signatures, and under that name") {
    auto const& signers = shared();
    auto const cms = signers.sign("p256", content);
    auto const verify = [&](Bytes const& given, std::vector<Bytes> const& roots, base::Instant at) {
        return code_of(
            [&] { static_cast<void>(crypto::cms().verify(base::as_bytes(content), given, roots, at)); });
    };
    CHECK(verify(cms, {}, now) == Code::verification_failed);
    CHECK(verify(cms, {signers.der("p384.pem")}, now) == Code::verification_failed);
    CHECK(verify(cms, {signers.root()}, base::Instant::from_text("2146-01-01T00:00:00Z")) ==
          Code::verification_failed);
    signers.certify("p256", "agree.pem", "agree.ext");
    auto const agreeing = crypto::cms().sign({signers.der("agree.pem"), {}, now}, base::as_bytes(content),
                                             *signers.key("p256"));
    CHECK(verify(agreeing, {signers.root()}, now) == Code::verification_failed);

    // The same key, issuer and serial under another name: the signature itself says which was meant.
    signers.openssl("req -new -key p256.key -subj /O=Acme/CN=p257 -out p257.csr");
    signers.certify("p257", "p257.pem");
    auto const mine = signers.der("p256.pem"), other = signers.der("p257.pem");
    REQUIRE(mine.size() == other.size());
    auto swapped = crypto::cms().sign({mine, {}, now}, base::as_bytes(content), *signers.key("p256"));
    auto const at = std::search(swapped.begin(), swapped.end(), mine.begin(), mine.end());
    REQUIRE(at != swapped.end());
    std::copy(other.begin(), other.end(), at);
    CHECK(verify(swapped, {signers.root()}, now) == Code::verification_failed);
}

TEST_CASE(
    "no flipped bit and no cut makes a signature hold for somebody else, and none is read past its end") {
    auto const& signers = shared();
    auto const cms =
        crypto::cms().sign({signers.der("p256.pem"), {}, now}, base::as_bytes(content), *signers.key("p256"));
    std::size_t refused = 0;
    for (std::size_t i = 0; i < cms.size(); i += 3) {
        auto changed = cms;
        changed[i] ^= static_cast<std::uint8_t>(1u << (i % 8));
        try {
            auto const facts = crypto::cms().verify(base::as_bytes(content), changed, {signers.root()}, now);
            CHECK(facts.subject == "CN=p256, O=Acme");
            CHECK(facts.signing_time == now);
        } catch (base::Error const& error) {
            CHECK((error.code() == Code::malformed || error.code() == Code::verification_failed));
            ++refused;
        }
    }
    CHECK(refused > cms.size() / 3 * 9 / 10);
    for (std::size_t size = 0; size < cms.size(); size += 7)
        CHECK(signers.refusal(content, Bytes(cms.begin(), cms.begin() + static_cast<std::ptrdiff_t>(size))) ==
              Code::malformed);
    auto longer = cms;
    longer.push_back(0);
    CHECK(signers.refusal(content, longer) == Code::malformed);
    CHECK(signers.refusal(content, Bytes(port::Cms::max_size + 1, 0x30)) == Code::malformed);
}
