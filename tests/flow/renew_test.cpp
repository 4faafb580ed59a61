#include "core/flow/expiring.h"
#include "core/flow/ocsp.h"
#include "core/flow/status.h"
#include "tests/support/code_of.h"
#include "tests/support/renewal.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;
using base::Json;

namespace {

using Words = std::vector<std::string>;
constexpr base::Duration day{86'400};

base::Duration days(std::int64_t count) {
    return {count * day.seconds};
}

/// What status says of certificates: the next commands.
Words asked_for(RenewalFixture& fixture) {
    auto const outcome =
        flow::status(fixture.store(), fixture.self(), fixture.services().clock.now(), days(400));
    Words out;
    for (auto const& item : outcome.data->at("items")) {
        auto const next = item.at("next").get<std::string>();
        if (next.starts_with("consortium cert")) out.push_back(next);
    }
    return out;
}

Words listed(RenewalFixture& fixture, Json arguments) {
    auto const outcome =
        flow::certificate_list(fixture.state(), RenewalFixture::request("cert list", std::move(arguments)));
    Words out;
    for (auto const& item : outcome.data->at("items")) {
        if (item.at("what") == "certificate") out.push_back(item.at("name").get<std::string>());
    }
    std::ranges::sort(out);
    return out;
}

Words sorted(Json const& serials) {
    auto out = serials.get<Words>();
    std::ranges::sort(out);
    return out;
}

Json signed_request(RenewalFixture& fixture, Json arguments) {
    auto const result = fixture.ask(std::move(arguments));
    return fixture.file("again.csr", result["request"].get<std::string>());
}

}  // namespace

TEST_CASE("a renewed certificate says what the old one said, and each names the other") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.carry_out(fixture.issue_plan({{"operand", "peer0"},
                                                           {"profile", "node-identity"},
                                                           {"unit", "peer"},
                                                           {"member", "globex"},
                                                           {"also", {"peer0.example", "peer0"}},
                                                           {"valid-for", "P90D"}}))["results"][0]["serial"];
    fixture.clock().advance(days(60));
    auto const result = fixture.renew(old.get<std::string>());
    CHECK(result["renews"] == old);
    auto const before = fixture.facts(old);
    auto const after = fixture.facts(result["serial"]);
    CHECK(after.content.serial != before.content.serial);
    CHECK(after.content.subject == before.content.subject);
    CHECK(after.content.names == before.content.names);
    CHECK(after.content.public_key == before.content.public_key);
    CHECK(after.content.extended_usage == before.content.extended_usage);
    CHECK(after.content.not_before == before.content.not_before + days(60));
    CHECK(after.content.not_after == before.content.not_after + days(60));
    auto const objects = std::pair(fixture.certificate(old), fixture.certificate(result["serial"]));
    CHECK(objects.first.state == "renewed");
    CHECK(objects.first.data->at("renewed_by") == result["serial"]);
    CHECK(objects.second.state == "valid");
    CHECK(objects.second.member == "globex");
    CHECK(objects.second.data->at("renews") == old);
    CHECK(objects.second.data->at("profile") == "node-identity");
    CHECK(objects.second.data->at("key") == objects.first.data->at("key"));
}

TEST_CASE("a certificate that is not renewed says so") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const issued = fixture.issue("node1.example");
    CHECK(issued["renews"].is_null());
    CHECK(fixture.certificate(issued["serial"]).data->at("renews").is_null());
    CHECK(fixture.certificate(issued["serial"]).data->at("renewed_by").is_null());
}

TEST_CASE("what was renewed is asked for no more, unless its renewal is revoked") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    CHECK(asked_for(fixture) == Words{"consortium cert renew " + old});
    CHECK(listed(fixture, {{"expiring", "P400D"}}) == Words{old});
    fixture.clock().advance(days(300));
    auto const next = fixture.renew(old)["serial"].get<std::string>();
    CHECK(asked_for(fixture) == Words{"consortium cert renew " + next});
    CHECK(listed(fixture, {{"expiring", "P400D"}}) == Words{next});
    CHECK(listed(fixture, {{"state", "renewed"}}) == Words{old});
    CHECK(listed(fixture, {{"state", "valid"}}) == Words{next});
    CHECK(listed(fixture, Json::object()) == sorted({old, next}));

    fixture.revoke(next);
    CHECK(fixture.certificate(old).state == "valid");
    CHECK(fixture.certificate(old).data->at("renewed_by").is_null());
    CHECK(asked_for(fixture) == Words{"consortium cert renew " + old});
    auto const third = fixture.renew(old)["serial"].get<std::string>();
    CHECK(fixture.certificate(old).data->at("renewed_by") == third);

    // In force until it ends, and over then like any other.
    fixture.clock().advance(days(70));
    CHECK(listed(fixture, {{"state", "renewed"}}).empty());
    CHECK(listed(fixture, {{"state", "expired"}}) == Words{old});
}

