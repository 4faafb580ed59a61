#include "core/crypto/certifier.h"

#include "core/base/error.h"
#include "core/crypto/crl.h"
#include "core/crypto/entropy.h"
#include "core/crypto/signer.h"
#include "core/crypto/x509.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;
using base::Bytes;
using base::Instant;

namespace {

constexpr base::Duration day{86'400};
Instant const now = Instant::from_text("2026-11-02T12:00:00Z");

/// An authority as a test needs it: its key, its certificate.
struct Authority {
    std::shared_ptr<port::Signer> signer;
    Bytes certificate;
};

/// A little CA without flow: what each test changes is one field of the content.
class Bench {
public:
    std::unique_ptr<port::Certifier> certifier = crypto::make_certifier(crypto::system_entropy());

    std::shared_ptr<port::Signer> key(char const* algorithm = "p256") {
        return crypto::make_signer(crypto::generate_key(algorithm));
    }
    Bytes name(char const* common) { return certifier->encode_name({common, "Payments"}); }

    model::CertificateContent root_content(port::Signer& signer, char const* common) {
        model::CertificateContent content;
        content.serial = certifier->draw_serial();
        content.subject = content.issuer = name(common);
        content.not_before = now;
        content.not_after = now + base::Duration{3650 * day.seconds};
        content.public_key = signer.public_key();
        content.authority = true;
        content.key_usage = {"keyCertSign", "cRLSign"};
        content.subject_key_id = certifier->key_id(content.public_key);
        return content;
    }

    model::CertificateContent under(Authority const& issuer, Bytes const& key, char const* common) {
        auto const above = certifier->describe(issuer.certificate);
        model::CertificateContent content;
        content.serial = certifier->draw_serial();
        content.subject = name(common);
        content.issuer = above.content.subject;
        content.not_before = now;
        content.not_after = now + base::Duration{365 * day.seconds};
        content.public_key = key;
        content.subject_key_id = certifier->key_id(key);
        content.authority_key_id = above.content.subject_key_id;
        return content;
    }

    model::CertificateContent leaf(Authority const& issuer, Bytes const& key, char const* common) {
        auto content = under(issuer, key, common);
        content.key_usage = {"digitalSignature"};
        content.extended_usage = {"serverAuth", "clientAuth"};
        content.names.add(common);
        return content;
    }

    Bytes sign(model::CertificateContent const& content, port::Signer& signer) {
        auto tbs = certifier->certificate_tbs(content, signer.algorithm());
        auto const signature = signer.sign(tbs);
        return certifier->assemble(std::move(tbs), signer.algorithm(), signature);
    }

    Authority root(char const* common = "Payments Root G1", char const* algorithm = "p256") {
        Authority out{key(algorithm), {}};
        out.certificate = sign(root_content(*out.signer, common), *out.signer);
        certifier->accept_certificate(out.certificate, out.certificate);
        return out;
    }

    Authority intermediate(Authority const& issuer, std::shared_ptr<port::Signer> signer) {
        auto content = under(issuer, signer->public_key(), "Payments Issuing CA 1");
        content.authority = true;
        content.path_length = 0;
        content.key_usage = {"keyCertSign", "cRLSign"};
        Authority out{std::move(signer), sign(content, *issuer.signer)};
        certifier->accept_certificate(out.certificate, issuer.certificate);
        return out;
    }

    Bytes crl(Authority const& issuer, std::vector<model::Revocation> const& revoked,
              std::uint64_t number = 1) {
        auto const above = certifier->describe(issuer.certificate);
        model::CrlContent const content{above.content.subject, above.content.subject_key_id, number, now,
                                        now + base::Duration{7 * day.seconds}};
        return sign_crl(issuer, content, revoked);
    }

    Bytes sign_crl(Authority const& issuer, model::CrlContent const& content,
                   std::vector<model::Revocation> const& revoked) {
        auto const next = [&](port::Certifier::Each const& each) {
            for (auto const& one : revoked) each(one);
        };
        auto tbs = certifier->crl_tbs(content, next, issuer.signer->algorithm());
        auto const signature = issuer.signer->sign(tbs);
        return certifier->assemble(std::move(tbs), issuer.signer->algorithm(), signature);
    }
};

base::Code code_of(auto const& action) {
    try {
        action();
    } catch (base::Error const& error) {
        return error.code();
    }
    return base::Code::internal;
}

}  // namespace

TEST_CASE("a certificate says what it was asked to say, for every kind of signing key") {
    for (char const* algorithm : {"p256", "p384", "ed25519"}) {
        CAPTURE(algorithm);
        Bench bench;
        auto const root = bench.root("Payments Root G1", algorithm);
        auto const key = bench.key();
        auto content = bench.leaf(root, key->public_key(), "node1.acme.example");
        content.names.add("10.0.0.1");
        content.names.add("2001:db8::1");
        content.names.add("ops@acme.example");
        content.names.add("spiffe://acme.example/node1");
        content.crl_url = "http://pki.example/root.crl";
        content.issuer_url = "http://pki.example/root.cer";
        auto const der = bench.sign(content, *root.signer);
        auto const facts = bench.certifier->accept_certificate(der, root.certificate);
        CHECK(facts.content == content);
        CHECK(facts.subject == "CN=node1.acme.example, O=Payments");
        CHECK(facts.common_name == "node1.acme.example");
        CHECK(facts.algorithm == "p256");
        CHECK(facts.fingerprint == base::sha256(der));
        CHECK(facts.tbs == base::sha256(bench.certifier->certificate_tbs(content, algorithm)));
    }
}

TEST_CASE("G26 what is signed is the digest that was shown: the bytes do not change with the signature") {
    Bench bench;
    auto const root = bench.root();
    auto const content = bench.leaf(root, bench.key()->public_key(), "a.example");
    auto const tbs = bench.certifier->certificate_tbs(content, "p256");
    CHECK(bench.certifier->certificate_tbs(content, "p256") == tbs);
    auto const der = bench.sign(content, *root.signer);
    CHECK(bench.certifier->describe(der).tbs == base::sha256(tbs));
}

TEST_CASE("a signature of another key, or a changed bit, is not accepted") {
    Bench bench;
    auto const root = bench.root();
    auto const other = bench.root("Payments Root G1");
    auto const content = bench.leaf(root, bench.key()->public_key(), "a.example");
    auto der = bench.sign(content, *other.signer);
    CHECK(code_of([&] { bench.certifier->accept_certificate(der, root.certificate); }) ==
          base::Code::verification_failed);
    der = bench.sign(content, *root.signer);
    der[der.size() / 2] ^= 1U;
    CHECK(code_of([&] { bench.certifier->accept_certificate(der, root.certificate); }) !=
          base::Code::internal);
}

TEST_CASE("the lint names the rule that a certificate breaks") {
    Bench bench;
    auto const root = bench.root();
    auto const content = bench.leaf(root, bench.key()->public_key(), "a.example");
    auto const broken = [&](auto const& change) {
        auto changed = content;
        change(changed);
        try {
            bench.certifier->accept_certificate(bench.sign(changed, *root.signer), root.certificate);
        } catch (base::Error const& error) {
            return error.message();
        }
        return std::string();
    };
    using Content = model::CertificateContent;
    CHECK(broken([](Content&) {}) == "");
    CHECK(broken([](Content& c) { c.not_after = c.not_before; }).find("4.1.2.5") != std::string::npos);
    CHECK(broken([](Content& c) {
              c.not_after = c.not_after + base::Duration{9999 * day.seconds};
          }).find("outlive") != std::string::npos);
    CHECK(broken([](Content& c) { c.authority_key_id = Bytes(20, 1); }).find("4.2.1.1") != std::string::npos);
    CHECK(broken([](Content& c) { c.key_usage.emplace_back("keyCertSign"); }).find("4.2.1.3") !=
          std::string::npos);
    CHECK(broken([](Content& c) { c.extended_usage.clear(); }).find("4.2.1.12") != std::string::npos);
    CHECK(broken([&](Content& c) { c.issuer = bench.name("Somebody Else"); }).find("issuer is the name") !=
          std::string::npos);
    CHECK(broken([](Content& c) { c.serial = std::string(32, '0'); }).find("4.1.2.2") != std::string::npos);
}

TEST_CASE("G21 two keys under one name are not one root") {
    Bench bench;
    auto const first = bench.root("Payments Root");
    auto const second = bench.root("Payments Root");
    auto content = bench.root_content(*second.signer, "Payments Root");
    content.authority_key_id = bench.certifier->describe(first.certificate).content.subject_key_id;
    content.not_after = content.not_after + base::Duration{-1};
    auto const link = bench.sign(content, *first.signer);
    try {
        bench.certifier->accept_certificate(link, first.certificate);
        FAIL("accepted");
    } catch (base::Error const& error) {
        CHECK(error.message().find("G21") != std::string::npos);
    }
}

TEST_CASE("an intermediate of path length 0 certifies no authority") {
    Bench bench;
    auto const root = bench.root();
    auto const middle = bench.intermediate(root, bench.key());
    auto content = bench.under(middle, bench.key()->public_key(), "Below");
    content.authority = true;
    content.key_usage = {"keyCertSign", "cRLSign"};
    auto const below = bench.sign(content, *middle.signer);
    CHECK(code_of([&] { bench.certifier->accept_certificate(below, middle.certificate); }) ==
          base::Code::verification_failed);
}

TEST_CASE("G29 name constraints are of DNS, IP, email and URI, critical, and hold") {
    Bench bench;
    auto const root = bench.root();
    auto const signer = bench.key();
    auto content = bench.under(root, signer->public_key(), "Acme Issuing CA 1");
    content.authority = true;
    content.path_length = 0;
    content.key_usage = {"keyCertSign", "cRLSign"};
    content.permitted = {{"acme.example"}, {"10.0.0.0/8", "2001:db8::/32"}, {"acme.example"}, {}};
    Authority const middle{signer, bench.sign(content, *root.signer)};
    auto const facts = bench.certifier->accept_certificate(middle.certificate, root.certificate);
    CHECK(facts.content.permitted == content.permitted);
    CHECK(facts.other.empty());

    auto const verify = [&](char const* name) {
        model::ChainQuestion question;
        auto wanted = bench.leaf(middle, bench.key()->public_key(), name);
        wanted.subject = bench.name("node");  // OpenSSL holds a name that looks like a host's against DNS
        question.certificate = bench.sign(wanted, *signer);
        question.intermediates = {middle.certificate};
        question.roots = {root.certificate};
        question.now = now + day;
        question.revocation = model::ChainQuestion::Revoked::ignored;
        return bench.certifier->verify(question);
    };
    CHECK(verify("node.acme.example").holds);
    CHECK(verify("10.1.2.3").holds);
    CHECK_FALSE(verify("node.globex.example").holds);
    CHECK_FALSE(verify("11.1.2.3").holds);
}

TEST_CASE("a revocation list of ours is one that OpenSSL's own reader takes") {
    Bench bench;
    auto const root = bench.root();
    std::vector<model::Revocation> const revoked = {
        {"00000000000000000000000000000001", now - day, 0, std::nullopt},
        {"80000000000000000000000000000002", now - day, 1, now - base::Duration{2 * day.seconds}},
        {"7fffffffffffffffffffffffffffffff", now, 4, std::nullopt},
    };
    auto const der = bench.crl(root, revoked, 300);
    auto const facts = bench.certifier->accept_crl(der, root.certificate);
    CHECK(facts.entries == 3);
    CHECK(facts.content.number == 300);
    std::vector<model::Revocation> again;
    crypto::read_crl(der, [&](model::Revocation const& each) { again.push_back(each); });
    CHECK(again == revoked);

    auto const list = crypto::parse_crl(der);
    auto const issuer = crypto::parse_certificate(root.certificate);
    CHECK(X509_CRL_verify(list.get(), X509_get0_pubkey(issuer.get())) == 1);
    CHECK(X509_CRL_get_version(list.get()) == X509_CRL_VERSION_2);
    CHECK(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(list.get())) == 3);
    CHECK(crypto::instant_of(X509_CRL_get0_nextUpdate(list.get())) == facts.content.next_update);
}

