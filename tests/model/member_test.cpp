#include "core/model/member.h"

#include "core/base/error.h"
#include "core/model/public_key.h"
#include "tests/support/signer.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

Json key_of(std::string const& owner) {
    return {{"algorithm", "ed25519"},
            {"spki", base::to_base64(TestSigner("member " + owner).public_key())},
            {"owner", owner}};
}

Json record() {
    auto const key = TestSigner("member umbrella-ada").id().hex();
    return {
        {"schema", "consortium.founder/1"},
        {"member",
         {{"id", "umbrella"}, {"name", "Umbrella"}, {"tier", "validator"}, {"control_group", "umbrella"}}},
        {"officers", {{{"id", "umbrella-ada"}, {"person", "ada"}, {"roles", {"governance"}}, {"key", key}}}},
        {"keys", {key_of("umbrella-ada"), key_of("seat"), key_of("log"), key_of("witness")}}};
}

Json submission() {
    auto const digest = base::sha256("deed").hex();
    return {{"invitation", base::sha256("invitation").hex()},
            {"applicant", record()},
            {"evidence", {{{"gate", "legal"}, {"item", "deed"}, {"digest", digest}}}},
            {"nodes", {{{"network", "payments"}, {"address", "0xabc"}}}}};
}

/// The pointer that the refusal names; empty if nothing was refused.
template <typename Parse>
std::string refused_at(Parse parse) {
    try {
        parse();
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        for (auto const& [name, value] : error.details())
            if (name == "pointer") return value;
        return "somewhere";
    }
    return "";
}

}  // namespace

TEST_CASE("founder: the record goes there and back") {
    auto const founder = model::founder_from_json(record());
    CHECK(model::to_json(founder) == record());
    CHECK(founder.member.seat == TestSigner("member seat").id());
    CHECK(founder.officers[0].member == "umbrella");
}

TEST_CASE("founder: a record that does not hold together is refused with its place") {
    auto refused = [](auto change) {
        auto value = record();
        change(value);
        return refused_at([&] { static_cast<void>(model::founder_from_json(value, "/applicant")); });
    };
    CHECK(refused([](Json&) {}) == "");
    CHECK(refused([](Json& value) { value["keys"].erase(1); }) != "");
    CHECK(refused([](Json& value) { value["keys"].push_back(key_of("nobody")); }) == "/applicant/keys");
    CHECK(refused([](Json& value) { value["keys"][2] = value["keys"][1]; }) != "");
    CHECK(refused([](Json& value) { value["keys"][2]["spki"] = value["keys"][1]["spki"]; }) ==
          "/applicant/keys");
    CHECK(refused([](Json& value) { value["officers"] = Json::array(); }) != "");
    CHECK(refused([](Json& value) { value["officers"][0]["roles"] = {"king"}; }) ==
          "/applicant/officers/0/roles");
    CHECK(refused([](Json& value) { value["officers"][0]["id"] = "seat"; }) == "/applicant/officers");
    CHECK(refused([](Json& value) { value["officers"][0]["key"] = base::sha256("other").hex(); }) ==
          "/applicant/officers");
    CHECK(refused([](Json& value) { value["member"]["id"] = "Umbrella!"; }) == "/applicant/member/id");
    CHECK(refused([](Json& value) { value["member"]["country"] = "xx"; }) == "/applicant/member/country");
    CHECK(refused([](Json& value) { value["keys"][1]["spki"] = base::to_base64(base::Bytes(44)); }) ==
          "/applicant/keys/1/spki");
    CHECK(refused([](Json& value) { value["keys"][1]["algorithm"] = "p256"; }) == "/applicant/keys/1/spki");
}

TEST_CASE("member: bodies go there and back") {
    CHECK(model::to_json(model::submission_from_json(submission())) == submission());
    Json const invitation{
        {"member", "umbrella"},
        {"name", "Umbrella"},
        {"tier", "validator"},
        {"key", {{"algorithm", "ed25519"}, {"spki", base::to_base64(TestSigner("ada").public_key())}}}};
    auto const parsed = model::invitation_from_json(invitation);
    CHECK(model::to_json(parsed) == invitation);
    CHECK(parsed.key() == TestSigner("ada").id());
    Json const check{{"submission", base::sha256("s").hex()},
                     {"gate", "legal"},
                     {"result", "pass"},
                     {"evidence", {base::sha256("report").hex()}}};
    CHECK(model::to_json(model::check_from_json(check)) == check);
}

TEST_CASE("member: bodies that say too much, too little or something else are refused") {
    auto twice = submission();
    twice["evidence"].push_back(twice["evidence"][0]);
    CHECK(refused_at([&] { model::submission_from_json(twice); }) == "/body/evidence/1/item");
    auto nowhere = submission();
    nowhere["nodes"][0]["address"] = "";
    CHECK(refused_at([&] { model::submission_from_json(nowhere); }) == "/body/nodes/0/address");
    CHECK(refused_at([&] {
              model::check_from_json({{"submission", base::sha256("s").hex()},
                                      {"gate", "legal"},
                                      {"result", "maybe"},
                                      {"evidence", Json::array()}});
          }) == "/body/result");
}

TEST_CASE("public key: what people hand over is read, anything else is refused") {
    auto const spki = TestSigner("ada").public_key();
    auto const read = model::read_public_key(model::public_pem(spki) + "\n");
    CHECK(read.algorithm == "ed25519");
    CHECK(read.bytes == spki);
    CHECK(model::read_public_key(
              "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHmZ/0H5c2zZhR1Cz1mVxlZP7xGm0L4X5Z9X0l0u6N8v "
              "ada@example")
              .algorithm == "ssh");
    for (std::string const text :
         {"", "hello", "ssh-rsa AAAAB3NzaC1yc2E= x", "ssh-ed25519", "ssh-ed25519 AAAA",
          "-----BEGIN PUBLIC KEY-----\nAAAA\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n"})
        CHECK(refused_at([&] { model::read_public_key(text); }) != "");
    CHECK(refused_at([&] { model::read_public_key(model::public_pem(spki) + "more"); }) != "");
}
