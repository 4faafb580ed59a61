#include "core/account/usage_reader.h"

#include "core/base/error.h"
#include "tests/support/data_folder.h"

#include <doctest/doctest.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace consortium;
using account::UsageReader;
using account::UsageRules;

namespace {

std::string const header = "date,member,node,transactions,bytes,gas\n";

UsageRules rules() {
    return {"usage.csv",
            "2026-10",
            {"alpha-bank", "borealis-energy", "cedar-health", "delta-ports", "ember-city"},
            {"gas"}};
}

model::Usage read(std::string const& text, std::size_t chunk = 1u << 20) {
    UsageReader reader(rules());
    for (std::size_t i = 0; i < text.size(); i += chunk) reader.feed(std::string_view(text).substr(i, chunk));
    return reader.finish(base::sha256(text));
}

/// The message of the refusal; "" if there was none.
std::string refusal(std::string const& text, std::size_t chunk = 1u << 20) {
    try {
        auto const usage = read(text, chunk);
        return usage.rows == 0 ? "no rows" : "";
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        CHECK(error.details().at(0) == std::pair<std::string, std::string>{"file", "usage.csv"});
        CHECK(error.details().at(1).first == "line");
        return error.message();
    }
}

std::string sample() {
    std::ifstream in(consortium::test::data_folder() + "/usage/usage-2026-10.csv", std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

}  // namespace

TEST_CASE("a month of usage sums to what awk's group-by says") {
    auto const usage = read(sample());
    CHECK(usage.rows == 206);
    REQUIRE(usage.members.size() == 5);
    auto const* alpha = usage.member("alpha-bank");
    REQUIRE(alpha != nullptr);
    CHECK(alpha->rows == 62);
    CHECK(alpha->quantities.at("transactions") == 1451409);
    CHECK(alpha->quantities.at("bytes") == 683245356);
    CHECK(alpha->quantities.at("gas") == 102206662000);
    auto const* ember = usage.member("ember-city");
    CHECK(ember->rows == 20);
    CHECK(ember->first.text() == "2026-10-12");
    CHECK(ember->last.text() == "2026-10-31");
    CHECK(ember->quantities.at("gas") == 890229000);
    CHECK(model::usage_from_json(model::to_json(usage)) == usage);
}

TEST_CASE("where a chunk ends makes no difference") {
    auto const whole = read(sample());
    for (std::size_t chunk : {1u, 2u, 3u, 7u, 41u, 64u, 4096u}) CHECK(read(sample(), chunk) == whole);
}

TEST_CASE("spellings of a good file") {
    std::string const row = "2026-10-01,alpha-bank,alpha-1,1,2,3\n";
    auto const plain = read(header + row);
    SUBCASE("CRLF and a byte order mark") {
        CHECK(read("\xef\xbb\xbf"
                   "date,member,node,transactions,bytes,gas\r\n2026-10-01,alpha-bank,alpha-1,1,2,3\r\n")
                  .members == plain.members);
    }
    SUBCASE("columns in another order, one more quantity") {
        auto const usage =
            read("gas,calls,node,bytes,date,transactions,member\n3,9,n,2,2026-10-31,1,ember-city\n");
        CHECK(
            usage.member("ember-city")->quantities ==
            std::map<std::string, std::int64_t>{{"bytes", 2}, {"calls", 9}, {"gas", 3}, {"transactions", 1}});
    }
    SUBCASE("a node's name in UTF-8, long numbers, zeros in front") {
        auto const usage = read(header + "2026-10-01,alpha-bank,Zürich 1,0001,9223372036854775807,0\n");
        CHECK(usage.member("alpha-bank")->quantities.at("bytes") == 9223372036854775807);
        CHECK(usage.member("alpha-bank")->quantities.at("transactions") == 1);
    }
}

TEST_CASE("a bad file is refused with its name and line") {
    std::string const good = header + "2026-10-01,alpha-bank,alpha-1,1,2,3\n";
    auto const at3 = [&](std::string const& row) { return refusal(good + row + "\n"); };
    CHECK(refusal("") == "usage.csv:1: the file is empty");
    CHECK(refusal(good.substr(0, good.size() - 1)) ==
          "usage.csv:2: the last line does not end: is the file cut off?");
    CHECK(refusal("date,member") == "usage.csv:1: the last line does not end: is the file cut off?");
    CHECK(refusal(header) == "usage.csv:1: the file holds no rows, only a header");
    CHECK(refusal("date,member,node,transactions,bytes\n") == "usage.csv:1: the column 'gas' is missing");
    CHECK(refusal("date,member,node,transactions,bytes,gas,gas\n") ==
          "usage.csv:1: the header names the column 'gas' twice");
    CHECK(at3("date,member,node,transactions,bytes,gas") ==
          "usage.csv:3: the header comes again: were two files joined?");
    CHECK(at3("2026-10-02,alpha-bank,a,-5,2,3") == "usage.csv:3: transactions is negative: '-5'");
    CHECK(at3("2026-10-02,alpha-bank,a,1,2.5,3") == "usage.csv:3: bytes is not a whole number: '2.5'");
    CHECK(at3("2026-10-02,alpha-bank,a,1,2,1e3") == "usage.csv:3: gas is not a whole number: '1e3'");
    CHECK(at3("2026-10-02,alpha-bank,a,1,2,") == "usage.csv:3: gas is not a whole number: ''");
    CHECK(at3("2026-10-02,alpha-bank,a,1,+2,3") == "usage.csv:3: bytes is not a whole number: '+2'");
    CHECK(at3("2026-10-02,alpha-bank,a,1,2,9223372036854775808") ==
          "usage.csv:3: gas does not fit 63 bits: '9223372036854775808'");
    CHECK(at3("2026-10-02,alpha-bank,a,1,2,9223372036854775807") ==
          "usage.csv:3: the sum of 'gas' does not fit 63 bits");
    CHECK(at3("2026-10-02,alpha-bnak,a,1,2,3") == "usage.csv:3: 'alpha-bnak' is not a member");
    CHECK(at3("2026-09-30,alpha-bank,a,1,2,3") == "usage.csv:3: the date 2026-09-30 is not in 2026-10");
    CHECK(at3("2026-10-32,alpha-bank,a,1,2,3") ==
          "usage.csv:3: '2026-10-32' is not a date such as 2026-10-01");
    CHECK(at3("2026-10-00,alpha-bank,a,1,2,3") ==
          "usage.csv:3: '2026-10-00' is not a date such as 2026-10-01");
    CHECK(at3("01.10.2026,alpha-bank,a,1,2,3") ==
          "usage.csv:3: '01.10.2026' is not a date such as 2026-10-01");
    CHECK(at3("2026-10-02,alpha-bank,a,1,2") == "usage.csv:3: the line has 5 fields, the header 6");
    CHECK(at3("2026-10-02,alpha-bank,a,1,2,3,") == "usage.csv:3: the line has 7 fields, the header 6");
    CHECK(at3("2026-10-02,alpha-bank") == "usage.csv:3: the line has 2 fields, the header 6");
    CHECK(at3("") == "usage.csv:3: the line is empty");
    CHECK(at3("2026-10-02,alpha-bank,\xff\xfe,1,2,3") == "usage.csv:3: the line is not UTF-8");
    CHECK(at3("2026-10-02,alpha-bank,\"a\",1,2,3") == "usage.csv:3: fields are not quoted in usage files");
    CHECK(at3(std::string("2026-10-02,alpha-bank,a\0b,1,2,3", 31)) ==
          "usage.csv:3: the line holds the control character 0x00");
    CHECK(at3("2026-10-02,,a,1,2,3") == "usage.csv:3: '' is not a member");
}

TEST_CASE("a line over 1 MiB is refused before it is held whole") {
    std::string const text = header + "2026-10-01,alpha-bank," + std::string(5u << 20, 'n') + ",1,2,3\n";
    CHECK(refusal(text) == "usage.csv:2: the line is longer than 1 MiB");
    CHECK(refusal(text, 65'536) == "usage.csv:2: the line is longer than 1 MiB");
    CHECK(refusal(header + "2026-10-01,alpha-bank," + std::string(900'000, 'n') + ",1,2,3\n") == "");
}

TEST_CASE("a driver of the charter must be a column") {
    auto needs = rules();
    needs.drivers = {"storage"};
    UsageReader reader(needs);
    CHECK_THROWS_WITH_AS(
        reader.feed(header),
        "usage.csv:1: the column 'storage' is missing; a pool of the charter is shared by it", base::Error);
}

TEST_CASE("a truncated or changed file is read the same way whatever the chunks") {
    auto const good = header + "2026-10-01,alpha-bank,alpha-1,12,34,56\n2026-10-02,ember-city,e,7,8,9\n";
    for (std::size_t i = 0; i < good.size(); ++i) {
        CHECK(refusal(good.substr(0, i), 3) == refusal(good.substr(0, i)));
        for (char const byte : {'\0', '\n', ',', '-', '9', '\x80', '"'}) {
            auto changed = good;
            changed[i] = byte;
            CHECK(refusal(changed, 5) == refusal(changed));
        }
    }
}
