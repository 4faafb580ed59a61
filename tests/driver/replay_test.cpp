#include "tests/driver/replay.h"

#include "core/driver/evm/client.h"
#include "tests/driver/chains.h"
#include "tests/driver/contract.h"

namespace base = consortium::base;
namespace model = consortium::model;
namespace consensus = consortium::driver::consensus;
namespace evm = consortium::driver::evm;
using base::Json;
using consortium::test::code_of;
using consortium::test::names_of;
using consortium::test::Recording;
using consortium::test::Replay;
using consortium::test::sent;
using State = model::Confirmation::State;

namespace {

std::string const v4 = "0x8ed273442a8fdfebde1a76a52634f0da7670b721";
std::string const v5 = "0x36036377a520403a50addbe5d86c2212bc3af9bc";

std::string seated(std::vector<model::Validator> const& validators) {
    std::vector<std::string> out;
    for (auto const& validator : validators) {
        if (validator.seated) out.push_back(validator.address);
    }
    return names_of(out);
}

model::Validator find(std::vector<model::Validator> const& validators, std::string const& address) {
    auto const found = std::ranges::find(validators, address, &model::Validator::address);
    REQUIRE(found != validators.end());
    return *found;
}

std::string finding(model::Health const& health, std::string const& name) {
    for (auto const& rule : health.findings) {
        if (rule.name == name) return rule.words;
    }
    return {};
}

/// The change with what was pinned when its vote was planned.
model::NodeChange pinned(model::NodeChange change, model::NodeStep const& step) {
    change.detail = base::JsonValue(Json{{"pin", step.call->at("pin")}});
    return change;
}

}  // namespace

TEST_CASE("recorded Clique network: state, votes and finality") {
    Replay replay("clique-votes.jsonl", "clique");
    auto const node = replay.node("v1");
    replay.at(52);
    auto const health = replay.driver->health(node);
    CHECK(health.ok);
    CHECK(finding(health, "finality").find("when enough signers have built on it") != std::string::npos);
    CHECK(seated(replay.driver->validators(node)) == "v1 v2 v3");
    CHECK(consortium::test::name_of(replay.driver->address(node)) == "v1");
    auto const finality = replay.driver->finality(node);
    CHECK(finality.block == 3);  // of 5: two of three signers have built on it
    CHECK(finality.seals == 2);
    CHECK(finality.quorum == 2);
    CHECK(finality.verified);
    replay.at(70);
    auto const voted = find(replay.driver->validators(node), v4);
    CHECK_FALSE(voted.seated);
    CHECK(names_of(voted.votes_to_add) == "v1");
    replay.at(105);
    CHECK(seated(replay.driver->validators(node)) == "v1 v2 v3 v4");
    replay.at(203);  // v1 kept its proposal, discarded it late, and its vote stays
    auto const last = replay.driver->validators(node);
    CHECK(seated(last) == "v1 v2 v3");
    CHECK(names_of(find(last, v4).votes_to_add) == "v1");
}

TEST_CASE(
    "G1 G2 recorded Clique network: a signer is voted in, confirmed from headers, and cleaned up after") {
    Replay replay("clique-votes.jsonl", "clique");
    auto const node = replay.node("v1");
    replay.at(52);
    model::NodeChange const add{"validator.add", v4, {}};
    auto const steps = replay.driver->plan_change(node, add, {replay.node("v2"), replay.node("v4")});
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].summary.find("quorum 2 of 3 becomes 3 of 4, 4 live, 1 may fail") != std::string::npos);
    replay.at(53);
    replay.driver->apply_step(node, steps[0], base::sha256("i"));
    CHECK(sent(replay, "clique_propose") == std::vector<Json>{Json::array({v4, true})});
    auto const change = pinned(add, steps[0]);
    std::vector<model::Node> const witnesses{replay.node("v2"), replay.node("v3")};
    replay.at(70);
    CHECK(replay.driver->confirm(node, change, witnesses).state == State::waiting);
    replay.at(105);
    CHECK(replay.driver->confirm(node, change, witnesses).state == State::holds);
    CHECK(code_of([&] { replay.driver->plan_change(node, add, {}); }) == base::Code::refused);
    model::NodeChange const discard{"vote.discard", v4, {}};
    CHECK(replay.driver->confirm(node, discard, {}).state == State::waiting);
    auto const clean = replay.driver->plan_change(node, discard, {});
    REQUIRE(clean.size() == 1);
    replay.at(203);
    replay.driver->apply_step(node, clean[0], base::sha256("d"));
    CHECK(sent(replay, "clique_discard") == std::vector<Json>{Json::array({v4})});
    CHECK(replay.driver->confirm(node, discard, {}).state == State::holds);
}

