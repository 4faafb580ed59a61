#include "core/model/private_part.h"

#include "core/base/error.h"
#include "core/model/plan.h"
#include "tests/support/code_of.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <numeric>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

model::PrivatePart sample() {
    model::PrivatePart part;
    part.kind = "own";
    part.member = "acme";
    part.officer = "acme-gov";
    part.nonce = "000102030405060708090a0b0c0d0e0f";
    part.subject = "p-07";
    part.words = {{"name", "Ada Löwe"}, {"contact", "+41 44 000 00 00"}};
    part.salt.resize(32);
    std::iota(part.salt.begin(), part.salt.end(), std::uint8_t{0});
    return part;
}

}  // namespace

TEST_CASE("private part: the commitment is SHA-256 of domain, salt and canonical payload") {
    // By Python: hashlib.sha256(b"consortium/private-part/v1\n" + bytes(range(32)) + json.dumps({"fields":
    // {"contact": …, "name": …}, "kind": "own", "member": "acme", "nonce": …, "officer": "acme-gov",
    // "subject": "p-07"}, ensure_ascii=False, sort_keys=True, separators=",:"))
    CHECK(model::commitment(sample()).hex() ==
          "3e1da93326c3db8e7609b936c91bbf035b6f919965cb5b24623ec9c799898bad");
    auto other = sample();
    other.salt[31] ^= 1;
    CHECK(model::commitment(other) != model::commitment(sample()));
}

TEST_CASE("private part: read back as it was made, and nothing else is read") {
    auto const bytes = model::to_bytes(sample());
    auto const read = model::private_part_from_bytes(bytes);
    CHECK(read.subject == "p-07");
    CHECK(read.words == sample().words);
    CHECK(read.salt == sample().salt);
    CHECK(model::to_bytes(read) == bytes);

    auto const refused = [](std::string const& text) {
        return code_of([&] { model::private_part_from_bytes(text); }) == Code::malformed;
    };
    CHECK(refused(""));
    CHECK(refused(bytes.substr(0, 58)));
    CHECK(refused(bytes.substr(1)));
    CHECK(refused(bytes + " "));
    auto const with = [&](Json const& changes) {
        Json payload{{"fields", {{"name", "Ada"}}}, {"kind", "own"},         {"member", "acme"},
                     {"nonce", sample().nonce},     {"officer", "acme-gov"}, {"subject", "p-07"}};
        payload.update(changes);
        return bytes.substr(0, 59) + base::canonical(payload);
    };
    CHECK_FALSE(refused(with(Json::object())));
    CHECK(refused(with({{"kind", "ballot"}})));
    CHECK(refused(with({{"kind", "commit"}})));
    CHECK(refused(with({{"member", "../acme"}})));
    CHECK(refused(with({{"nonce", nullptr}})));
    CHECK(refused(with({{"officer", 7}})));
    CHECK(refused(with({{"fields", Json::object()}})));
    CHECK(refused(with({{"fields", {{"name", ""}}}})));
    CHECK(refused(with({{"fields", {{"name", 7}}}})));
    CHECK(refused(with({{"subject", "../p-07"}})));
    CHECK(refused(with({{"fields", {{"reason", "r"}}}})));
    CHECK(refused(with({{"more", 1}})));
    CHECK(refused(with({{"fields", Json::array({"name"})}})));
    CHECK(refused(bytes.substr(0, 59) + "[]"));
}

TEST_CASE("private part: made for one act") {
    model::Act act;
    act.kind = "own";
    act.member = "acme";
    act.officer = "acme-gov";
    act.nonce = sample().nonce;
    CHECK(model::is_bound(sample(), act));
    for (auto field : {&model::Act::kind, &model::Act::member, &model::Act::officer, &model::Act::nonce}) {
        auto other = act;
        other.*field += "x";
        CHECK_FALSE(model::is_bound(sample(), other));
        auto part = sample();
        model::bind(part, other);
        CHECK(model::is_bound(part, other));
        CHECK(model::commitment(part) != model::commitment(sample()));
    }
}

TEST_CASE("private part: every field has a bound, in bytes") {
    for (auto const& field : model::private_fields()) {
        auto part = sample();
        part.kind = field.kind;
        part.words = {{std::string(field.name), std::string(field.most, 'x')}};
        CHECK_NOTHROW(model::check_private(part));
        part.words[std::string(field.name)] += 'x';
        CHECK(code_of([&] { model::check_private(part); }) == Code::malformed);
    }
    CHECK_FALSE(model::has_private_fields("commit"));
    CHECK_FALSE(model::has_private_fields("proposal"));
}

TEST_CASE("G28 what is journaled about a request tells nothing to who guesses names") {
    auto const request = [](Json arguments) {
        return model::Request{"officer add", base::JsonValue(std::move(arguments))};
    };
    auto const ada = request({{"operand", "eve"}, {"name", "Ada Löwe"}, {"contact", "ada@example.org"}});
    auto const eve = request({{"operand", "eve"}, {"name", "Eve Example"}});
    auto const bare = request({{"operand", "eve"}});
    // Which words are given is told, and not what they are.
    CHECK(model::digest(ada) != model::digest(bare));
    CHECK(model::digest(ada) != model::digest(eve));
    auto const other_words =
        request({{"operand", "eve"}, {"name", "Eve Example"}, {"contact", "eve@example.org"}});
    CHECK(model::digest(ada) == model::digest(other_words));
    CHECK(model::digest(request({{"operand", "eve"}, {"name", ""}})) == model::digest(bare));
    CHECK(model::digest(request({{"operand", "bob"}})) != model::digest(bare));

    // A title of another command is public.
    model::Request const open{"proposal open", base::JsonValue(Json{{"name", "x"}})};
    CHECK(model::digest(open) !=
          model::digest(model::Request{"proposal open", base::JsonValue(Json::object())}));

    model::Plan plan;
    plan.request = ada;
    plan.steps.push_back(
        {"act", "eve", "add", base::JsonValue(Json{{"private", {{"name", "Ada"}}}, {"kind", "own"}})});
    auto other = plan;
    other.request = other_words;
    other.steps[0].detail = base::JsonValue(Json{{"private", {{"name", "Eve"}}}, {"kind", "own"}});
    CHECK(model::digest(plan) == model::digest(other));
    CHECK(model::to_json(plan) != model::to_json(other));
    other.steps[0].detail = base::JsonValue(Json{{"private", nullptr}, {"kind", "ballot"}});
    CHECK(model::digest(plan) != model::digest(other));
}