TEST_CASE("a renewed certificate can be revoked, and that does not touch its renewal") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    auto const next = fixture.renew(old)["serial"].get<std::string>();
    fixture.revoke(old);
    CHECK(fixture.certificate(old).state == "revoked");
    CHECK(fixture.certificate(next).state == "valid");
    fixture.revoke(next);
    CHECK(fixture.certificate(old).state == "revoked");
}

TEST_CASE("neither what was revoked nor what was renewed is renewed") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    auto const next = fixture.renew(old)["serial"].get<std::string>();
    auto const again = fixture.renew_plan(old);
    CHECK(broken(again.verdict) == Words{"state"});
    CHECK(again.verdict.next == "consortium cert renew " + next);
    fixture.revoke(next);
    auto const ended = fixture.renew_plan(next, {{"new-key", true}});
    CHECK(broken(ended.verdict) == Words{"state"});
    CHECK(ended.verdict.next ==
          "consortium cert issue node1.example --profile node-tls --member acme --key KEY");
    CHECK(code_of([&] { (void)fixture.renew_plan("0bad"); }) == base::Code::not_found);
    CHECK(code_of([&] { (void)fixture.renew_plan("no serial"); }) == base::Code::usage);
}

TEST_CASE("two renewals that were planned at once: one is carried out") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    auto const first = fixture.renew_plan(old);
    auto const second = fixture.renew_plan(old);
    fixture.carry_out(first);
    CHECK(code_of([&] { fixture.carry_out(second); }) == base::Code::conflict);
    // And one that was revoked in between is not.
    auto const other = fixture.issue("node2.example")["serial"].get<std::string>();
    auto const late = fixture.renew_plan(other);
    fixture.revoke(other);
    CHECK(code_of([&] { fixture.carry_out(late); }) == base::Code::conflict);
}

TEST_CASE("a new key has a name of its own and the type of the old one") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.carry_out(
        fixture.issue_plan({{"operand", "node1.example"}, {"type", "p384"}}))["results"][0]["serial"];
    Json const made{{"new-key", true}, {"no-passphrase", true}};
    auto const result = fixture.renew(old.get<std::string>(), made);
    CHECK(result["key"] == "cert-node1-example-" + old.get<std::string>().substr(0, 8));
    CHECK(fixture.facts(result["serial"]).algorithm == "p384");
    CHECK(fixture.facts(result["serial"]).content.public_key != fixture.facts(old).content.public_key);
    auto other = made;
    other["type"] = "ed25519";
    auto const third = fixture.renew(result["serial"].get<std::string>(), other);
    CHECK(fixture.facts(third["serial"]).algorithm == "ed25519");
    CHECK(code_of([&] {
              (void)fixture.renew_plan(third["serial"].get<std::string>(), {{"type", "p256"}});
          }) == base::Code::usage);
    // Killed after the key was made: it is not made twice, and can be named.
    auto const left = fixture.issue("node2.example")["serial"].get<std::string>();
    auto const name = "cert-node2-example-" + left.substr(0, 8);
    fixture.services().keys.create(name, "p256", base::Secret());
    CHECK(code_of([&] { fixture.renew(left, made); }) == base::Code::conflict);
    CHECK(fixture.certificate(left).state == "valid");
    CHECK(fixture.renew(left, {{"key", name}})["key"] == name);
    // A name so long that the name of its key was cut.
    auto const lengthy = std::string(56, 'a') + ".example";
    auto const cut = fixture.issue(lengthy)["serial"].get<std::string>();
    CHECK(fixture.renew(cut, made)["key"].get<std::string>().size() == 63);
}

