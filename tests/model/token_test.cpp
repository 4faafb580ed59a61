#include "core/model/token.h"

#include "core/base/error.h"
#include "tests/support/code_of.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Code;
using base::Instant;
using base::Json;
using model::TokenClaims;

namespace {

Instant const noon = Instant::from_text("2026-11-02T12:00:00Z");

TokenClaims some_claims() {
    return {"payments/acme", "gateway",         {"n1"},   noon, noon, noon + base::Duration{900},
            "0af1",          {"read", "write"}, {"eth:*"}};
}

std::string part(std::string const& json) {
    return base::to_base64url(base::as_bytes(json));
}

Code code_of_token(std::string const& header, std::string const& claims) {
    return code_of([&] { (void)model::token_from_text(part(header) + "." + part(claims) + ".AAAA"); });
}

Json good() {
    return model::to_json(some_claims());
}

Code code_with(char const* claim, Json const& value) {
    auto claims = good();
    claims[claim] = value;
    return code_of_token(R"({"alg":"ES256"})", claims.dump());
}

}  // namespace

TEST_CASE("a token that was written is read again") {
    auto const input = model::signing_input("ES256", "k1", some_claims());
    auto const token = model::token_from_text(input + ".AQID");
    CHECK(token.algorithm == "ES256");
    CHECK(token.key_id == "k1");
    CHECK(token.claims == some_claims());
    CHECK(token.signing_input == input);
    CHECK(token.signature == base::Bytes{1, 2, 3});
    // One audience stands alone, several do not; scopes are one text (RFC 8693 section 4.2).
    CHECK(good()["aud"] == "n1");
    CHECK(good()["scope"] == "read write");
    CHECK(good()["permissions"] == Json{"eth:*"});
    auto several = some_claims();
    several.audience = {"n1", "n2"};
    CHECK(model::token_claims_from_json(model::to_json(several)) == several);
}

TEST_CASE("what is no token is malformed") {
    auto const claims = good().dump();
    CHECK(code_of_token(R"({"alg":"ES256","typ":"JWT","kid":"k1","jku":"https://evil.example"})", claims) ==
          Code::internal);  // no error: what is unknown in a header is ignored
    for (char const* header :
         {R"({"alg":"ES256","alg":"none"})", R"({"kid":"k1"})", R"({"alg":5})",
          R"({"alg":"ES256","typ":"JWE"})", R"(["ES256"])", "", "null", "{\"alg\":\"\xff\"}"}) {
        CAPTURE(header);
        CHECK(code_of_token(header, claims) == Code::malformed);
    }
    CHECK(code_of_token(R"({"alg":"ES256","crit":["b64"],"b64":false})", claims) ==
          Code::verification_failed);
    CHECK(code_of_token(R"({"alg":"ES256"})", R"({"iss":"a","iss":"b"})") == Code::malformed);
    for (char const* claim : {"exp", "iat", "nbf"}) {
        CAPTURE(claim);
        for (Json const& value : {Json(1.5), Json(-1), Json("1300819380"), Json(253'402'300'800), Json()})
            CHECK(code_with(claim, value) == Code::malformed);
    }
    CHECK(code_with("aud", 5) == Code::malformed);
    CHECK(code_with("aud", Json{"a", 5}) == Code::malformed);
    CHECK(code_with("scope", "a  b") == Code::malformed);
    CHECK(code_with("permissions", "eth:*") == Code::malformed);
    for (char const* text :
         {"", "a", "a.b", "a.b.c.d", "..", "e30.e30.", "e30=.e30.AAAA", "e30.e30.AAAA\n"}) {
        CAPTURE(text);
        CHECK(code_of([&] { (void)model::token_from_text(text); }) == Code::malformed);
    }
    auto const long_one = model::signing_input("ES256", "k1", some_claims()) + ".";
    CHECK(code_of([&] {
              (void)model::token_from_text(long_one +
                                           std::string(model::max_token + 1 - long_one.size(), 'A'));
          }) == Code::malformed);
}

TEST_CASE("the time in which a token holds ends a minute late, for clocks that differ") {
    auto const fault = [](base::Duration after) { return model::fault_in_time(some_claims(), noon + after); };
    CHECK(fault({0}).empty());
    CHECK(fault({-60}).empty());
    CHECK(fault({900 + 59}).empty());
    CHECK(fault({900 + 60}) == "it expired at 2026-11-02T12:15:00Z");
    CHECK(fault({-61}) ==
          "it was issued at 2026-11-02T12:00:00Z, which is still to come: the issuer's clock or this one is "
          "off by "
          "PT1M1S");
    CHECK(fault({-3600}).ends_with("off by PT1H"));
    auto later = some_claims();
    later.not_before = noon + base::Duration{120};
    CHECK(model::fault_in_time(later, noon) == "it is not in force before 2026-11-02T12:02:00Z");
    auto longer = some_claims();
    longer.expires = noon + base::Duration{3600};
    CHECK(model::fault_in_time(longer, noon).empty());
    longer.expires = noon + base::Duration{3601};
    CHECK(model::fault_in_time(longer, noon) == "it lasts PT1H1S, and none may longer than PT1H");
    longer.expires = noon;
    CHECK(model::fault_in_time(longer, noon) == "it ends before it begins");
}

TEST_CASE("permissions are named as Besu names them") {
    for (char const* good_one : {"*:*", "eth:*", "eth:blockNumber", "qbft:getValidatorsByBlockNumber"})
        CHECK(model::is_permission(good_one));
    for (char const* bad :
         {"", "eth", "eth_blockNumber", "eth:", ":*", "*:eth", "eth:block number", "eth:*:*"}) {
        CAPTURE(bad);
        CHECK_FALSE(model::is_permission(bad));
    }
    CHECK(model::is_scope("ledger:read"));
    for (char const* bad : {"", "a b", "a\"", "a\\", "\x7f", "\xc3\xa4"}) CHECK_FALSE(model::is_scope(bad));
}
