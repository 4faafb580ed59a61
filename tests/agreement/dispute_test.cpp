#include "core/agreement/equivocation.h"
#include "tests/support/disputes.h"

#include <random>

using namespace consortium;
using namespace consortium::test;
using base::Digest;
using Names = std::vector<std::string>;
using Refs = std::vector<Digest>;

namespace {

bool contradicts(Disputers const& all, Digest const& id) {
    return agreement::contradiction(all.evidence(), *all.evidence().act(id)).has_value();
}

/// A dispute of `a` against `b` that three bystanders let go on although b is silent.
struct Silent : Disputers {
    Digest dispute = say("a", complaint("a", "b"));
    Refs late;

    Silent() {
        for (auto const* who : {"c", "d", "e"}) late.push_back(say(who, overdue(dispute, "answer", "b")));
    }
};

}  // namespace

TEST_CASE("a dispute from its opening to its close") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    CHECK(all.view(dispute).status() == "open");
    CHECK(all.view(dispute).first.missing == Names{"b"});
    CHECK(all.view(dispute).first.deadline == all.workspaces.at("a").now + base::Duration::from_text("P14D"));
    auto const plea = all.say("b", Disputers::answer(dispute, "b"));
    CHECK(all.view(dispute).status() == "answered");
    CHECK(all.view(dispute).first.missing == Names{"a", "b"});
    auto const mine = all.say("a", Disputers::reveal(dispute, "a", {plea}));
    auto const theirs = all.say("b", Disputers::reveal(dispute, "b", {plea}));
    auto const drawn = all.view(dispute).first;
    CHECK(all.view(dispute).status() == "drawn");
    REQUIRE(drawn.drawn);
    CHECK(drawn.drawn->seed == policy::draw_seed(dispute, {salt_of("a"), salt_of("b")}));
    CHECK(drawn.drawn->list.officers.size() == 5);
    auto const struck = drawn.drawn->list.officers.front();
    all.say("a", Disputers::strike(dispute, {mine, theirs}, {struck}));
    all.say("b", Disputers::strike(dispute, {mine, theirs}, {}));
    auto const assign = all.assign(dispute);
    auto const assigned = all.view(dispute);
    CHECK(assigned.status() == "assigned");
    CHECK(assigned.first.panel.size() == 3);
    CHECK(std::find(assigned.first.panel.begin(), assigned.first.panel.end(), struck) ==
          assigned.first.panel.end());
    for (auto const& officer : assigned.first.panel) CHECK(officer != "a-ada");
    for (auto const& officer : assigned.first.panel) CHECK(officer != "b-ada");
    auto const rulings = all.rule(dispute, assign, "upheld", "warn");
    CHECK(all.view(dispute).status() == "ruled");
    CHECK(all.view(dispute).first.sum.level == policy::level_of("upheld", "warn"));
    CHECK(all.view(dispute).first.missing.empty());
    Refs const waivers{all.say("a", Disputers::overdue(dispute, "appeal", "", joined({assign}, rulings))),
                       all.say("b", Disputers::overdue(dispute, "appeal", "", joined({assign}, rulings)))};
    all.say("c", Disputers::closing(dispute, joined(joined({assign}, rulings), waivers), "upheld", "warn"));
    CHECK(all.view(dispute).status() == "closed");
    CHECK(agreement::disputes(all.evidence()) == Refs{dispute});
}

TEST_CASE("what is held decides, not the order in which it came") {
    Decided all;
    all.no_appeal();
    auto const expected = all.view(all.dispute);
    std::vector<std::string> envelopes;
    for (auto const& act : all.evidence().all()) envelopes.push_back(act.envelope);
    std::mt19937 random(11);
    for (int round = 0; round < 20; ++round) {
        std::shuffle(envelopes.begin(), envelopes.end(), random);
        Workspace other("c", all.start, model::reference(all.start).hash);
        for (auto const& envelope : envelopes) other.receive(envelope);
        other.retry_orphans();
        REQUIRE(other.orphans() == 0);
        auto const view = agreement::load_dispute(other.evidence, all.dispute);
        CHECK(view.status() == expected.status());
        CHECK(view.first.panel == expected.first.panel);
        CHECK(view.first.sum.level == expected.first.sum.level);
    }
}