TEST_CASE("an empty revocation list has no empty list inside (RFC 5280 5.1.2.6)") {
    Bench bench;
    auto const root = bench.root("Payments Root G1", "ed25519");
    auto const der = bench.crl(root, {});
    CHECK(bench.certifier->accept_crl(der, root.certificate).entries == 0);
    auto const list = crypto::parse_crl(der);
    CHECK(X509_CRL_get_REVOKED(list.get()) == nullptr);
}

TEST_CASE("G11 a revocation list without the issuer's key identifier is refused") {
    Bench bench;
    auto const root = bench.root();
    auto const above = bench.certifier->describe(root.certificate);
    model::CrlContent content{above.content.subject, above.content.subject_key_id, 1, now, now + day};
    CHECK_NOTHROW(bench.certifier->accept_crl(bench.sign_crl(root, content, {}), root.certificate));
    content.authority_key_id = Bytes(20, 7);
    CHECK(code_of([&] {
              bench.certifier->accept_crl(bench.sign_crl(root, content, {}), root.certificate);
          }) == base::Code::verification_failed);
    content.authority_key_id.clear();
    CHECK(code_of([&] {
              bench.certifier->accept_crl(bench.sign_crl(root, content, {}), root.certificate);
          }) == base::Code::verification_failed);
}

