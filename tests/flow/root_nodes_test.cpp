#include "core/flow/root_nodes.h"

#include "core/base/error.h"
#include "core/driver/guide.h"
#include "core/flow/root_soak.h"
#include "tests/support/idle_driver.h"
#include "tests/support/watched.h"

using namespace consortium;
using base::Json;

namespace {

/// One node that says who votes.
struct Voters : IdleDriver {
    std::vector<model::Validator> all;
    bool unreachable = false;

    void set(int seated, int down) {
        all.assign(static_cast<std::size_t>(seated), {"0xaa", true, true, {}, {}});
        for (int i = 0; i < down; ++i) all.at(static_cast<std::size_t>(i)).live = false;
        all.push_back({"0xbb", false, true, {}, {}});  // only voted on
    }
    std::vector<model::Validator> validators(model::Node const&) override {
        if (unreachable) throw base::Error(base::Code::unavailable, "it does not answer");
        return all;
    }
};

Json nodes(Watched& fixture, Json arguments = Json::object()) {
    return *flow::root_nodes(fixture.state(), fixture.services(), driver::node_guide(),
                             RotationFixture::request("root nodes", std::move(arguments)))
                .data;
}

std::vector<std::string> names(Json const& listed) {
    std::vector<std::string> out;
    for (auto const& each : listed.at("items")) out.push_back(each.at("node"));
    return out;
}

/// "adds removes presents", as far as they hold.
std::string change(Json const& listed) {
    std::string out;
    for (char const* what : {"adds", "removes", "presents"})
        if (listed.at(what).get<bool>()) out += (out.empty() ? "" : " ") + std::string(what);
    return out;
}

Json soak(Watched& fixture) {
    return *flow::root_soak(fixture.state(), fixture.services(), driver::node_guide(),
                            RotationFixture::plain("root soak"))
                .data;
}

void declare_emergency(Watched& fixture) {
    fixture.carry_out(flow::plan_root_rotate(
        fixture.state(), fixture.with("root rotate", {{"emergency", true}, {"reason", "stolen"}})));
    fixture.prepare();
    fixture.sign();
    fixture.distribute();
}

}  // namespace