TEST_CASE("nobody reveals before both committed, nor another salt than that") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    CHECK(says(all.refusal("a", Disputers::reveal(dispute, "a", {})), "before 'b' has committed"));
    auto const plain = all.say("b", Disputers::draft("plea", {dispute}, model::Plea{}));
    CHECK(says(all.refusal("a", Disputers::reveal(dispute, "a", {plain})), "before 'b' has committed"));
    auto const plea = all.say("b", Disputers::answer(dispute, "b"));
    CHECK(says(all.refusal("a", Disputers::reveal(dispute, "c", {plea})), "not the one"));
    CHECK(says(all.refusal("b", Disputers::reveal(dispute, "c", {plea})), "not the one"));
    CHECK(says(all.refusal("b", Disputers::reveal(dispute, "b", {plain})), "not the one"));
    CHECK(says(all.refusal("c", Disputers::reveal(dispute, "c", {plea})), "no party"));
    CHECK(all.refusal("b", Disputers::reveal(dispute, "b", {plea})).empty());
    CHECK(all.refusal("a", Disputers::reveal(dispute, "a", {plea})).empty());
    CHECK(says(all.refusal("a", Disputers::answer(dispute, "a")), "committed to its salt when"));
    CHECK(says(all.refusal("c", Disputers::answer(dispute, "c")), "no party"));
}

TEST_CASE("who committed twice cannot choose after the other has revealed") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const first = all.say("b", Disputers::answer(dispute, "b"));
    model::Plea other;
    other.commitment = model::salt_commitment(salt_of("c"));
    auto const second = all.say("b", Disputers::draft("plea", {dispute}, other));
    auto const found = contradicts(all, second);
    CHECK(found);
    auto const mine = all.say("a", Disputers::reveal(dispute, "a", {first}));
    // b likes its second salt better, and reveals under that.
    auto const theirs =
        all.say("b", Disputers::draft("reveal", {dispute, second}, model::Reveal{salt_of("c")}));
    CHECK(says(all.refusal("a", Disputers::strike(dispute, {mine, theirs}, {})), "two different pleas"));
    CHECK(all.view(dispute).first.phase == agreement::Phase::reveal);
    CHECK(all.view(dispute).first.missing == Names{"b"});
}

TEST_CASE("a party that does not reveal loses its strikes, and its salt counts as none") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const plea = all.say("b", Disputers::answer(dispute, "b"));
    auto const mine = all.say("a", Disputers::reveal(dispute, "a", {plea}));
    auto const strike = [&](Refs const& basis) { return Disputers::strike(dispute, basis, {}); };
    CHECK(says(all.refusal("a", strike({mine})), "'b' has not revealed"));
    auto const one = all.say("c", Disputers::overdue(dispute, "reveal", "b"));
    auto const two = all.say("d", Disputers::overdue(dispute, "reveal", "b"));
    CHECK(says(all.refusal("a", strike({mine, one, two})), "'b' has not revealed"));
    auto const again = all.say("d", Disputers::overdue(dispute, "reveal", "b"));
    CHECK(says(all.refusal("a", strike({mine, one, two, again})), "twice"));
    auto const three = all.say("e", Disputers::overdue(dispute, "reveal", "b"));
    auto const view = all.view(dispute).first;
    REQUIRE(view.drawn);
    CHECK(view.drawn->seed == policy::draw_seed(dispute, {salt_of("a"), "-"}));
    CHECK(view.missing == Names{"a"});
    CHECK(says(all.refusal("b", strike({mine, one, two, three})), "strikes nobody"));
    all.say("a", strike({mine, one, two, three}));
    CHECK(all.view(dispute).status() == "drawn");
    CHECK(all.view(dispute).first.phase == agreement::Phase::assign);
    // What arrives too late changes nothing: neither here, nor where it arrived first.
    all.say("b", Disputers::reveal(dispute, "b", {plea}));
    CHECK(all.view(dispute).first.drawn->seed == view.drawn->seed);
    all.assign(dispute);
    CHECK(all.view(dispute).status() == "assigned");
}

