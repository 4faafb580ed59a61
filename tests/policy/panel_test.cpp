// The draw, with numbers that another program computed. In Python, with hashlib:
//   def h(*lines): return sha256("".join(l + "\n" for l in lines).encode()).hexdigest()
//   seed = h("consortium.panel/1", stage, a, b)
//   groups sorted by h("consortium.panel/1 group", seed, group), in each the officer with the smallest
//   h("consortium.panel/1 officer", seed, officer)

#include "core/policy/panel.h"

#include "core/model/dispute.h"
#include "tests/policy/sample.h"

#include <doctest/doctest.h>
#include <map>
#include <random>
#include <set>

using namespace consortium;
using policy::Candidate;
using Names = std::vector<std::string>;

namespace {

base::Digest const stage = base::sha256("a dispute");
std::string const salt_a = base::sha256("salt of acme").hex();
std::string const salt_b = base::sha256("salt of globex").hex();

/// Seven organizations with two officers each.
std::vector<Candidate> fourteen(std::set<std::string> const& heard = {}) {
    std::vector<Candidate> out;
    for (char digit = '0'; digit < '7'; ++digit)
        for (char const* name : {"ann", "bob"}) {
            auto const member = std::string("m") + digit;
            out.push_back({member + "-" + name, member, member, heard.contains(member)});
        }
    return out;
}

Names drawn(policy::Parties const& put_in) {
    return policy::draw(fourteen(), policy::draw_seed(stage, put_in));
}

model::Arbitration const rule{1, {"validator"}, {"legal"}, 1, {1}, {1}, {}, {}};

Names names_of(std::vector<Candidate> const& candidates) {
    Names out;
    for (auto const& one : candidates) out.push_back(one.officer);
    return out;
}

}  // namespace

TEST_CASE("the draw is what another program computes") {
    CHECK(policy::draw_seed(stage, {salt_a, salt_b}).hex() ==
          "8de0fb285ecc61d07e9db66e2d677493689d1738c599ccb0edd1c1949998aa2f");
    CHECK(drawn({salt_a, salt_b}) ==
          Names{"m3-ann", "m0-ann", "m1-bob", "m5-ann", "m2-ann", "m4-ann", "m6-ann"});
    CHECK(drawn({salt_a, "-"}) ==
          Names{"m2-bob", "m3-ann", "m6-bob", "m1-bob", "m5-bob", "m0-ann", "m4-bob"});
    CHECK(drawn({"-", salt_b}) ==
          Names{"m5-ann", "m3-bob", "m2-ann", "m0-ann", "m1-bob", "m4-ann", "m6-ann"});
    // h("w1") and h("w2") stand for the acts of those who say that no answer came.
    auto const one = base::sha256("w1\n").hex(), two = base::sha256("w2\n").hex();
    CHECK(drawn({salt_a, "overdue " + std::min(one, two) + " " + std::max(one, two)}) ==
          Names{"m1-bob", "m4-bob", "m3-bob", "m2-bob", "m6-bob", "m5-bob", "m0-bob"});
    CHECK(policy::draw(fourteen({"m0", "m1", "m2"}), policy::draw_seed(stage, {salt_a, salt_b})) ==
          Names{"m3-ann", "m5-ann", "m4-ann", "m6-ann", "m0-ann", "m1-bob", "m2-ann"});
    CHECK(model::salt_commitment(salt_a).hex() ==
          "eb9baae09daccbba66b6e4d7316aff8655c6e4119bee36871b0c377bd388fa01");
}

TEST_CASE("the order in which candidates are given does not matter") {
    auto const seed = policy::draw_seed(stage, {salt_a, salt_b});
    auto shuffled = fourteen();
    std::mt19937 random(7);
    for (int i = 0; i < 50; ++i) {
        std::shuffle(shuffled.begin(), shuffled.end(), random);
        CHECK(policy::draw(shuffled, seed) == policy::draw(fourteen(), seed));
    }
}