TEST_CASE("what nodes do follows from the bundle in force and the one before it, in each phase") {
    Watched fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    fixture.distribute();
    CHECK(change(nodes(fixture)) == "adds");
    CHECK(nodes(fixture)["version"] == fixture.in_force().version);
    auto const item = nodes(fixture)["items"][0];
    CHECK(item["state"] == "missing");
    CHECK(item["files"][0] == "consortium root export --type besu --password-file FILE -o besu-2");
    CHECK(item["confirm"] == "consortium node trust n1");
    CHECK(item["state_with"] == "consortium root ack n1");
    CHECK(item["by"] == "acme");
    fixture.acknowledge();
    auto const all = [&](model::Plan const& plan) {
        fixture.carry_out(plan);
        fixture.sign();
        fixture.distribute();
    };
    auto const stated = [&] {
        fixture.state_as("acme", "acknowledged", fixture.in_force().version,
                         {{"bundle", base::sha256(model::document(fixture.in_force())).hex()},
                          {"nodes", {{{"node", "n1"}, {"state", "acknowledged"}, {"words", "seen"}}}}});
        fixture.acknowledge();
    };
    stated();
    CHECK(nodes(fixture)["items"][0]["state"] == "acknowledged");
    all(flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch")));
    CHECK(change(nodes(fixture)) == "presents");
    CHECK(nodes(fixture)["items"][0]["state"] == "missing");
    stated();
    all(flow::plan_root_distrust(fixture.state(), RotationFixture::plain("root distrust")));
    CHECK(change(nodes(fixture)) == "removes");
    stated();
    all(flow::plan_root_rollback(fixture.state(), fixture.with("root rollback", {{"reason", "x"}})));
    CHECK(change(nodes(fixture)) == "adds");
}

TEST_CASE("those that cannot be validators come first; other members' only when they are asked for") {
    Watched fixture;
    fixture.add_node("a1", "https://a1.example:8545", "acme", "besu",
                     "0x00000000000000000000000000000000000000aa");
    fixture.add_node("b1", "https://b1.example:8545", "acme");
    fixture.add_node("g1", "https://g1.example:8545", "globex");
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    fixture.distribute();
    CHECK(names(nodes(fixture)) == std::vector<std::string>{"b1", "n1", "a1"});
    CHECK(names(nodes(fixture, {{"all", true}})) == std::vector<std::string>{"b1", "n1", "g1", "a1"});
    CHECK(nodes(fixture)["items"][2]["number"] == 3);
}

TEST_CASE("how many may be down is counted from the voters that a node names, and those that are down") {
    Watched fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    fixture.distribute();
    CHECK(nodes(fixture)["items"][0]["may_be_down"].is_null());
    Voters voters;
    fixture.services().driver = [&](std::string_view) -> port::NodeDriver& { return voters; };
    auto const spare = [&](int seated, int down) {
        voters.set(seated, down);
        return nodes(fixture)["items"][0]["may_be_down"];
    };
    CHECK(spare(7, 0) == 2);
    CHECK(spare(7, 1) == 1);
    CHECK(spare(7, 3) == 0);
    CHECK(spare(3, 0) == 0);
    voters.unreachable = true;
    auto const item = nodes(fixture)["items"][0];
    CHECK(item["may_be_down"].is_null());
    CHECK(item["voters"] == "it does not answer");
    auto const outcome = flow::root_nodes(fixture.state(), fixture.services(), driver::node_guide(),
                                          RotationFixture::plain("root nodes"));
    auto const last = std::get<std::string>(outcome.text.back());
    CHECK(last.find("one at a time; how many may be down is not known") != std::string::npos);
}

TEST_CASE("before members have agreed on a bundle there is nothing to follow") {
    Watched fixture;
    fixture.agree_on_plan();
    CHECK_THROWS_AS((void)nodes(fixture), base::Error);
}

TEST_CASE(
    "after an emergency nodes that have not followed are to be kept out, but for those that are waived") {
    Watched fixture;
    fixture.add_node("n2", "https://n2.example:8545", "acme", "quorum");
    declare_emergency(fixture);
    CHECK(change(nodes(fixture)) == "adds removes presents");
    auto found = soak(fixture)["quarantine"];
    REQUIRE(found.size() == 5);  // two nodes of acme; three members that have none on record
    CHECK(found[0]["name"] == "acme/n1");
    CHECK(found[0]["steps"][0] ==
          "consortium proposal open validator.remove --set network=net-besu --set address=ADDRESS --set "
          "member=acme, if it is a validator");
    CHECK(found[1]["kind"] == "quorum");
    auto const shown = flow::root_show(fixture.state(), fixture.services());
    CHECK(shown.data->at("keep_apart") == Json({"acme/n1", "acme/n2", "globex", "initech", "umbrella"}));
    CHECK(shown.next.back() == "consortium root soak");
    fixture.state_as("acme", "acknowledged", fixture.in_force().version,
                     {{"bundle", base::sha256(model::document(fixture.in_force())).hex()},
                      {"nodes",
                       {{{"node", "n1"}, {"state", "acknowledged"}, {"words", "seen"}},
                        {{"node", "n2"}, {"state", "waived"}, {"words", "switched off"}}}}});
    found = soak(fixture)["quarantine"];
    REQUIRE(found.size() == 3);
    CHECK(found[0]["name"] == "globex");
    CHECK(flow::root_show(fixture.state(), fixture.services()).data->at("keep_apart") ==
          Json({"globex", "initech", "umbrella"}));
}

TEST_CASE("in a planned rotation nobody is kept out") {
    Watched fixture;
    fixture.agree_on_trust();
    CHECK(soak(fixture)["quarantine"].empty());
    CHECK(flow::root_show(fixture.state(), fixture.services()).data->at("keep_apart").empty());
}
