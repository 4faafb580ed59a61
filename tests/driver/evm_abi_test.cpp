#include "core/base/error.h"
#include "core/crypto/keccak.h"
#include "core/driver/evm/abi.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace abi = consortium::driver::evm::abi;
using base::Bytes;
using consortium::crypto::keccak256;
using evm::Word;

namespace {

std::string hex(Bytes const& bytes) {
    return base::to_hex(bytes);
}

std::string selector(std::string_view signature) {
    return hex(abi::selector(signature, &keccak256));
}

// A word of which only the last bytes are not zero.
std::string word(std::string const& end) {
    return std::string(64 - end.size(), '0') + end;
}

Bytes bytes_of(std::initializer_list<std::string> words) {
    std::string all;
    for (auto const& one : words) all += one;
    return base::from_hex(all);
}

Word number(std::uint64_t value) {
    return Word::number(value);
}

}  // namespace

TEST_CASE("ABI: selectors, the specification's and the published ones") {
    CHECK(selector("baz(uint32,bool)") == "cdcd77c0");
    CHECK(selector("sam(bytes,bool,uint256[])") == "a5643bf2");
    CHECK(selector("f(uint256,uint32[],bytes10,bytes)") == "8be65246");
    CHECK(selector("getValidators()") == "b7ab4db5");
    CHECK(selector("schedule(address,uint256,bytes,bytes32,bytes32,uint256)") == "01d5062a");
    CHECK(selector("execute(address,uint256,bytes,bytes32,bytes32)") == "134008d3");
    CHECK(selector("cancel(bytes32)") == "c4d252f5");
    CHECK(selector("upgradeToAndCall(address,bytes)") == "4f1ef286");
}

TEST_CASE("ABI: the specification's examples, written and read") {
    auto const baz = abi::Writer().word(number(69)).word(number(1)).finish();
    CHECK(baz == bytes_of({word("45"), word("1")}));

    // sam("dave", true, [1,2,3])
    auto const sam = abi::Writer()
                         .bytes(base::as_bytes("dave"))
                         .word(number(1))
                         .words({number(1), number(2), number(3)})
                         .finish();
    CHECK(sam == bytes_of({word("60"), word("1"), word("a0"), word("4"), "64617665" + std::string(56, '0'),
                           word("3"), word("1"), word("2"), word("3")}));
    abi::Reader in(sam, 3);
    CHECK(base::as_text(in.bytes()) == "dave");
    CHECK(in.word().truth());
    CHECK(in.words() == std::vector<Word>{number(1), number(2), number(3)});
    CHECK_NOTHROW(in.done());

    // f(0x123, [0x456, 0x789], "1234567890", "Hello, world!")
    auto const left = "31323334353637383930" + std::string(44, '0');
    auto const f = abi::Writer()
                       .word(Word::from_quantity("0x123"))
                       .words({number(0x456), number(0x789)})
                       .word(Word::from_text("0x" + left))
                       .bytes(base::as_bytes("Hello, world!"))
                       .finish();
    CHECK(f == bytes_of({word("123"), word("80"), left, word("e0"), word("2"), word("456"), word("789"),
                         word("d"), "48656c6c6f2c20776f726c6421" + std::string(38, '0')}));
}

TEST_CASE("ABI: an array of strings, as in the specification's g(uint256[][],string[])") {
    // The part of the example that encodes ["one", "two", "three"], behind its length.
    auto const expected =
        bytes_of({word("20"), word("3"), word("60"), word("a0"), word("e0"), word("3"),
                  "6f6e65" + std::string(58, '0'), word("3"), "74776f" + std::string(58, '0'), word("5"),
                  "7468726565" + std::string(54, '0')});
    std::vector<Bytes> const strings{base::to_bytes("one"), base::to_bytes("two"), base::to_bytes("three")};
    CHECK(abi::Writer().byte_strings(strings).finish() == expected);
    abi::Reader in(expected, 1);
    CHECK(in.byte_strings() == strings);
    CHECK_NOTHROW(in.done());
    auto const none = abi::Writer().byte_strings({}).words({}).bytes({}).finish();
    abi::Reader empty(none, 3);
    CHECK(empty.byte_strings().empty());
    CHECK(empty.words().empty());
    CHECK(empty.bytes().empty());
    CHECK_NOTHROW(empty.done());
}

TEST_CASE("ABI: every length of a string is padded to whole words") {
    for (std::size_t length = 0; length < 70; ++length) {
        Bytes const string(length, 0xff);
        auto const data = abi::Writer().bytes(string).finish();
        CHECK(data.size() == 64 + (length + 31) / 32 * 32);
        abi::Reader in(data, 1);
        CHECK(in.bytes() == string);
        CHECK_NOTHROW(in.done());
    }
}

