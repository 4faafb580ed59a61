#include "core/flow/join.h"

#include "core/flow/agreement.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

/// A second workspace of globex that wants to join what the four have founded.
struct Joining : Town {
    Joining() : newcomer(settle("globex", "second")) {
        found();
        newcomer->self.seat = false;
    }

    base::Digest genesis() { return model::reference(*acme().store().epoch(0)).hash; }
    model::Plan plan(base::Digest const& epoch, Json more = Json{{"rehearsal", true}}) {
        more["genesis"] = genesis().hex();
        more["epoch"] = epoch.hex();
        return flow::plan_join(state(*newcomer), request("join", more),
                               flow::find_genesis(exchange, genesis()));
    }
    model::Outcome go_on() {
        flow::pull(newcomer->services(), newcomer->self, exchange);
        return flow::continue_join(newcomer->services(), newcomer->self, exchange);
    }

    std::unique_ptr<Organization> newcomer;
};

}  // namespace

TEST_CASE("join: f+1 members of the epoch must welcome this request; until then the seat signs nothing") {
    Joining joining;
    auto& newcomer = *joining.newcomer;
    CHECK(code_of([&] { flow::continue_join(newcomer.services(), newcomer.self, joining.exchange); }) ==
          Code::usage);  // nothing was asked yet
    Town::apply(*joining.newcomer, joining.plan(joining.genesis()));
    CHECK(flow::is_joining(joining.newcomer->store()));
    auto const asked = joining.go_on();
    CHECK(asked.status == Code::pending);
    CHECK(asked.data->at("needed") == 2);
    CHECK(asked.data->at("missing") ==
          Json({"acme", "initech", "umbrella"}));  // its own member does not count

    joining.acme().sync(joining.exchange);
    auto const one = joining.go_on();
    CHECK(one.status == Code::pending);
    CHECK(one.data->at("welcomed") == Json({"acme"}));
    CHECK(one.data->at("missing") == Json({"initech", "umbrella"}));
    joining.acme().sync(joining.exchange);  // a second welcome of one member is none
    CHECK(joining.go_on().data->at("welcomed").size() == 1);
    CHECK(flow::is_joining(joining.newcomer->store()));

    joining.all[2]->sync(joining.exchange);
    auto const two = joining.go_on();
    CHECK_FALSE(two.status);
    CHECK(two.data->at("joined") == true);
    CHECK_FALSE(flow::is_joining(joining.newcomer->store()));
    auto const size = joining.newcomer->store().head().size;
    CHECK_FALSE(joining.go_on().status);  // joined once
    CHECK(joining.newcomer->store().head().size == size);
}

TEST_CASE("who has left welcomes nobody, and signs nothing any more") {
    Town town;
    town.found();
    auto& acme = town.acme();
    std::string const nonce(32, 'a');
    CHECK(flow::welcome(acme.services(), acme.self, nonce));
    auto next = *acme.store().latest();
    next.members.front().status = "left";
    REQUIRE(next.members.front().id == "acme");
    acme.enact(std::move(next));
    auto const size = acme.store().head().size;
    CHECK_FALSE(flow::welcome(acme.services(), acme.self, nonce));
    CHECK(acme.store().head().size == size);
    CHECK(code_of([&] { acme.propose("one"); }) == Code::not_authorized);
}

TEST_CASE("G33 join: welcomes of an older request do not count") {
    Joining joining;
    Town::apply(*joining.newcomer, joining.plan(joining.genesis()));
    joining.go_on();
    joining.sync(1);
    REQUIRE_FALSE(joining.go_on().status);
    joining.newcomer = Town::settle("globex", "third");
    joining.newcomer->self.seat = false;
    Town::apply(*joining.newcomer, joining.plan(joining.genesis()));
    auto const again = joining.go_on();
    CHECK(again.status == Code::pending);
    CHECK(again.data->at("welcomed").empty());
    CHECK(joining.newcomer->store().acts({.kind = "welcome"}).size() >= 2);  // held, and for another nonce
}

TEST_CASE("join: a place that is not reached does not hide the genesis that another shows") {
    Joining joining;
    auto const path = "/files/" + joining.genesis().hex();
    joining.exchange.down = {"acme"};
    joining.exchange.unreadable = {"globex" + path};
    CHECK(base::sha256(flow::find_genesis(joining.exchange, joining.genesis())) == joining.genesis());
    joining.exchange.crowded = {""};
    CHECK(code_of([&] { (void)flow::find_genesis(joining.exchange, joining.genesis()); }) ==
          Code::unavailable);
    CHECK(base::sha256(flow::find_genesis(joining.exchange, joining.genesis(), {"initech"})) ==
          joining.genesis());
    joining.exchange.crowded = {};
    joining.exchange.down = {"acme", "initech", "umbrella"};
    try {
        (void)flow::find_genesis(joining.exchange, joining.genesis());
        FAIL("found");
    } catch (base::Error const& error) {
        CHECK(error.code() == Code::unavailable);
        CHECK(error.message().find("git@acme; cannot read globex") != std::string::npos);
        CHECK(error.message().find("git@umbrella") != std::string::npos);
    }
}

TEST_CASE("G33 join: another consortium, or one without the epoch that was named, is not joined") {
    Joining joining;
    SUBCASE("nobody publishes a genesis of that hash") {
        auto const other = base::sha256("another genesis");
        CHECK(code_of([&] { (void)flow::find_genesis(joining.exchange, other); }) == Code::not_found);
        joining.exchange.blobs["acme/files/" + other.hex()] = "not what its name says";
        CHECK(code_of([&] { (void)flow::find_genesis(joining.exchange, other); }) == Code::not_found);
    }
    SUBCASE("the chain does not contain the epoch") {
        Town::apply(*joining.newcomer, joining.plan(base::sha256("a later epoch")));
        CHECK(code_of([&] { joining.go_on(); }) == Code::verification_failed);
        CHECK(flow::is_joining(joining.newcomer->store()));
        CHECK_FALSE(joining.exchange.blobs.contains("globex/request"));  // nobody is asked
    }
    SUBCASE("a document that is no genesis") {
        CHECK(code_of([&] {
                  (void)flow::plan_join(Town::state(*joining.newcomer),
                                        Town::request("join", {{"rehearsal", true}, {"epoch", ""}}), "{}");
              }) == Code::malformed);
    }
    CHECK_FALSE(joining.newcomer->store().object("join", "join").value_or(model::Object{}).state == "joined");
}

TEST_CASE("G32 join: a workspace for real work joins no rehearsal, and a workspace joins once") {
    Joining joining;
    CHECK(code_of([&] { (void)joining.plan(joining.genesis(), Json::object()); }) == Code::refused);
    CHECK(joining.newcomer->store().head().size == 0);
    Town::apply(*joining.newcomer, joining.plan(joining.genesis()));
    CHECK(code_of([&] { (void)joining.plan(joining.genesis()); }) == Code::conflict);
}
