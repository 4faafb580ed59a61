#include "core/flow/member.h"

#include "core/flow/applicant.h"
#include "core/flow/genesis.h"
#include "core/model/member.h"
#include "core/model/public_key.h"
#include "tests/support/founded.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Code;
using base::Json;
using model::Verdict;

namespace {

void add_gates(model::Epoch& epoch) {
    epoch.charter.gates = {{"legal", {"articles", "signatory"}, {"legal", "governance"}},
                           {"technical", {"topology"}, {"security"}}};
    epoch.officers[1].roles = {"legal"};     // globex-ada
    epoch.officers[2].roles = {"security"};  // initech-ada
}

struct Joining : Founded {
    explicit Joining(std::function<void(model::Epoch&)> const& change = add_gates) : Founded(change) {}

    model::Request invitation() const {
        auto const key = file("umbrella.pem", model::public_pem(test::officer_key("umbrella").public_key()));
        return request_for(
            "member invite",
            {{"operand", "umbrella"}, {"name", "Umbrella AG"}, {"tier", "validator"}, {"key", key}});
    }
    base::Digest invite() { return carry_out(flow::plan_member_invite(state(), invitation()), "acme"); }

    void write_record(model::Founder const& record) const {
        std::filesystem::create_directories(fixture.folder() / "out");
        base::write_file(flow::founder_file(fixture.folder()), base::canonical(model::to_json(record)));
    }
    model::Request application(Json evidence) const {
        return request_for("member submit",
                           {{"evidence", std::move(evidence)}, {"node", {"payments=0xabc"}}});
    }
    Json all_evidence() const {
        return {"legal/articles=" + file("a.pdf", "articles"),
                "legal/signatory=" + file("s.pdf", "signatory"),
                "technical/topology=" + file("t.txt", "topology")};
    }
    base::Digest submit() {
        write_record(test::founder("umbrella"));
        return carry_out(flow::plan_member_submit(state("umbrella"), application(all_evidence())),
                         "umbrella");
    }

    model::Plan plan_check(std::string const& member, std::string const& gate, std::string const& result) {
        return flow::plan_member_check(
            state(member), request_for("member check", {{"operand", "umbrella"},
                                                        {"gate", gate},
                                                        {"result", result},
                                                        {"evidence", {file("opinion.pdf", "opinion")}},
                                                        {"note", "looked at"}}));
    }
    void check(std::string const& member, std::string const& gate, std::string const& result) {
        carry_out(plan_check(member, gate, result), member);
    }
    Verdict gates() { return flow::gate_verdict(state(), flow::applicant(state(), "umbrella")); }
};

bool names(std::vector<std::string> const& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

TEST_CASE("member invite: names the applicant, its tier and the one key that it may sign with") {
    Joining joining;
    auto const plan = flow::plan_member_invite(joining.state(), joining.invitation());
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].detail->at("kind") == "invite");
    auto const body = model::invitation_from_json(plan.steps[0].detail->at("body"));
    CHECK(body.member == "umbrella");
    CHECK(body.key() == test::officer_key("umbrella").id());
    CHECK(model::digest(plan) ==
          model::digest(flow::plan_member_invite(joining.state(), joining.invitation())));
}

TEST_CASE("member invite: refusals") {
    Joining joining;
    auto const with = [&](char const* name, std::string const& value) {
        auto arguments = *joining.invitation().arguments;
        arguments[name] = value;
        return code_of([&] {
            static_cast<void>(
                flow::plan_member_invite(joining.state(), request_for("member invite", arguments)));
        });
    };
    CHECK(with("operand", "globex") == Code::conflict);
    CHECK(with("operand", "Not a name") == Code::malformed);
    CHECK(with("tier", "royal") == Code::usage);
    CHECK(with("key", joining.file("bad.pem", "no key")) == Code::malformed);
    CHECK(with("key", "/nowhere.pem") == Code::not_found);

    // globex-ada has role legal only.
    CHECK_FALSE(flow::plan_member_invite(joining.state("globex"), joining.invitation()).verdict.allowed());
    // A key is registered once, ever.
    auto arguments = *joining.invitation().arguments;
    arguments["key"] = joining.file("g.pem", model::public_pem(test::officer_key("globex").public_key()));
    CHECK_FALSE(
        flow::plan_member_invite(joining.state(), request_for("member invite", arguments)).verdict.allowed());
}

TEST_CASE("member submit: carries the record and the digests, signed with the invited key") {
    Joining joining;
    auto const invitation = joining.invite();
    joining.write_record(test::founder("umbrella"));
    auto const plan =
        flow::plan_member_submit(joining.state("umbrella"), joining.application(joining.all_evidence()));
    REQUIRE(plan.steps.size() == 1);
    auto const& detail = *plan.steps[0].detail;
    CHECK(detail["key"] == test::officer_key("umbrella").id().hex());
    auto const body = model::submission_from_json(detail["body"]);
    CHECK(body.invitation == invitation);
    CHECK(body.applicant.member.seat == test::seat_key("umbrella").id());
    REQUIRE(body.evidence.size() == 3);
    CHECK(body.evidence[0].digest == base::sha256("articles"));
    CHECK(body.nodes[0].network == "payments");
}

