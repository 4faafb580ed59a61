// What the charter's rules make of proposals and ballots once seats agree on them.

#include "tests/support/voting.h"

#include "core/agreement/equivocation.h"
#include "tests/support/code_of.h"

#include <algorithm>

using namespace consortium;
using namespace consortium::test;
using base::Digest;
using base::Json;
using Result = agreement::Acceptance::Result;

namespace {

model::Draft about(std::string kind, Digest const& proposal, Json body) {
    return {std::move(kind), {proposal}, base::JsonValue(std::move(body)), false};
}
model::Draft recusal(Digest const& proposal) {
    return about("recuse", proposal, base::Json::object());
}
model::Draft withdrawal(Digest const& proposal) {
    return about("withdraw", proposal, base::Json::object());
}
model::Draft delegation(Digest const& proposal, std::string const& to) {
    return about("delegate", proposal, {{"to", to}, {"revision", 0}});
}

void three_quarters(model::Decision& decision) {
    decision.pass = model::Bound::from_text(">3/4");
    decision.pass_of = "eligible";
    decision.recusal = {"declared"};
}

}  // namespace

TEST_CASE("a declared recusal leaves the denominator, if it was timely") {
    for (bool const timely : {true, false}) {
        Voting e(three_quarters);
        auto const proposal = e.open(upgrade("r-2"), "P1D");
        e.cast(proposal, {"yes", "yes", "yes", ""});
        if (timely) e.d.say(recusal(proposal));
        e.exchange();
        e.pass("P1D");
        if (!timely) e.d.say(recusal(proposal));
        e.pass("PT1H");
        e.decide();
        CHECK(e.result().outcome == (timely ? "passed" : "failed"));
        CHECK(e.result().counted.size() == (timely ? 4 : 3));
    }
}

TEST_CASE(
    "the ballot of a recused member does not count, and nobody recuses itself where the charter is silent") {
    Voting e(three_quarters);
    auto const proposal = e.open(upgrade("r-2"), "P1D");
    e.cast(proposal, {"yes", "yes", "yes", "no"});
    e.d.say(recusal(proposal));
    e.exchange();
    e.pass("P2D");
    e.decide();
    CHECK(e.result().outcome == "passed");
    CHECK(e.reasons() == std::vector<std::string>{"recused"});

    Voting silent([](model::Decision&) {});
    CHECK(silent.answer(silent.b, recusal(silent.open(upgrade("r-2"), "P1D"))).result == Result::rejected);
}

TEST_CASE("a delegated vote follows the delegate's ballot, unless the member votes itself") {
    for (bool const direct : {false, true}) {
        Voting e([](model::Decision& decision) { decision.delegation = true; });
        auto const proposal = e.open(upgrade("r-2"), "P1D");
        CHECK(e.answer(e.d, delegation(proposal, "d")).result == Result::rejected);
        CHECK(e.answer(e.d, delegation(proposal, "stranger")).result == Result::rejected);
        e.d.say(delegation(proposal, "a"));
        e.cast(proposal, {"yes", "no", "yes", direct ? "no" : ""});
        e.pass("P2D");
        e.decide();
        CHECK(e.result().outcome ==
              (direct ? "failed" : "passed"));  // 2 of 4 or 3 of 4, more than 2/3 needed
        CHECK(e.result().tally->at("yes") == (direct ? 2 : 3));
    }
}

TEST_CASE("two delegations in one revision void each other") {
    Voting e([](model::Decision& decision) { decision.delegation = true; });
    auto const proposal = e.open(upgrade("r-2"), "P1D");
    e.d.say(delegation(proposal, "a"));
    e.d.say(delegation(proposal, "b"));
    e.cast(proposal, {"yes", "yes", "no", ""});
    e.pass("P2D");
    e.decide();
    CHECK(e.reasons() == std::vector<std::string>{"contradictory", "contradictory"});
    CHECK(e.result().tally->at("yes") == 2);
}

TEST_CASE("two ballots in one revision of which one gives a reason void each other") {
    Voting e([](model::Decision&) {});
    auto const proposal = e.open(upgrade("r-2"), "P1D");
    e.cast(proposal, {"yes", "yes"});
    auto const cast = [&](std::optional<Digest> const& reason, std::uint64_t nonce) {
        model::Ballot const body{"no", 0};
        auto const plain =
            e.c.make({"ballot", {proposal}, base::JsonValue(model::to_json(body)), false}, nonce);
        auto act = model::act_from_json(base::parse_canonical(model::envelope_from_text(plain).payload));
        act.private_part = reason;
        auto signer = officer_key("c");
        auto const answer = e.c.receive(signed_envelope(act, signer, 0));
        INFO(answer.reason);
        REQUIRE(answer.result == Result::accepted);
        return answer.id;
    };
    auto const silent = cast({}, 901), reasoned = cast(base::sha256("a reason"), 902);
    auto const again = cast(base::sha256("the same, under another salt"), 903);
    auto const held = [&](Digest const& id) { return *e.c.evidence.act(id); };
    CHECK_FALSE(agreement::contradiction(e.c.evidence, held(silent)));
    auto const found = agreement::contradiction(e.c.evidence, held(reasoned));
    REQUIRE(found);
    CHECK(found->first == silent);
    auto const proof =
        agreement::check_evidence_file(agreement::evidence_file(e.c.evidence, *found), TestVerifier());
    CHECK(proof.second == reasoned);
    CHECK(agreement::says_the_same(held(reasoned).act, held(again).act));
    auto const nothing = agreement::evidence_file(e.c.evidence, {found->slot, "c", reasoned, again});
    CHECK(code_of([&] { agreement::check_evidence_file(nothing, TestVerifier()); }) ==
          base::Code::verification_failed);
    e.exchange();
    e.pass("P2D");
    e.decide();
    CHECK(e.result().outcome == "failed");  // 2 of 4 are no quorum of 2/3
    auto reasons = e.reasons();
    std::sort(reasons.begin(), reasons.end());
    CHECK(reasons == std::vector<std::string>{"contradictory", "contradictory", "repeated"});
}

