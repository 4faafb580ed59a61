#include "core/crypto/cms.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/crypto/signer.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace consortium;

namespace {

/// A root and a signer under it, made by OpenSSL; signatures in CMS are ours.
struct Folder {
    base::TemporaryFolder folder;

    bool run(std::string const& command) const {
        return std::system(("cd " + folder.path().string() + " && " + command + " >said 2>&1").c_str()) == 0;
    }
    void write(std::string const& name, std::string_view text) const {
        base::write_file(folder.path() / name, text);
    }
    base::Bytes read(std::string const& name) const {
        return base::read_file(folder.path() / name, 1u << 20);
    }
    void certify(std::string const& key) const {
        write("ca.ext", "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n");
        write("leaf.ext",
              "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n"
              "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n");
        REQUIRE(
            run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -subj /CN=Root -keyout "
                "ca.key -out ca.csr"));
        REQUIRE(run("openssl x509 -req -in ca.csr -signkey ca.key -days 9 -extfile ca.ext -out ca.pem"));
        REQUIRE(run("openssl req -newkey " + key + " -nodes -subj /CN=Signer -keyout key -out csr"));
        REQUIRE(
            run("openssl x509 -req -in csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 8 -extfile "
                "leaf.ext -outform DER -out leaf.der"));
        REQUIRE(run("openssl x509 -in ca.pem -outform DER -out ca.der"));
    }
    void sign(std::string const& content) const {
        auto const key = crypto::make_signer(crypto::private_from_pem(read("key"), base::Secret(), "key"));
        port::CmsRequest const request{
            read("leaf.der"), {read("ca.der")}, base::Instant::from_text("2026-10-01T09:00:00Z")};
        write("content", content);
        write("changed", content + "!");
        write("cms", base::as_text(crypto::cms().sign(request, base::as_bytes(content), *key)));
    }
};

}  // namespace

TEST_CASE("peer GnuTLS, OpenSSL: our signatures in CMS are accepted, over a changed file they are not") {
    bool const gnutls = std::system("command -v certtool >/dev/null 2>&1") == 0;
    if (!gnutls) MESSAGE("SKIPPED certtool: package gnutls-bin is not installed");
    for (std::string const key :
         {"ec -pkeyopt ec_paramgen_curve:P-256", "ec -pkeyopt ec_paramgen_curve:P-384", "rsa:3072"}) {
        CAPTURE(key);
        Folder const one;
        one.certify(key);
        one.sign("what the ceremony did\n");
        auto const openssl = [&](std::string const& file) {
            return one.run(
                "openssl cms -verify -cades -binary -inform DER -in cms -CAfile ca.pem -purpose "
                "any -content " +
                file);
        };
        CHECK(openssl("content"));
        CHECK_FALSE(openssl("changed"));
        if (!gnutls) continue;
        auto const certtool = [&](std::string const& file) {
            return one.run(
                "certtool --p7-verify --inder --infile cms --load-ca-certificate ca.pem --load-data " + file);
        };
        CHECK(certtool("content"));
        CHECK_FALSE(certtool("changed"));
    }
}
