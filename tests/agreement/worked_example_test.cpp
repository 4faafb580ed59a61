#include "core/agreement/result.h"
#include "tests/support/seats.h"

#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::test;
using base::Digest;

namespace {

/// The four seats of the example in epoch 7, message by message.
struct Example {
    model::Epoch epoch7 = founding({"a", "b", "c", "d"}, 7);
    Digest genesis = base::sha256("genesis of the example");
    Workspace a{"a", epoch7, genesis}, b{"b", epoch7, genesis}, c{"c", epoch7, genesis},
        d{"d", epoch7, genesis};
    Digest p1, b1, b2, b3, b4, b5, s1, s2, s3, s4;

    std::vector<Workspace*> all() { return {&a, &b, &c, &d}; }
    void clock(std::string_view time) {
        for (auto* one : all()) one->now = at(time);
    }
    void share(Workspace const& from, std::vector<Workspace*> const& to) {
        for (auto* one : to) one->pull(from);
    }

    // Messages 1 to 6.
    void vote() {
        clock("2026-11-02T09:00:00Z");
        p1 = a.propose(upgrade("r-2.1"), at("2026-11-02T12:00:00Z"));
        share(a, all());
        b1 = a.cast(p1, "yes");
        b2 = b.cast(p1, "yes");
        b3 = d.cast(p1, "no");
        b4 = d.cast(p1, "yes", 1, {b3});
        share(b, {&a});
        share(d, {&a});
        share(a, {&b, &c, &d});
        clock("2026-11-02T11:59:00Z");
        b5 = c.cast(p1, "yes");
    }

    // Messages 7 to 10: at each seat's next sync after the close.
    void state() {
        clock("2026-11-02T12:00:00Z");
        s1 = a.signs("seen");
        s2 = b.signs("seen");
        s3 = c.signs("seen");
        s4 = d.signs("seen");
        share(b, {&a});
        share(c, {&a});
        share(d, {&a});
        share(a, {&b, &c, &d});
    }

    std::vector<Digest> sorted(std::vector<Digest> ids) const {
        std::sort(ids.begin(), ids.end());
        return ids;
    }
};

std::vector<Digest> listed(Workspace const& workspace, Digest const& statement) {
    std::vector<Digest> out;
    for (auto const& one : agreement::listings(workspace.evidence, workspace.evidence.act(statement)->act))
        out.push_back(one.id);
    return out;
}

bool waits(agreement::NextAction const& next) {
    return std::holds_alternative<agreement::Wait>(next);
}

}  // namespace

TEST_CASE("the worked example plays, message by message") {
    Example e;
    e.vote();
    CHECK(waits(e.a.act()));  // nothing is stated before the close
    e.state();
    CHECK(listed(e.a, e.s1) == e.sorted({e.b1, e.b2, e.b3, e.b4}));
    CHECK(listed(e.a, e.s2) == e.sorted({e.b1, e.b2, e.b3, e.b4}));
    CHECK(listed(e.a, e.s3) == e.sorted({e.b1, e.b2, e.b3, e.b4, e.b5}));
    CHECK(listed(e.a, e.s4) == e.sorted({e.b1, e.b2, e.b3, e.b4}));

    e.clock("2026-11-02T12:59:59Z");
    CHECK(waits(e.a.act()));  // the grace runs
    e.clock("2026-11-02T13:00:00Z");
    CHECK(waits(e.b.act()));  // b does not lead attempt 0 of epoch 8: (8+0) mod 4 is a
    auto const c0 = e.a.signs("candidate");
    auto const candidate = model::candidate_from_json(*e.a.evidence.act(c0)->act.body);
    CHECK(e.a.evidence.act(c0)->act.refs == e.sorted({e.s1, e.s2, e.s3, e.s4}));
    CHECK(candidate.choice.attempt == 0);
    CHECK(candidate.skips.empty());

    auto const doc8 = model::epoch_from_document(*e.a.evidence.file(candidate.choice.document));
    CHECK(doc8.number == 8);
    CHECK(doc8.previous == model::reference(e.epoch7).hash);
    REQUIRE(doc8.results.size() == 1);
    auto const& result = doc8.results[0];
    CHECK(result.proposal == e.p1);
    CHECK(result.outcome == "passed");
    CHECK(result.statements == e.sorted({e.s1, e.s2, e.s3, e.s4}));
    CHECK(result.counted == e.sorted({e.b1, e.b2, e.b4}));
    auto excluded = std::map<Digest, std::string>(result.excluded.begin(), result.excluded.end());
    CHECK(excluded == std::map<Digest, std::string>{{e.b3, "superseded"}, {e.b5, "late"}});
    CHECK((*doc8.releases)["payments"]["release"] == "r-2.1");

    auto const pa = e.a.signs("prepare");  // 12; d is cut off from here on
    e.share(e.a, {&e.b, &e.c});
    auto const pb = e.b.signs("prepare");  // 13
    auto const pc = e.c.signs("prepare");  // 14
    CHECK(waits(e.b.act()));               // two prepares are no quorum
    e.share(e.c, {&e.b});
    auto const commit = e.b.signs("commit");  // 15
    CHECK(e.b.evidence.act(commit)->act.refs == e.sorted({pa, pb, pc}));
    CHECK(model::choice_from_json(*e.b.evidence.act(commit)->act.body) == candidate.choice);
    CHECK(waits(e.b.act()));  // one of three commits

    // 16 to 18: the timers of attempt 0 end, six hours after the statements were there at closes + grace.
    auto const choice = candidate.choice;
    e.clock("2026-11-02T18:59:59Z");
    for (auto* one : {&e.b, &e.c, &e.d}) CHECK(waits(one->act()));
    e.clock("2026-11-02T19:00:00Z");
    auto const k1 = e.b.signs("skip");
    CHECK(e.b.evidence.act(k1)->act.refs == e.sorted({pa, pb, pc}));
    CHECK(model::skip_from_json(*e.b.evidence.act(k1)->act.body).carried == choice);
    auto const k2 = e.c.signs("skip");
    auto const k3 = e.d.signs("skip");
    for (auto const& [one, id] : {std::pair{&e.c, k2}, std::pair{&e.d, k3}}) {
        CHECK(one->evidence.act(id)->act.refs.empty());
        CHECK_FALSE(model::skip_from_json(*one->evidence.act(id)->act.body).carried);
    }
    e.share(e.d, {&e.c});
    CHECK(waits(e.c.act()));  // it has left attempt 0, and two skips are no quorum
    e.share(e.c, {&e.b});

    // 19: three skips lead to attempt 1, which b leads: it must repeat x.
    auto const c1 = e.b.signs("candidate");
    auto const repeated = model::candidate_from_json(*e.b.evidence.act(c1)->act.body);
    CHECK(repeated.choice == model::Choice{1, choice.document});
    CHECK(repeated.skips == e.sorted({k1, k2, k3}));

    // 20 to 25.
    auto const qb = e.b.signs("prepare");
    e.share(e.b, {&e.c, &e.d});
    auto const qc = e.c.signs("prepare");
    auto const qd = e.d.signs("prepare");
    e.share(e.c, {&e.b});
    e.share(e.d, {&e.b});
    e.share(e.b, {&e.c, &e.d});
    for (auto* one : {&e.b, &e.c, &e.d}) {
        auto const id = one->signs("commit");
        CHECK(one->evidence.act(id)->act.refs == e.sorted({qb, qc, qd}));
    }
    e.share(e.c, {&e.b});
    e.share(e.d, {&e.b});
    e.share(e.b, {&e.a, &e.c, &e.d});
    for (auto* one : e.all()) {
        auto const next = one->act();
        REQUIRE(std::holds_alternative<agreement::Final>(next));
        CHECK(std::get<agreement::Final>(next).attempt == 1);
        CHECK(model::reference(*one->evidence.latest()).hash == choice.document);
    }
}