TEST_CASE("a key that is elsewhere is certified again only if it signs a new request") {
    RenewalFixture fixture;
    fixture.init_ca();
    Json const wanted{{"operand", "node1.example"}, {"new-key", true}, {"no-passphrase", true}};
    auto const csr = signed_request(fixture, wanted);
    auto const old = fixture.carry_out(
        fixture.issue_plan({{"operand", "node1.example"}, {"csr", csr}}))["results"][0]["serial"];
    auto const bare = fixture.renew_plan(old.get<std::string>());
    CHECK(broken(bare.verdict) == Words{"key"});
    CHECK(bare.verdict.next == "consortium cert renew " + old.get<std::string>() + " --csr FILE");

    auto const greedy = signed_request(
        fixture, {{"operand", "node1.example"}, {"also", {"node9.example"}}, {"key", "cert-node1-example"}});
    CHECK(broken(fixture.renew_plan(old.get<std::string>(), {{"csr", greedy}}).verdict) ==
          Words{"csr: subjectAltName"});
    auto const again = signed_request(fixture, {{"operand", "node1.example"}, {"key", "cert-node1-example"}});
    auto const result = fixture.renew(old.get<std::string>(), {{"csr", again}});
    CHECK(fixture.facts(result["serial"]).content.public_key == fixture.facts(old).content.public_key);
    CHECK(code_of([&] {
              (void)fixture.renew_plan(result["serial"].get<std::string>(),
                                       {{"csr", again}, {"new-key", true}});
          }) == base::Code::usage);
}

TEST_CASE("the same key is the one that was certified, not the one that has its name now") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    auto object = fixture.certificate(old);
    fixture.services().keys.create("another", "p256", base::Secret());
    Json data = *object.data;
    data["key"] = "another";
    object.data = base::JsonValue(data);
    fixture.put(object);
    CHECK(code_of([&] { fixture.renew(old); }) == base::Code::not_found);
    data["key"] = "gone";
    object.data = base::JsonValue(data);
    fixture.put(object);
    CHECK(code_of([&] { fixture.renew(old); }) == base::Code::not_found);
    CHECK(fixture.certificate(old).state == "valid");
    CHECK(fixture.renew(old, {{"key", "cert-node1-example"}})["key"] == "cert-node1-example");
}

TEST_CASE(
    "a key that was revoked as compromised is not certified again, and its other certificates are named") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    auto const next = fixture.renew(old)["serial"].get<std::string>();
    auto const compromise = [&](std::string const& serial) {
        return flow::plan_certificate_revoke(
            fixture.state(),
            RenewalFixture::request("cert revoke", {{"operand", serial}, {"reason", "key-compromise"}}));
    };
    auto const plan = compromise(next);
    REQUIRE(plan.warnings.size() == 1);
    CHECK(plan.warnings[0].find(old) != std::string::npos);
    auto const csr = signed_request(fixture, {{"operand", "node1.example"}, {"key", "cert-node1-example"}});
    fixture.carry_out(plan);
    CHECK(compromise(old).warnings.empty());

    CHECK(broken(fixture.renew_plan(old).verdict) == Words{"key"});
    CHECK(broken(fixture.renew_plan(old, {{"csr", csr}}).verdict) == Words{"key"});
    CHECK(broken(fixture.issue_plan({{"operand", "node1.example"}, {"csr", csr}}).verdict) == Words{"key"});
    auto const kept = fixture.issue_plan({{"operand", "node1.example"}, {"key", "cert-node1-example"}});
    CHECK(code_of([&] { fixture.carry_out(kept); }) == base::Code::refused);
    auto const asked = fixture.request_plan({{"operand", "node1.example"}, {"key", "cert-node1-example"}});
    CHECK(code_of([&] { fixture.carry_out(asked); }) == base::Code::refused);
    CHECK(fixture.renew(old, {{"new-key", true}, {"no-passphrase", true}})["renews"] == old);
}

