#include "core/base/digest.h"

#include "core/base/error.h"

#include <doctest/doctest.h>

using namespace consortium::base;

TEST_CASE("FIPS 180: SHA-256 examples") {
    CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex() ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    Sha256 running;
    std::string const block(1000, 'a');
    for (int i = 0; i < 1000; ++i) running.update(block);
    CHECK(running.finish().hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    CHECK(running.update("a").update("bc").finish() == sha256("abc"));
    CHECK(running.finish() == sha256(""));
}

TEST_CASE("a digest is read strictly") {
    std::string const text = sha256("abc").hex();
    CHECK(Digest::from_hex(text) == sha256("abc"));
    CHECK(sha256("abc").brief() == "ba7816bf8f01");
    CHECK(Digest{}.is_zero());
    CHECK_FALSE(sha256("abc").is_zero());
    CHECK_THROWS_AS(Digest::from_hex(text.substr(1)), Error);
    CHECK_THROWS_AS(Digest::from_hex(text + "0"), Error);
    CHECK_THROWS_AS(Digest::from_hex("B" + text.substr(1)), Error);
    CHECK_THROWS_AS(Digest::from_bytes(Bytes(31)), Error);
}

TEST_CASE("proquints: the examples of arXiv:0901.4016") {
    // 127.0.0.1 lusab-babad, 63.84.220.193 gutih-tugad, 63.118.7.35 gutuk-bisog, 140.98.193.141 mudof-sakat,
    // 64.255.6.200 haguz-biram, 128.30.52.45 mabiv-gibot, 147.67.119.2 natag-lisaf, 212.58.253.68 tibup-zujah
    Bytes const bytes{127, 0,   0, 1,   63,  84, 220, 193, 63,  118, 7,   35, 140, 98, 193, 141,
                      64,  255, 6, 200, 128, 30, 52,  45,  147, 67,  119, 2,  212, 58, 253, 68};
    CHECK(spoken(Digest::from_bytes(bytes)) ==
          "lusab-babad-gutih-tugad gutuk-bisog-mudof-sakat haguz-biram-mabiv-gibot natag-lisaf-tibup-zujah");
}
