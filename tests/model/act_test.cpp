#include "core/model/act.h"

#include "core/base/error.h"
#include "core/model/act_plain.h"
#include "core/model/epoch.h"
#include "core/model/kind.h"
#include "core/model/own_change.h"
#include "core/model/proposal.h"
#include "core/model/public_key.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <random>

using namespace consortium;
using base::Json;

namespace {

model::Act sample() {
    model::Act act;
    act.kind = "ballot";
    act.genesis = base::sha256("genesis");
    act.epoch = {7, base::sha256("h7")};
    act.member = "acme";
    act.officer = "ada";
    act.key = base::sha256("key");
    act.time = base::Instant::from_text("2026-11-02T11:00:00Z");
    act.expires = base::Instant::from_text("2026-12-02T11:00:00Z");
    act.nonce = std::string(32, 'a');
    act.refs = {base::sha256("p1")};
    act.body = base::JsonValue(Json{{"choice", "yes"}, {"revision", 0}});
    return act;
}

std::string envelope_of(std::string payload) {
    model::Envelope envelope;
    envelope.payload = std::move(payload);
    envelope.signature = base::Bytes(64, 1);
    return model::to_text(envelope);
}

}  // namespace

TEST_CASE("the pre-authentication encoding is that of the DSSE specification") {
    model::Envelope envelope;
    envelope.payload_type = "http://example.com/HelloWorld";
    envelope.payload = "hello world";
    CHECK(model::pre_authentication(envelope) == "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST_CASE("an act survives its envelope") {
    auto const payload = base::canonical(model::to_json(sample()));
    auto const envelope = model::envelope_from_text(envelope_of(payload));
    CHECK(envelope.payload == payload);
    auto const act = model::act_from_json(base::parse_canonical(envelope.payload));
    CHECK(base::canonical(model::to_json(act)) == payload);
    CHECK(model::subject_of(act) == base::sha256("p1"));
}

TEST_CASE("an act is read the same way with and without a JSON value between") {
    auto act = sample();
    std::mt19937 random(7);  // NOLINT: the same texts every time
    auto const drawn = [&](std::size_t below) { return random() % below; };
    // What could be taken for the end of a body, in it.
    Json const nested{{"epoch", {{"hash", base::sha256("h").hex()}, {"number", 1}}}};
    std::vector<Json> const bodies{
        Json::object(), {{"choice", "yes"}}, nested, {{"a", nested}, {"b", "\"\n\u00e9"}}};
    auto const judge = [](std::string const& text, auto const& read) -> std::string {
        try {
            return base::canonical(model::to_json(read(text)));
        } catch (base::Error const&) {
            return "refused";
        }
    };
    auto const by_value = [](std::string const& text) {
        return model::act_from_json(base::parse_canonical(text));
    };
    int refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        act.body = base::JsonValue(bodies[drawn(bodies.size())]);
        act.officer = drawn(2) == 0 ? "" : "ada";
        act.private_part = drawn(2) == 0 ? std::nullopt : std::optional(base::sha256("salted"));
        act.refs.resize(drawn(3));
        act.epoch.number = drawn(2) == 0 ? drawn(12) : (1ull << 53) - 1;
        auto text = base::canonical(model::to_json(act));
        REQUIRE(model::plain_act(text).has_value());
        auto const at = drawn(text.size());
        auto const length = 1 + drawn(8);
        switch (drawn(5)) {
            case 0:
                text[at] = "\"\\{}[],:0179 aznul-"[drawn(19)];
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(at, text.substr(drawn(text.size()), length));
                break;
            case 3:
                text.insert(at, std::string(1, " 0\"}1-"[drawn(6)]));
                break;
            default:
                break;
        }
        auto const told = judge(text, by_value);
        refused += told == "refused" ? 1 : 0;
        REQUIRE(judge(text, model::act_from_text) == told);
        if (model::plain_act(text)) REQUIRE(told == text);
    }
    CHECK(refused > 5'000);
    CHECK(refused < 18'000);
}

TEST_CASE("an act with a missing, unknown or wrong field is refused") {
    auto const good = model::to_json(sample());
    for (auto const& [key, value] : good.items()) {
        auto bad = good;
        bad.erase(key);
        CHECK_THROWS_AS(model::act_from_json(bad), base::Error);
    }
    auto more = good;
    more["extra"] = 1;
    CHECK_THROWS_AS(model::act_from_json(more), base::Error);
    auto stale = good;
    stale["expires"] = stale["time"];
    CHECK_THROWS_AS(model::act_from_json(stale), base::Error);
    auto body = good;
    body["body"] = "text";
    CHECK_THROWS_AS(model::act_from_json(body), base::Error);
}

TEST_CASE("an envelope of another type, with two signatures or too large is refused") {
    auto const good = Json::parse(envelope_of("{}"));
    auto type = good;
    type["payloadType"] = "application/json";
    CHECK_THROWS_AS(model::envelope_from_text(base::canonical(type)), base::Error);
    auto two = good;
    two["signatures"].push_back(two["signatures"][0]);
    CHECK_THROWS_AS(model::envelope_from_text(base::canonical(two)), base::Error);
    auto none = good;
    none["signatures"] = Json::array();
    CHECK_THROWS_AS(model::envelope_from_text(base::canonical(none)), base::Error);
    CHECK_THROWS_AS(model::envelope_from_text(good.dump(2)), base::Error);
    CHECK_THROWS_AS(model::envelope_from_text(envelope_of(std::string(model::max_payload + 1, 'x'))),
                    base::Error);
}

TEST_CASE("the quorum is that of Besu and of SmartBFT for 1 to 39 members") {
    for (int n = 1; n <= 39; ++n) {
        auto const sizes = model::sizes(n);
        CHECK(sizes.f == (n - 1) / 3);
        CHECK(sizes.q == (2 * n + 2) / 3);
        CHECK(model::sizes(n, n + 5).q == n);
        CHECK(model::sizes(n, 1).q == sizes.q);
    }
}

TEST_CASE("every kind has one row and refuses a body that is not its own") {
    for (auto const& kind : model::kind_table()) {
        CHECK(model::find_kind(kind.name) == &kind);
        CHECK_THROWS_AS(kind.check(Json{{"stranger", 1}}), base::Error);
    }
    CHECK(model::find_kind("telepathy") == nullptr);
}

TEST_CASE("a proposal carries its action by kind, with the digest of the action") {
    model::Proposal proposal;
    proposal.title = "upgrade";
    proposal.action = {"release.upgrade", base::JsonValue(Json{{"network", "payments"},
                                                               {"release", "r-2.1"},
                                                               {"digest", base::sha256("d1").hex()}})};
    proposal.closes = base::Instant::from_text("2026-11-02T12:00:00Z");
    proposal.lapses = proposal.closes + base::Duration::from_text("P30D");
    proposal.timelock = base::Duration::from_text("P7D");
    proposal.executor = {{1, "a"}, {2, "b"}};
    auto const good = model::to_json(proposal);
    CHECK(model::to_json(model::proposal_from_json(good)) == good);
    auto other = good;
    other["action"]["detail"]["release"] = "r-6.6";
    CHECK_THROWS_AS(model::proposal_from_json(other), base::Error);
    auto unknown = good;
    unknown["action"]["kind"] = "release.upgrad";
    CHECK_THROWS_WITH_AS(model::proposal_from_json(unknown),
                         doctest::Contains("did you mean 'release.upgrade'"), base::Error);
    auto early = good;
    early["lapses"] = early["closes"];
    CHECK_THROWS_AS(model::proposal_from_json(early), base::Error);
}

TEST_CASE("Ed25519 points of small order are never keys") {
    auto const prefix = base::from_hex("302a300506032b6570032100");
    auto spki = [&](std::string_view point) {
        auto out = prefix;
        auto const bytes = base::from_hex(point);
        out.insert(out.end(), bytes.begin(), bytes.end());
        return out;
    };
    CHECK_FALSE(model::is_public_key(
        "ed25519", spki("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")));
    CHECK_FALSE(model::is_public_key(
        "ed25519", spki("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")));
    CHECK_FALSE(model::is_public_key("ed25519", spki(std::string(64, '0'))));
    CHECK(model::is_public_key("ed25519",
                               spki("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")));
}
