#include "core/crypto/timestamp.h"

#include "core/base/file.h"
#include "tests/support/code_of.h"

#include <cstdlib>
#include <doctest/doctest.h>

using namespace consortium;
using base::Code;

namespace {

/// OpenSSL's own authority, which answers queries that are written into its folder.
struct Authority {
    base::TemporaryFolder folder;

    Authority() {
        write("tsa.cnf",
              "[tsa]\ndefault_tsa=t\n[t]\nserial=serial\ndefault_policy=1.2.3.4\ndigests=sha256,sha512\n"
              "signer_digest=sha256\ness_cert_id_alg=sha256\n");
        write("ext", "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n");
        run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=Root -keyout "
            "ca.key -out ca.pem -addext keyUsage=critical,keyCertSign");
        run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Stamper -keyout tsa.key -out "
            "tsa.csr");
        run("x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 8 -extfile ext -out tsa.pem");
    }
    void write(std::string const& name, std::string_view content) const {
        base::write_file(folder.path() / name, content);
    }
    void run(std::string const& words) const {
        auto const command = "cd " + folder.path().string() + " && openssl " + words + " >/dev/null 2>said";
        REQUIRE(std::system(command.c_str()) == 0);
    }
    base::Bytes answer(base::Bytes const& query) const {
        write("query", base::as_text(query));
        run("ts -reply -config tsa.cnf -queryfile query -signer tsa.pem -inkey tsa.key -out answer");
        return base::read_file(folder.path() / "answer", 1u << 20);
    }
    std::string root() const { return base::read_text(folder.path() / "ca.pem", 65'536); }
};

port::TimestampQuery query_of(std::string_view text) {
    port::TimestampQuery query;
    query.imprint = base::sha256(text);
    query.nonce = base::from_hex("40112233445566778899aabbccddeeff");
    return query;
}

}  // namespace

TEST_CASE("a timestamp by OpenSSL's authority is read and verified") {
    Authority const authority;
    auto const& timestamps = crypto::timestamps();
    auto query = query_of("a head\n");
    auto const token = timestamps.token_in(authority.answer(timestamps.request(query)));
    auto const facts = timestamps.read(token);
    CHECK(facts.imprint == query.imprint);
    CHECK(facts.policy == "1.2.3.4");
    CHECK(facts.serial == "01");
    CHECK(facts.signer == "CN=Stamper");
    auto const root = authority.root();
    CHECK(timestamps.verify(token, query, root).time == facts.time);
    query.policy = "1.2.3.4";
    CHECK(timestamps.verify(token, query, root).time == facts.time);

    auto const refused = [&](port::TimestampQuery const& other) {
        return code_of([&] { static_cast<void>(timestamps.verify(token, other, root)); });
    };
    query.policy = "1.2.3.5";
    CHECK(refused(query) == Code::verification_failed);
    CHECK(refused(query_of("another head\n")) == Code::verification_failed);
    query = query_of("a head\n");
    query.nonce.back() ^= 1;
    CHECK(refused(query) == Code::verification_failed);
    query.nonce.clear();
    CHECK(timestamps.verify(token, query, root).imprint == facts.imprint);
    CHECK(code_of([&] { static_cast<void>(timestamps.verify(token, query, Authority().root())); }) ==
          Code::verification_failed);
    CHECK(code_of([&] { static_cast<void>(timestamps.verify(token, query, "nothing")); }) == Code::malformed);
}

TEST_CASE("no changed byte of a timestamp makes another one, and none is read beyond its end") {
    Authority const authority;
    auto const& timestamps = crypto::timestamps();
    auto const query = query_of("a head\n");
    auto const answer = authority.answer(timestamps.request(query));
    auto const token = timestamps.token_in(answer);
    auto const root = authority.root();
    auto const facts = timestamps.read(token);
    for (std::size_t at = 0; at < token.size(); ++at) {
        auto changed = token;
        changed[at] ^= 0x10;
        try {
            auto const found = timestamps.verify(changed, query, root);
            // Where nothing is signed (versions, unused certificates' order) the statement stays the same.
            CHECK(found.time == facts.time);
            CHECK(found.imprint == facts.imprint);
            CHECK(found.serial == facts.serial);
        } catch (base::Error const& error) {
            CHECK((error.code() == Code::verification_failed || error.code() == Code::malformed));
        }
    }
    for (std::size_t size = 0; size < answer.size(); size += 7) {
        auto const part = base::BytesView(answer).first(size);
        CHECK(code_of([&] { static_cast<void>(timestamps.token_in(part)); }) == Code::malformed);
    }
    auto longer = answer;
    longer.push_back(0);
    CHECK(code_of([&] { static_cast<void>(timestamps.token_in(longer)); }) == Code::malformed);
    base::Bytes const large(port::Timestamps::max_token + 1, 0x30);
    CHECK(code_of([&] { static_cast<void>(timestamps.read(large)); }) == Code::malformed);
    CHECK(code_of([&] { static_cast<void>(timestamps.token_in(base::Bytes(1u << 20, 0x30))); }) ==
          Code::malformed);
}

TEST_CASE("a timestamp of another hash than SHA-256 is none") {
    Authority const authority;
    authority.run("ts -query -digest " + std::string(128, 'a') + " -sha512 -cert -out long");
    auto const answer = authority.answer(base::read_file(authority.folder.path() / "long", 65'536));
    CHECK(code_of([&] { static_cast<void>(crypto::timestamps().token_in(answer)); }) == Code::malformed);
}
