#include "core/driver/consensus/tally.h"
#include "core/driver/rehearsal/network.h"
#include "tests/driver/rehearsal_bench.h"

namespace base = consortium::base;
namespace model = consortium::model;
namespace consensus = consortium::driver::consensus;
namespace rehearsal = consortium::driver::rehearsal;
using base::Json;
using consortium::test::code_of;
using consortium::test::RehearsalBench;

TEST_CASE("contract: rehearsal") {
    consortium::test::check_contract([] { return std::make_unique<RehearsalBench>(); });
}

TEST_CASE("the arithmetic of QBFT and IBFT") {
    int const quorums[] = {1, 2, 2, 3, 4, 4, 5, 6, 6, 7};
    int const faults[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3};
    for (int n = 1; n <= 10; ++n) {
        for (auto const engine :
             {consensus::Engine::qbft, consensus::Engine::ibft1, consensus::Engine::ibft2}) {
            CHECK(consensus::rules_of(engine).quorum(n) == quorums[n - 1]);
            CHECK(consensus::rules_of(engine).tolerated(n) == faults[n - 1]);
        }
        CHECK(consensus::vote_threshold(n) == n / 2 + 1);
    }
}

// EIP-225: a signer signs one of floor(n/2) + 1 blocks in a row.
TEST_CASE("the arithmetic of Clique") {
    int const quorums[] = {1, 2, 2, 3, 3, 4, 4, 5};
    int const faults[] = {0, 0, 1, 1, 2, 2, 3, 3};
    auto const& rules = consensus::rules_of(consensus::Engine::clique);
    for (int n = 1; n <= 8; ++n) {
        CHECK(rules.quorum(n) == quorums[n - 1]);
        CHECK(rules.tolerated(n) == faults[n - 1]);
    }
}

TEST_CASE("an evicted validator gets a fresh vote from a node that kept its proposal") {
    RehearsalBench bench;
    bench.pass(60);
    auto const subject = bench.address(5);
    for (int i = 1; i <= 3; ++i) consortium::test::submit(bench, i, {"validator.add", subject, {}});
    bench.pass(60);
    for (int i = 2; i <= 4; ++i) {
        consortium::test::submit(bench, i, {"vote.discard", subject, {}});
        consortium::test::submit(bench, i, {"validator.remove", subject, {}});
    }
    bench.pass(60);
    auto const validators = bench.driver().validators(bench.node(2));
    auto const again = std::find_if(validators.begin(), validators.end(),
                                    [&](auto const& v) { return v.address == subject; });
    REQUIRE(again != validators.end());
    CHECK(again->votes_to_add == std::vector{bench.address(1)});
}

TEST_CASE("a pointless vote is answered with success by the node itself, and never cast") {
    RehearsalBench bench;
    bench.pass(60);
    auto const validator = bench.address(2);
    bench.network().propose("v1", {"", validator, true, 0}, "a");
    bench.pass(60);
    CHECK(bench.proposals(1) == 1);
    for (auto const& header : bench.network().headers(0, 1000)) CHECK_FALSE(header.vote.has_value());
}

TEST_CASE("the chain verifies from its genesis; a changed block does not") {
    RehearsalBench bench;
    bench.pass(40);
    auto const headers = bench.network().headers(0, 1000);
    CHECK(headers.size() == bench.network().head().number + 1);
    CHECK_FALSE(consensus::check_chain(headers, {headers.front().validators, {}}).has_value());
    auto forged = headers;
    forged[5].hash_holds = false;
    CHECK(consensus::check_chain(forged, {}).has_value());
    forged = headers;
    forged[5].sealers.resize(2);
    CHECK(consensus::check_chain(forged, {}).has_value());
    forged = headers;
    forged[5].sealers = {forged[5].sealers[0], forged[5].sealers[0], forged[5].sealers[0]};
    CHECK(consensus::check_chain(forged, {}).has_value());
    forged = headers;
    forged[5].parent = forged[3].hash;
    CHECK(consensus::check_chain(forged, {}).has_value());
    forged = headers;
    forged[5].validators.push_back(bench.address(5));  // nobody voted
    CHECK(consensus::check_chain(forged, {}).has_value());
}