TEST_CASE("ABI: what is not the one form is refused") {
    auto const refused = [](Bytes const& data) {
        try {
            abi::Reader in(data, 2);
            static_cast<void>(in.word());
            static_cast<void>(in.bytes());
            in.done();
        } catch (base::Error const& error) {
            return error.code() == base::Code::malformed;
        }
        return false;
    };
    auto const text = "aabb" + std::string(60, '0');
    CHECK_FALSE(refused(bytes_of({word("1"), word("40"), word("2"), text})));
    CHECK(refused(bytes_of({word("1"), word("60"), word("0"), word("2"), text})));  // a gap
    CHECK(refused(bytes_of({word("1"), word("20"), word("2"), text})));             // into the head
    CHECK(refused(bytes_of({word("1"), word("41"), word("2"), text})));
    CHECK(refused(bytes_of({word("1"), std::string(64, 'f'), word("2"), text})));
    CHECK(refused(bytes_of({word("1"), word("40"), word("21"), text})));
    CHECK(refused(bytes_of({word("1"), word("40"), std::string(64, 'f'), text})));
    CHECK(refused(bytes_of({word("1"), word("40"), word("10000000000000002"), text})));
    CHECK(refused(bytes_of({word("1"), word("40"), word("ffffffffffffffff"), text})));
    CHECK(refused(bytes_of({word("1"), word("40"), word("1"), text})));  // padding that is not zero
    CHECK(refused(bytes_of({word("1"), word("40"), word("2"), text, word("0")})));
    CHECK(refused(bytes_of({word("1"), word("40"), word("2"), text.substr(0, 60)})));
    CHECK(refused(bytes_of({word("1"), word("40")})));
    CHECK(refused(bytes_of({word("1")})));
    CHECK(refused({}));
}

TEST_CASE("ABI: an array that says it is longer than the data is refused before it is made") {
    auto const huge = bytes_of({word("20"), word("7fffffffffffffff"), word("1")});
    CHECK_THROWS_AS(abi::Reader(huge, 1).words(), base::Error);
    CHECK_THROWS_AS(abi::Reader(huge, 1).byte_strings(), base::Error);
    // All items at one place: cheap to send, dear to read.
    auto const same = bytes_of({word("20"), word("2"), word("40"), word("40"), word("0"), word("0")});
    CHECK_THROWS_AS(abi::Reader(same, 1).byte_strings(), base::Error);
    auto const two = bytes_of({word("1"), word("2")});
    abi::Reader more(two, 2);
    static_cast<void>(more.word());
    CHECK_THROWS_AS(more.done(), base::Error);
    static_cast<void>(more.word());
    CHECK_THROWS_AS(more.word(), base::Error);
}

TEST_CASE("words read as what they are, and as nothing else") {
    std::string const address = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
    CHECK(Word::from_address(address).address() == address);
    CHECK(Word::from_address(address).text() == "0x" + std::string(24, '0') + address.substr(2));
    CHECK(Word::from_quantity("0x0").is_zero());
    CHECK(Word::from_quantity("0xe10").number() == 3600);
    CHECK(Word::from_quantity("0xe10").quantity() == "0xe10");
    CHECK(Word().quantity() == "0x0");
    auto const largest = Word::from_quantity("0x" + std::string(64, 'f'));
    CHECK_THROWS_AS(static_cast<void>(largest.number()), base::Error);
    CHECK_THROWS_AS(static_cast<void>(largest.address()), base::Error);
    CHECK_THROWS_AS(static_cast<void>(number(2).truth()), base::Error);
    CHECK(number(0xffffffffffffffff).number() == 0xffffffffffffffff);
    for (std::string const bad : {"", "0x", "0", "00", "0x00", "0x01", "0xg", "e10", "0x-1", "0x 1", "0X1"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(Word::from_quantity(bad), base::Error);
    }
    for (auto const digits : {0, 2, 40, 62, 63, 65, 66}) {
        CHECK_THROWS_AS(Word::from_text("0x" + std::string(static_cast<std::size_t>(digits), '0')),
                        base::Error);
    }
    CHECK_THROWS_AS(Word::from_quantity("0x1" + std::string(64, '0')), base::Error);
    for (auto const& bad : {std::string("0x"), address + "00", address.substr(0, 40), address + "0",
                            address.substr(0, 41), address.substr(2) + "00"}) {
        CHECK_THROWS_AS(Word::from_address(bad), base::Error);
    }
}
