#include "tests/support/disputes.h"

#include <random>

using namespace consortium;
using namespace consortium::test;
using base::Digest;
using Names = std::vector<std::string>;
using Refs = std::vector<Digest>;

namespace {

model::Draft proposal_draft(base::Instant closes) {
    model::Proposal body;
    body.title = "an upgrade";
    body.action = upgrade("r-2");
    body.closes = closes;
    body.lapses = closes + base::Duration::from_text("P30D");
    return Disputers::draft("proposal", {}, body);
}

/// Only a and b have a vote, and both stay out of it.
model::Epoch conflicted() {
    auto epoch = disputing();
    auto& decision = epoch.charter.decisions.front();
    decision.weight = "custom";
    decision.weights = {{"a", 1}, {"b", 1}};
    decision.recusal = {"declared"};
    return epoch;
}

struct Conflicted : Disputers {
    Conflicted() : Disputers(conflicted()) {}

    base::Instant in(std::string_view duration) const {
        return workspaces.at("a").now + base::Duration::from_text(duration);
    }
    /// Puts it to a vote from which all who have one stay away, and counts it. Returns the proposal.
    Digest vote(model::Draft const& draft) {
        auto const proposal = say("c", draft);
        for (auto const* who : {"a", "b"})
            say(who, {"recuse", {proposal}, base::JsonValue(base::Json::object()), false});
        advance("P2D");
        for (int round = 0; round < 6; ++round)
            for (auto& [to, workspace] : workspaces) {
                for (auto const& [from, other] : workspaces)
                    if (from != to) workspace.pull(other);
                workspace.step();
            }
        return proposal;
    }
    std::string outcome() const { return evidence().latest()->results.at(0).outcome; }
};

}  // namespace

TEST_CASE("a finding carries what the panel went as far as, against whom it found") {
    Decided all;
    auto const closed =
        all.say("c", Disputers::closing(all.dispute, joined(all.all(), all.no_appeal()), "upheld", "warn"));
    model::Proposal proposal;
    proposal.action = {"member.remove", base::JsonValue(base::Json{{"member", "b"}, {"reason", "fraud"}})};
    model::Decision decision;
    CHECK(agreement::check_finding(all.evidence(), all.start, proposal, decision).empty());
    decision.finding = true;
    CHECK(
        says(agreement::check_finding(all.evidence(), all.start, proposal, decision), "asks for a finding"));
    proposal.finding = closed;
    CHECK(
        says(agreement::check_finding(all.evidence(), all.start, proposal, decision), "does not go as far"));
    proposal.finding = all.dispute;
    CHECK(says(agreement::check_finding(all.evidence(), all.start, proposal, decision), "no closed dispute"));

    // The ladder goes on from there: suspension, then expulsion.
    auto prior = closed;
    for (auto const* sanction : {"suspend_vote", "expel"}) {
        auto const next = all.say("a", Disputers::complaint("a", "b", {}, {prior}));
        auto const assign = all.seat(next, "a", "b");
        auto const rulings = all.rule(next, assign, "upheld", sanction);
        Refs const waived{all.say("a", Disputers::overdue(next, "appeal", "", joined({assign}, rulings))),
                          all.say("b", Disputers::overdue(next, "appeal", "", joined({assign}, rulings)))};
        prior = all.say(
            "d", Disputers::closing(next, joined(joined({assign}, rulings), waived), "upheld", sanction));
    }
    proposal.finding = prior;
    CHECK(agreement::check_finding(all.evidence(), all.start, proposal, decision).empty());
    proposal.action = {"member.remove", base::JsonValue(base::Json{{"member", "c"}, {"reason", "fraud"}})};
    CHECK(says(agreement::check_finding(all.evidence(), all.start, proposal, decision),
               "against 'b', not 'c'"));
    CHECK(says(all.refusal("a", Disputers::complaint("a", "c", {}, {prior})), "not against 'c'"));
}

