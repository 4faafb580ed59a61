#include "core/flow/node_health.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace flow = consortium::flow;
namespace model = consortium::model;
namespace base = consortium::base;

namespace {

flow::NodeHealth well(std::string const& name, std::int64_t age) {
    model::Health health;
    health.ok = true;
    health.block_age = age;
    health.findings = {{"block age", true, "young"}};
    return {{name, "acme", "payments", "besu", "", "", "", {}}, {health, {}}};
}

flow::NodeHealth wrong(std::string const& name, std::string const& finding) {
    auto out = well(name, 90);
    out.result.health->ok = false;
    out.result.health->findings = {{finding, false, "the words of " + finding}};
    return out;
}

flow::NodeHealth down(std::string const& name) {
    return {well(name, 0).node, {std::nullopt, "connection refused"}};
}

/// Looks that are given one after the other; the last again and again.
struct Watch {
    std::vector<std::vector<flow::NodeHealth>> looks;
    std::size_t next = 0;
    std::vector<std::vector<std::string>> shown = {};
    int pauses = 0;

    model::Outcome run(flow::HealthWatch const& how) {
        auto const look = [this] { return looks.at(std::min(next++, looks.size() - 1)); };
        auto const show = [this](model::Outcome const& outcome, std::vector<std::string> const& news) {
            CHECK(outcome.data->at("items").size() == looks.front().size());
            shown.push_back(news);
        };
        return flow::watch_health(how, {look, show, [this](base::Duration) { ++pauses; }});
    }
};

}  // namespace

TEST_CASE("node health --watch: shows the first look, and those in which something is otherwise") {
    Watch watch{{{well("n1", 1), well("n2", 1)},
                 {well("n1", 4), well("n2", 2)},
                 {wrong("n1", "peers"), well("n2", 3)},
                 {wrong("n1", "peers"), well("n2", 4)},
                 {wrong("n1", "block age"), down("n2")},
                 {well("n1", 1), down("n2")}}};
    auto const outcome = watch.run({flow::HealthEnd::never, {10}, 6});
    CHECK(watch.shown ==
          std::vector<std::vector<std::string>>{{},
                                                {"n1: the words of peers"},
                                                {"n1: the words of block age", "n2: connection refused"},
                                                {"n1: well"}});
    CHECK(watch.pauses == 5);
    CHECK(outcome.status == base::Code::unavailable);
}

TEST_CASE("node health --watch --until: ends by itself, or is pending after its rounds") {
    std::vector<std::vector<flow::NodeHealth>> const looks{
        {down("n1")}, {wrong("n1", "peers")}, {well("n1", 1)}};
    Watch waits{looks};
    CHECK_FALSE(waits.run({flow::HealthEnd::well, {10}, {}}).status.has_value());
    CHECK(waits.next == 3);
    Watch stops{looks};
    CHECK(stops.run({flow::HealthEnd::well, {10}, 2}).status == base::Code::pending);
    CHECK(stops.next == 2);
    Watch alarmed{{{well("n1", 1)}, {well("n1", 2)}, {wrong("n1", "peers")}, {well("n1", 3)}}};
    CHECK(alarmed.run({flow::HealthEnd::wrong, {10}, {}}).status == base::Code::verification_failed);
    CHECK(alarmed.next == 3);
    Watch quiet{{{well("n1", 1)}}};
    CHECK(quiet.run({flow::HealthEnd::wrong, {10}, 2}).status == base::Code::pending);
    CHECK(quiet.shown.size() == 1);
}

TEST_CASE("node health: several versions on one network are warned of, once a network") {
    auto newer = well("n2", 1);
    newer.result.health->version = "2.0.0";
    auto elsewhere = well("n3", 1);
    elsewhere.node.network = "drill";
    auto const outcome = flow::health_outcome({well("n1", 1), newer, elsewhere, down("n4")});
    CHECK(outcome.warnings ==
          std::vector<std::string>{"the nodes of network 'payments' run 2 versions: , 2.0.0"});
    CHECK(outcome.status == base::Code::unavailable);
}

TEST_CASE("node health: one that falls behind the others of its network is not well") {
    auto const at = [](std::string const& name, std::uint64_t block, std::string const& network) {
        auto out = well(name, 1);
        out.node.network = network;
        out.result.health->block = block;
        return out;
    };
    std::vector<flow::NodeHealth> all{at("n1", 100, "payments"), at("n2", 90, "payments"),
                                      at("n3", 89, "payments"), at("n4", 5, "drill"), down("n5")};
    flow::compare_heights(all);
    auto const finding = [&](std::size_t index) { return all[index].result.health->findings.back(); };
    CHECK(all[0].result.health->ok);
    CHECK(all[1].result.health->ok);
    CHECK(finding(1).name == "keeps up");
    CHECK_FALSE(all[2].result.health->ok);
    CHECK(finding(2).words == "11 blocks behind the highest of its network");
    CHECK(finding(3).name == "block age");  // alone on its network: nothing to compare it with
    CHECK(all[3].result.health->ok);
}
