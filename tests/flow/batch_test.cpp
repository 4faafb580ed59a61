#include "core/crypto/signer.h"
#include "core/flow/certificate_batch.h"
#include "core/flow/operation.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"
#include "tests/support/error_of.h"
#include "tests/support/event_kinds.h"
#include "tests/support/renewal.h"

#include <doctest/doctest.h>
#include <set>
#include <sstream>

using namespace consortium;
using base::Json;
using Words = std::vector<std::string>;

namespace {

/// Ends the "process" where the batch says how far it is: between the parts of a chunk.
class CrashingProgress : public port::Progress {
public:
    explicit CrashingProgress(test::Crash& crash) : m_crash(crash) {}
    void start(std::string_view, std::uint64_t) override {}
    void advance(std::uint64_t) override { m_crash.point(); }
    void finish() override {}

private:
    test::Crash& m_crash;
};

/// A disk that is full for one transaction.
class FullStore : public test::CrashingStore {
public:
    FullStore(port::Store& inner, test::Crash& crash, int at) : CrashingStore(inner, crash), m_at(at) {}
    void write(std::function<void(port::Transaction&)> const& work) override {
        if (++m_writes == m_at) throw base::Error(base::Code::storage, "the disk is full");
        CrashingStore::write(work);
    }

private:
    int m_at, m_writes = 0;
};

class BatchFixture : public RenewalFixture {
public:
    BatchFixture() { init_ca(); }

    Json arguments(std::string const& text, std::string const& to = "nodes") {
        return {{"batch", file(to + ".csv", text)},
                {"to", (folder() / to).string()},
                {"profile", "node-tls"},
                {"type", "p256"},
                {"new-key", true},
                {"no-passphrase", true}};
    }
    /// Chunks of two rows, so that a few rows have several, where no request is pinned by its chunk.
    std::size_t chunk = 2;
    model::Plan plan(Json arguments) {
        auto plan =
            flow::plan_certificate_batch(state(), services(), request("cert issue", std::move(arguments)));
        Json detail = *plan.steps.at(0).detail;
        if (detail.at("requests") == Json::array({""})) {
            detail["chunk"] = chunk;
            detail["requests"] = Json(Words((detail.at("rows").get<std::size_t>() + chunk - 1) / chunk));
            plan.steps[0].detail = base::JsonValue(detail);
        }
        return plan;
    }
    Json issue_batch(Json given) { return carry_out(plan(std::move(given)))["results"][0]; }

    std::set<std::string> listed(std::string const& to = "nodes") {
        std::set<std::string> out;
        for (auto const& item : std::filesystem::directory_iterator(folder() / to))
            out.insert(item.path().filename().string());
        return out;
    }
    std::string text(std::string const& path) { return base::read_text(folder() / path, 1u << 20); }
    base::Bytes leaf(std::string const& path) {
        return services().certifier.read_certificates(base::as_bytes(text(path))).front();
    }
    /// Whether the certificate is on file, valid now, and for the key beside it.
    bool sound(std::string const& stem) {
        auto const der = leaf(stem + ".pem");
        auto const facts =
            services().certifier.accept_certificate(der, flow::newest(store(), "issuing").certificate());
        auto const object = store().object("certificate", facts.content.serial);
        auto const key = text(stem + ".key");
        auto const signer =
            crypto::make_signer(crypto::private_from_pem(base::as_bytes(key), base::Secret(), stem));
        return object && object->state == "valid" && flow::der_of(*object) == der &&
               signer->public_key() == facts.content.public_key;
    }
    std::size_t count(std::string const& kind) {
        std::size_t found = 0;
        store().objects({.kind = kind}, [&](model::Object const&) { ++found; });
        return found;
    }
    std::string message(Json given) {
        try {
            plan(std::move(given));
            return {};
        } catch (base::Error const& error) {
            return error.message();
        }
    }
};

std::string five() {
    std::string out = "name,also\n";
    for (int i = 1; i <= 5; ++i)
        out += "n" + std::to_string(i) + ".acme.example,10.0.0." + std::to_string(i) + "\n";
    return out;
}

}  // namespace

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

TEST_CASE("G20 a batch that was killed anywhere goes on: no row is left out, none is certified twice") {
    BatchFixture fixture;
    int total = 0;
    for (int at = 1; at == 1 || at <= total; ++at) {
        CAPTURE(at);
        auto const to = "killed-" + std::to_string(at);
        auto given = fixture.arguments(five(), to);
        auto plan = fixture.plan(given);
        plan.operation = to;
        auto const before = fixture.count("certificate");
        test::Crash crash{at};
        test::CrashingStore store(fixture.store(), crash);
        CrashingProgress progress(crash);
        auto dying = services_with(fixture.services(), {.store = &store, .progress = &progress});
        CHECK_THROWS_AS(flow::apply(plan, dying, fixture.self()), test::Killed);
        // What can be seen by now is whole: a certificate that is on file, with its key.
        if (base::exists(fixture.folder() / to))
            for (auto const& name : fixture.listed(to))
                if (name.ends_with(".pem")) CHECK(fixture.sound(to + "/" + name.substr(0, name.size() - 4)));
        auto const known = fixture.store().object("operation", to);
        auto record = known ? known->data : base::JsonValue();
        if (!known || known->state != "done") {
            auto again = fixture.plan(given);
            again.operation = to;
            record = flow::apply(again, fixture.services(), fixture.self());
        }
        CHECK(record->at("results")[0]["issued"] == 5);
        CHECK(fixture.count("certificate") == before + 5);
        CHECK(fixture.listed(to).size() == 11);
        for (int i = 1; i <= 5; ++i) CHECK(fixture.sound(to + "/n" + std::to_string(i) + ".acme.example"));
        if (at == 1) {  // how many places there are to be killed at
            test::Crash never;
            test::CrashingStore whole(fixture.store(), never);
            CrashingProgress counting(never);
            auto services = services_with(fixture.services(), {.store = &whole, .progress = &counting});
            flow::apply(fixture.plan(fixture.arguments(five(), "whole")), services, fixture.self());
            total = never.seen;
        }
    }
    CHECK(total >= 24);  // three chunks of two transactions and four words, and what is around them
}

