// The smallest coalitions, against trying every one.

#include "core/policy/coalition.h"

#include "tests/policy/votes.h"

#include <doctest/doctest.h>

using namespace consortium;
using policy::Coalitions;
using policy::Elector;
using policy::Vote;

namespace {

using Members = std::optional<std::size_t>;

/// How many members at least, by trying every set of those that have a weight: they say `theirs`, the others
/// `others`; "" stays away. Nothing where no set makes it so.
Members fewest(model::Decision const& decision, std::vector<Elector> const& electors, std::string_view theirs,
               std::string_view others, bool passes) {
    Members best;
    for (unsigned set = 0; set < (1u << electors.size()); ++set) {
        std::vector<Vote> votes;
        std::size_t count = 0;
        bool idle = false;
        for (std::size_t i = 0; i < electors.size(); ++i) {
            bool const in = (set >> i & 1u) != 0;
            idle = idle || (in && electors[i].weight == 0);
            count += in ? 1 : 0;
            auto const choice = in ? theirs : others;
            if (!choice.empty()) votes.push_back({electors[i].member, std::string(choice)});
        }
        if (idle || (best && *best <= count)) continue;
        if (policy::tally(decision, electors, votes).passed == passes) best = count;
    }
    return best;
}

Members size_of(Coalitions::Members const& members) {
    return members ? Members(members->size()) : std::nullopt;
}

}  // namespace

TEST_CASE("no smaller coalition decides or blocks, under any rule") {
    test::Chance chance(19);
    int decided = 0, blocked = 0, cast = 0;
    for (int round = 0; round < 4000; ++round) {
        model::Decision decision = chance.decision();
        decision.reasoned_no = false;
        auto const electors = chance.electors();
        Coalitions const found = policy::smallest_coalitions(decision, electors);
        bool const vetoes = decision.veto && decision.veto->by == "veto";
        CAPTURE(round);
        REQUIRE(size_of(found.deciding) == fewest(decision, electors, "yes", "no", true));
        REQUIRE(size_of(found.blocking) == fewest(decision, electors, vetoes ? "veto" : "no", "yes", false));
        REQUIRE(size_of(found.absent) == fewest(decision, electors, "", "yes", false));
        decided += found.deciding ? 1 : 0;
        blocked += found.blocking && !found.blocking->empty() ? 1 : 0;
        cast += decision.casting.empty() ? 0 : 1;
    }
    CHECK(decided > 1000);
    CHECK(blocked > 1000);
    CHECK(cast > 500);
}

TEST_CASE("whom it takes: the heaviest first, and whoever breaks ties") {
    model::Decision decision = test::rule(">=1/2", ">1/2");
    std::vector<Elector> const electors{{"a", 5}, {"b", 3}, {"c", 2}, {"d", 1}};
    auto const found = policy::smallest_coalitions(decision, electors);
    CHECK(*found.deciding == std::vector<std::string>{"a", "b"});
    CHECK(*found.blocking == std::vector<std::string>{"a", "b"});
    decision.casting = "d";
    std::vector<Elector> const even{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}};
    CHECK(policy::smallest_coalitions(decision, even).deciding->size() == 2);
    CHECK(policy::smallest_coalitions(decision, even).blocking->size() == 2);
    decision.casting.clear();
    CHECK(policy::smallest_coalitions(decision, even).deciding->size() == 3);
}
