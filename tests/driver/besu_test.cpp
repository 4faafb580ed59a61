#include "tests/driver/besu_bench.h"
#include "tests/driver/replay.h"

using consortium::test::BesuBench;
using consortium::test::code_of;
using consortium::test::Replay;
using consortium::test::sent;
using consortium::test::ServedAnswer;
namespace base = consortium::base;
namespace model = consortium::model;
using base::Json;

namespace {

std::string const v1 = "0x50deb75513987f6a4f79e9f2b59fff1a2291330b";
std::string const v5 = "0x36036377a520403a50addbe5d86c2212bc3af9bc";

}  // namespace

TEST_CASE("contract: besu") {
    consortium::test::check_contract([] { return std::make_unique<BesuBench>(); });
}

TEST_CASE("contract: besu on IBFT 2.0") {
    consortium::test::check_contract(
        [] { return std::make_unique<BesuBench>(consortium::driver::consensus::Engine::ibft2); });
}

TEST_CASE("recorded network: state, votes and finality before, during and after") {
    Replay replay("qbft-votes.jsonl");
    replay.at(94);
    auto const health = replay.driver->health(replay.node("v1"));
    CHECK(health.ok);
    CHECK(health.peers == 4);
    CHECK(health.version.starts_with("Geth/v1.9.24-stable(quorum-v21.7.0)"));
    CHECK(replay.driver->validators(replay.node("v1")).size() == 4);
    CHECK(replay.driver->peers(replay.node("v1")).size() == 4);
    CHECK(replay.driver->network(replay.node("v1")).identity ==
          "0x8cd3d618e5b5cf00efa8d26735c08f5382b4477a3019bb5bb430a19935e5a5f0");
    auto const finality = replay.driver->finality(replay.node("v2"));
    CHECK(finality.verified);
    CHECK(finality.seals == 3);
    replay.at(138);  // two of three votes
    auto const validators = replay.driver->validators(replay.node("v1"));
    REQUIRE(validators.size() == 5);
    CHECK(validators.back().address == v5);
    CHECK(validators.back().votes_to_add.size() == 2);
    model::NodeChange const add{"validator.add", v5, {}};
    CHECK(replay.driver->confirm(replay.node("v1"), add, {replay.node("v2")}).state ==
          model::Confirmation::State::waiting);
    replay.at(182);
    auto const confirmed =
        replay.driver->confirm(replay.node("v1"), add, {replay.node("v2"), replay.node("v3")});
    CHECK(confirmed.state == model::Confirmation::State::holds);
    CHECK(confirmed.answered == 3);
}

TEST_CASE("G1 G2 recorded network: pointless votes are refused, candidates linger until discarded") {
    Replay replay("qbft-votes.jsonl");
    replay.at(182);
    model::NodeChange const add{"validator.add", v5, {}};
    CHECK(code_of([&] { replay.driver->plan_change(replay.node("v1"), add, {}); }) == base::Code::refused);
    std::string const stranger = "0x00000000000000000000000000000000000000aa";
    CHECK(code_of([&] {
              replay.driver->plan_change(replay.node("v1"), {"validator.remove", stranger, {}}, {});
          }) == base::Code::refused);
    CHECK(sent(replay, "istanbul_propose").empty());
    model::NodeChange const discard{"vote.discard", v5, {}};
    CHECK(replay.driver->confirm(replay.node("v1"), discard, {}).state ==
          model::Confirmation::State::waiting);
    auto const steps = replay.driver->plan_change(replay.node("v1"), discard, {});
    REQUIRE(steps.size() == 1);
    replay.at(192);
    replay.driver->apply_step(replay.node("v1"), steps[0], base::sha256("i"));
    CHECK(sent(replay, "istanbul_discard") == std::vector<Json>{Json::array({v5})});
    CHECK(replay.driver->confirm(replay.node("v1"), discard, {replay.node("v2")}).state ==
          model::Confirmation::State::holds);
    CHECK(replay.driver->plan_change(replay.node("v1"), discard, {}).empty());
}

