#include "core/flow/tuf.h"

#include "core/agreement/validation.h"
#include "core/flow/agreement.h"
#include "core/flow/intake.h"
#include "tests/support/error_of.h"
#include "tests/support/organization.h"
#include "tests/support/tuf.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;
using Result = agreement::Acceptance::Result;

namespace {

Json file(flow::Files const& files, std::string const& name) {
    for (auto const& [path, content] : files)
        if (path == name) return base::parse_json(content);
    FAIL("no file " << name);
    return {};
}

std::string details(base::Error const& error) {
    std::string out;
    for (auto const& [key, value] : error.details()) out.append(key).append(" = ").append(value).append("\n");
    return out;
}

}  // namespace

TEST_CASE("every version of the chain says who stands for it, and until when") {
    TufFixture fixture;
    fixture.carry(1);
    fixture.carry(5);
    auto const chain = flow::tuf_chain(fixture.store(), fixture.services().certifier);
    REQUIRE(chain.size() == 2);
    auto const& root = *chain[1].documents.front().part;
    CHECK(root.at("version").get<int>() == 2);
    CHECK(root.at("x-consortium").at("bundle").at("version").get<int>() == 5);
    CHECK(root.at("x-consortium").at("epoch").at("number").get<int>() == 2);
    CHECK(root.at("keys").size() == 4);
    for (char const* role : {"root", "targets", "snapshot", "timestamp"}) {
        CHECK(root.at("roles").at(role).at("threshold").get<int>() == 3);
        CHECK(root.at("roles").at(role).at("keyids").size() == 4);
    }
    auto const held = flow::newest(fixture.store(), "root").certificates.front();
    CHECK(root.at("expires").get<std::string>() == held.not_after.text());
    fixture.clock().advance(base::Duration{86'400});
    auto const again = flow::tuf_chain(fixture.store(), fixture.services().certifier);
    for (std::size_t i = 0; i < 4; ++i) CHECK(again[1].documents[i].bytes == chain[1].documents[i].bytes);
}

TEST_CASE("below the threshold nothing is exported, and it is said who is missing") {
    TufFixture fixture;
    CHECK(error_of([&] { fixture.export_tuf(); }).code() == Code::not_found);
    fixture.carry(1);
    fixture.countersign("globex");
    fixture.countersign("initech");
    auto const error = error_of([&] { fixture.export_tuf(); });
    CHECK(error.code() == Code::pending);
    CHECK(details(error) ==
          "version 1 (root, targets, snapshot, timestamp), officers of version 1 = 2 of 3: globex-gov, "
          "initech-gov; missing: acme-gov, umbrella-gov\n");
    fixture.countersign("umbrella");
    auto const files = fixture.export_tuf().files;
    CHECK(file(files, "1.root.json").at("signatures").size() == 3);
    CHECK(file(files, "timestamp.json").at("signatures").size() == 3);
    CHECK(fixture.countersign_plan("umbrella").verdict.ruling == model::Verdict::Ruling::refused);
}

TEST_CASE("G25 the signature of who proposed the bundle does not count") {
    TufFixture fixture;
    fixture.propose_and_carry();
    for (char const* member : {"acme", "globex", "initech"}) fixture.countersign(member);
    auto const error = error_of([&] { fixture.export_tuf(); });
    CHECK(error.code() == Code::pending);
    CHECK(details(error).find("2 of 3: globex-gov, initech-gov; missing: umbrella-gov; cannot: acme-gov: "
                              "proposed the bundle") != std::string::npos);
    fixture.countersign("umbrella");
    CHECK(file(fixture.export_tuf().files, "1.root.json").at("signatures").size() == 4);
}

TEST_CASE("G25 two officers of one member are one organization, though they are two keys") {
    TufFixture fixture;
    fixture.carry(1, [&](model::Epoch& epoch) {
        for (auto& member : epoch.members)
            if (member.id == "globex" || member.id == "initech") member.control_group = "one-owner";
    });
    for (char const* member : {"acme", "globex", "initech"}) fixture.countersign(member);
    CHECK(error_of([&] { fixture.export_tuf(); }).code() == Code::pending);
    fixture.countersign("umbrella");
    CHECK_NOTHROW(fixture.export_tuf());
}

TEST_CASE("the next version needs those of the version before, whose old keys still sign") {
    TufFixture fixture;
    fixture.carry(1);
    for (char const* member : {"globex", "initech", "umbrella"}) fixture.countersign(member);
    fixture.carry(2, [&](model::Epoch& epoch) {
        for (char const* member : {"globex", "initech"}) fixture.rekey(epoch, member, "retired");
    });
    fixture.countersign("globex");
    auto const error = error_of([&] { fixture.export_tuf(); });
    CHECK(details(error).find("version 2 (root), officers of version 1 = 1 of 3: globex-gov; missing: "
                              "acme-gov, initech-gov, umbrella-gov") == 0);
    fixture.countersign("initech");
    fixture.countersign("umbrella");
    auto const files = fixture.export_tuf().files;
    // Old and new keys of two, and the one of the third, which is both.
    CHECK(file(files, "2.root.json").at("signatures").size() == 5);
    CHECK(file(files, "2.targets.json").at("signatures").size() == 3);
    CHECK(file(files, "1.root.json").at("signatures").size() == 3);
    CHECK(fixture.export_tuf({{"version", 1}}).files[1].first == "1.targets.json");
}

TEST_CASE("keys that were removed for cause count no more, and a chain that nobody can sign begins anew") {
    TufFixture fixture;
    fixture.carry(1);
    for (char const* member : {"globex", "initech", "umbrella"}) fixture.countersign(member);
    fixture.carry(2, [&](model::Epoch& epoch) {
        for (char const* member : {"globex", "initech"}) fixture.rekey(epoch, member, "removed");
        for (auto& key : epoch.keys)
            if (key.status == "removed") key.cause = "compromise";
    });
    for (char const* member : {"globex", "initech", "umbrella"}) fixture.countersign(member);
    auto const error = error_of([&] { fixture.export_tuf(); });
    CHECK(error.code() == Code::refused);
    CHECK(details(error).find(
              "version 2 (root), officers of version 1 = 1 of 3: umbrella-gov; missing: acme-gov; "
              "cannot: globex-gov: no officer with that key any more, initech-gov: no officer "
              "with that key any more") != std::string::npos);
    auto const files = fixture.export_tuf({{"from", 2}}).files;
    CHECK(files.front().first == "2.root.json");
    CHECK(file(files, "2.root.json").at("signatures").size() == 3);
    CHECK(error_of([&] { fixture.export_tuf({{"from", 2}, {"version", 1}}); }).code() == Code::usage);
}

TEST_CASE("who has a key that no stock client verifies cannot, and is told why") {
    TufFixture fixture;
    fixture.carry(1, [](model::Epoch& epoch) {
        for (auto& key : epoch.keys)
            if (key.owner == "globex-gov" || key.owner == "initech-gov") key.algorithm = "p384";
    });
    auto const plan = fixture.countersign_plan("globex");
    CHECK(plan.verdict.ruling == model::Verdict::Ruling::refused);
    CHECK(plan.verdict.rules.front().words.find("this is a key of type p384") != std::string::npos);
    for (char const* member : {"acme", "umbrella"}) fixture.countersign(member);
    auto const error = error_of([&] { fixture.export_tuf(); });
    CHECK(error.code() == Code::refused);
    CHECK(details(error).find("cannot: globex-gov: a key of type p384, initech-gov: a key of type p384") !=
          std::string::npos);
}

TEST_CASE("a countersignature is taken in only if it holds, by a key of its author") {
    TufFixture fixture;
    std::string const document = "what another program reads";
    fixture.store().write([&](port::Transaction& transaction) { transaction.put_file(document); });
    auto const judge = [&](std::string const& member, model::Countersignature const& one) {
        return agreement::validate(fixture.act_of(member, {"tuf", "a test", {one}}),
                                   flow::ground(fixture.services()));
    };
    auto const good = fixture.signature("globex", document);
    CHECK(judge("globex", good).result == Result::accepted);
    CHECK(judge("initech", good).reason.find("not one of 'initech-gov'") != std::string::npos);
    auto other = fixture.signature("globex", "something else");
    other.document = good.document;
    CHECK(judge("globex", other).reason.find("does not hold") != std::string::npos);
    auto absent = fixture.signature("globex", "not held");
    CHECK(judge("globex", absent).result == Result::orphan);
    auto const large = std::string(model::max_countersigned + 1, 'x');
    fixture.store().write([&](port::Transaction& transaction) { transaction.put_file(large); });
    CHECK(judge("globex", fixture.signature("globex", large)).reason.find("larger") != std::string::npos);
}

TEST_CASE("a key that was removed countersigns nothing, nor does one of SSH") {
    TufFixture fixture;
    std::string const document = "what another program reads";
    fixture.store().write([&](port::Transaction& transaction) { transaction.put_file(document); });
    auto const old = fixture.signature("globex", document);
    fixture.carry(1, [&](model::Epoch& epoch) { fixture.rekey(epoch, "globex", "retired"); });
    auto const judge = [&] {
        return agreement::validate(fixture.act_of("globex", {"tuf", "a test", {old}}),
                                   flow::ground(fixture.services()));
    };
    CHECK(judge().result == Result::accepted);
    auto const spoil = [&](auto const& change) {
        fixture.carry(fixture.store().latest()->trust_bundle->at("version").get<int>() + 1,
                      [&](model::Epoch& epoch) {
                          for (auto& key : epoch.keys)
                              if (key.id == old.key) change(key);
                      });
    };
    spoil([](model::Key& key) { key.algorithm = "ssh"; });
    CHECK(judge().reason.find("SSH signs no document") != std::string::npos);
    spoil([](model::Key& key) { key.status = "removed"; });
    CHECK(judge().reason == "one of its keys was removed");
}

TEST_CASE("countersignatures travel with what they sign") {
    Founders founders;
    std::string const document = "what another program reads";
    auto& acme = founders.acme;
    acme.store().write([&](port::Transaction& transaction) { transaction.put_file(document); });
    auto const key = acme.store().latest()->officer(acme.self.officer)->key;
    model::Countersigning const body{
        "tuf",
        "a test",
        {{base::sha256(document), key, acme.services().keys.open(key)->sign(base::as_bytes(document))}}};
    auto const id = acme.say("countersign", model::to_json(body));
    acme.sync(founders.exchange);
    founders.globex.sync(founders.exchange);
    auto const held = founders.globex.store().act(id);
    REQUIRE(held);
    CHECK(model::to_json(model::countersigning_from_json(*held->act.body)) == model::to_json(body));
    CHECK(founders.globex.store().file(base::sha256(document)) == document);
}