TEST_CASE("where no answer comes, the others' words stand in the seed: who opened it foresees nothing") {
    Silent all;
    CHECK(
        says(all.refusal("a", Disputers::reveal(all.dispute, "a", {all.late[0], all.late[1]})), "3 others"));
    auto const mine = all.say("a", Disputers::reveal(all.dispute, "a", all.late));
    auto ids = Names{all.late[0].hex(), all.late[1].hex(), all.late[2].hex()};
    std::sort(ids.begin(), ids.end());
    auto const view = all.view(all.dispute).first;
    REQUIRE(view.drawn);
    CHECK(view.drawn->seed ==
          policy::draw_seed(all.dispute, {salt_of("a"), "overdue " + ids[0] + " " + ids[1] + " " + ids[2]}));
    CHECK(view.drawn->lost == std::array{false, true});
    // An answer that comes now is heard, but its commitment is too late.
    auto const plea = all.say("b", Disputers::answer(all.dispute, "b"));
    all.say("b", Disputers::reveal(all.dispute, "b", {plea}));
    CHECK(all.view(all.dispute).first.drawn->seed == view.drawn->seed);
    all.say("a", Disputers::strike(all.dispute, {mine}, {}));
    all.assign(all.dispute);
    CHECK(all.view(all.dispute).status() == "assigned");
}

TEST_CASE("only independent members say that a time has passed") {
    auto start = disputing();
    start.members[6].control_group = "a";  // g
    Disputers all(start);
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const late = Disputers::overdue(dispute, "answer", "b");
    CHECK(says(all.refusal("a", late), "a party does not say"));
    CHECK(says(all.refusal("b", late), "a party does not say"));
    CHECK(says(all.refusal("g", late), "no independent member"));
    CHECK(all.refusal("c", late).empty());
    CHECK(says(all.refusal("c", Disputers::overdue(dispute, "answer", "a")), "no time for that"));
    CHECK(says(all.refusal("c", Disputers::overdue(dispute, "strike", "d")), "no time for that"));
    CHECK(says(all.refusal("c", Disputers::overdue(dispute, "ruling")), "no panel"));
}

TEST_CASE("strikes are of the list, as many as the charter gives") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const basis = all.draw(dispute, "a", "b");
    auto const list = all.view(dispute).first.drawn->list.officers;
    CHECK(says(all.refusal("a", Disputers::strike(dispute, basis, {"b-ada"})), "was not drawn"));
    auto two = Names{list[0], list[1]};
    std::sort(two.begin(), two.end());
    CHECK(says(all.refusal("a", Disputers::strike(dispute, basis, two)), "2 where 1 may"));
    CHECK(says(all.refusal("c", Disputers::strike(dispute, basis, {list[0]})), "no party"));
    CHECK(all.refusal("a", Disputers::strike(dispute, basis, {list[0]})).empty());
}