TEST_CASE("verification explains itself in one sentence") {
    Bench bench;
    auto const root = bench.root();
    auto const middle = bench.intermediate(root, bench.key());
    auto const content = bench.leaf(middle, bench.key()->public_key(), "node.example");
    model::ChainQuestion question;
    question.certificate = bench.sign(content, *middle.signer);
    question.intermediates = {middle.certificate};
    question.roots = {root.certificate};
    question.crls = {bench.crl(root, {}), bench.crl(middle, {})};
    question.now = now + day;
    auto const& certifier = *bench.certifier;

    auto answer = certifier.verify(question);
    CHECK(answer.holds);
    CHECK(answer.sentence ==
          "'node.example' is certified by 'Payments Root G1' through 'Payments Issuing CA 1', "
          "is in force and not revoked");
    CHECK(answer.chain.size() == 3);

    auto changed = question;
    changed.crls = {bench.crl(root, {}), bench.crl(middle, {{content.serial, now, 1, std::nullopt}})};
    answer = certifier.verify(changed);
    CHECK_FALSE(answer.holds);
    CHECK(answer.sentence == "'node.example' was revoked on 2026-11-02T12:00:00Z (key-compromise)");

    changed = question;
    changed.crls.pop_back();
    CHECK(certifier.verify(changed).sentence.find("no revocation list of 'Payments Issuing CA 1'") == 0);
    changed.revocation = model::ChainQuestion::Revoked::ignored;
    CHECK(certifier.verify(changed).holds);

    changed = question;
    changed.now = now + base::Duration{8 * day.seconds};
    CHECK(certifier.verify(changed).sentence.find("is out of date") != std::string::npos);
    changed.now = now + base::Duration{366 * day.seconds};
    CHECK(certifier.verify(changed).sentence.find("'node.example' expired on 2027-11-02T12:00:00Z") == 0);
    changed.now = now - day;
    CHECK_FALSE(certifier.verify(changed).holds);

    changed = question;
    changed.roots = {bench.root("Another Root").certificate};
    CHECK(certifier.verify(changed).sentence.find("no path leads") == 0);
    changed.roots.clear();
    CHECK(certifier.verify(changed).sentence == "no root is trusted here");
}

