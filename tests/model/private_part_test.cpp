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
    part.subject = "p-07";
    part.words = {{"name", "Ada Löwe"}, {"contact", "+41 44 000 00 00"}};
    part.salt.resize(32);
    std::iota(part.salt.begin(), part.salt.end(), std::uint8_t{0});
    return part;
}

}  // namespace

TEST_CASE("private part: the commitment is SHA-256 of domain, salt and canonical payload") {
    // By Python: hashlib.sha256(b"consortium/private-part/v1\n" + bytes(range(32)) + json.dumps({"fields":
    // {"contact": …, "name": …}, "subject": "p-07"}, ensure_ascii=False, sort_keys=True, separators=",:"))
    CHECK(model::commitment(sample()).hex() ==
          "f15157871c38250684bf42cbc54ffff2000290f0b48a9d82a364c4270bb8608f");
    auto other = sample();
    other.salt[31] ^= 1;
    CHECK(model::commitment(other) != model::commitment(sample()));
}

TEST_CASE("private part: read back as it was made, and nothing else is read") {
    auto const bytes = model::to_bytes(sample());
    auto const read = model::private_part_from_bytes("own", bytes);
    CHECK(read.subject == "p-07");
    CHECK(read.words == sample().words);
    CHECK(read.salt == sample().salt);
    CHECK(model::to_bytes(read) == bytes);

    auto const refused = [](std::string const& text, std::string_view kind = "own") {
        return code_of([&] { model::private_part_from_bytes(kind, text); }) == Code::malformed;
    };
    CHECK(refused(bytes, "ballot"));
    CHECK(refused(""));
    CHECK(refused(bytes.substr(0, 58)));
    CHECK(refused(bytes.substr(1)));
    CHECK(refused(bytes + " "));
    auto const with = [&](Json const& payload) { return bytes.substr(0, 59) + base::canonical(payload); };
    CHECK_FALSE(refused(with({{"fields", {{"name", "Ada"}}}, {"subject", "p-07"}})));
    CHECK(refused(with({{"fields", Json::object()}, {"subject", "p-07"}})));
    CHECK(refused(with({{"fields", {{"name", ""}}}, {"subject", "p-07"}})));
    CHECK(refused(with({{"fields", {{"name", 7}}}, {"subject", "p-07"}})));
    CHECK(refused(with({{"fields", {{"name", "Ada"}}}, {"subject", "../p-07"}})));
    CHECK(refused(with({{"fields", {{"reason", "r"}}}, {"subject", "p-07"}})));
    CHECK(refused(with({{"fields", {{"name", "Ada"}}}, {"subject", "p-07"}, {"more", 1}})));
    CHECK(refused(with({{"fields", {"name"}}, {"subject", "p-07"}})));
    CHECK(refused(with(Json::array())));
}

TEST_CASE("private part: every field has a bound, in bytes") {
    for (auto const& field : model::private_fields()) {
        auto part = sample();
        part.words = {{std::string(field.name), std::string(field.most, 'x')}};
        CHECK_NOTHROW(model::check_private(field.kind, part));
        part.words[std::string(field.name)] += 'x';
        CHECK(code_of([&] { model::check_private(field.kind, part); }) == Code::malformed);
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
    CHECK(model::digest(ada) == model::digest(bare));
    CHECK(model::digest(ada) == model::digest(eve));
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
    other.request = eve;
    other.steps[0].detail = base::JsonValue(Json{{"private", {{"name", "Eve"}}}, {"kind", "own"}});
    CHECK(model::digest(plan) == model::digest(other));
    CHECK(model::to_json(plan) != model::to_json(other));
    other.steps[0].detail = base::JsonValue(Json{{"private", nullptr}, {"kind", "ballot"}});
    CHECK(model::digest(plan) != model::digest(other));
}
