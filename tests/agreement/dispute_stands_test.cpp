// What stands in a dispute, whatever its parties, panel and witnesses say more, or later.

#include "tests/support/disputes.h"

using namespace consortium;
using namespace consortium::test;
using base::Digest;
using Names = std::vector<std::string>;
using Refs = std::vector<Digest>;

TEST_CASE("who strikes twice strikes nobody, and cannot go on drawing panels") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const basis = all.draw(dispute, "a", "b");
    auto const list = all.view(dispute).first.drawn->list.officers;
    REQUIRE(list.size() == 5);
    all.say("a", Disputers::strike(dispute, basis, {}));
    all.say("b", Disputers::strike(dispute, basis, {list[0]}));
    auto const first = all.assign(dispute);
    CHECK(all.view(dispute).first.panel == Names(list.begin() + 1, list.begin() + 4));
    Names const fallen(list.begin(), list.begin() + 3);
    for (std::size_t i = 1; i < 4; ++i) {
        all.say("b", Disputers::strike(dispute, basis, {list[i]}));
        auto const part = all.view(dispute).first;
        REQUIRE(part.follows);
        CHECK(part.follows->panel == fallen);
        CHECK(part.missing == Names(list.begin() + 1, list.begin() + 4));
    }
    auto const second = all.assign(dispute);
    CHECK(all.view(dispute).first.panel == fallen);
    // What the first panel rules meanwhile stands: whom it unseats is told before it is in force, or never.
    all.rule(dispute, first, "upheld");
    CHECK(all.view(dispute).first.panel == Names(list.begin() + 1, list.begin() + 4));
    CHECK(all.view(dispute).status() == "ruled");
    CHECK(second != first);
}

TEST_CASE("a strike under another draw takes no place of one under this") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const plea = all.say("b", Disputers::answer(dispute, "b"));
    auto const mine = all.say("a", Disputers::reveal(dispute, "a", {plea}));
    Refs late;
    for (auto const* who : {"c", "d", "e"})
        late.push_back(all.say(who, Disputers::overdue(dispute, "reveal", "b")));
    auto const theirs = all.say("b", Disputers::reveal(dispute, "b", {plea}));
    // Under the draw with both salts, which those who say that b's came too late do not count.
    auto const made = all.say("a", Disputers::strike(dispute, {mine, theirs}, {}));
    CHECK_FALSE(all.view(dispute).first.pins.strikes[0]);
    CHECK(all.view(dispute).first.missing == Names{"a"});
    auto const counts = all.say("a", Disputers::strike(dispute, joined({mine}, late), {}));
    CHECK(all.view(dispute).first.pins.strikes[0]->id == counts);
    CHECK(all.view(dispute).first.phase == agreement::Phase::assign);
    CHECK(made != counts);
}

TEST_CASE("a new appeal takes no place of one that is under way") {
    Disputers all(crowd());
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    all.draw(dispute, "a", "b");
    auto const assign = all.assign(dispute);
    auto const rulings = all.rule(dispute, assign, "upheld", "warn");
    auto const appeal = [&](std::string const& by, int nonce) {
        model::Appeal body;
        body.claim.text = std::to_string(nonce);
        body.commitment = model::salt_commitment(salt_of(by));
        return all.say(by, Disputers::draft("appeal", joined({dispute, assign}, rulings), body));
    };
    auto const first = appeal("a", 0);
    all.draw(first, "a", "b");
    for (int i = 1; i < 5; ++i) {
        appeal("b", i);
        CHECK(all.view(dispute).appeal->stage.id == first);
    }
}