TEST_CASE("where all are recused, the panel's finding carries the same action when it is proposed anew") {
    Conflicted all;
    auto const left = all.vote(proposal_draft(all.in("P1D")));
    REQUIRE(all.outcome() == "panel");
    auto const number = all.evidence().latest()->number;
    CHECK(*agreement::left_to_panel(all.evidence(), left, number) == Names{"a", "b"});
    CHECK_FALSE(agreement::left_to_panel(all.evidence(), left, number - 1));

    CHECK(says(all.refusal("c", Disputers::carrying("c", "d", left, "warn")), "no sanction"));
    bool carries = true;
    SUBCASE("the same action, carried") {}
    SUBCASE("a complaint that asks for something else") {
        carries = false;
    }
    auto const dispute =
        all.say("c", carries ? Disputers::carrying("c", "d", left) : Disputers::complaint("c", "d", left));
    auto const assign = all.seat(dispute, "c", "d");
    for (auto const& candidate : all.view(dispute).first.stage.candidates)
        CHECK_MESSAGE((candidate.member != "a" && candidate.member != "b"), candidate.member);
    auto const rulings = all.rule(dispute, assign, "upheld", "", {}, 3);
    Refs const waived{all.say("c", Disputers::overdue(dispute, "appeal", "", joined({assign}, rulings))),
                      all.say("d", Disputers::overdue(dispute, "appeal", "", joined({assign}, rulings)))};
    auto const closed =
        all.say("e", Disputers::closing(dispute, joined(joined({assign}, rulings), waived), "upheld"));

    auto again = model::proposal_from_json(*proposal_draft(all.in("P1D")).body);
    again.finding = closed;
    if (!carries) {
        all.vote(Disputers::draft("proposal", {closed}, again));
        CHECK(all.outcome() == "panel");
        return;
    }
    auto other = again;
    other.action = upgrade("r-3");
    CHECK(says(all.refusal("c", Disputers::draft("proposal", {closed}, other)), "carries another action"));
    all.vote(Disputers::draft("proposal", {closed}, again));
    CHECK(all.outcome() == "passed");
    CHECK(all.evidence().latest()->releases->at("payments").at("release") == "r-2");
}

TEST_CASE("a majority of the panel keeps a member from the vote that the dispute is about") {
    Disputers all;
    auto const closes = all.workspaces.at("c").now + base::Duration::from_text("P60D");
    auto const proposal = all.say("c", proposal_draft(closes));
    auto const dispute = all.say("a", Disputers::complaint("a", "b", proposal));
    auto const assign = all.seat(dispute, "a", "b");
    CHECK(says(all.refusal("a", Disputers::carrying("a", "b", proposal)), "no vote left to it"));
    auto const first = all.rule(dispute, assign, "upheld", "", {"b"}, 1);
    std::set<Digest> timely(first.begin(), first.end());
    CHECK(agreement::ruled_recusals(all.evidence(), all.start, proposal, timely).empty());
    auto const panel = all.view(dispute).first.panel;
    timely.insert(
        all.say(all.member_of(panel[1]), Disputers::ruling(dispute, assign, "upheld", "", {"b", "c"})));
    CHECK(agreement::ruled_recusals(all.evidence(), all.start, proposal, timely) == Names{"b"});
    CHECK(agreement::recusing_rulings(all.evidence(), proposal).size() == 2);
    CHECK(agreement::ruled_recusals(all.evidence(), all.start, proposal, {*timely.begin()})
              .empty());  // the other was late
    auto current = all.start;
    for (auto& key : current.keys)
        if (key.owner == panel[1]) key.status = "removed";
    CHECK(agreement::ruled_recusals(all.evidence(), current, proposal, timely).empty());
    CHECK(agreement::ruled_recusals(all.evidence(), all.start, dispute, timely).empty());
}

