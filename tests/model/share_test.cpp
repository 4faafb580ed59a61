#include "core/model/share_act.h"
#include "tests/support/code_of.h"
#include "tests/support/shares.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Code;
using base::Json;
using model::ShareAct;

namespace {

model::ShareDeal deal() {
    return test::some_deal({"acme", "globex", "initech"});
}

Code reading(Json const& changed) {
    return code_of([&] { model::share_deal_from_text(base::canonical(changed)); });
}

Json parsed(std::string const& text) {
    return base::parse_json(text);
}

/// What reading says after one field was set.
Code with(char const* pointer, Json value) {
    auto json = parsed(model::document(deal()));
    json[Json::json_pointer(pointer)] = std::move(value);
    return reading(json);
}

}  // namespace

TEST_CASE("the manifest of a deal is read as it was written, strictly") {
    auto const text = model::document(deal());
    CHECK(model::document(model::share_deal_from_text(text)) == text);
    CHECK(model::share_deal_from_text(text).index_of("globex-ada") == 2);
    CHECK(model::share_deal_from_text(text).index_of("eve") == 0);
    CHECK(code_of([&] { model::share_deal_from_text(text + " "); }) == Code::malformed);
    auto const whole = parsed(text);
    for (auto const& [key, value] : whole.items()) {
        auto without = whole;
        without.erase(key);
        CHECK((key == "previous" || reading(without) == Code::malformed));
    }
    CHECK(with("/extra", 1) == Code::malformed);
    CHECK(with("/schema", "consortium.share-deal/2") == Code::malformed);
    CHECK(with("/id", "07") == Code::malformed);
    CHECK(with("/threshold", 1) == Code::malformed);  // one custodian alone would be enough
    CHECK(with("/threshold", 4) == Code::malformed);  // nobody could ever recover it
    CHECK(with("/version", 2) == Code::malformed);    // without the one before it
    CHECK(with("/previous", std::string(64, 'a')) == Code::malformed);
    CHECK(with("/custodians/0/key/sort", "rsa") == Code::malformed);
    CHECK(with("/custodians/0/key/point", "AAAA") == Code::malformed);
    CHECK(with("/custodians/0/proof", "AAAA") == Code::malformed);
}

TEST_CASE("a person has one share, and a key opens one") {
    CHECK(with("/custodians/0/officer", "globex-ada") == Code::malformed);
    auto const same = parsed(model::document(deal()))["custodians"][1]["key"];
    CHECK(with("/custodians/0/key", same) == Code::malformed);
}

TEST_CASE("commitments differ by deal, index and share") {
    auto const share = base::to_bytes("salt and share");
    auto const id = deal().id;
    auto const one = model::share_commitment(id, 1, share);
    CHECK(one == model::share_commitment(id, 1, share));
    CHECK(one != model::share_commitment(id, 2, share));
    CHECK(one != model::share_commitment(base::Bytes(16, 8), 1, share));
    CHECK(one != model::share_commitment(id, 1, base::to_bytes("salt and shard")));
    CHECK(model::kek_commitment(id, share) != model::kek_commitment(base::Bytes(16, 8), share));
    // Neither is a plain digest, which a list of known shares could be searched for.
    CHECK(one != base::sha256(share));
    CHECK(model::kek_commitment(id, share) != base::sha256(share));
}

TEST_CASE("what is said about shares is read as it was written, strictly") {
    ShareAct act;
    act.deal = base::sha256("deal");
    act.index = 2;
    act.proof = base::Bytes(64, 1);
    act.purpose = "drill";
    act.to = {"x25519", base::Bytes(32, 2)};
    act.closes = base::Instant::from_text("2026-11-03T12:00:00Z");
    act.file = base::sha256("file");
    act.used = {1, 3};
    for (char const* about :
         {"dealt", "accepted", "drilled", "destroyed", "opened", "submitted", "recovered", "rehearsed"}) {
        act.about = about;
        auto const json = model::to_json(act);
        CHECK(model::to_json(model::share_act_from_json(json)) == json);
        auto extra = json;
        extra["facts"]["extra"] = 1;
        CHECK(code_of([&] { model::share_act_from_json(extra); }) == Code::malformed);
        for (auto const& [key, value] : json["facts"].items()) {
            auto without = json;
            without["facts"].erase(key);
            CHECK(code_of([&] { model::share_act_from_json(without); }) == Code::malformed);
        }
    }
    act.about = "recovered";
    for (auto const& used :
         std::vector<std::vector<std::int64_t>>{{}, {1}, {1, 1}, {2, 1}, {0, 1}, {1, 33}}) {
        act.used = used;
        CHECK(code_of([&] { model::share_act_from_json(model::to_json(act)); }) == Code::malformed);
    }
    act.about = "stolen";
    CHECK(code_of([&] { model::share_act_from_json(model::to_json(act)); }) == Code::malformed);
}

TEST_CASE("a proof is for one receipt: by this officer, of this share, in this epoch") {
    ShareAct act;
    act.about = "drilled";
    act.deal = base::sha256("deal");
    act.index = 2;
    auto const epoch = base::sha256("epoch");
    auto const text = model::share_proof_text(act, "ada", epoch);
    CHECK(text != model::share_proof_text(act, "eve", epoch));
    CHECK(text != model::share_proof_text(act, "ada", base::sha256("next")));
    act.about = "accepted";
    CHECK(text != model::share_proof_text(act, "ada", epoch));
}