TEST_CASE(
    "what was said of one outcome closes no other: neither after a second ruling nor after a late one") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const assign = all.seat(dispute, "a", "b");
    auto const panel = all.view(dispute).first.panel;
    auto const rules = [&](std::size_t seat, std::string const& finding, std::string const& sanction) {
        return all.say(all.member_of(panel[seat]), Disputers::ruling(dispute, assign, finding, sanction));
    };
    auto const by_three = [&](std::string const& step, Refs const& named) {
        Refs out;
        for (auto const* who : {"c", "d", "e"})
            out.push_back(all.say(who, Disputers::overdue(dispute, step, "", named)));
        return out;
    };
    auto const close = [&](Refs const& refs, std::string const& finding, std::string const& sanction) {
        return all.refusal("g", Disputers::closing(dispute, refs, finding, sanction));
    };
    CHECK(says(all.refusal("c", Disputers::overdue(dispute, "ruling", "")), "no panel"));
    CHECK(says(all.refusal("a", Disputers::overdue(dispute, "appeal", "", {assign})), "of a majority"));
    Refs const held{assign, rules(0, "upheld", "warn"), rules(1, "upheld", "")};
    auto const late = by_three("ruling", held);
    auto const last = by_three("appeal", held);
    Refs waived;
    for (auto const* who : {"a", "b"})
        waived.push_back(all.say(who, Disputers::overdue(dispute, "appeal", "", held)));
    CHECK(all.view(dispute).first.sum.level == policy::level_of("upheld", ""));

    auto const more = joined(held, {rules(2, "upheld", "warn")});
    CHECK(all.view(dispute).first.sum.level == policy::level_of("upheld", ""));
    CHECK(all.view(dispute).status() == "ruled");
    for (auto const& said : {last, waived}) {
        CHECK(says(close(joined(joined(more, late), said), "upheld", "warn"), "for an appeal"));
        CHECK(close(joined(joined(held, late), said), "upheld", "").empty());
    }
    Refs const others{assign, rules(0, "dismissed", ""), rules(1, "dismissed", "")};
    for (auto const& said : {last, waived})
        CHECK(says(close(joined(others, said), "dismissed", ""), "for an appeal"));
    Refs const split{held[0], held[1], others[2]};
    CHECK(says(close(joined(joined(split, late), last), "dismissed", ""), "no ruling in force"));
}

TEST_CASE(
    "a panel that is said not to have ruled does not rule any more, and of several closes the smallest "
    "counts") {
    Disputers all;
    auto const dispute = all.say("a", Disputers::complaint("a", "b"));
    auto const assign = all.seat(dispute, "a", "b");
    auto const held = joined({assign}, all.rule(dispute, assign, "upheld", "", {}, 1));
    for (auto const* who : {"c", "d", "e"}) all.say(who, Disputers::overdue(dispute, "ruling", "", held));
    all.rule(dispute, assign, "upheld", "", {}, 3);
    CHECK(all.view(dispute).first.phase == agreement::Phase::rule);

    Decided other;
    auto const refs = joined(other.all(), other.no_appeal());
    std::set<Digest> closes;
    for (auto const* who : {"c", "d", "e", "f", "g"}) {
        closes.insert(other.say(who, Disputers::closing(other.dispute, refs, "upheld", "warn")));
        CHECK(other.view(other.dispute).close->id == *closes.begin());
    }
}

TEST_CASE("only governance and legal concede for a party; any officer says that others are late") {
    auto start = disputing();
    for (auto& officer : start.officers)
        if (officer.id == officer_of("a") || officer.id == officer_of("c")) officer.roles = {"auditor"};
    Disputers all(start);
    auto const dispute = all.say("b", Disputers::complaint("b", "a"));
    CHECK(all.refusal("c", Disputers::overdue(dispute, "answer", "a")).empty());
    for (auto const* role : {"auditor", "operator", "governance"}) {
        auto epoch = disputing();
        for (auto& officer : epoch.officers) {
            if (officer.id != officer_of("a")) continue;
            officer.roles = {role, "legal"};
            std::sort(officer.roles.begin(), officer.roles.end());
            if (std::string_view(role) != "governance")
                officer.ends = {{"legal", at("2026-10-01T10:30:00Z")}};
        }
        Disputers court(epoch);
        auto const opened = court.say("a", Disputers::complaint("a", "b"));
        auto const assign = court.seat(opened, "a", "b");
        auto const named = joined({assign}, court.rule(opened, assign, "upheld"));
        bool const may = std::string_view(role) == "governance";
        court.advance("PT1H");
        auto const waives = court.refusal("a", Disputers::overdue(opened, "appeal", "", named));
        auto const withdraws = court.refusal("a", Disputers::closing(opened, {}, "withdrawn"));
        for (auto const& reason : {waives, withdraws})
            CHECK_MESSAGE((may ? reason.empty() : says(reason, "concedes")), reason);
    }
}
