// When a vote was opened, and when it ended, is what others received: never what its author says.

#include "core/base/error.h"
#include "tests/support/voting.h"

using namespace consortium;
using namespace consortium::test;
using base::Json;
using Result = agreement::Acceptance::Result;

namespace {

void five_days(model::Decision& decision) {
    decision.window = span("P5D");
    decision.cooldown = span("P30D");
}

/// A proposal that a signs now and keeps to itself.
std::string hidden(Voting& e, model::Action action, std::string_view open_for) {
    return e.a.make(e.draft(std::move(action), open_for), 777);
}
base::Digest show(Voting& e, std::string const& envelope) {
    base::Digest id;
    for (auto* one : e.all()) {
        auto const answer = one->receive(envelope);
        REQUIRE(answer.result == Result::accepted);
        id = answer.id;
    }
    return id;
}
std::string why_void(Voting& e) {
    auto const result = e.result();
    CHECK(result.outcome == "void");
    return result.reason;
}
bool says(std::string const& reason, std::string_view words) {
    return reason.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a proposal that was dated back is void: nobody had the time to speak") {
    for (auto const* back : {"PT48H", "P5D"}) {
        Voting e([](model::Decision& decision) {
            decision.window = span("P5D");
            decision.optimistic = model::Share{"eligible", model::Bound::from_text(">=1/3")};
        });
        auto const now = e.a.now;
        e.a.now = now - span(back);
        auto const envelope = hidden(e, upgrade("r-2"), "P5D");
        for (auto* one : e.all()) one->now = now + span("PT1M");
        show(e, envelope);
        e.pass("P6D");
        e.decide();
        REQUIRE(e.latest().number == 1);
        if (std::string_view(back) == "PT48H") {
            CHECK(e.result().outcome == "passed");  // three days were left, and nobody objected
        } else {
            CHECK(says(why_void(e), "the members knew of it"));
            CHECK(release_in(e.latest()).empty());
        }
    }
}

TEST_CASE("what was kept back until the same had failed is void while it may not be proposed again") {
    Voting e(five_days);
    auto const kept = hidden(e, upgrade("r-2"), "P20D");
    e.cast(e.open(upgrade("r-2"), "P5D"), {"no", "no", "no", ""});
    e.pass("P6D");
    e.decide();
    REQUIRE(e.result().outcome == "failed");
    e.cast(show(e, kept), {"yes", "yes", "yes", "yes"});
    e.pass("P20D");
    e.decide();
    CHECK(says(why_void(e), "lets the same be proposed again"));
}

TEST_CASE("what names an epoch that others have long left, though it was opened since, is void") {
    Voting e([](model::Decision& decision) { decision.window = span("P5D"); });
    auto const kept = hidden(e, upgrade("r-2"), "P30D");
    model::Action const suspend{"member.suspend",
                                base::JsonValue(Json{{"member", "d"}, {"reason", "a missed rotation"}})};
    e.cast(e.open(suspend, "P5D"), {"yes", "yes", "yes", ""});
    e.pass("P6D");
    e.decide();
    REQUIRE(e.result().outcome == "passed");
    e.pass("P1D");
    auto const late = show(e, kept);
    e.cast(late, {"yes", "yes", "yes", ""});
    e.pass("P25D");
    e.decide();
    CHECK(says(why_void(e), "before it was opened, epoch 1 changed"));
}

TEST_CASE("a vote ends within a year more than it must; an emergency's with its window") {
    Voting e([](model::Decision& decision) {
        decision.window = span("P5D");
        with_emergency(decision);
    });
    CHECK(says(e.answer(e.a, e.draft(upgrade("r-2"), "P372D")).reason, "the vote ends within"));
    CHECK(says(e.answer(e.a, e.draft(upgrade("r-2"), "PT3H", "emergency")).reason, "the vote ends within"));

    // One that is withdrawn ended then: that is when its cooldown begins.
    auto const began = e.a.now;
    auto const urgent = e.open(upgrade("r-2"), "PT2H", "emergency");
    e.a.say({"withdraw", {urgent}, base::JsonValue(Json::object()), false});
    e.decide();
    REQUIRE(e.result().outcome == "withdrawn");
    REQUIRE(e.latest().cooling.size() == 1);
    CHECK(e.latest().cooling[0].until == began + span("P30D"));
}

TEST_CASE("the reason of a void result fits into the epoch, however long a precondition is") {
    Voting e([](model::Decision&) {});
    auto const draft = e.draft(upgrade("r-2"), "P1D", "ordinary", [](model::Proposal& body) {
        body.preconditions = {{"member", std::string(60, 'm'), std::string(480, 'x')}};
    });
    auto const proposal = e.a.say(draft);
    e.exchange();
    e.cast(proposal, {"yes", "yes", "yes", "yes"});
    e.pass("P2D");
    e.decide();
    CHECK(says(why_void(e), "precondition: member"));
    CHECK_NOTHROW(model::epoch_from_document(model::document(e.latest())));
}

TEST_CASE("what an emergency puts back is what stood when it passed, in the same epoch too") {
    Voting e(with_emergency);
    auto const ordinary = e.open(upgrade("r-1"), "PT1H");
    auto const urgent = e.open(upgrade("r-2"), "PT2H", "emergency");
    for (auto const& proposal : {ordinary, urgent}) e.cast(proposal, {"yes", "yes", "yes", "yes"});
    e.pass("P1D");
    e.decide();
    REQUIRE(e.latest().results.size() == 2);
    CHECK(release_in(e.latest()) == "r-2");
    e.pass("P8D");
    e.decide();
    CHECK(e.result().outcome == "lapsed");
    CHECK(release_in(e.latest()) == "r-1");
}