TEST_CASE("an assignment states what follows from what it refers to, or is refused") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const basis = all.draw(dispute, "a", "b");
    model::Assign early;
    CHECK(says(all.refusal("c", Disputers::draft("assign", joined({dispute}, basis), early)),
               "'a' has not said"));
    auto const list = all.view(dispute).first.drawn->list.officers;
    for (auto const* party : {"a", "b"}) all.say(party, Disputers::strike(dispute, basis, {list[0]}));
    auto const good = all.assignment(dispute);
    auto body = model::assign_from_json(*good.body);
    CHECK(body.panel == Names(list.begin() + 1, list.begin() + 4));
    std::swap(body.panel[0], body.panel[1]);
    CHECK(says(all.refusal("c", Disputers::draft("assign", good.refs, body)), "another panel"));
    body.panel = Names(list.begin(), list.begin() + 3);
    CHECK(says(all.refusal("a", Disputers::draft("assign", good.refs, body)), "another panel"));
    auto lacking = good.refs;
    lacking.pop_back();
    CHECK(says(all.refusal("a", Disputers::draft("assign", lacking, *all.view(dispute).first.follows)),
               "'b' has not said"));
    // Equal ones by two members are one panel.
    auto const first = all.say("a", good);
    auto const second = all.say("g", good);
    auto const panel = all.view(dispute).first.panel;
    all.say(all.member_of(panel[0]), Disputers::ruling(dispute, first, "dismissed"));
    all.say(all.member_of(panel[1]), Disputers::ruling(dispute, second, "dismissed"));
    CHECK(all.view(dispute).status() == "ruled");
}

TEST_CASE("only the panel rules, each once, and within the ladder") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const assign = all.seat(dispute, "a", "b");
    auto const panel = all.view(dispute).first.panel;
    auto const stranger = [&] {
        for (auto const& member : all.start.members)
            if (std::find(panel.begin(), panel.end(), officer_of(member.id)) == panel.end() &&
                member.id > "b")
                return member.id;
        return std::string();
    }();
    CHECK(says(all.refusal(stranger, Disputers::ruling(dispute, assign, "upheld")), "does not sit"));
    CHECK(says(all.refusal("a", Disputers::ruling(dispute, assign, "upheld")), "does not sit"));
    auto const sits = all.member_of(panel[0]);
    CHECK(says(all.refusal(sits, Disputers::ruling(dispute, assign, "upheld", "expel")), "ladder"));
    CHECK(says(all.refusal(sits, Disputers::ruling(dispute, assign, "upheld", "rotate_node")), "ladder"));
    CHECK(says(all.refusal(sits, Disputers::ruling(dispute, assign, "upheld", "", {"b"})), "no proposal"));
    CHECK(says(all.refusal(sits, Disputers::ruling(dispute, dispute, "upheld")), "not of this dispute"));
    auto const first = all.say(sits, Disputers::ruling(dispute, assign, "upheld", "warn"));
    auto const second = all.say(sits, Disputers::ruling(dispute, assign, "dismissed"));
    CHECK(all.view(dispute).first.rulings.size() == 1);
    CHECK(contradicts(all, second));
    CHECK_FALSE(contradicts(all, first));
}

TEST_CASE("a panel that is late is counted as far as it ruled, once others say so") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const assign = all.seat(dispute, "a", "b");
    auto const panel = all.view(dispute).first.panel;
    Refs refs{assign};
    refs.push_back(all.say(all.member_of(panel[0]), Disputers::ruling(dispute, assign, "upheld", "warn")));
    refs.push_back(all.say(all.member_of(panel[1]), Disputers::ruling(dispute, assign, "upheld")));
    CHECK(all.view(dispute).status() == "assigned");
    CHECK(all.view(dispute).first.missing == Names{panel[2]});
    auto const waivers = [&](std::string const& step) {
        Refs out;
        for (auto const* who : {"c", "d", "e"})
            out.push_back(all.say(who, Disputers::overdue(dispute, step, "", refs)));
        return out;
    };
    auto const last = waivers("appeal");
    CHECK(says(all.refusal("c", Disputers::closing(dispute, joined(refs, last), "upheld")),
               "no ruling in force"));
    refs = joined(refs, waivers("ruling"));
    CHECK(all.view(dispute).status() == "ruled");
    CHECK(says(all.refusal("c", Disputers::closing(dispute, joined(refs, last), "upheld", "warn")),
               "something else"));
    CHECK(all.refusal("c", Disputers::closing(dispute, joined(refs, last), "upheld")).empty());
}