TEST_CASE("recorded network: a removal is planned, typed and sent as the node takes it") {
    Replay replay("qbft-votes.jsonl");
    replay.at(213);
    model::NodeChange const remove{"validator.remove", "0x36036377A520403A50ADDBE5D86C2212BC3AF9BC", {}};
    auto const steps = replay.driver->plan_change(replay.node("v2"), remove, {});
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].summary.find("quorum 4 of 5 becomes 3 of 4") != std::string::npos);
    replay.at(214);
    replay.driver->apply_step(replay.node("v2"), steps[0], base::sha256("i"));
    CHECK(sent(replay, "istanbul_propose") == std::vector<Json>{Json::array({v5, false})});
}

TEST_CASE("G8 recorded halt: no block for long is not healthy, though the node says that it is in step") {
    Replay replay("qbft-halt.jsonl");
    replay.at(37);
    CHECK(replay.driver->health(replay.node("v1")).ok);
    replay.at(192);
    replay.clock.advance(base::Duration{20});
    auto const halted = replay.driver->health(replay.node("v1"));
    CHECK_FALSE(halted.ok);
    CHECK(*halted.block_age > 30);
    // G3: while it stands, no vote would be mined.
    CHECK(code_of([&] {
              replay.driver->plan_change(replay.node("v1"), {"validator.remove", v1, {}}, {});
          }) == base::Code::refused);
}

TEST_CASE("bad nodes: HTML, cut-off JSON, silence, another node's answer, no rights") {
    BesuBench bench;
    bench.pass(60);
    auto const answer = [&](ServedAnswer what) {
        bench.instead["/v1"] = std::move(what);
        return code_of([&] { bench.driver().validators(bench.node(1)); });
    };
    CHECK(answer({200, "text/html", "<html>login</html>"}) == base::Code::unavailable);
    CHECK(answer({200, "application/json", R"({"jsonrpc":"2.0","id":1,"res)"}) == base::Code::unavailable);
    CHECK(answer({502, "text/html", "<h1>bad gateway</h1>"}) == base::Code::unavailable);
    CHECK(answer({401, "application/json", "{}"}) == base::Code::not_authorized);
    Json strange = Json::array();
    for (int id = 1; id <= 4; ++id) strange.push_back({{"jsonrpc", "2.0"}, {"id", id}, {"result", "0x5"}});
    CHECK(answer({200, "application/json", strange.dump()}) == base::Code::unavailable);
    strange[2]["id"] = 9;
    CHECK(answer({200, "application/json", strange.dump()}) == base::Code::unavailable);
}

TEST_CASE("G35 a validator vote is sent with a boolean, never without") {
    BesuBench bench;
    bench.pass(60);
    consortium::test::submit(bench, 1, {"validator.add", bench.address(5), {}});
    bool seen = false;
    for (auto const& request : bench.requests()) {
        if (request.body.find("qbft_proposeValidatorVote") == std::string::npos) continue;
        auto const params = Json::parse(request.body)["params"];
        CHECK(params == Json::array({bench.address(5), true}));
        seen = true;
    }
    CHECK(seen);
}

TEST_CASE("a node is told only by its admin URL, with a token from its file or from /login") {
    BesuBench bench;
    bench.pass(60);
    auto foreign = bench.node(1);
    foreign.admin_url.clear();
    model::NodeChange const add{"validator.add", bench.address(5), {}};
    auto const steps = bench.driver().plan_change(bench.node(1), add, {});
    CHECK(code_of([&] { bench.driver().apply_step(foreign, steps.at(0), base::sha256("i")); }) ==
          base::Code::not_authorized);
    base::TemporaryFolder folder;
    base::write_file(folder.path() / "login", std::string_view(R"({"username":"u","password":"p"})"),
                     base::FileMode::owner);
    bench.instead["/v1/login"] = {200, "application/json", R"({"token":"t.o.k"})"};
    auto own = bench.node(1);
    own.credentials["login"] = folder.path() / "login";
    static_cast<void>(bench.driver().health(own));
    CHECK(bench.requests().back().headers.at("authorization") == "Bearer t.o.k");
    bench.instead["/v2/login"] = {401, "application/json", "{}"};
    auto wrong = bench.node(2);
    wrong.credentials["login"] = folder.path() / "login";
    CHECK(code_of([&] { static_cast<void>(bench.driver().health(wrong)); }) == base::Code::not_authorized);
}
