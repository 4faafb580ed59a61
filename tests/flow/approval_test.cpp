#include "core/flow/approval.h"

#include "tests/support/founded.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Code;
using base::Json;
using model::Verdict;

namespace {

base::Digest const wanted = base::sha256("ceremony");
base::Digest const other = base::sha256("another ceremony");

void add_rule(model::Epoch& epoch) {
    epoch.charter.approvals = {{"root", 2, 2, {"security"}, false}};
    auto second = epoch.officers[0];  // a second officer of acme
    second.id = "acme-bob";
    second.person = "bob";
    auto const signer = TestSigner("bob of acme");
    model::Key key;
    key.spki = signer.public_key();
    key.id = second.key = signer.id();
    key.algorithm = "ed25519";
    key.member = "acme";
    key.owner = second.id;
    epoch.keys.push_back(key);
    std::sort(epoch.keys.begin(), epoch.keys.end(),
              [](model::Key const& left, model::Key const& right) { return left.id < right.id; });
    epoch.officers.insert(epoch.officers.begin() + 1, second);
}

struct Approving : Founded {
    Approving() : Founded(add_rule) {}

    model::Plan plan(std::string const& member, base::Digest const& digest,
                     Json more = Json::object()) const {
        more["operand"] = digest.hex();
        more["rule"] = "root";
        more["about"] = "root r-2";
        return flow::plan_approval_sign(state(member), request_for("approval sign", more));
    }
    void approve(std::string const& member, base::Digest const& digest) {
        carry_out(plan(member, digest), member);
    }
    model::Outcome verify() const {
        return flow::approval_verify(
            state(), request_for("approval verify",
                                 {{"operand", wanted.hex()}, {"rule", "root"}, {"about", "root r-2"}}));
    }
};

}  // namespace

TEST_CASE("approval sign: binds one digest, shown in full and as words") {
    Approving approving;
    auto const plan = approving.plan("acme", wanted);
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].summary.find(wanted.hex()) != std::string::npos);
    CHECK(plan.steps[0].summary.find(base::spoken(wanted)) != std::string::npos);
    auto const body = model::approval_from_json(plan.steps[0].detail->at("body"));
    CHECK(body.digest == wanted);
    CHECK(body.rule == "root");
}

TEST_CASE("approval verify: too few wait and name who is missing, enough are enough") {
    Approving approving;
    CHECK(approving.verify().status == Code::pending);
    approving.approve("acme", wanted);
    auto const one = approving.verify();
    CHECK(one.status == Code::pending);
    CHECK(one.data->at("verdict")["missing"] == Json({"globex", "initech"}));
    CHECK(one.data->at("verdict")["state"] == "1 of 2 approvals");
    CHECK(one.next[0] == "consortium approval sign " + wanted.hex() + " --rule root --about 'root r-2'");
    approving.approve("globex", wanted);
    CHECK_FALSE(approving.verify().status);
}

TEST_CASE("G25 approval: a second officer of one member is refused, and counted once if it arrives") {
    Approving approving;
    approving.approve("acme", wanted);
    auto state = approving.state("acme");
    CHECK_FALSE(approving.plan("acme", wanted).verdict.allowed());  // the same person again
    state.self.officer = "acme-bob";
    Json const arguments{{"operand", wanted.hex()}, {"rule", "root"}, {"about", "root r-2"}};
    CHECK_FALSE(flow::plan_approval_sign(state, request_for("approval sign", arguments)).verdict.allowed());

    auto act = plain_act("approval", "acme");
    act.officer = "acme-bob";
    act.body = base::JsonValue(model::to_json(model::Approval{wanted, "root", "root r-2"}));
    approving.arrive(act, TestSigner("bob of acme"));
    CHECK(approving.verify().status == Code::refused);
}

TEST_CASE("G26 approval: of another digest it does not count") {
    Approving approving;
    approving.approve("acme", wanted);
    approving.approve("globex", other);
    CHECK(approving.verify().status == Code::refused);
    approving.approve("globex", wanted);  // who approves the right one too is not held against it
    CHECK_FALSE(approving.verify().status);
}

TEST_CASE("G26 approval: a digest that differs in one bit is another one") {
    Approving approving;
    approving.approve("acme", wanted);
    auto nearly = wanted;
    nearly.bytes[31] ^= 1;
    approving.approve("globex", nearly);
    auto const verdict = approving.verify();
    CHECK(verdict.status == Code::refused);
    CHECK(verdict.data->at("verdict")["state"].get<std::string>() == "1 of 2 approvals");
    auto const spoiled = approving.file("manifest", "ceremonx");
    CHECK_FALSE(approving.plan("initech", wanted, {{"file", spoiled}}).verdict.allowed());
}

TEST_CASE("G26 approval: what was given for an earlier rotation of the same name does not count") {
    Approving approving;
    for (auto const* member : {"acme", "globex", "initech"}) approving.approve(member, other);
    approving.approve("acme", wanted);
    auto const verdict = approving.verify();
    CHECK(verdict.status == Code::refused);
    CHECK(verdict.data->at("verdict")["state"].get<std::string>() == "1 of 2 approvals");
    CHECK(verdict.data->at("verdict")["missing"] == Json({"globex", "initech"}));
    CHECK(verdict.data->at("verdict")["rules"].dump().find(
              "globex-ada, initech-ada approved another digest") != std::string::npos);
    approving.approve("initech", wanted);  // the same officers, asked anew
    CHECK_FALSE(approving.verify().status);
}

TEST_CASE("approval verify: names what has expired, and does not count it") {
    Approving approving;
    approving.approve("acme", wanted);
    approving.approve("globex", wanted);
    auto state = approving.state();
    state.now = test::at("2026-12-02T11:00:00Z");
    auto const request = request_for("approval verify", {{"operand", wanted.hex()}, {"rule", "root"}});
    auto const late = flow::approval_verify(state, request);
    CHECK(late.status == Code::pending);
    CHECK(late.data->at("approvals")[0]["expired"] == true);
    CHECK(late.data->at("approvals")[0]["counts_for_digest"] == false);
    CHECK(late.data->at("verdict").dump().find("the approval of acme-ada expired 2026-12-02T11:00:00Z") !=
          std::string::npos);
    state.now.seconds -= 1;
    CHECK_FALSE(flow::approval_verify(state, request).status);
}

TEST_CASE("G26 approval sign: what one holds in one's hands must have the digest") {
    Approving approving;
    auto const right = approving.file("manifest", "ceremony");
    auto const wrong = approving.file("forged", "ceremony!");
    CHECK(approving.plan("acme", wanted, {{"file", right}}).verdict.allowed());
    CHECK_FALSE(approving.plan("acme", wanted, {{"file", wrong}}).verdict.allowed());
}

TEST_CASE("approval: names that mean nothing here are not found") {
    Approving approving;
    auto const code = [&](Json const& arguments) {
        return code_of([&] {
            static_cast<void>(
                flow::plan_approval_sign(approving.state(), request_for("approval sign", arguments)));
        });
    };
    CHECK(code({{"operand", "r-2026"}, {"rule", "root"}}) == Code::not_found);
    CHECK(code({{"operand", wanted.hex()}, {"rule", "royal"}}) == Code::not_found);
    CHECK(code({{"operand", wanted.hex()}}) == Code::internal);  // the only rule is meant
}

TEST_CASE("approval list: every digest with its officers") {
    Approving approving;
    approving.approve("acme", wanted);
    approving.approve("globex", wanted);
    approving.approve("globex", other);
    auto const list = flow::approval_list(approving.state(), request_for("approval list", Json::object()));
    CHECK(list.data->at("items").size() == 2);
}
