#include "core/flow/issuer.h"

#include "core/base/error.h"
#include "core/flow/trust.h"
#include "core/model/name_space.h"
#include "tests/support/code_of.h"
#include "tests/support/pki.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;
using Ruling = model::Verdict::Ruling;

namespace {

/// Five intermediates: a general one, two for profiles, one for a member, one for both.
class IssuersFixture : public PkiFixture {
public:
    model::Plan add_plan(std::string const& name, Json arguments = Json::object()) {
        arguments["operand"] = name;
        arguments["no-passphrase"] = true;
        return flow::plan_ca_add(state(), services().certifier, request("ca add", std::move(arguments)));
    }
    Json add(std::string const& name, Json arguments = Json::object()) {
        return carry_out(add_plan(name, std::move(arguments)))["results"][0];
    }
    void add_all() {
        init_ca();
        add("nodes", {{"purpose", {"node-tls", "besu-tls"}}});
        add("globex", {{"member", "globex"}, {"permit", {"dns:globex.example"}}});
        add("globex-nodes",
            {{"member", "globex"}, {"purpose", {"node-tls"}}, {"permit", {"dns:globex.example"}}});
        add("officers", {{"purpose", {"officer"}}});
    }
    void retire(std::string const& name) {
        carry_out(flow::plan_ca_retire(state(), request("ca retire", {{"operand", name}})));
    }
    flow::Wanted wanted(char const* member, char const* profile) {
        return flow::read_wanted(state(),
                                 {{"operand", "one.example"}, {"member", member}, {"profile", profile}});
    }
    std::string issuer(char const* member, char const* profile, std::string const& named = {}) {
        return flow::issuer_for(state(), wanted(member, profile), named).name;
    }
    std::string sentence(char const* member, char const* profile, std::string const& named) {
        try {
            return issuer(member, profile, named);
        } catch (base::Error const& error) {
            CHECK(error.code() == base::Code::refused);
            return error.message();
        }
    }
};

}  // namespace

TEST_CASE("the issuer is the one made for the member and the profile, then the member, then the profile") {
    IssuersFixture fixture;
    fixture.add_all();
    struct Row {
        char const *member, *profile, *issuer;
    };
    constexpr Row table[] = {
        {"globex", "node-tls", "globex-nodes"}, {"globex", "besu-tls", "globex"},
        {"globex", "officer", "globex"},        {"globex", "client", "globex"},
        {"globex", "ocsp", "globex"},           {"initech", "node-tls", "nodes"},
        {"initech", "besu-tls", "nodes"},       {"initech", "officer", "officers"},
        {"initech", "client", "issuing-1"},     {"initech", "code-signing", "issuing-1"},
        {"initech", "ocsp", "issuing-1"},
    };
    for (auto const& row : table) {
        CAPTURE(row.member);
        CAPTURE(row.profile);
        CHECK(fixture.issuer(row.member, row.profile) == row.issuer);
    }
}

TEST_CASE("one that is retired leaves its place to the next, until nobody is left") {
    IssuersFixture fixture;
    fixture.add_all();
    for (char const* name : {"globex-nodes", "globex", "nodes", "issuing-1"}) {
        CHECK(fixture.issuer("globex", "node-tls") == name);
        fixture.retire(name);
    }
    CHECK(code_of([&] { fixture.issuer("globex", "node-tls"); }) == base::Code::not_found);
    CHECK(fixture.issuer("initech", "officer") == "officers");
    auto const again =
        flow::plan_ca_retire(fixture.state(), PkiFixture::request("ca retire", {{"operand", "globex"}}));
    CHECK(again.verdict.ruling == Ruling::refused);
}