TEST_CASE("a byte changed in a stored block shows") {
    RehearsalBench bench;
    bench.pass(40);
    for (auto const& file : std::filesystem::directory_iterator(bench.folder() / "blocks")) {
        auto text = base::read_text(file.path(), 1u << 24);
        auto const at = text.find("\"signature\":\"");
        if (at == std::string::npos) continue;
        text[at + 20] = text[at + 20] == '0' ? '1' : '0';
        base::write_file(file.path(), text);
        break;
    }
    auto const headers = bench.network().headers(0, 1000);
    auto const spoilt = std::find_if(headers.begin() + 1, headers.end(),
                                     [](auto const& header) { return header.sealers.size() == 3; });
    CHECK(spoilt != headers.end());
}

TEST_CASE("no block is dated into a halt or before the last one; a long sleep makes few blocks") {
    RehearsalBench bench;
    bench.pass(20);
    auto const before = bench.network().head();
    bench.stop(1);
    bench.stop(2);
    bench.pass(1000);
    CHECK(bench.network().head().number == before.number);
    auto const restarted = bench.clock().now().seconds;
    bench.start(1);
    bench.pass(20);
    auto const next = bench.network().headers(before.number + 1, before.number + 1);
    REQUIRE(next.size() == 1);
    CHECK(next[0].time > restarted);
    auto const number = bench.network().head().number;
    bench.pass(1'000'000);
    CHECK(bench.network().head().number - number <= rehearsal::Network::blocks_a_look);
    CHECK(bench.clock().now().seconds - bench.network().head().time < 30);
}

TEST_CASE("blocks beyond the saved head, left by a crash, are made again") {
    RehearsalBench bench;
    bench.pass(20);
    auto const state = base::read_text(bench.folder() / "state.json", 1u << 20);
    bench.pass(20);
    auto const number = bench.network().head().number;
    base::write_file(bench.folder() / "state.json", state);
    CHECK(bench.network().head().number == number);
    auto const headers = bench.network().headers(0, 1000);
    CHECK(headers.size() == number + 1);
    CHECK_FALSE(consensus::check_chain(headers, {}).has_value());
}

TEST_CASE("an upgrade has one effect, on the owner's node only") {
    RehearsalBench bench;
    bench.pass(20);
    auto node = bench.node(1);
    model::NodeChange const change{"release.upgrade", "v1", base::JsonValue(Json{{"version", "2.1.0"}})};
    CHECK(bench.driver().confirm(node, change, {}).state == model::Confirmation::State::waiting);
    auto const steps = bench.driver().plan_change(node, change, {});
    REQUIRE(steps.size() == 1);
    auto const intent = base::sha256("x");
    bench.driver().apply_step(node, steps[0], intent);
    bench.driver().apply_step(node, steps[0], intent);
    CHECK(bench.network().nodes().at("v1").effects.size() == 1);
    CHECK(bench.driver().confirm(node, change, {}).state == model::Confirmation::State::holds);
    CHECK(bench.driver().health(node).version == "2.1.0");
    node.member = "m2";
    CHECK(code_of([&] { bench.driver().apply_step(node, steps[0], base::sha256("y")); }) ==
          base::Code::not_authorized);
}

TEST_CASE("a folder without a network and a name that somebody else has") {
    RehearsalBench bench;
    base::TemporaryFolder empty;
    auto node = bench.node(1);
    node.read_url = "rehearsal:" + empty.path().string() + "#v1";
    CHECK(code_of([&] { bench.driver().health(node); }) == base::Code::unavailable);
    auto thief = bench.node(1);
    thief.member = "m9";
    auto const steps = bench.driver().plan_change(thief, {"node.join", "v1", {}}, {});
    CHECK(code_of([&] { bench.driver().apply_step(thief, steps.at(0), {}); }) == base::Code::conflict);
}

TEST_CASE("where a simulated node is") {
    auto const location = rehearsal::read_location("rehearsal:/a/b?validators=7&period=1&version=2.0#n-1");
    CHECK(location.folder == "/a/b");
    CHECK(location.node == "n-1");
    CHECK(location.validators == 7);
    CHECK(location.period == 1);
    CHECK(location.version == "2.0");
    for (std::string const url :
         {"http://x", "rehearsal:/a", "rehearsal:#n", "rehearsal:/a#N", "rehearsal:/a#../n",
          "rehearsal:/a?validators=0#n", "rehearsal:/a?period=6#n", "rehearsal:/a?speed=1#n"}) {
        CAPTURE(url);
        CHECK(code_of([&] { rehearsal::read_location(url); }) == base::Code::malformed);
    }
}