TEST_CASE("with a live leader the worked example is final in attempt 0") {
    Example e;
    e.vote();
    e.state();
    e.clock("2026-11-02T13:00:00Z");
    auto const c0 = e.a.signs("candidate");
    auto const candidate = model::candidate_from_json(*e.a.evidence.act(c0)->act.body);
    e.a.signs("prepare");
    e.share(e.a, {&e.b, &e.c});
    e.b.signs("prepare");
    e.c.signs("prepare");
    e.share(e.c, {&e.b});
    e.b.signs("commit");

    // The epoch becomes final everywhere, at d too once it is back.
    e.share(e.b, {&e.a, &e.c});
    e.a.step();
    e.c.step();
    e.share(e.c, {&e.a, &e.b});
    e.share(e.a, {&e.b, &e.c, &e.d});
    for (auto* one : e.all()) {
        one->step();
        CHECK(one->evidence.latest()->number == 8);
        CHECK(model::reference(*one->evidence.latest()).hash == candidate.choice.document);
    }
}

TEST_CASE("G30 a ballot shown to one seat only does not decide, however it is dated") {
    Example e;
    e.vote();
    e.state();
    auto const result =
        agreement::evaluate(e.a.evidence, e.epoch7, agreement::load_proposal(e.a.evidence, e.p1),
                            e.sorted({e.s1, e.s2, e.s3, e.s4}));
    CHECK(std::find(result.counted.begin(), result.counted.end(), e.b5) == result.counted.end());
    // Three statements of q=3 decide alike, whichever they are.
    for (auto const& left_out : {e.s1, e.s2, e.s3, e.s4}) {
        std::vector<Digest> three;
        for (auto const& id : {e.s1, e.s2, e.s3, e.s4})
            if (id != left_out) three.push_back(id);
        auto const other = agreement::evaluate(e.a.evidence, e.epoch7,
                                               agreement::load_proposal(e.a.evidence, e.p1), e.sorted(three));
        CHECK(other.counted == result.counted);
    }
}

TEST_CASE("G30 a back-dated ballot that arrives after the close is late") {
    Example e;
    e.vote();
    e.clock("2026-11-02T12:00:00Z");
    auto late = Workspace("c", e.epoch7, e.genesis);
    late.pull(e.c);
    late.now = at("2026-11-02T10:00:00Z");  // its author's clock says what it likes
    auto const b6 = late.cast(e.p1, "no", 1, {e.b5});
    e.share(late, e.all());
    e.state();
    for (auto const& statement : {e.s1, e.s2, e.s3, e.s4}) {
        auto const ids = listed(e.a, statement);
        CHECK(std::find(ids.begin(), ids.end(), b6) == ids.end());
    }
}
