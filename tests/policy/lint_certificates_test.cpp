// What lint says of certificate profiles, and what an amendment of them asks less of.
#include "core/policy/amendment.h"
#include "tests/policy/linted.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace consortium::test::linted;
using model::ProfileRule;

namespace {

model::Charter with(std::vector<ProfileRule> rules) {
    auto out = charter();
    out.approvals = {{"alone", 1, 1, {"security"}, false},
                     {"board", 2, 2, {"security"}, true},
                     {"other", 1, 1, {"security"}, true}};
    out.certificates = std::move(rules);
    return out;
}

std::vector<Finding> about(ProfileRule rule) {
    auto const all = policy::lint(with({std::move(rule)}), {});
    std::vector<Finding> out;
    std::copy_if(all.begin(), all.end(), std::back_inserter(out),
                 [](Finding const& one) { return one.pointer.starts_with("/certificate/"); });
    return out;
}

std::vector<std::string> rules_of(ProfileRule rule) {
    std::vector<std::string> out;
    for (auto const& one : about(std::move(rule))) out.push_back(one.rule + " " + one.pointer);
    return out;
}

/// The words that an amendment from one rule to another gets, without "certificates 'ID' ".
std::vector<std::string> widened(std::vector<ProfileRule> now, std::vector<ProfileRule> next) {
    std::vector<std::string> out;
    for (auto const& one : policy::weakened(with(std::move(now)), with(std::move(next)), parties(4)))
        if (one.rule == "weaker") out.push_back(one.pointer + ": " + one.words);
    return out;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("profiles that are sound have no findings, each dangerous field has one") {
    CHECK(rules_of({.id = "client", .based_on = "", .lifetime = base::Duration{730 * 86'400}}).empty());
    CHECK(rules_of({.id = "client", .based_on = "", .lifetime = base::Duration{730 * 86'400 + 1}}) ==
          Words{"certificate-long /certificate/client/lifetime"});
    CHECK(rules_of({.id = "ocsp", .based_on = "", .lifetime = base::Duration{90 * 86'400}}).empty());
    CHECK(rules_of({.id = "ocsp", .based_on = "", .lifetime = base::Duration{91 * 86'400}}) ==
          Words{"certificate-long /certificate/ocsp/lifetime"});
    CHECK(rules_of({.id = "client", .based_on = "", .key_types = Words{"p256", "rsa2048"}}) ==
          Words{"certificate-weak-key /certificate/client/key_types"});
    CHECK(rules_of({.id = "client", .based_on = "", .key_types = Words{"p256", "rsa3072"}}).empty());
    CHECK(rules_of({.id = "client", .based_on = "", .extended_usage = Words{"clientAuth", "codeSigning"}}) ==
          Words{"certificate-mixed /certificate/client/extended_usage"});
}

TEST_CASE("a space for some kinds of names leaves the others open, and that is said") {
    model::AlternativeNames some, all;
    some.dns = all.dns = {"acme.example"};
    all.ip = {"10.0.0.0/8"};
    CHECK(rules_of({.id = "node-tls", .based_on = "", .within = some}) ==
          Words{"certificate-open /certificate/node-tls/within"});
    CHECK(rules_of({.id = "node-tls", .based_on = "", .within = all}).empty());
    CHECK(rules_of({.id = "node-tls", .based_on = "", .names = Words{"dns"}, .within = some}).empty());
}

TEST_CASE("an approval that the issuer can give alone is none, and who answers should not wait for one") {
    CHECK(rules_of({.id = "client", .based_on = "", .approval = "board"}).empty());
    CHECK(rules_of({.id = "client", .based_on = "", .approval = "other"}).empty());
    CHECK(rules_of({.id = "client", .based_on = "", .approval = "alone"}) ==
          Words{"certificate-self-approved /certificate/client/approval"});
    CHECK(rules_of({.id = "ocsp", .based_on = "", .approval = "board"}) ==
          Words{"certificate-waits /certificate/ocsp/approval"});
}

TEST_CASE(
    "a profile that drops the approval of what it is based on is a way round it, and less than before") {
    ProfileRule const above{.id = "client", .based_on = "", .approval = "board"};
    ProfileRule const heir{.id = "edge", .based_on = "client"};
    auto free = heir;
    free.approval = "none";
    auto const found = [](std::vector<ProfileRule> rules) {
        std::string out;
        for (auto const& one : policy::lint(with(std::move(rules)), {}))
            if (one.rule == "certificate-way-round") out += one.pointer + ": " + one.words;
        return out;
    };
    CHECK(found({above, heir}).empty());
    CHECK(found({free}).empty());
    CHECK(found({above, free}) ==
          "/certificate/edge/approval: 'edge' waits for no approval, though 'client', on which it is based, "
          "waits for that by 'board': whatever both allow is issued without it");
    CHECK(widened({above, heir}, {above, free}) ==
          Words{"/certificate/edge/approval: certificates 'edge' need no approval by 'board' any more"});
    CHECK(widened({above, free}, {above, heir}).empty());
}

TEST_CASE("what certificates may be more is told field by field, from built-in ones too") {
    auto const place = [](char const* key) {
        return std::string("/certificate/node-tls/") + key + ": certificates 'node-tls' ";
    };
    ProfileRule wide{.id = "node-tls", .based_on = ""};
    CHECK(widened({}, {wide}).empty());
    wide.lifetime = base::Duration{400 * 86'400};
    wide.names = Words{"dns", "ip", "uri"};
    wide.needs_name = false;
    wide.units = Words{"a"};
    wide.key_usage = Words{"digitalSignature", "nonRepudiation"};
    wide.extended_usage = Words{"serverAuth", "emailProtection"};
    CHECK(widened({}, {wide}) == Words{place("lifetime") + "last P400D instead of P365D",
                                       place("needs_name") + "need no name any more",
                                       place("names") + "may have names of kind uri, too",
                                       place("units") + "may have the unit a, too",
                                       place("key_usage") + "may have the key usage nonRepudiation, too",
                                       place("extended_usage") + "may have the usage emailProtection, too"});
    // The way back asks for more, but for the unit.
    CHECK(widened({wide}, {}) == Words{place("units") + "need no unit any more",
                                       place("extended_usage") + "may have the usage clientAuth, too"});
}

TEST_CASE("keys, spaces and approvals that are dropped are told; a narrower space too is another one") {
    auto const place = [](char const* key) {
        return std::string("/certificate/client/") + key + ": certificates 'client' ";
    };
    ProfileRule narrow{.id = "client", .based_on = "", .key_types = Words{"p256"}, .approval = "board"};
    narrow.within = model::AlternativeNames{{"acme.example"}, {}, {"acme.example"}, {}};
    CHECK(widened({}, {narrow}).empty());
    CHECK(widened({narrow}, {}) == Words{place("approval") + "need no approval by 'board' any more",
                                         place("key_types") + "certify keys of every type",
                                         place("within") + "may have any dns names",
                                         place("within") + "may have any email names"});
    auto other = narrow;
    other.key_types = Words{"p256", "ed25519"};
    other.within = model::AlternativeNames{{"acme.example", "globex.example"}, {}, {"acme.example"}, {}};
    other.approval = "other";
    CHECK(widened({narrow}, {other}) ==
          Words{place("approval") + "need approval by 'other', no more by 'board'",
                place("key_types") + "may have keys of type ed25519, too",
                place("within") + "may have dns names within globex.example, too"});
    CHECK(widened({}, {{.id = "edge", .based_on = "client"}}) ==
          Words{"/certificate/edge: certificates 'edge' can be issued: clientAuth, P365D"});
}
