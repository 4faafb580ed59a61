#include "core/flow/crl.h"

#include "core/crypto/crl.h"
#include "tests/support/pki.h"

#include <doctest/doctest.h>
#include <random>
#include <set>

using namespace consortium;
using base::Json;

namespace {

std::set<std::string> listed(PkiFixture& fixture, std::string const& list) {
    std::set<std::string> out;
    crypto::read_crl(*flow::current_crl(fixture.store(), list),
                     [&](model::Revocation const& each) { CHECK(out.insert(each.serial).second); });
    return out;
}

std::set<std::string> revoked(PkiFixture& fixture) {
    std::set<std::string> out;
    fixture.store().objects({.kind = "certificate", .state = "revoked"},
                            [&](model::Object const& each) { out.insert(each.name); });
    return out;
}

Json issue_list(PkiFixture& fixture, Json arguments = Json::object()) {
    auto const plan =
        flow::plan_crl_issue(fixture.state(), PkiFixture::request("crl issue", std::move(arguments)));
    return fixture.carry_out(plan)["results"];
}

model::Object certificate(std::string const& serial, char const* state, base::Instant now) {
    Json revoked;
    if (std::string_view(state) == "revoked")
        revoked = {{"at", now.text()}, {"reason", "superseded"}, {"compromised", nullptr}};
    return {"certificate",
            serial,
            state,
            "acme",
            now + base::Duration{86'400},
            Json{{"issuer", "issuing-1"}, {"profile", "node-tls"}, {"revoked", revoked}}};
}

/// Revokes as `cert revoke` does, many at once.
void revoke_many(PkiFixture& fixture, int begin, int end) {
    auto const now = fixture.services().clock.now();
    fixture.store().write([&](port::Transaction& transaction) {
        for (int i = begin; i < end; ++i) {
            auto object = certificate(base::sha256(std::to_string(i)).hex().substr(0, 32), "revoked", now);
            transaction.append_event(
                {std::string(flow::revoked_event), now, Json{{"serial", object.name}}, {std::move(object)}});
        }
    });
}

std::vector<std::string> files_of(PkiFixture& fixture, char const* list) {
    return fixture.store().object("crl", list)->data->at("files").get<std::vector<std::string>>();
}

}  // namespace

TEST_CASE("each list has exactly what was revoked until then, whatever came before it") {
    PkiFixture fixture;
    fixture.init_ca();
    std::mt19937 random(5);  // NOLINT: the same each time
    std::vector<std::string> serials;
    for (int step = 0; step < 60; ++step) {
        switch (random() % 4) {
            case 0:
                serials.push_back(
                    fixture.issue("node" + std::to_string(step) + ".example")["serial"].get<std::string>());
                break;
            case 1:
                if (serials.empty()) break;
                fixture.revoke(serials.back(), random() % 2 == 0 ? "superseded" : "key-compromise");
                serials.pop_back();
                break;
            case 2: {
                // Of an earlier version, or signed in a ceremony: nothing is known of it but its bytes.
                auto const issuing = flow::newest(fixture.store(), "issuing");
                auto const list = *flow::current_crl(fixture.store(), "issuing-1");
                auto const facts = fixture.services().certifier.describe_crl(list);
                fixture.store().write([&](port::Transaction& transaction) {
                    flow::record_crl(issuing, list, facts, fixture.services(), transaction);
                });
                break;
            }
            default:
                issue_list(fixture);
                CHECK(listed(fixture, "issuing-1") == revoked(fixture));
        }
    }
    issue_list(fixture);
    CHECK(listed(fixture, "issuing-1") == revoked(fixture));
    CHECK(revoked(fixture).size() > 5);
}

TEST_CASE("a long list shares the files of its entries with the one before") {
    PkiFixture fixture;
    fixture.init_ca();
    revoke_many(fixture, 0, 12'000);
    CHECK(issue_list(fixture)[0]["entries"] == 12'000);
    auto const first = files_of(fixture, "issuing-1");
    CHECK(first.size() == 5);  // two full ones of 256 KiB, a third, and what stands around them
    revoke_many(fixture, 12'000, 12'001);
    CHECK(issue_list(fixture)[0]["entries"] == 12'001);
    auto const second = files_of(fixture, "issuing-1");
    CHECK(second.size() == 5);
    CHECK(second[1] == first[1]);
    CHECK(second[2] == first[2]);
    CHECK(second[3] != first[3]);
    CHECK(listed(fixture, "issuing-1") == revoked(fixture));
    CHECK(listed(fixture, "issuing-1").size() == 12'001);
}

TEST_CASE("shards and deltas have their own part each") {
    PkiFixture fixture;
    fixture.init_ca({{"base-url", "http://pki.example"}, {"crl-shards", 3}, {"crl-deltas", true}});
    revoke_many(fixture, 0, 90);
    issue_list(fixture);
    revoke_many(fixture, 90, 120);
    issue_list(fixture, {{"delta", true}});
    std::set<std::string> full, delta;
    for (auto const& scope :
         flow::crl_scopes(flow::newest(fixture.store(), "issuing"), flow::CrlExtent::full))
        full.merge(listed(fixture, scope.name));
    for (auto const& scope :
         flow::crl_scopes(flow::newest(fixture.store(), "issuing"), flow::CrlExtent::delta))
        delta.merge(listed(fixture, scope.name));
    CHECK(full.size() == 90);
    CHECK(delta.size() == 30);
    full.merge(delta);
    CHECK(full == revoked(fixture));
    issue_list(fixture);
    CHECK(listed(fixture, "issuing-1-shard-0").size() + listed(fixture, "issuing-1-shard-1").size() +
              listed(fixture, "issuing-1-shard-2").size() ==
          120);
}