TEST_CASE("member submit: refusals name what is wrong") {
    Joining joining;
    auto const state = joining.state("umbrella");
    joining.write_record(test::founder("umbrella"));
    CHECK(code_of([&] { static_cast<void>(flow::plan_member_submit(state, joining.application({}))); }) ==
          Code::not_found);
    joining.invite();
    auto const code = [&](Json evidence) {
        return code_of(
            [&] { static_cast<void>(flow::plan_member_submit(state, joining.application(evidence))); });
    };
    CHECK(code({"legal=x"}) == Code::usage);
    CHECK(code({"royal/seal=" + joining.file("a", "a")}) == Code::usage);
    CHECK(code({"legal/seal=" + joining.file("a", "a")}) == Code::usage);
    CHECK(code({"legal/articles=/nowhere"}) == Code::not_found);
    auto const article = "legal/articles=" + joining.file("a", "a");
    CHECK(code({article, article}) == Code::malformed);

    auto const few = flow::plan_member_submit(state, joining.application({article}));
    CHECK(few.verdict.ruling == Verdict::Ruling::refused);
    CHECK(few.verdict.missing == std::vector<std::string>{"legal/signatory", "technical/topology"});

    auto other_key = test::founder("umbrella");
    std::swap(other_key.keys[0].spki, other_key.keys[3].spki);
    other_key.officers[0].key = test::seat_key("umbrella").id();
    joining.write_record(other_key);
    CHECK_FALSE(
        flow::plan_member_submit(state, joining.application(joining.all_evidence())).verdict.allowed());
    auto other_tier = test::founder("umbrella");
    other_tier.member.tier = "observer";
    joining.write_record(other_tier);
    CHECK_FALSE(
        flow::plan_member_submit(state, joining.application(joining.all_evidence())).verdict.allowed());
}

TEST_CASE("member check: only who has the gate's role, never the applicant or its group") {
    Joining joining;
    joining.invite();
    CHECK(joining.plan_check("acme", "legal", "pass").verdict.ruling == Verdict::Ruling::pending);
    joining.submit();
    CHECK(joining.plan_check("acme", "legal", "pass").verdict.allowed());
    CHECK(joining.plan_check("globex", "legal", "pass").verdict.allowed());
    CHECK_FALSE(joining.plan_check("globex", "technical", "pass").verdict.allowed());
    CHECK(code_of([&] { joining.plan_check("acme", "royal", "pass"); }) == Code::usage);
    CHECK(code_of([&] { joining.plan_check("umbrella", "legal", "pass"); }) == Code::not_authorized);

    Joining related([](model::Epoch& epoch) {
        add_gates(epoch);
        epoch.members[1].control_group = "umbrella";  // globex
    });
    related.invite();
    related.submit();
    CHECK_FALSE(related.plan_check("globex", "legal", "pass").verdict.allowed());
}

TEST_CASE("member admit: waits for what is missing, refuses what failed") {
    Joining joining;
    joining.invite();
    auto const plan = [&] {
        return flow::plan_member_admit(joining.state(),
                                       request_for("member admit", {{"operand", "umbrella"}}));
    };
    CHECK(plan().verdict.ruling == Verdict::Ruling::pending);
    CHECK(names(plan().verdict.missing, "umbrella"));
    joining.submit();
    CHECK(plan().verdict.ruling == Verdict::Ruling::pending);
    CHECK(names(plan().verdict.missing, "legal"));
    CHECK(plan().steps.empty());
    joining.check("globex", "legal", "pass");
    CHECK_FALSE(names(plan().verdict.missing, "legal"));
    CHECK(plan().verdict.next.find("--gate technical") != std::string::npos);
    joining.check("initech", "technical", "fail");
    CHECK(plan().verdict.ruling == Verdict::Ruling::refused);
    // Who looks again says what holds now.
    joining.check("initech", "technical", "pass");
    CHECK(joining.gates().allowed());
    auto const admission = plan();
    CHECK(admission.verdict.allowed());
    REQUIRE(admission.steps.size() == 1);
    CHECK(admission.steps[0].action == "propose");
}

TEST_CASE("member admit: a new application needs new checks") {
    Joining joining;
    joining.invite();
    joining.submit();
    joining.check("globex", "legal", "pass");
    joining.check("initech", "technical", "pass");
    CHECK(joining.gates().allowed());
    joining.submit();
    CHECK(joining.gates().ruling == Verdict::Ruling::pending);
}

TEST_CASE("member show and list: members, and applicants with what they wait for") {
    Joining joining;
    joining.invite();
    auto const list = flow::member_list(joining.state(), request_for("member list", Json::object()));
    REQUIRE(list.data->at("items").size() == 4);
    CHECK(list.data->at("items")[3]["status"] == "invited");
    joining.submit();
    auto const show =
        flow::member_show(joining.state(), request_for("member show", {{"operand", "umbrella"}}));
    CHECK(show.data->at("status") == "applied");
    CHECK(show.data->at("gates")["ruling"] == "pending");
    auto const acme = flow::member_show(joining.state(), request_for("member show", {{"operand", "acme"}}));
    CHECK(acme.data->at("officers").size() == 1);
    for (auto const& [key, value] : show.data->items()) CHECK(acme.data->contains(key));
    CHECK(code_of([&] {
              flow::member_show(joining.state(), request_for("member show", {{"operand", "umbrela"}}));
          }) == Code::not_found);
}