TEST_CASE("the newest of equals issues, and a successor takes over what it does not say otherwise") {
    IssuersFixture fixture;
    fixture.add_all();
    fixture.add("officers-2", {{"replaces", "officers"}});
    fixture.add("globex-9", {{"replaces", "globex"}});
    CHECK(fixture.issuer("initech", "officer") == "officers-2");
    CHECK(fixture.issuer("globex", "client") == "globex-9");
    CHECK(flow::authority(fixture.store(), "officers").state == "retired");
    auto const made = flow::authority(fixture.store(), "globex-9");
    auto const content = fixture.services().certifier.describe(made.certificate()).content;
    CHECK(content.permitted.dns == std::vector<std::string>{"globex.example"});
    // The one before it came later than its root's second intermediate, yet is not the newest.
    fixture.add("issuing-2");
    fixture.add("a-last");
    CHECK(fixture.issuer("initech", "client") == "a-last");
    CHECK(flow::successor_name("globex-9") == "globex-10");
    CHECK(flow::successor_name("officers") == "officers-2");
    CHECK(flow::successor_name("node-tls-x") == "node-tls-x-2");
}

TEST_CASE("one that is named must be for the certificate") {
    IssuersFixture fixture;
    fixture.add_all();
    CHECK(fixture.issuer("globex", "node-tls", "issuing-1") == "issuing-1");
    CHECK(fixture.issuer("globex", "node-tls", "nodes") == "nodes");
    CHECK(fixture.sentence("globex", "officer", "nodes") ==
          "'nodes' certifies node-tls, besu-tls only, not 'officer'");
    CHECK(fixture.sentence("initech", "client", "globex") ==
          "'globex' certifies for member 'globex' only, not 'initech'");
    CHECK(fixture.sentence("initech", "client", "root-g1").find("'root-g1' is a root") == 0);
    CHECK(code_of([&] { fixture.issuer("initech", "client", "nobody"); }) == base::Code::not_found);
    fixture.retire("nodes");
    CHECK(fixture.sentence("globex", "node-tls", "nodes") == "'nodes' is retired: it only signs its lists");
    // Who answers for an authority is needed as long as its certificates are in force.
    for (char const* name : {"nodes", "root-g1", "officers"})
        CHECK(fixture.issuer("acme", "ocsp", name) == name);
}

TEST_CASE("an intermediate is bound to names that everybody checks, and to a DN that we check (G29)") {
    IssuersFixture fixture;
    fixture.init_ca();
    auto const result = fixture.add("node-tls-2", {{"member", "globex"},
                                                   {"purpose", {"node-tls"}},
                                                   {"permit", {"dns:globex.example", "ip:10.2.0.0/16"}}});
    CHECK(result["subject"].get<std::string>() == "CN=payments Node TLS CA 2, O=globex");
    auto const made = flow::authority(fixture.store(), "node-tls-2");
    auto const root = flow::newest(fixture.store(), "root");
    auto const& certifier = fixture.services().certifier;
    auto const facts = certifier.accept_certificate(made.certificate(), root.certificate());
    CHECK(facts.content.path_length == 0);
    CHECK(facts.content.permitted.texts() ==
          std::vector<std::string>{"dns:globex.example", "ip:10.2.0.0/16"});
    CHECK(facts.content.ocsp_url.empty());
    CHECK(certifier.accept_crl(*flow::current_crl(fixture.store(), made.name), made.certificate())
              .content.number == 1);
    auto const bundle = *flow::held_bundle(fixture.store());
    CHECK(bundle.version == 2);
    CHECK(bundle.intermediates.size() == 2);
    auto const outside = fixture.issue_plan({{"operand", "node1.initech.example"}, {"member", "globex"}});
    CHECK(outside.verdict.ruling == Ruling::refused);
    auto const within = fixture.issue_plan({{"operand", "node1.globex.example"}, {"member", "globex"}});
    CHECK(within.verdict.allowed());
}

