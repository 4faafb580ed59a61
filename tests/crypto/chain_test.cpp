#include "core/model/name_space.h"
#include "tests/crypto/certifier_bench.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace certifier_bench;

TEST_CASE("G29 name constraints are of DNS, IP, email and URI, critical, and hold") {
    Bench bench;
    auto const root = bench.root();
    auto const signer = bench.key();
    auto content = bench.under(root, signer->public_key(), "Acme Issuing CA 1");
    content.authority = true;
    content.path_length = 0;
    content.key_usage = {"keyCertSign", "cRLSign"};
    content.permitted = {{"acme.example"},
                         {"10.0.0.0/8", "192.168.4.0/22", "2001:db8::/32"},
                         {"acme.example", ".globex.example", "ops@initech.example"},
                         {".acme.example", "globex.example"}};
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
        auto const answer = bench.certifier->verify(question);
        // What would not verify is not accepted as our own work either.
        auto const accept = [&] {
            bench.certifier->accept_certificate(question.certificate, middle.certificate);
        };
        CHECK(model::first_outside(wanted.names, content.permitted).empty() == answer.holds);
        if (answer.holds) {
            accept();
        } else {
            CHECK(code_of(accept) == base::Code::refused);
        }
        return answer;
    };
    for (auto const* name : {"node.acme.example", "acme.example", "10.1.2.3", "192.168.7.255", "2001:db8::1",
                             "ops@acme.example", "ops@x.globex.example", "ops@initech.example",
                             "https://a.acme.example/x", "https://globex.example/"}) {
        CHECK_MESSAGE(verify(name).holds, name);
    }
    for (auto const* name :
         {"node.globex.example", "notacme.example", "example", "11.1.2.3", "192.168.8.0", "2001:db9::1",
          "ops@x.acme.example", "ops@globex.example", "dev@initech.example", "https://acme.example/",
          "https://a.globex.example/", "https://notacme.example/", "https://b.example/.acme.example"}) {
        CHECK_FALSE_MESSAGE(verify(name).holds, name);
    }
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

TEST_CASE("a certificate is looked for on the list that it names, and on the delta of that list") {
    Bench bench;
    auto const root = bench.root();
    auto const middle = bench.intermediate(root, bench.key());
    auto content = bench.leaf(middle, bench.key()->public_key(), "node.example");
    content.crl_url = "http://pki.example/a.crl";
    auto const above = bench.certifier->describe(middle.certificate);
    auto const list = [&](std::string const& place, std::uint64_t number, std::uint64_t base, bool revoked) {
        model::CrlContent out{above.content.subject, above.content.subject_key_id, number, now, now + day};
        out.place = place;
        out.base = base;
        if (base == 0) out.freshest = "http://pki.example/a-delta.crl";
        std::vector<model::Revocation> entries;
        if (revoked) entries.push_back({content.serial, now, 1, std::nullopt});
        return bench.sign_crl(middle, out, entries);
    };
    model::ChainQuestion question;
    question.certificate = bench.sign(content, *middle.signer);
    question.intermediates = {middle.certificate};
    question.roots = {root.certificate};
    question.now = now + base::Duration{3600};
    auto const answer = [&](std::vector<Bytes> lists) {
        question.crls = std::move(lists);
        question.crls.push_back(bench.crl(root, {}));
        return bench.certifier->verify(question);
    };
    auto const here = content.crl_url;
    std::string const elsewhere = "http://pki.example/b.crl";
    CHECK(answer({list(here, 1, 0, false)}).holds);
    CHECK_FALSE(answer({list(here, 1, 0, true)}).holds);
    CHECK(answer({list(elsewhere, 1, 0, false)}).sentence ==
          "no revocation list of 'Payments Issuing CA 1' is at hand, so whether 'node.example' is revoked is "
          "not "
          "known");
    // An entry on another's list is no entry here.
    CHECK(answer({list(elsewhere, 1, 0, true), list(here, 1, 0, false)}).holds);
    auto const late = answer({list(here, 1, 0, false), list(here, 2, 1, true)});
    CHECK_FALSE(late.holds);
    CHECK(late.sentence == "'node.example' was revoked on 2026-11-02T12:00:00Z (key-compromise)");
    CHECK(answer({list(here, 1, 0, false), list(here, 2, 1, false)}).holds);
    // A delta that completes an older list than the one at hand is superseded.
    CHECK(answer({list(here, 3, 0, false), list(here, 2, 1, true)}).holds);
    CHECK_FALSE(answer({list(here, 2, 1, false)}).holds);
}
