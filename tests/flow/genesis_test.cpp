#include "core/flow/genesis.h"

#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

std::uint64_t size_of(Organization& organization) {
    return organization.store().head().size;
}

}  // namespace

TEST_CASE("genesis: one founder writes the document, each signs it, and only then is epoch 0 final") {
    Town town;
    auto const genesis = town.compose();
    auto const text = base::read_text(genesis, 1u << 20);
    auto const epoch = flow::parse_genesis(text);
    CHECK(epoch.members.size() == 4);
    CHECK(epoch.rehearsal);
    CHECK(flow::known_epoch(town.acme().store())->members.size() == 4);
    CHECK_FALSE(town.acme().store().latest());

    auto const plan = Town::acceptance(town.globex(), genesis);
    CHECK(plan.danger == base::sha256(text).hex());
    CHECK(plan.warnings.at(0).find(base::spoken(base::sha256(text))) != std::string::npos);
    Town::apply(town.globex(), plan);
    for (auto* one : {&town.acme(), &town.globex(), &town.acme()}) one->sync(town.exchange);
    CHECK(town.acme().store().acts({.kind = "found"}).size() == 2);
    CHECK_FALSE(town.acme().store().latest());  // two of four
    for (std::size_t i = 2; i < town.all.size(); ++i)
        Town::apply(*town.all[i], Town::acceptance(*town.all[i], genesis));
    town.sync(3);
    for (auto const& one : town.all) {
        REQUIRE(one->store().latest());
        CHECK(model::reference(*one->store().latest()).hash == base::sha256(text));
        CHECK(one->store().object("epoch", "0")->data->at("commits").size() == 4);
        CHECK_FALSE(flow::settle_genesis(one->services()));  // once
    }
}

TEST_CASE("genesis: alone it is final at once, and a workspace has only one") {
    auto const solo = Town::settle("solo");
    auto const charter = (solo->self.workspace / "charter.toml").string();
    base::write_file(charter, Town::charter);
    auto const request = Town::request("init", {{"charter", charter}, {"rehearsal", true}});
    auto const plan = flow::plan_genesis(Town::state(*solo), request);
    CHECK(plan.steps.size() == 2);  // no document for others
    Town::apply(*solo, plan);
    CHECK(flow::settle_genesis(solo->services()));
    CHECK(solo->store().latest()->members.size() == 1);
    CHECK(code_of([&] { (void)flow::plan_genesis(Town::state(*solo), request); }) == Code::conflict);
    CHECK(code_of([&] { flow::refuse_second_genesis(Town::state(*solo)); }) == Code::conflict);
}

TEST_CASE("genesis: what cannot be founded on changes nothing") {
    Town town;
    auto const before = size_of(town.acme());
    auto const refused = [&](Json const& change) {
        auto arguments = town.founding_arguments();
        arguments.update(change);
        return code_of(
            [&] { (void)flow::plan_genesis(Town::state(town.acme()), Town::request("init", arguments)); });
    };
    auto const file = [&](std::string const& name, std::string const& content) {
        base::write_file(town.acme().self.workspace / name, content);
        return (town.acme().self.workspace / name).string();
    };
    CHECK(refused({{"charter", "/nowhere/charter.toml"}}) == Code::not_found);
    CHECK(refused({{"charter", file("broken.toml", "name = \n")}}) == Code::configuration);
    CHECK(refused({{"founder", {file("broken.json", "{}")}}}) == Code::malformed);
    auto founder =
        base::parse_json(base::read_text(flow::founder_file(town.globex().self.workspace), 1u << 20));
    auto const text = base::canonical(founder);
    auto const at = text.find("\"tier\":\"validator\"");
    REQUIRE(at != std::string::npos);
    auto other_tier = text;
    other_tier.replace(at, 18, "\"tier\":\"steward\"");
    CHECK(refused({{"founder", {file("tier.json", other_tier)}}}) == Code::configuration);
    CHECK(size_of(town.acme()) == before);
    CHECK_FALSE(town.acme().store().object("genesis", "genesis"));
}

TEST_CASE("genesis: a founder signs only a document that names it with its own keys") {
    Town town;
    auto const genesis = town.compose();
    auto const stranger = Town::settle("hooli");
    CHECK(code_of([&] { (void)Town::acceptance(*stranger, genesis); }) == Code::refused);
    auto const namesake = Town::settle("globex", "another");  // the same name, with other keys
    CHECK(code_of([&] { (void)Town::acceptance(*namesake, genesis); }) == Code::refused);
    CHECK(size_of(*stranger) == 0);
    CHECK(size_of(*namesake) == 0);
}

TEST_CASE("G32 genesis: a rehearsal and a real consortium do not mix") {
    Town town;
    auto const genesis = town.compose();
    auto const real = Town::request("init", {{"genesis", genesis}});
    CHECK(code_of([&] { (void)flow::plan_genesis_acceptance(Town::state(town.globex()), real); }) ==
          Code::refused);
    auto epoch = flow::parse_genesis(base::read_text(genesis, 1u << 20));
    epoch.rehearsal = false;
    CHECK(code_of([&] { flow::check_mode(epoch, Json{{"rehearsal", true}}); }) == Code::refused);
    CHECK(code_of([&] { flow::check_mode(epoch, Json::object()); }) == Code::internal);
}

TEST_CASE("genesis: a document of another epoch, or one changed on its way, is none") {
    Town town;
    auto const text = base::read_text(town.compose(), 1u << 20);
    auto epoch = flow::parse_genesis(text);
    epoch.number = 1;
    CHECK(code_of([&] { (void)flow::parse_genesis(model::document(epoch)); }) == Code::malformed);
    CHECK(code_of([&] { (void)flow::parse_genesis(" " + text); }) == Code::malformed);
    CHECK(code_of([&] { (void)flow::parse_genesis(text.substr(0, text.size() - 1)); }) == Code::malformed);

    // A changed document has another hash: its founders' signatures are for another consortium.
    epoch = flow::parse_genesis(text);
    epoch.charter.name = "payment";
    auto const changed = town.globex().self.workspace / "changed.json";
    base::write_file(changed, model::document(epoch));
    Town::apply(town.globex(), Town::acceptance(town.globex(), changed.string()));
    town.acme().sync(town.exchange);
    town.globex().sync(town.exchange);
    CHECK(town.globex().store().acts({.kind = "found"}).size() == 1);
    CHECK_FALSE(town.globex().store().latest());
}