TEST_CASE("G29 a member's intermediate certifies nothing for it under another name than its own has") {
    IssuersFixture fixture;
    fixture.add_all();
    auto const verdict = [&] {
        return fixture.issue_plan({{"operand", "n.globex.example"}, {"member", "globex"}}).verdict;
    };
    CHECK(verdict().allowed());
    auto epoch = *fixture.store().latest();
    epoch.previous = model::reference(epoch).hash;
    epoch.number += 1;
    epoch.results = {};
    for (auto& member : epoch.members)
        if (member.id == "globex") member.name = "Globex SE";
    fixture.final(epoch);
    auto const after = verdict();
    CHECK(after.ruling == Ruling::refused);
    for (auto const& rule : after.rules) CHECK(rule.holds == (rule.name != "member"));
    // Its successor has the name of now; who is not bound to a member is not held to one.
    fixture.retire("globex-nodes");
    fixture.add("globex-2", {{"replaces", "globex"}, {"permit", {"dns:globex.example"}}});
    CHECK(verdict().allowed());
    CHECK(fixture.issue_plan({{"operand", "n.acme.example"}}).verdict.allowed());
}

TEST_CASE("what cannot be an intermediate is refused before there is a key") {
    IssuersFixture fixture;
    fixture.init_ca();
    auto const refused = [&](std::string const& name, Json arguments) {
        return fixture.add_plan(name, std::move(arguments)).verdict.ruling == Ruling::refused;
    };
    CHECK(refused("globex", {{"member", "globex"}}));  // P11: constrained
    CHECK(refused("answers", {{"purpose", {"ocsp"}}}));
    CHECK(refused("issuing-1", Json::object()));
    CHECK(refused("issuing", Json::object()));  // would be called as issuing-1 is
    CHECK(refused("root-g7", Json::object()));
    CHECK(refused("issuing-1-shard-3", Json::object()));
    CHECK(refused(std::string(61, 'a'), Json::object()));
    CHECK(refused("late", {{"lifetime", "P3651D"}}));
    CHECK(refused("parts", {{"crl-shards", 3}}));
    CHECK(refused("next", {{"replaces", "root-g1"}}));
    CHECK(code_of([&] { fixture.add_plan("x", {{"purpose", {"nothing"}}}); }) == base::Code::not_found);
    CHECK(code_of([&] { fixture.add_plan("x", {{"member", "nobody"}}); }) == base::Code::not_found);
    CHECK(code_of([&] { fixture.add_plan("x", {{"permit", {"acme"}}}); }) == base::Code::usage);
    for (auto const& key : fixture.services().keys.list()) {
        CAPTURE(key.name);
        CHECK((key.name.find("ca-") != 0 || key.name == "ca-root-g1" || key.name == "ca-issuing-1"));
    }
}

TEST_CASE("two that plan one name at once: one is made") {
    IssuersFixture fixture;
    fixture.init_ca();
    auto const first = fixture.add_plan("nodes", {{"purpose", {"node-tls"}}});
    auto const second = fixture.add_plan("nodes", {{"purpose", {"officer"}}});
    fixture.carry_out(first);
    CHECK(code_of([&] { fixture.carry_out(second); }) == base::Code::conflict);
    CHECK(flow::authority(fixture.store(), "nodes").profiles == std::vector<std::string>{"node-tls"});
}

TEST_CASE("a key that waits in the keyring is taken, unless it is used for something else") {
    IssuersFixture fixture;
    fixture.init_ca();
    auto const waiting = fixture.services().keys.create("ca-nodes", "p384", base::Secret());
    CHECK(code_of([&] { fixture.add("nodes"); }) == base::Code::conflict);  // of another type than asked for
    fixture.add("nodes", {{"type", "p384"}});
    auto const made = flow::authority(fixture.store(), "nodes");
    auto const& certifier = fixture.services().certifier;
    CHECK(certifier.describe(made.certificate()).content.public_key == waiting.public_key);
    fixture.services().keys.create("ca-other", "p256", base::Secret());
    fixture.carry_out(fixture.issue_plan({{"operand", "a.example"}, {"key", "ca-other"}}));
    CHECK(code_of([&] { fixture.add("other"); }) == base::Code::conflict);
    CHECK_FALSE(flow::find_authority(fixture.store(), "other"));
}
