// Emergencies and pauses: what they do, when it ends, and what makes it last.

#include "tests/support/voting.h"

using namespace consortium;
using namespace consortium::test;
using base::Json;
using Result = agreement::Acceptance::Result;

namespace {

model::Action network_pause() {
    return {"network.pause", base::JsonValue(Json{{"network", "payments"}, {"reason", "an incident"}})};
}

}  // namespace

TEST_CASE("what an emergency did ends after its life, and the release before is put back") {
    Voting e(with_emergency);
    CHECK(e.answer(e.a, e.draft(upgrade("r-9"), "PT1H", "emergency")).result == Result::rejected);
    auto const proposal = e.open(upgrade("r-2"), "PT2H", "emergency");
    e.cast(proposal, {"yes", "yes", "yes", ""});
    e.pass("PT3H");
    e.decide();
    REQUIRE(e.latest().number == 1);
    CHECK(release_in(e.latest()) == "r-2");
    REQUIRE(e.latest().measures.size() == 1);
    CHECK(e.answer(e.a, e.draft(upgrade("r-3"), "PT2H", "emergency")).result ==
          Result::rejected);  // cooldown

    e.pass("P6D");
    e.decide();
    CHECK(e.latest().number == 1);
    e.pass("P1D");
    e.decide();
    REQUIRE(e.latest().number == 2);
    CHECK(e.result().outcome == "lapsed");
    CHECK(release_in(e.latest()).empty());
    CHECK(e.latest().measures.empty());
    CHECK(model::epoch_from_document(model::document(e.latest())).results.size() == 1);
}

TEST_CASE("an emergency's measure lasts once the ordinary vote ratifies it") {
    Voting e(with_emergency);
    auto const proposal = e.open(upgrade("r-2"), "PT2H", "emergency");
    e.cast(proposal, {"yes", "yes", "yes", ""});
    e.pass("PT3H");
    e.decide();
    auto const ratifying = [&](std::string const& release, base::Digest const& emergency) {
        return e.draft(upgrade(release), "P1D", "ordinary",
                       [&](model::Proposal& body) { body.ratifies = emergency; });
    };
    CHECK(e.answer(e.a, ratifying("r-2", base::sha256("nothing"))).result == Result::orphan);
    CHECK(e.answer(e.a, ratifying("r-4", proposal)).result == Result::rejected);
    auto const ratification = e.a.say(ratifying("r-2", proposal));
    e.exchange();
    e.cast(ratification, {"yes", "yes", "yes", "no"});
    e.pass("P2D");
    e.decide();
    CHECK(e.latest().measures.empty());
    e.pass("P30D");
    e.decide();
    CHECK(release_in(e.latest()) == "r-2");
    CHECK(e.answer(e.a, ratifying("r-2", proposal)).result == Result::rejected);  // it lasts already
}

TEST_CASE("a pause stands until its emergency ends, or the network is resumed") {
    Voting e(with_emergency);
    auto const urgent = e.open(network_pause(), "PT2H", "emergency");
    e.cast(urgent, {"yes", "yes", "yes", "yes"});
    e.pass("PT3H");
    e.decide();
    CHECK(agreement::pause_of(e.latest(), "payments") != nullptr);
    e.pass("P8D");
    e.decide();
    CHECK(agreement::pause_of(e.latest(), "payments") == nullptr);

    auto const ordinary = e.open(network_pause(), "PT2H");
    e.cast(ordinary, {"yes", "yes", "yes", "yes"});
    e.pass("PT3H");
    e.decide();
    e.pass("P60D");
    e.decide();
    REQUIRE(agreement::pause_of(e.latest(), "payments") != nullptr);
    auto const resume = e.open({"network.resume", base::JsonValue(Json{{"network", "payments"}})}, "PT2H");
    e.cast(resume, {"yes", "yes", "yes", "yes"});
    e.pass("PT3H");
    e.decide();
    CHECK(agreement::pause_of(e.latest(), "payments") == nullptr);
}
