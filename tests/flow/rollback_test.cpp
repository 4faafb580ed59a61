#include "core/flow/operation.h"
#include "core/model/proposal.h"
#include "tests/support/stage.h"

#include <algorithm>

using namespace consortium;
using base::Code;
using base::Json;
using base::JsonValue;
using test::count_intents;
using test::Killed;
using Ruling = model::Verdict::Ruling;

namespace {

/// An upgrade to r-2 that was decided with the way back to r-1.
struct Upgrading : test::Stage {
    Upgrading() {
        add_release("r-2");
        add_release("r-1", "r-1", "1.0.0");
    }
    flow::Enacted way_back() {
        auto out = enacted("release.upgrade",
                           {{"network", "net"}, {"release", "r-1"}, {"digest", base::sha256("r-1").hex()}});
        out.back = true;
        return out;
    }
    model::Plan back() {
        auto made = plan(way_back());
        made.operation = "back";
        return made;
    }
    /// The upgrade is killed when its intent is durable and the node was not told yet.
    void kill_upgrade() {
        for (int at = 1;; ++at) {
            crash().at = at;
            crash().seen = 0;
            try {
                (void)execute(plan(upgrade()));
            } catch (Killed const&) {
            }
            crash().at = 0;
            if (count_intents(store(), "open") == 1) return;
            REQUIRE(count_intents(store(), "submitted") == 0);
        }
    }
};

std::string broken(model::Plan const& plan) {
    for (auto const& rule : plan.verdict.rules)
        if (!rule.holds) return rule.name;
    return {};
}

}  // namespace

TEST_CASE("going back: only where the upgrade was begun, to the release that was decided with it") {
    Upgrading stage;
    CHECK(broken(stage.back()) == "begun");
    CHECK(stage.back().verdict.ruling == Ruling::refused);
    CHECK(stage.execute(stage.plan(stage.upgrade())) == std::nullopt);
    CHECK(stage.version() == "2.0.0");
    auto const plan = stage.back();
    REQUIRE(plan.verdict.allowed());
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].summary == "roll v1 back to release r-1");
    CHECK(stage.execute(plan) == std::nullopt);
    CHECK(stage.version() == "1.0.0");
    CHECK(stage.operation("back") == "done");
    CHECK(count_intents(stage.store(), "confirmed") == 2);  // an intent of its own
    CHECK(stage.effects().size() == 2);
    // What is done is done: neither comes about a second time.
    auto again = stage.back();
    again.operation = "again";
    CHECK(stage.execute(again) == std::nullopt);
    CHECK(stage.effects().size() == 2);
}

TEST_CASE("going back: an upgrade that is under way is finished or given up first") {
    Upgrading stage;
    stage.kill_upgrade();
    CHECK(broken(stage.back()) == "settled");
    auto abandon = flow::plan_operation_abandon(stage.state(),
                                                {"operation abandon", JsonValue(Json{{"operand", "op"}})});
    abandon.operation = "given-up";
    CHECK(stage.execute(abandon) == std::nullopt);
    CHECK(stage.back().verdict.allowed());
    CHECK(stage.execute(stage.back()) == std::nullopt);
    CHECK(stage.version() == "1.0.0");
}

TEST_CASE("going back: until the decision lapses") {
    Upgrading stage;
    CHECK(stage.execute(stage.plan(stage.upgrade())) == std::nullopt);
    auto late = stage.way_back();
    late.lapses = stage.bench().clock().now() - base::Duration{1};
    CHECK(broken(stage.plan(late)) == "not lapsed");
}

TEST_CASE("G26 going back: the digest that was decided is the one that is executed") {
    Upgrading stage;
    CHECK(stage.execute(stage.plan(stage.upgrade())) == std::nullopt);
    stage.add_release("another file", "r-1", "1.0.0");
    CHECK(broken(stage.back()) == "release");
    CHECK(stage.back().verdict.ruling == Ruling::refused);
}

TEST_CASE("G31 killed at every boundary, going back resumes to one effect") {
    int boundaries = 0;
    for (int at = 1;; ++at) {
        Upgrading stage;
        CHECK(stage.execute(stage.plan(stage.upgrade())) == std::nullopt);
        auto const plan = stage.back();
        CAPTURE(at);
        bool const killed = killed_at(at, stage, plan);
        boundaries += killed ? 1 : 0;
        CHECK(stage.operation("back") == "done");
        CHECK(stage.effects().size() == 2);
        CHECK(stage.version() == "1.0.0");
        if (!killed) break;
    }
    CHECK(boundaries >= 8);
}

TEST_CASE("the way back is voted on with the upgrade, and left out where there is none (P12)") {
    model::Proposal body;
    body.title = "upgrade";
    body.action = {"release.upgrade",
                   JsonValue(Json{{"network", "net"}, {"release", "r-2"}, {"digest", std::string(64, 'b')}})};
    body.closes = base::Instant::from_text("2026-10-02T09:00:00Z");
    body.lapses = base::Instant::from_text("2026-11-02T09:00:00Z");
    auto const plain = model::to_json(body);
    CHECK_FALSE(plain.contains("rollback"));
    CHECK_FALSE(model::proposal_from_json(plain).rollback);
    body.rollback = model::Rollback{"r-1", base::sha256("r-1")};
    auto const json = model::to_json(body);
    CHECK(model::proposal_from_json(json).rollback == body.rollback);
    auto const refused = [](Json value) {
        return test::code_of([&] { (void)model::proposal_from_json(value); }) == Code::malformed;
    };
    auto same = json;
    same["rollback"]["digest"] = std::string(64, 'b');
    CHECK(refused(same));
    auto extra = json;
    extra["rollback"]["why"] = "x";
    CHECK(refused(extra));
    auto nameless = json;
    nameless["rollback"]["release"] = "";
    CHECK(refused(nameless));
    body.action = {"member.exit", JsonValue(Json{{"member", "globex"}})};
    CHECK(refused(model::to_json(body)));
}