TEST_CASE("Clique: a walk from another set, other votes, another block or engine confirms nothing") {
    Replay replay("clique-votes.jsonl", "clique");
    auto const node = replay.node("v1");
    replay.at(52);
    model::NodeChange const add{"validator.add", v4, {}};
    auto const step = replay.driver->plan_change(node, add, {}).at(0);
    replay.at(105);
    auto const good = step.call->at("pin");
    auto const with = [&](std::string const& key, Json const& value) {
        auto pin = good;
        pin[key] = value;
        model::NodeChange change = add;
        change.detail = base::JsonValue(Json{{"pin", pin}});
        return replay.driver->confirm(node, change, {}).state;
    };
    CHECK(with("engine", "clique") == State::holds);
    CHECK(with("engine", "qbft") == State::contradicted);
    CHECK(with("hash", "0x" + std::string(64, '1')) == State::contradicted);
    auto others = good["validators"];
    others[0] = v5;
    CHECK(with("validators", others) == State::contradicted);
    // With this vote before it, v1's first vote alone would have decided.
    CHECK(with("votes", {{{"voter", good["validators"][0]}, {"subject", v4}, {"add", true}, {"block", 2}}}) ==
          State::contradicted);
}

TEST_CASE("Clique: sets of a part of the chain are folded from what the node says held before it") {
    Recording recording("clique-votes.jsonl");
    auto const whole = consortium::test::stretch_of(recording);
    auto client = evm::make_client(*evm::find_dialect("clique"), recording, &consortium::crypto::keccak256);
    model::Node const node{"v1", "m", "net", "clique", "http://v1", "http://v1", "", {}};
    for (std::uint64_t const first : {9u, 24u, 31u}) {
        auto const part = client->headers(node, first, 37);
        REQUIRE(part.headers.size() == 38 - first);
        CHECK(recording.calls.back()["method"] == "clique_getSnapshot");
        for (auto const& header : part.headers)
            CHECK(names_of(header.validators) == names_of(whole.headers[header.number].validators));
        CHECK_FALSE(consensus::check_chain(part.headers, part.start).has_value());
        auto const ours = consensus::open_votes(part);
        REQUIRE(ours.size() == 1);
        CHECK(ours[0].block == 31);
    }
}

TEST_CASE("recorded IBFT network: state, finality and a confirmed addition") {
    Replay replay("ibft-votes.jsonl");
    auto const node = replay.node("v1");
    replay.at(69);
    CHECK(replay.driver->health(node).ok);
    auto const finality = replay.driver->finality(node);
    CHECK(finality.verified);
    CHECK(finality.quorum == 3);
    auto const step = replay.driver->plan_change(node, {"validator.add", v5, {}}, {}).at(0);
    auto const change = pinned({"validator.add", v5, {}}, step);
    replay.at(113);  // two of three votes
    CHECK(names_of(find(replay.driver->validators(node), v5).votes_to_add) == "v1 v2");
    CHECK(replay.driver->confirm(node, change, {replay.node("v2")}).state == State::waiting);
    replay.at(157);
    CHECK(replay.driver->confirm(node, change, {replay.node("v2"), replay.node("v3")}).state == State::holds);
    Replay other("ibft-votes.jsonl", "besu");
    other.at(69);
    CHECK(code_of([&] { other.driver->validators(other.node("v1")); }) == base::Code::unsupported);
}

TEST_CASE("recorded Raft cluster: its members are shown, nothing is verified, and nothing is voted on") {
    Replay replay("raft.jsonl");
    auto const node = replay.node("v1");
    replay.at(33);
    auto const health = replay.driver->health(node);
    CHECK(health.ok);  // without a block: none is made without a transaction
    CHECK(finding(health, "finality").find("headers carry no quorum") != std::string::npos);
    CHECK(consortium::test::name_of(replay.driver->address(node)) == "v1");
    auto const validators = replay.driver->validators(node);
    CHECK(seated(validators) == "v1 v2 v3");
    for (auto const& validator : validators) CHECK(validator.live);
    CHECK(code_of([&] { static_cast<void>(replay.driver->finality(node)); }) == base::Code::unsupported);
    for (std::string const kind : {"validator.add", "validator.remove", "vote.discard"}) {
        CHECK(code_of([&] {
                  replay.driver->plan_change(node, {kind, v4, {}}, {});
              }) == base::Code::unsupported);
    }
    model::NodeChange const add{"validator.add", v4, {}};
    CHECK(code_of([&] { static_cast<void>(replay.driver->confirm(node, add, {})); }) ==
          base::Code::unsupported);
}

TEST_CASE("G8 recorded Raft cluster: without a leader it stands still, though the node is in step") {
    Replay replay("raft.jsonl");
    replay.at(261);
    auto const health = replay.driver->health(replay.node("v2"));
    CHECK_FALSE(health.ok);
    CHECK(finding(health, "leader").find("no leader") != std::string::npos);
}