TEST_CASE(
    "a dispute is closed by its ruling when nobody may appeal any more, or withdrawn by who opened it") {
    Decided all;
    CHECK(says(all.refusal("a", Disputers::closing(all.dispute, all.all(), "upheld", "warn")),
               "for an appeal"));
    CHECK(says(all.refusal("b", Disputers::closing(all.dispute, {}, "withdrawn")), "withdraws"));
    auto refs = joined(all.all(), all.no_appeal());
    CHECK(says(all.refusal("a", Disputers::closing(all.dispute, refs, "dismissed")), "something else"));
    all.say("a", Disputers::closing(all.dispute, {}, "withdrawn"));
    CHECK(all.view(all.dispute).status() == "ruled");  // too late to withdraw
    all.say("b", Disputers::closing(all.dispute, refs, "upheld", "warn"));
    CHECK(all.view(all.dispute).status() == "closed");

    auto const other = all.say("a", Disputers::complaint("a", "c"));
    all.say("a", Disputers::closing(other, {}, "withdrawn"));
    CHECK(all.view(other).status() == "withdrawn");
}

TEST_CASE("an appeal goes once to those who did not sit") {
    Disputers all(crowd());
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    all.draw(dispute, "a", "b");
    auto const assign = all.assign(dispute);
    auto const panel = all.view(dispute).first.panel;
    model::Appeal body;
    body.commitment = model::salt_commitment(salt_of("b"));
    auto const appeal = [&](Refs refs) { return Disputers::draft("appeal", joined({dispute}, refs), body); };
    CHECK(says(all.refusal("b", appeal({assign})), "no ruling in force"));
    auto const rulings = all.rule(dispute, assign, "upheld", "warn");
    CHECK(says(all.refusal("c", appeal(joined({assign}, rulings))), "no party"));
    auto const second = all.say("b", appeal(joined({assign}, rulings)));
    CHECK(all.view(dispute).status() == "appealed");
    CHECK(all.view(second).first.stage.id == dispute);
    auto const again = all.say("b", appeal(joined({assign}, rulings)));
    CHECK_FALSE(contradicts(all, again));  // the same, said twice

    auto const counted = all.view(dispute).appeal->stage.id;
    CHECK(counted == std::min(second, again));
    all.draw(counted, "b", "a");
    auto const next = all.assign(counted);
    auto const appealed = all.view(dispute);
    for (auto const& officer : appealed.appeal->panel)
        CHECK(std::find(panel.begin(), panel.end(), officer) == panel.end());
    auto const over = all.rule(counted, next, "dismissed");
    CHECK(says(all.refusal("a", Disputers::draft("appeal", joined({counted, next}, over), body)),
               "not appealed from"));
    all.say("c", Disputers::closing(counted, joined({next}, over), "dismissed"));
    CHECK(all.view(dispute).status() == "closed");
    CHECK(model::close_from_json(*all.view(dispute).close->act.body).outcome == "dismissed");
}

TEST_CASE("too few who could sit: no dispute is opened") {
    auto start = disputing();
    for (std::size_t i = 2; i < 6; ++i) start.officers[i].roles = {"operator"};
    Disputers all(start);
    CHECK(says(all.refusal("a", Disputers::complaint("a", "b")), "only 1 organizations"));
    auto silent = disputing();
    silent.charter.arbitration.reset();
    Disputers none(silent);
    CHECK(says(none.refusal("a", Disputers::complaint("a", "b")), "nothing about arbitration"));
    CHECK(says(all.refusal("a", Disputers::complaint("a", "a")), "with itself"));
    CHECK(says(all.refusal("a", Disputers::complaint("a", "zed")), "not a member"));
    auto ended = disputing();
    ended.members[1].status = "left";
    Disputers others(ended);
    CHECK(says(others.refusal("a", Disputers::complaint("a", "b")), "not a member"));
}

TEST_CASE("a suspended member speaks for itself, and opens nothing") {
    auto start = disputing();
    start.members[1].status = "suspended";
    Disputers all(start);
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    CHECK(all.refusal("b", Disputers::answer(dispute, "b")).empty());
    CHECK(says(all.refusal("b", Disputers::complaint("b", "c")), "is suspended"));
}
