#include "core/flow/apply.h"

#include "core/base/error.h"
#include "core/flow/steps.h"
#include "tests/support/code_of.h"
#include "tests/support/fakes.h"
#include "tests/support/flow.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;
using base::JsonValue;

namespace {

model::Object thing(std::string state) {
    model::Object object;
    object.kind = "thing";
    object.name = "one";
    object.state = std::move(state);
    object.data = JsonValue(Json::object());
    return object;
}

model::Plan plan_with(std::string command, std::string state) {
    model::Plan plan;
    plan.request = {std::move(command), JsonValue(Json{{"state", state}})};
    plan.operation = "op-1";
    plan.steps.push_back(
        flow::event_step("thing.set", Json::object(), {thing(state)}, "thing", "set the thing"));
    return plan;
}

}  // namespace

TEST_CASE("an operation is carried out once, however often it is asked for") {
    FlowFixture fixture;
    auto const plan = plan_with("thing set", "new");
    auto const first = flow::apply(plan, fixture.services(), fixture.self());
    auto const size = fixture.store().head().size;
    auto const second = flow::apply(plan, fixture.services(), fixture.self());
    CHECK(*first == *second);
    CHECK(fixture.store().head().size == size);
    CHECK(fixture.store().object("thing", "one")->state == "new");
}

TEST_CASE("an operation id cannot be used for another request") {
    FlowFixture fixture;
    flow::apply(plan_with("thing set", "new"), fixture.services(), fixture.self());
    CHECK(code_of([&] {
              flow::apply(plan_with("thing set", "other"), fixture.services(), fixture.self());
          }) == base::Code::conflict);
    CHECK(fixture.store().object("thing", "one")->state == "new");
}

TEST_CASE("a plan whose pins no longer hold changes nothing") {
    FlowFixture fixture;
    auto plan = plan_with("thing set", "new");
    plan.pins["thing/one"] = 7;
    auto const size = fixture.store().head().size;
    CHECK(code_of([&] { flow::apply(plan, fixture.services(), fixture.self()); }) == base::Code::conflict);
    CHECK(fixture.store().head().size == size);
    CHECK_FALSE(fixture.store().object("thing", "one"));
}

TEST_CASE("an operation that broke off before its outside step goes on there, and journals once") {
    FlowFixture fixture;
    auto plan = plan_with("thing set", "new");
    auto const blocked = fixture.folder() / "blocked";
    base::write_file(blocked, std::string_view("a file where a folder is needed"));
    plan.steps.push_back(
        flow::output_step(blocked / "out.txt", "content", base::FileMode::shared, "write it"));
    CHECK_THROWS_AS(flow::apply(plan, fixture.services(), fixture.self()), base::Error);
    CHECK(fixture.store().object("operation", "op-1")->state == "open");
    auto const version = fixture.store().object("thing", "one")->version;

    std::filesystem::remove(blocked);
    std::filesystem::create_directory(blocked);
    auto const record = flow::apply(plan, fixture.services(), fixture.self());
    CHECK(fixture.store().object("operation", "op-1")->state == "done");
    CHECK(fixture.store().object("thing", "one")->version == version);
    CHECK(base::read_text(blocked / "out.txt", 100) == "content");
    CHECK(record->at("results").size() == 2);
}