TEST_CASE("one intermediate under two roots verifies under each, and across the link") {
    Bench bench;
    auto const old_root = bench.root("Payments Root G1");
    auto const new_root = bench.root("Payments Root G2");
    auto const signer = bench.key();
    auto const old_middle = bench.intermediate(old_root, signer);
    auto const new_middle = bench.intermediate(new_root, signer);
    auto link_content = bench.under(old_root, new_root.signer->public_key(), "Payments Root G2");
    link_content.authority = true;
    link_content.key_usage = {"keyCertSign", "cRLSign"};
    auto const link = bench.sign(link_content, *old_root.signer);
    bench.certifier->accept_certificate(link, old_root.certificate);

    model::ChainQuestion question;
    question.certificate =
        bench.sign(bench.leaf(old_middle, bench.key()->public_key(), "node.example"), *signer);
    question.crls = {bench.crl(old_root, {}), bench.crl(new_root, {}), bench.crl(old_middle, {})};
    question.now = now + day;
    auto const holds = [&](std::vector<Bytes> intermediates, std::vector<Bytes> roots) {
        question.intermediates = std::move(intermediates);
        question.roots = std::move(roots);
        return bench.certifier->verify(question).holds;
    };
    CHECK(holds({old_middle.certificate}, {old_root.certificate}));
    CHECK(holds({new_middle.certificate}, {new_root.certificate}));
    CHECK_FALSE(holds({new_middle.certificate}, {old_root.certificate}));
    CHECK(holds({new_middle.certificate, link}, {old_root.certificate}));
    // Both certificates of the intermediate at hand, whichever root is trusted, in either order.
    CHECK(holds({new_middle.certificate, old_middle.certificate}, {old_root.certificate}));
    CHECK(holds({old_middle.certificate, new_middle.certificate}, {new_root.certificate}));
    CHECK(holds({old_middle.certificate}, {new_root.certificate, old_root.certificate}));
}

