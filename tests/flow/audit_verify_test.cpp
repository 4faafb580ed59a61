// How far a journal is verified: levels, threads, the mark that says up to where everything was.

#include "core/base/error.h"
#include "core/crypto/keystore.h"
#include "core/journal/checkpoint.h"
#include "core/store/sqlite.h"
#include "tests/support/audited.h"
#include "tests/support/services.h"

#include <fstream>

using namespace consortium;
using base::Json;
using test::Founded;

namespace {

void fill(Founded& journal, std::uint64_t size) {
    journal.store().write([&](port::Transaction& transaction) {
        for (auto at = journal.store().head().size; at < size; ++at)
            transaction.append_checkpoint("globex", "head " + std::to_string(at));
    });
}

/// Changes what is stored of one entry, as somebody with the program's own file layer could.
void forge(Founded& journal, std::uint64_t index) {
    store::Database database(journal.folder() / "journal.db", store::Database::Opening::existing);
    store::Statement statement(database, "UPDATE entry SET leaf = ? WHERE idx = ?");
    statement.bind(base::as_bytes(R"({"checkpoint":"another","peer":"globex"})")).bind(index).run();
}

std::vector<std::string> damages(model::Outcome const& outcome) {
    std::vector<std::string> out;
    for (auto const& damage : outcome.data->at("damages"))
        out.push_back(damage["where"].get<std::string>() + ": " + damage["what"].get<std::string>());
    return out;
}

std::vector<std::string> verified(Founded& journal, std::string const& level) {
    return damages(journal.verify({{"level", level}}));
}

std::uint64_t from(Founded& journal) {
    auto const outcome = journal.verify({{"level", "new"}});
    CHECK_FALSE(outcome.status);
    return outcome.data->at("from").get<std::uint64_t>();
}

bool has(std::vector<std::string> const& list, std::string const& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

/// Stops whoever reports it after some number of entries.
struct Stopper : port::Progress {
    struct Stopped {};
    std::uint64_t after;

    explicit Stopper(std::uint64_t entries) : after(entries) {}
    void start(std::string_view, std::uint64_t) override {}
    void advance(std::uint64_t done) override {
        if (done > after) throw Stopped{};
    }
    void finish() override {}
};

/// Somebody else who appends when reading begins.
struct Appender : port::Progress {
    Founded& journal;

    explicit Appender(Founded& into) : journal(into) {}
    void start(std::string_view, std::uint64_t) override { fill(journal, journal.store().head().size + 300); }
    void advance(std::uint64_t) override {}
    void finish() override {}
};

}  // namespace

TEST_CASE(
    "a journal of many tiles is read by several threads, and a changed entry is named by each level that "
    "reads it") {
    Founded journal;
    fill(journal, 70'001);
    for (auto const* level : {"head", "new", "bytes", "all"}) CHECK(verified(journal, level).empty());
    forge(journal, 66'000);
    // Only who asks for it reads again what was verified once.
    CHECK(verified(journal, "new").empty());
    auto const wrong = std::string("entry 66000: its bytes do not have the hash that the tree has for them");
    CHECK(verified(journal, "head").empty());
    CHECK(has(verified(journal, "bytes"), wrong));
    CHECK(has(verified(journal, "all"), wrong));
    // What was verified once is not any more.
    CHECK(has(verified(journal, "new"), wrong));
}

TEST_CASE("an entry that is missing is named by each level that reads it") {
    Founded journal;
    fill(journal, 9'000);
    {
        store::Database database(journal.folder() / "journal.db", store::Database::Opening::existing);
        store::Statement statement(database, "DELETE FROM entry WHERE idx = ?");
        statement.bind(std::uint64_t{5'000}).run();
    }
    for (auto const* level : {"new", "bytes", "all"})
        CHECK(has(verified(journal, level), "entry 5000: is missing"));
}

TEST_CASE("every level says what it checked and what it did not") {
    Founded journal;
    auto const checks = [&](char const* level, char const* list) {
        return journal.verify({{"level", level}}).data->at(list).get<std::vector<std::string>>();
    };
    using Names = std::vector<std::string>;
    CHECK(checks("head", "checked") == Names{"head", "high-water mark"});
    CHECK(checks("bytes", "not_checked") == Names{"commitments", "signatures", "projection"});
    CHECK(checks("new", "not_checked") == Names{"storage", "projection"});
    CHECK(checks("all", "not_checked") == Names{"projection"});
}

TEST_CASE("where the storage is damaged, nothing else is said to have been checked") {
    Founded journal;
    fill(journal, 9'000);
    auto const path = journal.folder() / "journal.db";
    {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        auto const middle = static_cast<std::streamoff>(std::filesystem::file_size(path) / 2);
        file.seekg(middle);
        auto const byte = static_cast<char>(file.get() ^ 1);
        file.seekp(middle);
        file.put(byte);
    }
    auto const outcome = journal.verify({{"level", "all"}, {"projection", true}});
    CHECK(outcome.status == base::Code::verification_failed);
    using Names = std::vector<std::string>;
    CHECK(outcome.data->at("checked").get<Names>() == Names{"storage"});
    CHECK(outcome.data->at("not_checked").get<Names>() ==
          Names{"head", "high-water mark", "bytes", "commitments", "signatures", "projection"});
}

TEST_CASE("what was verified is remembered, and the next run begins there") {
    Founded journal;
    fill(journal, 600);
    CHECK(from(journal) == 0);
    fill(journal, 700);
    CHECK(from(journal) == 600);
    CHECK(from(journal) == 700);
    fill(journal, 710);
    forge(journal, 705);
    CHECK(has(verified(journal, "new"),
              "entry 705: its bytes do not have the hash that the tree has for them"));
    // What did not hold was not remembered as verified.
    CHECK_FALSE(verified(journal, "new").empty());
}

TEST_CASE("bytes alone are not remembered as verified") {
    Founded journal;
    fill(journal, 300);
    CHECK(verified(journal, "bytes").empty());
    CHECK(from(journal) == 0);
}

TEST_CASE("a run that is stopped has set its mark on the way") {
    Founded journal;
    fill(journal, 80'000);
    Stopper stopper(70'000);
    auto services = services_with(journal.services(), {.progress = &stopper});
    CHECK_THROWS_AS(flow::audit_verify(services, {"audit verify", base::JsonValue(Json::object())}),
                    Stopper::Stopped);
    CHECK(from(journal) == 65'536);
}

TEST_CASE("a mark that the log key did not sign, or that is a head, is a finding") {
    Founded journal;
    fill(journal, 300);
    auto const head = journal.store().head();
    auto const findings = [&](std::string const& note) {
        journal.store().keep_verified(note);
        return verified(journal, "new");
    };
    auto const log = journal.services().keys.open("log");
    auto const mark = [&](std::uint64_t size, base::Digest const& root, port::Signer& key) {
        auto const origin = flow::own_log_key(journal.services()).name + "/verified";
        return journal::sign_checkpoint({origin, size, root}, key);
    };
    CHECK(findings(mark(head.size, head.root, *log)).empty());
    TestSigner stranger("stranger");
    for (auto const& note : {head.checkpoint, mark(head.size, head.root, stranger),
                             mark(head.size, base::sha256(std::string_view("other")), *log),
                             mark(head.size + 1, head.root, *log), std::string("nothing")}) {
        auto const found = findings(note);
        REQUIRE(found.size() == 1);
        CHECK(found[0].starts_with("watermark: "));
    }
    // Reading everything needs no mark that says nothing; one that is signed says that this is another
    // journal.
    CHECK(verified(journal, "all").empty());
    CHECK(from(journal) == head.size);
    journal.store().keep_verified(mark(head.size, base::sha256(std::string_view("other")), *log));
    for (auto const* level : {"all", "new"})
        CHECK(verified(journal, level) ==
              std::vector<std::string>{"watermark: the journal does not contain the " +
                                       std::to_string(head.size) + " entries that were verified before"});
}

TEST_CASE("what others append meanwhile is no damage") {
    Founded journal;
    fill(journal, 5'000);
    for (auto const* level : {"head", "bytes", "all"}) {
        Appender appender(journal);
        auto services = services_with(journal.services(), {.progress = &appender});
        auto const size = journal.store().head().size;
        auto const outcome =
            flow::audit_verify(services, {"audit verify", base::JsonValue(Json{{"level", level}})});
        CHECK(damages(outcome).empty());
        CHECK(outcome.data->at("size") == size);
        CHECK((journal.store().head().size > size) == (level != std::string("head")));
    }
}

TEST_CASE("a tail tile that holds more than the head is a finding") {
    Founded journal;
    fill(journal, 300);
    {
        store::Database database(journal.folder() / "journal.db", store::Database::Opening::existing);
        store::Statement statement(
            database, "UPDATE tile SET hashes = CAST(hashes || zeroblob(32) AS BLOB) WHERE place = 1");
        statement.run();
    }
    CHECK(has(verified(journal, "bytes"), "tile/0/001.p/44: does not fit the entries below it"));
}

TEST_CASE("what was found is told also where the mark cannot be kept") {
    Founded journal;
    fill(journal, 300);
    for (auto const& entry : std::filesystem::recursive_directory_iterator(journal.folder()))
        if (entry.path().filename() == "high-water")
            std::filesystem::create_directory(entry.path().parent_path() / "verified");
    auto const outcome = journal.verify({{"level", "all"}});
    CHECK(damages(outcome).empty());
    REQUIRE(outcome.warnings.size() == 1);
    CHECK(outcome.warnings[0].starts_with("how far it was verified could not be kept: "));
}