TEST_CASE("veto is a choice only where the charter has it, and stops what would pass") {
    Voting e([](model::Decision& decision) {
        decision.pass = model::Bound::from_text(">1/2");
        decision.veto = model::Veto{"cast", "veto", model::Bound::from_text(">=1/4")};
    });
    auto const proposal = e.open(upgrade("r-2"), "P1D");
    e.cast(proposal, {"yes", "yes", "yes", "veto"});
    e.pass("P2D");
    e.decide();
    CHECK(e.result().outcome == "failed");

    Voting plain([](model::Decision&) {});
    auto const other = plain.open(upgrade("r-2"), "P1D");
    CHECK(plain.answer(plain.b, about("ballot", other, {{"choice", "veto"}, {"revision", 0}})).result ==
          Result::rejected);
}

TEST_CASE("a withdrawn proposal is closed at once, and only by its own member") {
    Voting e([](model::Decision&) {});
    auto const proposal = e.open(upgrade("r-2"), "P10D");
    e.cast(proposal, {"yes", "yes", "yes", "yes"});
    CHECK(e.answer(e.b, withdrawal(proposal)).result == Result::rejected);
    e.a.say(withdrawal(proposal));
    e.decide();
    REQUIRE(e.latest().number == 1);
    CHECK(e.result().outcome == "withdrawn");
    CHECK(release_in(e.latest()).empty());
}

TEST_CASE("a withdrawal after the close changes nothing") {
    Voting e([](model::Decision&) {});
    auto const proposal = e.open(upgrade("r-2"), "P1D");
    e.cast(proposal, {"yes", "yes", "yes", "yes"});
    e.pass("P1D");
    e.a.say(withdrawal(proposal));
    e.pass("PT1H");
    e.decide();
    CHECK(e.result().outcome == "passed");
}

TEST_CASE("an expedited vote that does not pass goes on to the end of the ordinary one") {
    Voting e([](model::Decision& decision) {
        decision.window = span("P10D");
        decision.timelock = span("P7D");
        decision.expedited = model::Expedited{span("P2D"), span("P1D"), {}, model::Bound::from_text(">=3/4")};
    });
    auto const proposal = e.a.say(e.draft(upgrade("r-2"), "P2D", "expedited",
                                          [](model::Proposal& body) { body.timelock = span("P1D"); }));
    e.exchange();
    e.cast(proposal, {"yes", "yes", "", ""});
    e.pass("P2D");
    e.pass("PT1H");
    e.decide();
    REQUIRE(e.latest().number == 1);
    CHECK(e.result().outcome == "continues");
    REQUIRE(e.latest().continuing.size() == 1);
    CHECK(release_in(e.latest()).empty());
    auto const now = agreement::load_proposal(e.a.evidence, proposal);
    CHECK(now.body.closes == e.start.founded + span("PT1H") + span("P10D"));
    CHECK(now.body.timelock == span("P7D"));
    CHECK(now.stage == 1);

    e.cast(proposal, {"", "", "yes", "no"});  // 3 of 4: more than 2/3
    e.pass("P8D");
    e.decide();
    REQUIRE(e.latest().number == 2);
    CHECK(e.result().outcome == "passed");
    CHECK(e.latest().continuing.empty());
    CHECK(release_in(e.latest()) == "r-2");
    CHECK(model::epoch_from_document(model::document(e.latest())).number == 2);
}

TEST_CASE("an expedited vote that passes is over") {
    Voting e([](model::Decision& decision) {
        decision.window = span("P10D");
        decision.expedited =
            model::Expedited{span("P2D"), span("PT0S"), {}, model::Bound::from_text(">=3/4")};
    });
    auto const proposal = e.open(upgrade("r-2"), "P2D", "expedited");
    CHECK(e.answer(e.a, e.draft(upgrade("r-3"), "P2D")).result == Result::rejected);  // the ordinary window
    e.cast(proposal, {"yes", "yes", "yes", ""});
    e.pass("P2D");
    e.pass("PT1H");
    e.decide();
    CHECK(e.result().outcome == "passed");
}

