#include "core/flow/operation.h"
#include "tests/support/batch.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"
#include "tests/support/error_of.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;

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

}  // namespace

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
        fixture.ask({{"operand", "e.acme.example"}, {"new-key", true}, {"no-passphrase", true}})["request"];
    auto const request = fixture.file("e.csr", asked.get<std::string>());
    std::string rows = "name,csr\n";
    for (int i = 1; i <= 40; ++i) rows += "n" + std::to_string(i) + ".acme.example,\n";
    auto plan = fixture.plan(fixture.arguments(rows + "e.acme.example,e.csr\n"));
    // As many as a thread takes at once.
    Json detail = *plan.steps.at(0).detail;
    detail["chunk"] = 20;
    detail["requests"] = Json::array({"", "", detail.at("requests").at(0)});
    plan.steps[0].detail = base::JsonValue(detail);
    std::filesystem::remove(request);
    auto const failed = error_of([&] { fixture.carry_out(plan); });
    CHECK(failed.code() == base::Code::partial);
    CHECK(fixture.count("certificate") == 40);
    CHECK(fixture.sound("nodes/n40.acme.example"));
    fixture.file("e.csr", asked.get<std::string>());
    auto const result = fixture.carry_out(plan)["results"][0];
    CHECK(result["resumed_at"] == 40);
    CHECK(result["issued"] == 41);
    CHECK(fixture.count("certificate") == 41);
}

TEST_CASE("behind a chunk that could not be written none is") {
    BatchFixture fixture;
    auto const given = fixture.arguments(five());
    test::Crash never;
    FullStore full(fixture.store(), never, 4);  // begun, two chunks announced, and the first to be written
    auto services = services_with(fixture.services(), {.store = &full});
    auto const failed = error_of([&] { flow::apply(fixture.plan(given), services, fixture.self()); });
    CHECK(failed.message().find("the disk is full") != std::string::npos);
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