TEST_CASE("one that has expired is renewed, and that is said; one that the profile forbids is not") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    CHECK(fixture.renew_plan(old).warnings.empty());
    CHECK(broken(fixture.renew_plan(old, {{"valid-for", "P366D"}}).verdict) == Words{"lifetime"});
    CHECK(broken(fixture.renew_plan(old, {{"valid-for", "PT0S"}}).verdict) == Words{"lifetime"});
    fixture.clock().advance(days(366));
    auto const plan = fixture.renew_plan(old);
    REQUIRE(plan.warnings.size() == 1);
    CHECK(plan.warnings[0].find("expired on") != std::string::npos);
    fixture.carry_out(plan);
    CHECK(asked_for(fixture).size() == 1);

    // As if the profile had been another since.
    auto const other = fixture.issue("node2.example")["serial"].get<std::string>();
    auto object = fixture.certificate(other);
    Json data = *object.data;
    data["profile"] = "code-signing";
    object.data = base::JsonValue(data);
    fixture.put(object);
    CHECK(broken(fixture.renew_plan(other).verdict) == Words{"names: dns"});
    // The issuer ends before a certificate of a year would.
    fixture.clock().advance(days(1200));
    CHECK(broken(fixture.renew_plan(other).verdict) == Words{"names: dns", "issuer"});
}

TEST_CASE("an organization that was renamed, or has left, is what the members know of it now") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    auto epoch = *fixture.store().latest();
    epoch.number = 1;
    auto const acme = std::ranges::find(epoch.members, "acme", &model::Member::id);
    REQUIRE(acme != epoch.members.end());
    acme->name = "Acme Holding";
    fixture.final(epoch);
    auto const plan = fixture.renew_plan(old);
    CHECK(plan.warnings == Words{"the organization is 'Acme Holding' in the new certificate, as the members "
                                 "know it now; the old one says 'Acme'"});
    CHECK(fixture.facts(fixture.carry_out(plan)["results"][0]["serial"]).organization == "Acme Holding");

    auto const other = fixture.carry_out(
        fixture.issue_plan({{"operand", "node2.example"}, {"member", "globex"}}))["results"][0]["serial"];
    std::erase_if(epoch.members, [](auto const& member) { return member.id == "globex"; });
    epoch.number = 2;
    fixture.final(epoch);
    CHECK(code_of([&] { (void)fixture.renew_plan(other.get<std::string>()); }) == base::Code::not_found);
}

TEST_CASE("a newer authority renews what an older one issued, but not who answers for the older one") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.issue("node1.example")["serial"].get<std::string>();
    auto const answers = fixture.carry_out(
        fixture.issue_plan({{"operand", "status"}, {"profile", "ocsp"}}))["results"][0]["serial"];
    auto newer = *fixture.store().object("authority", "issuing-1");
    newer.name = "issuing-2";
    Json data = *newer.data;
    data["generation"] = 2;
    newer.data = base::JsonValue(data);
    fixture.put(newer);
    auto const next = fixture.renew(old)["serial"];
    CHECK(fixture.certificate(next).data->at("issuer") == "issuing-2");
    auto const by_the_newer = fixture.renew_plan(answers.get<std::string>(), {{"issuer", "issuing-2"}});
    CHECK(broken(by_the_newer.verdict) == Words{"issuer"});
    auto const again = fixture.renew(answers.get<std::string>())["serial"];
    CHECK(fixture.certificate(again).data->at("issuer") == "issuing-1");
}

TEST_CASE("who answers for the authority is renewed without a gap") {
    RenewalFixture fixture;
    fixture.init_ca();
    auto const old = fixture.carry_out(
        fixture.issue_plan({{"operand", "status"}, {"profile", "ocsp"}}))["results"][0]["serial"];
    auto const issuing = flow::authority(fixture.store(), "issuing-1");
    auto const answering = [&] {
        auto const found = flow::responder(fixture.store(), issuing, fixture.clock().now());
        return found ? fixture.services().certifier.describe(found->certificate).content.serial : "";
    };
    CHECK(answering() == old.get<std::string>());
    // By a request the key is taken to be elsewhere: the old one answers on, though it is renewed.
    auto const csr =
        signed_request(fixture, {{"operand", "status"}, {"profile", "ocsp"}, {"key", "cert-status"}});
    auto const next = fixture.renew(old.get<std::string>(), {{"csr", csr}})["serial"];
    CHECK(fixture.certificate(old).state == "renewed");
    CHECK(answering() == old.get<std::string>());
    auto const third = fixture.renew(next.get<std::string>(), {{"key", "cert-status"}})["serial"];
    CHECK(answering() == third.get<std::string>());
}
