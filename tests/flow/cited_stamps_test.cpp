#include "core/flow/cited_stamps.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/flow/audit.h"
#include "core/journal/proof.h"
#include "tests/support/audited.h"
#include "tests/support/stamped.h"

using namespace consortium;
using base::Json;
using test::Founded;

namespace {

Json acts_at(std::vector<std::uint64_t> const& indexes) {
    Json out = Json::array();
    for (auto const index : indexes) out.push_back({{"index", index}});
    return out;
}

/// Has the present head stamped, and returns its size.
std::uint64_t stamp(Founded& journal, std::string const& name) {
    auto const head = journal.store().head();
    record_stamp(journal.store(), head.checkpoint, name);
    return head.size;
}

Json stamps(Founded& journal, std::vector<std::uint64_t> const& indexes) {
    return flow::cited_stamps(journal.store(), acts_at(indexes), journal.store().head());
}

}  // namespace

TEST_CASE(
    "of each act that is cited the earliest timestamp that covers it is told, and how many none covers") {
    Founded journal;
    auto const first = stamp(journal, "t-1");
    auto const second = stamp(journal, "t-2");
    auto const third = stamp(journal, "t-3");
    REQUIRE(third == second + 1);
    auto told = stamps(journal, {0, first - 1, second, third});
    REQUIRE(told["timestamps"].size() == 2);
    CHECK(told["timestamps"][0]["size"].get<std::uint64_t>() == first);
    CHECK(told["timestamps"][0]["acts"].get<int>() == 2);
    CHECK(told["timestamps"][0]["time"].get<std::string>() == "2026-11-02T11:00:00Z");
    CHECK(told["timestamps"][1]["size"].get<std::uint64_t>() == third);
    CHECK(told["timestamps"][1]["acts"].get<int>() == 1);
    CHECK(told["unstamped"]["acts"].get<int>() == 1);
    CHECK(told["unstamped"]["next"].get<std::string>() == "consortium audit checkpoint --timestamp");
    told = stamps(journal, {first - 1, first});
    CHECK(told["timestamps"].size() == 2);
    CHECK(told["unstamped"].is_null());
}

TEST_CASE("without any timestamp that is said of every act") {
    Founded journal;
    auto const told = stamps(journal, {0, 1});
    CHECK(told["timestamps"].empty());
    CHECK(told["unstamped"]["acts"].get<int>() == 2);
}

TEST_CASE("that the journal continues a head that was stamped is proven, beside its token") {
    Founded journal;
    auto const size = stamp(journal, "t-1");
    auto const told = stamps(journal, {0});
    auto const key = flow::own_log_key(journal.services());
    auto const& one = told["timestamps"][0];
    auto const proof = journal::ConsistencyProof::parse(one["growth"].get<std::string>());
    CHECK(journal::verify_proof(proof, {key}, journal.services().verifier).checkpoint.size == size + 1);
    CHECK(proof.old_root.hex() == one["root"].get<std::string>());
    base::TemporaryFolder const folder;
    flow::write_stamps(folder.path(), told["timestamps"]);
    auto const file = folder.path() / one["file"].get<std::string>();
    CHECK(base::read_text(file, 4096) == one["note"].get<std::string>());
    CHECK(base::read_text(file.string() + ".tsr", 4096) == "t-1");
    CHECK(base::read_text(file.string() + ".growth", 4096) == one["growth"].get<std::string>());
}

TEST_CASE("a head of an earlier origin, or one that this journal does not continue, covers nothing") {
    Founded journal;
    auto const head = journal.store().head();
    TestSigner former("the former log key");
    record_stamp(journal.store(),
                 journal::sign_checkpoint({"consortium/acme/00000000", head.size, head.root}, former),
                 "t-former");
    CHECK(stamps(journal, {0})["timestamps"].empty());
    auto const origin = journal::Checkpoint::parse(journal::Note::parse(head.checkpoint).body).origin;
    record_stamp(journal.store(),
                 journal::sign_checkpoint({origin, head.size, base::sha256("another tree")}, former),
                 "t-forked");
    CHECK_THROWS_WITH_AS(stamps(journal, {0}), doctest::Contains("does not continue"), base::Error);
}

TEST_CASE("a head that was stamped after the report's own is none of it") {
    Founded journal;
    auto const head = journal.store().head();
    TestSigner former("the former log key");
    record_stamp(journal.store(),
                 journal::sign_checkpoint({"consortium/acme/00000000", head.size, head.root}, former),
                 "t-former");
    REQUIRE(stamp(journal, "t-1") == head.size + 1);
    auto const told = flow::cited_stamps(journal.store(), acts_at({0}), head);
    CHECK(told["timestamps"].empty());
    CHECK(told["unstamped"]["acts"].get<int>() == 1);
}