TEST_CASE("of two appeals the respondent's says who is kept from a vote, in whatever order they came") {
    Disputers all(crowd());
    auto const closes = all.workspaces.at("c").now + base::Duration::from_text("P60D");
    auto const proposal = all.say("c", proposal_draft(closes));
    auto const dispute = all.say("a", Disputers::complaint("a", "b", proposal));
    std::set<Digest> timely;
    auto const decide = [&](Digest const& stage, std::string const& by, std::string const& against,
                            Names const& recuse) {
        auto const basis = all.draw(stage, by, against);
        auto const view = agreement::load_stage(all.evidence(), stage);
        agreement::Pins pins;
        model::Assign body;
        REQUIRE(agreement::sort_pins(all.evidence(), view, basis, pins).empty());
        REQUIRE(agreement::seat_from(all.evidence(), view, pins, body).empty());
        auto const assign = all.say("g", Disputers::draft("assign", joined({stage}, basis), body));
        auto const rulings = all.rule(stage, assign, "upheld", "", recuse);
        timely.insert(rulings.begin(), rulings.end());
        return joined({assign}, rulings);
    };
    auto const first = decide(dispute, "a", "b", {"a", "b"});
    auto const appeal = [&](std::string const& by) {
        model::Appeal body;
        body.commitment = model::salt_commitment(salt_of(by));
        return all.say(by, Disputers::draft("appeal", joined({dispute}, first), body));
    };
    CHECK(agreement::ruled_recusals(all.evidence(), all.start, proposal, timely) == Names{"a", "b"});
    auto const theirs = appeal("b"), mine = appeal("a");
    decide(mine, "a", "b", {"b"});
    CHECK(agreement::ruled_recusals(all.evidence(), all.start, proposal, timely) == Names{"b"});
    decide(theirs, "b", "a", {"a"});
    CHECK(agreement::ruled_recusals(all.evidence(), all.start, proposal, timely) == Names{"a"});

    std::vector<std::string> envelopes;
    for (auto const& act : all.evidence().all()) envelopes.push_back(act.envelope);
    std::mt19937 random(5);
    for (int round = 0; round < 10; ++round) {
        std::shuffle(envelopes.begin(), envelopes.end(), random);
        Workspace other("c", all.start, model::reference(all.start).hash);
        for (auto const& envelope : envelopes) other.receive(envelope);
        REQUIRE(other.orphans() == 0);
        CHECK(agreement::ruled_recusals(other.evidence, all.start, proposal, timely) == Names{"a"});
    }
}

TEST_CASE("a finding carries nothing under another arbitration, nor what a key says that was removed since") {
    Decided all("upheld", "warn");
    model::Proposal proposal;
    proposal.action = {"release.upgrade", upgrade("r-2").detail};
    auto const refs = joined(all.all(), all.no_appeal());
    proposal.finding = all.say("c", Disputers::closing(all.dispute, refs, "upheld", "warn"));
    model::Decision const decision;
    auto const in = [&](model::Epoch const& epoch) {
        return agreement::check_finding(all.evidence(), epoch, proposal, decision);
    };
    CHECK(in(all.start).empty());
    auto epoch = all.start;
    epoch.charter.arbitration->panel = 1;
    CHECK(says(in(epoch), "no longer in force"));
    epoch = all.start;
    epoch.charter.sanctions.pop_back();
    CHECK(says(in(epoch), "no longer in force"));
    auto const panel = all.view(all.dispute).first.panel;
    for (auto const& officer : {panel[2], officer_of("a"), officer_of("c")}) {  // ruled, waived, closed it
        epoch = all.start;
        for (auto& key : epoch.keys)
            if (key.owner == officer) key.status = "removed";
        CHECK(says(in(epoch), officer));
        epoch = all.start;
        for (auto& member : epoch.members)
            if (member.id == all.member_of(officer)) member.status = "expelled";
        CHECK(says(in(epoch), officer));
    }
}