TEST_CASE("what is being signed when a later row fails is issued all the same") {
    BatchFixture fixture;
    auto const asked =
        fixture.ask({{"operand", "n5.acme.example"}, {"new-key", true}, {"no-passphrase", true}})["request"];
    auto const request = fixture.file("e.csr", asked.get<std::string>());
    std::string rows = "name,csr\n";
    for (int i = 1; i <= 4; ++i) rows += "n" + std::to_string(i) + ".acme.example,\n";
    auto plan = fixture.plan(fixture.arguments(rows + "n5.acme.example,e.csr\n"));
    Json detail = *plan.steps.at(0).detail;
    detail["chunk"] = 2;
    detail["requests"] = {"", "", detail.at("requests").at(0)};
    plan.steps[0].detail = base::JsonValue(detail);
    std::filesystem::remove(request);
    auto const failed = error_of([&] { fixture.carry_out(plan); });
    CHECK(failed.code() == base::Code::partial);
    CHECK(fixture.count("certificate") == 4);
    fixture.file("e.csr", asked.get<std::string>());
    auto const result = fixture.carry_out(plan)["results"][0];
    CHECK(result["resumed_at"] == 4);
    CHECK(result["issued"] == 5);
    CHECK(fixture.count("certificate") == 5);
}

TEST_CASE("behind a chunk that could not be written none is") {
    BatchFixture fixture;
    auto const given = fixture.arguments(five());
    test::Crash never;
    FullStore full(fixture.store(), never, 4);  // begun, two chunks announced, and the first to be written
    auto services = services_with(fixture.services(), {.store = &full});
    CHECK(code_of([&] { flow::apply(fixture.plan(given), services, fixture.self()); }) ==
          base::Code::storage);
    CHECK(fixture.count("certificate") == 0);
    CHECK(fixture.count("batch-chunk") == 0);
    auto const result = fixture.issue_batch(given);
    CHECK(result["resumed_at"].is_null());
    CHECK(result["issued"] == 5);
    for (int i = 1; i <= 5; ++i) CHECK(fixture.sound("nodes/n" + std::to_string(i) + ".acme.example"));
}

TEST_CASE("the same command goes on with a batch that was killed, under whatever operation") {
    BatchFixture fixture;
    test::Crash crash{14};
    test::CrashingStore store(fixture.store(), crash);
    CrashingProgress progress(crash);
    auto dying = services_with(fixture.services(), {.store = &store, .progress = &progress});
    auto const given = fixture.arguments(five());
    CHECK_THROWS_AS(flow::apply(fixture.plan(given), dying, fixture.self()), test::Killed);
    auto const result = fixture.issue_batch(given);
    CHECK(result["resumed_at"] == 2);
    CHECK(fixture.count("certificate") == 5);
    // The first operation finds nothing left to do.
    std::string open;
    fixture.store().objects({.kind = "operation", .state = "open"},
                            [&](model::Object const& object) { open = object.name; });
    CHECK((*flow::resume(open, fixture.services(), fixture.self()))["results"][0] == result);
    CHECK(fixture.count("certificate") == 5);
    // The same once more is told the same, and another finds the folder taken.
    CHECK(fixture.plan(given).warnings.size() == 1);
    CHECK(fixture.issue_batch(given) == result);
    auto other = given;
    other["valid-for"] = "P30D";
    CHECK(code_of([&] { fixture.plan(other); }) == base::Code::conflict);
    CHECK(fixture.count("certificate") == 5);
    // Where what it made is gone, it is made anew.
    std::filesystem::remove_all(fixture.folder() / "nodes");
    CHECK(fixture.issue_batch(given)["batch"] != result["batch"]);
    CHECK(fixture.count("certificate") == 10);
}

TEST_CASE(
    "a passphrase that nobody can say is missed before the batch is begun, and not of one that is done") {
    BatchFixture fixture;
    auto given = fixture.arguments(five());
    given.erase("no-passphrase");
    auto& services = fixture.services();
    auto const mute = [](std::string_view) -> base::Secret {
        throw base::Error(base::Code::declined, "nobody is there");
    };
    services.new_passphrase = mute;
    auto const before = fixture.store().head().size;
    CHECK(code_of([&] { fixture.issue_batch(given); }) == base::Code::declined);
    CHECK(fixture.store().head().size == before);
    CHECK_FALSE(base::exists(fixture.folder() / "nodes"));
    services.new_passphrase = [](std::string_view what) {
        CHECK(what == "the new keys of nodes.csv");
        return base::Secret::from_text("a long passphrase");
    };
    auto const result = fixture.issue_batch(given);
    CHECK(fixture.text("nodes/n1.acme.example.key").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    services.new_passphrase = mute;
    CHECK(fixture.issue_batch(given) == result);
    // Where no key is made, or none is encrypted, nothing is asked.
    given["no-passphrase"] = true;
    given["to"] = (fixture.folder() / "open").string();
    CHECK(fixture.issue_batch(given)["issued"] == 5);
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
