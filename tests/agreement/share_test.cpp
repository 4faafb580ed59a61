#include "core/agreement/rule.h"
#include "core/agreement/validation.h"
#include "core/model/share_act.h"
#include "tests/support/acts.h"
#include "tests/support/memory_evidence.h"
#include "tests/support/shares.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Digest;
using model::ShareAct;
using model::ShareDeal;

namespace {

/// What is held, and what the rule says of what is added.
struct Held {
    Held() {
        deal = test::some_deal({"acme", "globex", "initech"});
        file = evidence.add_file(model::document(deal));
    }
    model::Act act(ShareAct body, std::vector<Digest> refs, std::string const& member) const {
        auto out = plain_act("share", member);
        out.officer = test::officer_of(member);
        out.time = test::at("2026-11-02T11:00:00Z");
        out.refs = std::move(refs);
        out.body = base::JsonValue(model::to_json(body));
        return out;
    }
    std::string judge(ShareAct const& body, std::vector<Digest> refs = {},
                      std::string const& member = "acme") const {
        return agreement::find_rule("share")({evidence, epoch, act(body, std::move(refs), member)});
    }
    Digest add(ShareAct const& body, std::vector<Digest> refs = {}, std::string const& member = "acme") {
        auto signer = test::officer_key(member);
        return evidence.add(signed_envelope(act(body, std::move(refs), member), signer, ++said),
                            test::at("2026-11-02T11:00:00Z"));
    }
    ShareAct about(std::string what, std::int64_t index = 0) const {
        ShareAct body;
        body.about = std::move(what);
        body.deal = file;
        body.index = index;
        body.proof = base::Bytes(64);
        body.used = {1, 2};
        return body;
    }
    ShareAct opened(std::string purpose = "recovery") const {
        auto body = about("opened");
        body.purpose = std::move(purpose);
        body.to = {"x25519", base::Bytes(32, 9)};
        body.closes = test::at("2026-11-02T12:00:00Z");
        return body;
    }
    /// A deal that takes the place of the first.
    ShareAct next(std::function<void(ShareDeal&)> const& change = {}) {
        auto other = deal;
        other.id = base::Bytes(16, 8);
        other.version = 2;
        other.previous = file;
        if (change) change(other);
        auto body = about("dealt");
        body.deal = evidence.add_file(model::document(other));
        return body;
    }

    model::Epoch epoch = test::founding({"acme", "globex", "initech"});
    MemoryEvidence evidence;
    ShareDeal deal;
    Digest file;
    int said = 0;
};

}  // namespace

TEST_CASE("shares are dealt to officers, by who keeps keys") {
    Held held;
    CHECK(held.judge(held.about("dealt")).empty());
    CHECK_FALSE(held.judge(held.about("dealt"), {base::sha256("act")}).empty());
    held.epoch.officers[1].status = "suspended";
    CHECK(held.judge(held.about("dealt")) == "'globex-ada' is no active officer of 'globex'");
    held.epoch.officers[1].status = "active";
    held.epoch.officers[0].roles = {"legal"};
    CHECK(held.judge(held.about("dealt")) == "it takes one of the roles governance, security");
}

TEST_CASE("a custodian's receipt is that custodian's") {
    Held held;
    auto const dealt = held.add(held.about("dealt"));
    for (char const* about : {"accepted", "drilled", "destroyed"}) {
        CHECK(held.judge(held.about(about, 2), {dealt}, "globex").empty());
        CHECK_FALSE(held.judge(held.about(about, 2), {dealt}, "acme").empty());
        CHECK_FALSE(held.judge(held.about(about, 9), {dealt}, "globex").empty());
        CHECK_FALSE(held.judge(held.about(about, 2), {}, "globex").empty());
    }
    auto const accepted = held.add(held.about("accepted", 2), {dealt}, "globex");
    CHECK_FALSE(held.judge(held.about("drilled", 2), {accepted}, "globex").empty());
    auto other = held.about("accepted", 2);
    other.deal = held.next().deal;
    CHECK_FALSE(held.judge(other, {dealt}, "globex").empty());
}

TEST_CASE("a session takes shares until it closes, and ends as what it was opened for") {
    Held held;
    auto const dealt = held.add(held.about("dealt"));
    CHECK(held.judge(held.opened(), {dealt}).empty());
    auto late = held.opened();
    late.closes = test::at("2026-11-02T11:00:00Z");
    CHECK_FALSE(held.judge(late, {dealt}).empty());
    auto const session = held.add(held.opened(), {dealt});
    auto const drill = held.add(held.opened("drill"), {dealt});
    CHECK(held.judge(held.about("submitted", 3), {dealt, session}, "initech").empty());
    CHECK_FALSE(held.judge(held.about("submitted", 3), {dealt, dealt}, "initech").empty());
    CHECK_FALSE(held.judge(held.about("submitted", 2), {dealt, session}, "initech").empty());
    CHECK(held.judge(held.about("recovered"), {dealt, session}).empty());
    CHECK(held.judge(held.about("rehearsed"), {dealt, drill}).empty());
    CHECK_FALSE(held.judge(held.about("recovered"), {dealt, drill}).empty());
    CHECK_FALSE(held.judge(held.about("recovered"), {dealt, session}, "globex").empty());
    auto few = held.about("recovered");
    held.deal.threshold = 3;
    few.used = {1, 4};
    CHECK_FALSE(held.judge(few, {dealt, session}).empty());
}

TEST_CASE("a deal takes the place of the one before it, of the same key and member") {
    Held held;
    auto const dealt = held.add(held.about("dealt"));
    CHECK(held.judge(held.next(), {dealt}).empty());
    CHECK_FALSE(held.judge(held.next(), {}).empty());
    CHECK_FALSE(held.judge(held.next(), {dealt}, "globex").empty());
    CHECK_FALSE(held.judge(held.next([](ShareDeal& deal) { deal.version = 3; }), {dealt}).empty());
    CHECK_FALSE(
        held.judge(held.next([](ShareDeal& deal) { deal.key_id = base::sha256("other"); }), {dealt}).empty());
    CHECK_FALSE(
        held.judge(held.next([](ShareDeal& deal) { deal.previous = base::sha256("x"); }), {dealt}).empty());
}