TEST_CASE("serials have 128 random bits and are never zero") {
    Bench bench;
    std::vector<std::string> serials;
    for (int i = 0; i < 64; ++i) serials.push_back(bench.certifier->draw_serial());
    CHECK(std::all_of(serials.begin(), serials.end(), [](auto const& each) { return each.size() == 32; }));
    std::sort(serials.begin(), serials.end());
    CHECK(std::adjacent_find(serials.begin(), serials.end()) == serials.end());

    class Zeros final : public port::Entropy {
    public:
        void fill(std::span<std::uint8_t> out) override {
            std::fill(out.begin(), out.end(), static_cast<std::uint8_t>(m_calls++ == 0 ? 0 : 9));
        }
        int m_calls = 0;
    } zeros;
    CHECK(crypto::make_certifier(zeros)->draw_serial() == "09090909090909090909090909090909");
}

TEST_CASE("what is no certificate is refused, cut short or doubled as well") {
    Bench bench;
    auto const root = bench.root();
    auto const crl = bench.crl(root, {{"0a", now, 1, now}});
    for (std::size_t size = 0; size < root.certificate.size(); size += 7) {
        auto const cut = base::BytesView(root.certificate).first(size);
        CHECK(code_of([&] { bench.certifier->describe(cut); }) == base::Code::malformed);
    }
    for (std::size_t size = 0; size < crl.size(); ++size) {
        auto const cut = base::BytesView(crl).first(size);
        CHECK(code_of([&] { bench.certifier->describe_crl(cut); }) == base::Code::malformed);
    }
    auto twice = root.certificate;
    twice.insert(twice.end(), root.certificate.begin(), root.certificate.end());
    CHECK(code_of([&] { bench.certifier->describe(twice); }) == base::Code::malformed);
}

TEST_CASE("PEM is read back, several in a file, among other things") {
    Bench bench;
    auto const one = bench.root("One G1");
    auto const two = bench.root("Two G1");
    auto const text = "# a comment\n" + bench.certifier->pem("CERTIFICATE", one.certificate) +
                      bench.certifier->pem("X509 CRL", bench.crl(one, {})) +
                      bench.certifier->pem("CERTIFICATE", two.certificate);
    auto const read = bench.certifier->read_certificates(base::as_bytes(text));
    REQUIRE(read.size() == 2);
    CHECK(read[0] == one.certificate);
    CHECK(read[1] == two.certificate);
    CHECK(bench.certifier->read_crls(base::as_bytes(text)).size() == 1);
    CHECK(code_of([&] { bench.certifier->read_certificates(base::as_bytes("nothing")); }) ==
          base::Code::malformed);
}

TEST_CASE("a name with a control character does not get into a certificate") {
    Bench bench;
    CHECK(code_of([&] { bench.name("node\x1b[2J"); }) == base::Code::malformed);
    CHECK(code_of([&] { bench.name(std::string(65, 'a').c_str()); }) == base::Code::malformed);
}
