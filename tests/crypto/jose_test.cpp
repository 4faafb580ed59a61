#include "core/crypto/jose.h"

#include "core/base/error.h"
#include "core/crypto/signer.h"
#include "core/model/public_key.h"
#include "tests/support/code_of.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Bytes;
using base::Code;
using base::Json;

namespace {

/// What a published example says: the key, what was signed, the signature.
struct Example {
    char const* name;
    Json key;
    std::string input, signature;
};

std::string const claims =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

std::vector<Example> examples() {
    return {
        {"RFC 7515 appendix A.2",
         {{"kty", "RSA"},
          {"n",
           "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4Ql"
           "L-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs"
           "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud"
           "F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"},
          {"e", "AQAB"}},
         "eyJhbGciOiJSUzI1NiJ9." + claims,
         "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
         "O8W2Fp5jujGbds9"
         "uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
         "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB"
         "_eSN9383LcOLn6_dO--xi12jzDwusC-"
         "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rq"
         "Vt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
        {"RFC 7515 appendix A.3",
         {{"kty", "EC"},
          {"crv", "P-256"},
          {"x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"},
          {"y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}},
         "eyJhbGciOiJFUzI1NiJ9." + claims,
         "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
        {"RFC 8037 appendix A.4",
         {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
         "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
         "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
    };
}

Bytes spki_of(Json const& key) {
    auto const spki = crypto::jose().from_jwk(key);
    REQUIRE(spki);
    return *spki;
}

}  // namespace

TEST_CASE("published signatures verify, and changed ones do not") {
    for (auto const& example : examples()) {
        CAPTURE(example.name);
        auto const spki = spki_of(example.key);
        auto const signature = base::from_base64url(example.signature);
        CHECK(crypto::jose().to_jwk(spki) == example.key);
        CHECK(crypto::jose().verify(spki, example.input, signature));
        CHECK_FALSE(crypto::jose().verify(spki, example.input + "x", signature));
        for (std::size_t at : {std::size_t{0}, signature.size() / 2, signature.size() - 1}) {
            auto changed = signature;
            changed[at] ^= 1U;
            CHECK_FALSE(crypto::jose().verify(spki, example.input, changed));
        }
        auto shorter = signature;
        shorter.pop_back();
        CHECK_FALSE(crypto::jose().verify(spki, example.input, shorter));
        auto longer = signature;
        longer.insert(longer.begin(), 0);
        CHECK_FALSE(crypto::jose().verify(spki, example.input, longer));
        // The same two numbers in another length: a signature has one form.
        auto padded = longer;
        padded.insert(padded.begin() + static_cast<std::ptrdiff_t>(1 + signature.size() / 2), 0);
        CHECK_FALSE(crypto::jose().verify(spki, example.input, padded));
        CHECK_FALSE(crypto::jose().verify(spki, example.input, {}));
        CHECK_FALSE(crypto::jose().verify({}, example.input, signature));
    }
}

TEST_CASE("a signature of nothing but zeros verifies nothing") {
    for (auto const& example : examples()) {
        CAPTURE(example.name);
        auto const size = base::from_base64url(example.signature).size();
        CHECK_FALSE(crypto::jose().verify(spki_of(example.key), example.input, Bytes(size, 0)));
    }
}

TEST_CASE("thumbprints are those of RFC 7638 section 3.1 and RFC 8037 appendix A.3") {
    Json const rsa{
        {"kty", "RSA"},
        {"n",
         "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXj"
         "BZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
         "FDW2QvzqY368QQMicAtaSqzs"
         "8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-"
         "G"
         "_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
        {"e", "AQAB"},
        {"alg", "RS256"},
        {"kid", "2011-04-29"}};
    CHECK(crypto::jose().key_id(spki_of(rsa)) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    CHECK(crypto::jose().key_id(spki_of(examples()[2].key)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST_CASE("every key of a keyring signs tokens that its own public key verifies, and no other's") {
    std::map<std::string, std::string> const algorithms{
        {"ed25519", "EdDSA"}, {"p256", "ES256"}, {"p384", "ES384"}, {"rsa3072", "RS256"}};
    std::string const input = "header.claims";
    Bytes before;
    for (auto const& [type, algorithm] : algorithms) {
        CAPTURE(type);
        auto const signer = crypto::make_signer(crypto::generate_key(type));
        auto const spki = signer->public_key();
        CHECK(crypto::jose().algorithm(spki) == algorithm);
        CHECK(spki_of(crypto::jose().to_jwk(spki)) == spki);
        // A number with leading zeros comes along once in 128 signatures.
        for (int i = 0; i < (type.starts_with("rsa") ? 1 : 300); ++i) {
            auto const signature = crypto::jose().to_jws(spki, signer->sign(base::as_bytes(input)));
            CHECK(crypto::jose().verify(spki, input, signature));
            CHECK_FALSE(crypto::jose().verify(before, input, signature));
        }
        before = spki;
    }
}

TEST_CASE("keys that are not what they say are refused, and unknown kinds left out") {
    auto const curve = examples()[1].key;
    auto const with = [](Json key, char const* member, Json const& value) {
        key[member] = value;
        return key;
    };
    auto const refused = [](Json const& key) {
        return code_of([&] { (void)crypto::jose().from_jwk(key); }) == Code::malformed;
    };
    CHECK(refused(with(curve, "y", curve["x"])));  // not on the curve
    CHECK(refused(with(curve, "x", "AAAA")));
    CHECK(refused(with(curve, "x", std::string(curve["x"]) + "=")));
    CHECK(refused(with(curve, "d", "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")));
    CHECK(
        refused({{"kty", "oct"}, {"k", "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i"}}));
    CHECK(refused({{"crv", "P-256"}}));
    // The point of order one, under which anything would verify.
    Bytes order_one(32, 0);
    order_one.front() = 1;
    CHECK(refused(with(examples()[2].key, "x", base::to_base64url(order_one))));
    CHECK_FALSE(crypto::jose().from_jwk(with(curve, "crv", "secp256k1")));
    CHECK_FALSE(crypto::jose().from_jwk({{"kty", "AKP"}}));
    CHECK_FALSE(crypto::jose().from_jwk(with(examples()[0].key, "e", "Aw")));  // 3
    CHECK_FALSE(crypto::jose().from_jwk(with(examples()[0].key, "n", base::to_base64url(Bytes(128, 0xff)))));
    CHECK(code_of([] { (void)crypto::jose().algorithm(Bytes(44, 1)); }) == Code::unsupported);
}