TEST_CASE("an organization with many officers is not drawn more often") {
    auto candidates = fourteen();
    for (int i = 0; i < 20; ++i) candidates.push_back({"m6-c" + std::to_string(i), "m6", "m6", false});
    std::map<std::string, int> first;
    for (int i = 0; i < 3500; ++i)
        ++first[policy::draw(candidates, base::sha256(std::to_string(i))).front().substr(0, 2)];
    for (auto const& [member, times] : first) {
        CAPTURE(member);
        CHECK(times > 400);  // 500, and four deviations of 21 less or more
        CHECK(times < 600);
    }
}

TEST_CASE("parties, whoever is under one control with them, and their people never stand") {
    auto epoch = test::sample_epoch();
    policy::Parties const parties{"acme", "globex"};
    CHECK(names_of(policy::candidates(epoch, rule, parties)) == Names{"initech-2", "umbrella-2"});
    epoch.members[3].control_group = "globex";  // umbrella
    CHECK(names_of(policy::candidates(epoch, rule, parties)) == Names{"initech-2"});
    CHECK(policy::bystanders(epoch, parties) == Names{"initech"});
    epoch.members[3].control_group.clear();
    epoch.officers[5].person = "acme-1";  // initech-2 works for acme too, even if it does no more
    epoch.officers[0].status = "removed";
    CHECK(names_of(policy::candidates(epoch, rule, parties)) == Names{"umbrella-2"});
    epoch.officers[7].ends = {{"legal", {100}}};
    CHECK(policy::candidates(epoch, rule, parties).size() == 1);  // until an epoch takes it away
    epoch.officers[7].roles = {"security"};
    CHECK(policy::candidates(epoch, rule, parties).empty());
}

TEST_CASE("who is suspended, or of another tier, or sat before does not stand; one person stands once") {
    auto epoch = test::sample_epoch();
    policy::Parties const parties{"acme", "globex"};
    auto wide = rule;
    wide.roles = {"security"};
    CHECK(names_of(policy::candidates(epoch, wide, parties)) ==
          Names{"initech-1", "initech-2", "umbrella-1", "umbrella-2"});
    CHECK(policy::organizations(policy::candidates(epoch, wide, parties)) == 2);
    auto const after = policy::candidates(epoch, wide, parties, {"initech-1"});
    CHECK(names_of(after) == Names{"initech-2", "umbrella-1", "umbrella-2"});
    CHECK(after[0].heard);
    CHECK_FALSE(after[1].heard);
    epoch.officers[7].person = "initech-1";  // umbrella-2 is the same person
    epoch.officers[5].status = "suspended";  // initech-2
    CHECK(names_of(policy::candidates(epoch, wide, parties)) == Names{"initech-1", "umbrella-1"});
    epoch.members[2].tier = "observer";
    CHECK(names_of(policy::candidates(epoch, wide, parties)) == Names{"umbrella-1", "umbrella-2"});
    epoch.members[3].status = "suspended";
    CHECK(policy::candidates(epoch, wide, parties).empty());
}

TEST_CASE("as many witnesses as may lie, and one more; never more than there are") {
    auto epoch = test::sample_epoch();  // 4 members: one may lie
    CHECK(policy::witnesses_needed(epoch, {"acme", "globex"}) == 2);
    epoch.members[3].control_group = "initech";
    CHECK(policy::witnesses_needed(epoch, {"acme", "globex"}) == 1);
    epoch.members[3].votes = false;
    CHECK(policy::witnesses_needed(epoch, {"acme", "globex"}) == 1);  // 3 vote: none may lie
}

TEST_CASE("each party strikes as many as leave a panel") {
    Names const seven = drawn({salt_a, salt_b});
    auto const list = policy::shortlist(seven, 3, 1);
    CHECK(list.strikes == 1);
    CHECK(list.officers == Names{"m3-ann", "m0-ann", "m1-bob", "m5-ann", "m2-ann"});
    CHECK(policy::seated(list, 3, {}) == Names{"m3-ann", "m0-ann", "m1-bob"});
    CHECK(policy::seated(list, 3, {Names{"m0-ann"}, Names{"m5-ann"}}) == Names{"m3-ann", "m1-bob", "m2-ann"});
    CHECK(policy::seated(list, 3, {Names{"m0-ann"}, Names{"m0-ann"}}) == Names{"m3-ann", "m1-bob", "m5-ann"});
    CHECK(policy::shortlist(seven, 3, 5).strikes == 2);
    CHECK(policy::shortlist(seven, 7, 5).strikes == 0);
    for (int strikes = 0; strikes < 4; ++strikes) {
        auto const some = policy::shortlist(seven, 3, strikes);
        std::array<Names, 2> struck;
        for (int i = 0; i < some.strikes; ++i) {
            struck[0].push_back(some.officers[static_cast<std::size_t>(2 * i)]);
            struck[1].push_back(some.officers[static_cast<std::size_t>(2 * i + 1)]);
        }
        CHECK(policy::seated(some, 3, struck).size() == 3);
    }
}