TEST_CASE("a quorum that is reached late leaves time to vote") {
    Voting e([](model::Decision& decision) {
        decision.window = span("P5D");
        decision.late_quorum = span("P3D");
    });
    auto const proposal = e.open(upgrade("r-2"), "P5D");
    e.cast(proposal, {"yes", "yes", "", ""});
    e.pass("P4D");
    e.cast(proposal, {"", "", "no", ""});  // the third of four: the quorum of 2/3, a day before the close
    e.pass("P1D");
    e.pass("PT1H");
    e.decide();
    CHECK(e.result().outcome == "continues");
    CHECK(e.latest().continuing.at(0).closes == e.start.founded + span("PT1H") + span("P7D"));
    e.cast(proposal, {"", "", "", "yes"});
    e.pass("P2D");
    e.decide();
    REQUIRE(e.latest().number == 2);
    CHECK(e.result().outcome == "passed");  // 3 of 4
    CHECK(e.result().counted.size() == 4);
}

TEST_CASE("a vote closes early only once nothing can turn it, and not before its earliest time") {
    Voting e([](model::Decision& decision) {
        decision.window = span("P5D");
        decision.earliest = span("P1D");
        decision.ballot_change = false;
    });
    auto const proposal = e.open(upgrade("r-2"), "P10D");
    e.cast(proposal, {"yes", "yes", "yes", ""});
    e.decide();
    CHECK(e.latest().number == 0);  // too early
    e.pass("P1D");
    e.decide();
    REQUIRE(e.latest().number == 1);  // 3 of 4 stand, whatever d says
    CHECK(e.result().outcome == "passed");

    Voting open([](model::Decision& decision) {
        decision.window = span("P5D");
        decision.earliest = span("P1D");
    });
    auto const other = open.open(upgrade("r-2"), "P10D");
    open.cast(other, {"yes", "yes", "yes", "yes"});
    open.pass("P2D");
    open.decide();
    CHECK(open.latest().number == 0);  // ballots can still be changed
}

TEST_CASE("a candidate that decides an open vote early is not prepared where ballots may turn it") {
    Voting e([](model::Decision& decision) {
        decision.window = span("P5D");
        decision.earliest = span("PT1H");
        decision.ballot_change = false;
    });
    auto const proposal = e.open(upgrade("r-2"), "P10D");
    e.cast(proposal, {"yes", "yes", "", ""});
    e.pass("P1D");
    std::vector<Digest> statements;
    for (auto* one : e.all()) {
        auto listed =
            agreement::seen_before_close(one->evidence, agreement::load_proposal(one->evidence, proposal));
        model::Draft draft{"seen", {proposal}, {}, true};
        for (auto const& listing : listed) draft.refs.push_back(listing.id);
        draft.body = base::JsonValue(model::to_json(model::Statement{listed, {}, 0, true}));
        statements.push_back(one->say(draft));
    }
    e.exchange();
    std::sort(statements.begin(), statements.end());
    agreement::Ingredients parts;
    parts.decisions[proposal] = statements;
    auto const text = model::document(agreement::next_epoch(e.b.evidence, e.b.evidence.latest(), parts));
    for (auto* one : e.all()) one->evidence.add_file(text);
    model::Candidate body;
    body.choice = {0, base::sha256(text)};
    auto const id = e.b.say({"candidate", {}, base::JsonValue(model::to_json(body)), true});
    auto const reason = agreement::hard_check(e.b.evidence, e.b.evidence.latest(), *e.b.evidence.act(id));
    CHECK(reason.find("before its close") != std::string::npos);
}

TEST_CASE("what failed may be proposed again after the charter's cooldown") {
    Voting e([](model::Decision& decision) { decision.cooldown = span("P10D"); });
    auto const proposal = e.open(upgrade("r-2"), "P1D");
    e.cast(proposal, {"no", "no", "no", "no"});
    e.pass("P1D");
    e.pass("PT1H");
    e.decide();
    CHECK(e.result().outcome == "failed");
    CHECK(e.answer(e.a, e.draft(upgrade("r-2"), "P1D")).result == Result::rejected);
    CHECK(e.answer(e.a, e.draft(upgrade("r-3"), "P1D")).result == Result::accepted);
    e.pass("P10D");
    CHECK(e.answer(e.a, e.draft(upgrade("r-2"), "P1D")).result == Result::accepted);
}

TEST_CASE("the ballot of a member that leaves meanwhile is kept, or void, as the charter says") {
    for (std::string const rule : {"keep_cast", "void"}) {
        Voting e([&](model::Decision& decision) { decision.midvote_exit = rule; });
        auto const upgrading = e.open(upgrade("r-2"), "P5D");
        auto const leaving = e.open({"member.exit", base::JsonValue(Json{{"member", "d"}})}, "P1D");
        e.cast(upgrading, {"yes", "yes", "", "yes"});
        e.cast(leaving, {"yes", "yes", "yes", "yes"});
        e.pass("P1D");
        e.pass("PT1H");
        e.decide();
        REQUIRE(e.latest().number == 1);
        e.pass("P5D");
        e.decide();
        REQUIRE(e.latest().number == 2);
        CHECK(e.result().outcome == (rule == "void" ? "failed" : "passed"));  // quorum 2 or 3 of 4
    }
}
