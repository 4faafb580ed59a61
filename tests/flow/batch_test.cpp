#include "tests/support/batch.h"

#include "tests/support/code_of.h"
#include "tests/support/error_of.h"
#include "tests/support/event_kinds.h"

#include <doctest/doctest.h>
#include <sstream>

using namespace consortium;
using base::Json;
using Words = std::vector<std::string>;

TEST_CASE("a batch makes certificate and key of each row, and one report") {
    BatchFixture fixture;
    auto const result = fixture.issue_batch(fixture.arguments(five()));
    CHECK(result["issued"] == 5);
    CHECK(result["chunks"] == 3);
    CHECK(result["resumed_at"].is_null());
    CHECK(fixture.count("certificate") == 5);
    std::set<std::string> expected{"report.csv"};
    std::string report = "line,name,serial,not_after,certificate,key,result\n";
    for (int i = 1; i <= 5; ++i) {
        auto const name = "n" + std::to_string(i) + ".acme.example";
        expected.insert({name + ".pem", name + ".key"});
        CHECK(fixture.sound("nodes/" + name));
        auto const facts = fixture.services().certifier.describe(fixture.leaf("nodes/" + name + ".pem"));
        CHECK(facts.subject == "CN=" + name + ", O=Acme");
        CHECK(facts.content.names.ip == Words{"10.0.0." + std::to_string(i)});
        auto const mode = std::filesystem::status(fixture.folder() / "nodes" / (name + ".key")).permissions();
        CHECK(mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
        report += std::to_string(i + 1) + "," + name + "," + facts.content.serial + ",2027-11-02T12:00:00Z," +
                  name + ".pem," + name + ".key,issued\n";
    }
    CHECK(fixture.listed() == expected);
    CHECK(fixture.text("nodes/report.csv") == report);
}

TEST_CASE("G20 the serials of a chunk are journaled before its certificates, which are one transaction") {
    BatchFixture fixture;
    auto const before = fixture.store().head().size;
    fixture.issue_batch(fixture.arguments(five()));
    // While a chunk is signed, the one before it is written.
    Words expected{"operation.begun"};
    auto const announced = [&](int rows) { expected.insert(expected.end(), rows, "certificate.intent"); };
    auto const written = [&](int rows) {
        expected.insert(expected.end(), rows, "certificate.issued");
        expected.emplace_back("certificate.batch");
    };
    announced(2);
    announced(2);
    written(2);
    announced(1);
    written(2);
    written(1);
    expected.insert(expected.end(), {"certificate.batch", "operation.done"});
    CHECK(event_kinds(fixture.store(), before) == expected);
}

TEST_CASE("a batch goes on with the very file that it began with, or not at all") {
    BatchFixture fixture;
    auto const plan = fixture.plan(fixture.arguments(five()));
    fixture.file("nodes.csv", five() + "n6.acme.example,\n");
    auto const before = fixture.store().head().size;
    CHECK(code_of([&] { fixture.carry_out(plan); }) == base::Code::conflict);
    CHECK(event_kinds(fixture.store(), before) == Words{"operation.begun"});
    CHECK_FALSE(base::exists(fixture.folder() / "nodes"));
}

TEST_CASE("requests come by path or as text, and must be those that were looked at") {
    BatchFixture fixture;
    auto const ask = [&](std::string const& name) {
        auto const asked = fixture.ask({{"operand", name}, {"new-key", true}, {"no-passphrase", true}});
        return asked["request"].get<std::string>();
    };
    std::filesystem::create_directory(fixture.folder() / "csr");
    fixture.file("csr/a.csr", ask("a.example"));
    auto const rows = Json{{"name", "a.example"}, {"csr", "csr/a.csr"}}.dump() + "\n" +
                      Json{{"name", "b.example"}, {"csr", ask("b.example")}, {"file", "second"}}.dump();
    auto given = fixture.arguments(rows);
    given.erase("new-key");
    auto const plan = fixture.plan(given);
    auto const first = fixture.text("csr/a.csr");
    fixture.file("csr/a.csr", ask("a2.example"));
    CHECK(code_of([&] { fixture.carry_out(plan); }) == base::Code::refused);  // another's name
    auto const other = fixture.ask({{"operand", "a.example"}, {"key", "cert-b-example"}});
    fixture.file("csr/a.csr", other["request"].get<std::string>());
    CHECK(code_of([&] { fixture.carry_out(plan); }) == base::Code::conflict);
    CHECK(fixture.count("certificate") == 0);
    fixture.file("csr/a.csr", first);
    fixture.carry_out(plan);
    CHECK(fixture.listed() == std::set<std::string>{"a.example.pem", "second.pem", "report.csv"});
}

TEST_CASE("a key that was revoked as compromised since the batch was planned is not certified") {
    BatchFixture fixture;
    auto const asked =
        fixture.ask({{"operand", "a.example"}, {"new-key", true}, {"no-passphrase", true}})["request"];
    auto given = fixture.arguments(Json{{"name", "a.example"}, {"csr", asked}}.dump());
    auto const plan = fixture.plan(given);
    auto const csr = fixture.file("a.csr", asked.get<std::string>());
    auto const alone = fixture.carry_out(fixture.issue_plan({{"operand", "a.example"}, {"csr", csr}}));
    fixture.revoke(alone["results"][0]["serial"].get<std::string>(), "key-compromise");
    CHECK(code_of([&] { fixture.carry_out(plan); }) == base::Code::refused);
    CHECK(fixture.message(given).find("revoked as compromised") != std::string::npos);
    CHECK(fixture.count("certificate") == 1);
}

TEST_CASE("threads: rows are looked at, keys made and certificates signed by several threads at once") {
    BatchFixture fixture;
    fixture.chunk = 100;  // of which each thread takes some, while the chunk before is written
    constexpr int rows = 300;
    constexpr char const* types[] = {"p256", "ed25519", "p384"};
    std::string text = "name,type\n", line;
    for (int i = 0; i < rows; ++i)
        text += "n" + std::to_string(i) + ".acme.example," + types[i % std::size(types)] + "\n";
    CHECK(fixture.issue_batch(fixture.arguments(text))["chunks"] == 3);
    CHECK(fixture.count("certificate") == rows);
    std::istringstream report(fixture.text("nodes/report.csv"));
    std::getline(report, line);
    for (int i = 0; i < rows; ++i) {
        auto const name = "n" + std::to_string(i) + ".acme.example";
        auto const facts = fixture.services().certifier.describe(fixture.leaf("nodes/" + name + ".pem"));
        CHECK(fixture.sound("nodes/" + name));
        CHECK(facts.common_name == name);
        CHECK(facts.algorithm == types[i % std::size(types)]);
        std::getline(report, line);
        CHECK(line.starts_with(std::to_string(i + 2) + "," + name + "," + facts.content.serial + ","));
    }
}

TEST_CASE("threads: requests are read by several threads at once, and what is wrong is told row by row") {
    BatchFixture fixture;
    std::string rows;
    for (int i = 0; i < 100; ++i) {
        auto const name = "n" + std::to_string(i) + ".acme.example";
        Json row{{"name", name}};
        if (i % 20 == 7)
            row["csr"] =
                fixture.ask({{"operand", name}, {"new-key", true}, {"no-passphrase", true}})["request"];
        rows += row.dump() + "\n";
    }
    auto wrong = rows;
    for (char const* row : {"n95.", "n41.", "n9."}) wrong.replace(wrong.find(row), 1, "*.");
    auto const error = error_of([&] { fixture.plan(fixture.arguments(wrong)); });
    CHECK(error.message() == "3 of 100 rows cannot be certified; nothing was issued");
    REQUIRE(error.details().size() == 5);
    for (int const i : {0, 1, 2}) {
        constexpr char const* places[] = {"nodes.csv:10", "nodes.csv:42", "nodes.csv:96"};
        CHECK(error.details().at(i + 2).first.ends_with(places[i]));
    }
    fixture.issue_batch(fixture.arguments(rows));
    CHECK(fixture.count("certificate") == 100);
    CHECK(fixture.listed().size() == 100 + 95 + 1);
    for (int i = 0; i < 100; ++i)
        if (i % 20 != 7) CHECK(fixture.sound("nodes/n" + std::to_string(i) + ".acme.example"));
}

TEST_CASE("a plan of a batch is the same each time it is made") {
    BatchFixture fixture;
    auto const given = fixture.arguments(five());
    auto const make = [&] {
        return flow::plan_certificate_batch(fixture.state(), fixture.services(),
                                            PkiFixture::request("cert issue", given));
    };
    CHECK(model::digest(make()) == model::digest(make()));
}