TEST_CASE("of rulings the one in the middle stands, as soon as nobody can change it") {
    auto const level = [](char const* sanction) { return policy::level_of("upheld", sanction); };
    int const no = policy::level_of("dismissed", "");
    auto const sum = [](int panel, std::vector<int> levels) { return policy::count_rulings(panel, levels); };
    CHECK_FALSE(sum(3, {}).reached);
    CHECK_FALSE(sum(3, {level("expel")}).reached);
    CHECK(sum(3, {no, no}).settled);
    CHECK(sum(3, {no, no}).level == no);
    auto const split = sum(3, {level("warn"), level("expel")});
    CHECK(split.reached);  // both want a warning at least
    CHECK(split.level == level("warn"));
    CHECK_FALSE(split.settled);  // the third may still want more
    CHECK(sum(3, {level("warn"), level("expel"), level("suspend_vote")}).level == level("suspend_vote"));
    CHECK(sum(3, {level("warn"), level("expel"), level("suspend_vote")}).settled);
    CHECK(sum(3, {level("expel"), level("expel")}).settled);
    CHECK(sum(3, {no, level("expel"), level("")}).level == level(""));
    CHECK(sum(1, {level("warn")}).settled);
    CHECK_FALSE(sum(5, {no, no, level("warn")}).settled);
    CHECK(policy::finding_of(no) == "dismissed");
    CHECK(policy::finding_of(level("")) == "upheld");
    CHECK(policy::sanction_of(level("rotate_node")) == "rotate_node");
    CHECK(policy::sanction_of(level("")).empty());
}

TEST_CASE("a rung is taken only after those below it") {
    std::vector<model::Sanction> const ladder{{"warn", {}}, {"suspend_vote", {86'400}}, {"expel", {}}};
    CHECK(policy::may_sanction(ladder, -1, ""));
    CHECK(policy::may_sanction(ladder, -1, "warn"));
    CHECK_FALSE(policy::may_sanction(ladder, -1, "suspend_vote"));
    CHECK(policy::may_sanction(ladder, 0, "suspend_vote"));
    CHECK(policy::may_sanction(ladder, 0, "warn"));  // again
    CHECK_FALSE(policy::may_sanction(ladder, 0, "expel"));
    CHECK(policy::may_sanction(ladder, 1, "expel"));  // this ladder has no rotate_node between them
    CHECK_FALSE(policy::may_sanction(ladder, 1, "rotate_node"));
    CHECK_FALSE(policy::may_sanction({}, -1, "warn"));
    CHECK(policy::may_sanction({}, -1, ""));
}

TEST_CASE("a party that registers the person of somebody who was there before keeps nobody from the panel") {
    auto epoch = test::sample_epoch();
    policy::Parties const parties{"acme", "globex"};
    auto const since = [&](std::string const& officer, std::uint64_t number) {
        for (auto& key : epoch.keys)
            if (key.owner == officer) key.since = number;
    };
    epoch.officers[1].person = "initech-2";  // acme-2
    since("acme-2", 2);
    since("initech-2", 1);
    CHECK(names_of(policy::candidates(epoch, rule, parties)) == Names{"initech-2", "umbrella-2"});
    since("initech-2", 2);
    CHECK(names_of(policy::candidates(epoch, rule, parties)) == Names{"umbrella-2"});
    since("initech-2", 3);
    CHECK(names_of(policy::candidates(epoch, rule, parties)) == Names{"umbrella-2"});
}
