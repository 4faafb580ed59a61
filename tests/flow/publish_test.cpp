#include "core/flow/exchange_witness.h"
#include "core/journal/tile.h"
#include "core/model/candidate.h"
#include "tests/support/code_of.h"
#include "tests/support/organization.h"

#include <algorithm>

using namespace consortium;

namespace {

void grow(Organization& one, int entries) {
    one.store().write([&](port::Transaction& transaction) {
        for (int i = 0; i < entries; ++i)
            transaction.append_event(
                {"test.put", one.clock.now(), base::JsonValue(base::Json::object()), {}});
    });
}

/// Acme has published one act more than its journal then holds, and globex has cosigned it.
void restore_after_witnesses(Founders& here) {
    Backup backup(here.acme);
    here.acme.propose("one");
    here.acme.sync(here.exchange);
    here.globex.sync(here.exchange);
    backup.restore();
}

}  // namespace

TEST_CASE("publishing writes the checkpoint last, and nothing when nothing is new") {
    Founders here;
    here.acme.propose("one");
    here.exchange.written.clear();
    auto const report = flow::publish(here.acme.services(), here.acme.self, here.exchange);
    CHECK(report.size == here.acme.store().head().size);
    CHECK(report.written == here.exchange.written.size());
    CHECK(here.exchange.written.back() == "acme/checkpoint");
    CHECK(here.exchange.blobs.at("acme/checkpoint") == here.acme.store().head().checkpoint);
    here.exchange.written.clear();
    CHECK(flow::publish(here.acme.services(), here.acme.self, here.exchange).written == 0);
    CHECK(here.exchange.written.empty());
}

TEST_CASE("one process at a time publishes from a workspace, its head read under the lock") {
    Founders here;
    auto const publish = [&] { flow::publish(here.acme.services(), here.acme.self, here.exchange); };
    auto const lock = here.acme.self.workspace / "publish.lock";
    int looks = 0;
    here.exchange.on_read = [&](std::string const& path) {
        if (path != "acme/checkpoint" || looks++ > 0) return;
        CHECK(code_of([&] { base::FileLock const other(lock, 0); }) == base::Code::busy);
        here.acme.propose("meanwhile");
    };
    publish();
    CHECK(looks > 0);
    CHECK(here.exchange.blobs.at("acme/checkpoint") == here.acme.store().head().checkpoint);
    base::FileLock const free(lock, 0);
}

TEST_CASE("a file that a power cut left in part is written again with the acts that name it") {
    Founders here;
    auto const whole = here.exchange.below("acme/files");
    REQUIRE_FALSE(whole.empty());
    for (auto const& [path, content] : whole) here.exchange.blobs[path] = "";
    here.exchange.blobs.erase("acme/checkpoint");
    flow::publish(here.acme.services(), here.acme.self, here.exchange);
    CHECK(here.exchange.below("acme/files") == whole);
}

TEST_CASE("a candidate whose document cannot be read does not keep the rest from being published") {
    Founders here;
    auto& acme = here.acme;
    acme.store().write([&](port::Transaction& transaction) {
        model::Candidate const offer{{0, transaction.put_file("no epoch")}, {}};
        auto const act = flow::sign({"candidate", {}, base::JsonValue(model::to_json(offer)), true},
                                    *acme.store().latest(), acme.services(), acme.self);
        transaction.append_act(act.envelope);
    });
    acme.propose("one");
    auto const report = flow::publish(acme.services(), acme.self, here.exchange);
    CHECK(report.size == acme.store().head().size);
    CHECK(here.exchange.blobs.at("acme/checkpoint") == acme.store().head().checkpoint);
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings.front().find("'candidate'") != std::string::npos);
    flow::SyncReport sync;
    sync.published = report;
    CHECK(flow::to_outcome(sync).warnings == report.warnings);
}

TEST_CASE("partial tiles go once the full one is there, and only those") {
    Founders here;
    for (int growth : {40, 40, 300}) {
        grow(here.acme, growth);
        flow::publish(here.acme.services(), here.acme.self, here.exchange);
    }
    auto const size = here.acme.store().head().size;
    REQUIRE(size > 256);
    CHECK(here.exchange.has("acme/" + journal::entries_path(0, 256)));
    CHECK(here.exchange.has("acme/" + journal::tile_path(0, 0, 256)));
    CHECK(here.exchange.list("acme/tile/entries/000.p")->empty());
    CHECK(here.exchange.list("acme/tile/0/000.p")->empty());
    CHECK(here.exchange.has("acme/" + journal::entries_path(1, size - 256)));
    CHECK(here.exchange.has("acme/" + journal::tile_path(1, 0, 1)));
    here.globex.sync(here.exchange);
    CHECK(here.globex.store().note("seen/acme") == here.acme.store().head().checkpoint);
}

TEST_CASE("where it is not known what was written, all is written again") {
    Founders here;
    grow(here.acme, 300);
    here.acme.sync(here.exchange);
    auto const whole = here.exchange.below("acme");
    here.exchange.blobs.erase("acme/" + journal::entries_path(0, 256));
    std::erase_if(here.exchange.blobs,
                  [](auto const& blob) { return blob.first.starts_with("acme/files/"); });
    CHECK(flow::publish(here.acme.services(), here.acme.self, here.exchange).written == 0);
    here.exchange.knows = false;
    auto const report = flow::publish(here.acme.services(), here.acme.self, here.exchange);
    CHECK(report.written > 0);
    CHECK_FALSE(report.substance);  // nothing of it is new to anybody
    CHECK(here.exchange.below("acme") == whole);
    CHECK(here.exchange.knows);

    // Who is stopped half-way has not written all: the next one begins again.
    here.exchange.knows = false;
    here.exchange.on_write = [&](std::string const& path) {
        if (path.starts_with("acme/files/")) throw base::Error(base::Code::unavailable, "stopped");
    };
    CHECK(code_of([&] { flow::publish(here.acme.services(), here.acme.self, here.exchange); }) ==
          base::Code::unavailable);
    CHECK_FALSE(here.exchange.knows);
}

TEST_CASE("that nobody publishes the tree is not said beside a tree that is published") {
    Founders here;
    here.exchange.blobs["acme/recovering"] = "consortium/acme/00000000\n";  // whoever wrote it was killed
    flow::publish(here.acme.services(), here.acme.self, here.exchange);
    CHECK_FALSE(here.exchange.blobs.contains("acme/recovering"));
}

TEST_CASE("what others put beside partial tiles stops nobody from publishing") {
    Founders here;
    grow(here.acme, 100);
    flow::publish(here.acme.services(), here.acme.self, here.exchange);
    std::string const folder = "acme/tile/entries/000.p/";
    for (auto const* odd : {"a b", "..x", "", "7/x"}) here.exchange.blobs[folder + odd] = "odd";
    here.exchange.blobs["acme/tile/0/000.p/" + std::string(300, '1')] = "odd";
    grow(here.acme, 300);
    flow::publish(here.acme.services(), here.acme.self, here.exchange);
    CHECK(here.exchange.blobs.at("acme/checkpoint") == here.acme.store().head().checkpoint);
    CHECK_FALSE(here.exchange.blobs.contains(folder + "106"));
    CHECK(here.exchange.blobs.contains(folder + "a b"));
}

TEST_CASE("a checkpoint in its folder that nobody signed is written over") {
    Founders here;
    auto const right = here.exchange.below("acme");
    for (auto const* junk : {"junk", "consortium/acme/00000000\n900\nAAAA\n\n"}) {
        here.exchange.blobs["acme/checkpoint"] = junk;
        flow::publish(here.acme.services(), here.acme.self, here.exchange);
        CHECK(here.exchange.blobs.at("acme/checkpoint") == here.acme.store().head().checkpoint);
    }
    CHECK(here.exchange.below("acme").size() >= right.size());
}

TEST_CASE("G24 an own head that its place does not let be read is not written over") {
    Founders here;
    Backup backup(here.acme);
    here.acme.propose("one");
    here.acme.sync(here.exchange);
    backup.restore();
    here.acme.propose("other");
    auto const before = here.exchange.blobs;
    auto const publish = [&] { flow::publish(here.acme.services(), here.acme.self, here.exchange); };
    SUBCASE("with a word of the place") {
        here.exchange.closed = {"acme/checkpoint"};
        CHECK(code_of(publish) == base::Code::not_authorized);
        auto const report = here.acme.sync(here.exchange);
        CHECK(report.unpublished);
    }
    SUBCASE("without one") {
        here.exchange.unreadable = {"acme/checkpoint"};
        CHECK(code_of(publish) == base::Code::unavailable);
    }
    CHECK(here.exchange.blobs == before);
    here.exchange.closed.clear();
    here.exchange.unreadable.clear();
    CHECK(code_of(publish) == base::Code::refused);
}

TEST_CASE("a member's second workspace hands over single acts and leaves the seat's tree alone") {
    Founders here;
    Organization desk("acme", "another host");
    desk.accept(here.genesis, false);
    CHECK(flow::own_log_key(here.acme.services(), here.acme.self));
    CHECK_FALSE(flow::own_log_key(desk.services(), desk.self));
    auto const before = here.exchange.below("acme");
    auto const report = desk.sync(here.exchange);
    CHECK_FALSE(report.published->size);
    CHECK(here.exchange.below("acme") == before);
    CHECK(desk.store().latest() != nullptr);  // it has read the seat's tree and the others'
    CHECK_FALSE(desk.store().note("cosigned/globex"));
}

TEST_CASE("the seat takes over what another workspace of its member put beside its tree") {
    Founders here;
    auto& acme = here.acme;
    Backup backup(acme);
    auto const said = acme.propose("one");
    auto const envelope = acme.store().act(said)->envelope;
    auto const foreign = here.globex.propose("two");
    backup.restore();
    here.exchange.blobs["acme/acts/" + said.hex()] = envelope;
    here.exchange.blobs["acme/acts/" + foreign.hex()] = here.globex.store().act(foreign)->envelope;
    here.exchange.blobs["acme/acts/" + std::string(64, '0')] = "nonsense";
    acme.sync(here.exchange);
    CHECK(acme.store().has_act(said));
    CHECK_FALSE(acme.store().has_act(foreign));
    here.initech.sync(here.exchange);
    CHECK(here.initech.store().has_act(said));
}

TEST_CASE("an applicant publishes its applications only") {
    Founders here;
    Organization umbrella("umbrella");
    umbrella.accept(here.genesis, false);
    auto const report = umbrella.sync(here.exchange);
    CHECK_FALSE(report.published->size);
    CHECK(here.exchange.below("umbrella").empty());
    CHECK(umbrella.store().latest() != nullptr);
}

TEST_CASE("G24 a restored journal is refused by what it has published itself") {
    Founders here;
    Backup backup(here.acme);
    here.acme.propose("one");
    here.acme.sync(here.exchange);
    backup.restore();
    auto const size = here.acme.store().head().size;
    CHECK(code_of([&] { here.acme.sync(here.exchange); }) == base::Code::refused);
    CHECK(here.acme.store().head().size == size);
    CHECK(code_of([&] { here.acme.propose("other"); }) == base::Code::refused);
    CHECK(here.acme.store().head().size == size);
}

TEST_CASE("G24 a restored journal is refused by a peer's cosignature on a larger head") {
    Founders here;
    restore_after_witnesses(here);
    here.exchange.replace("acme", {});
    auto const size = here.acme.store().head().size;
    SUBCASE("pull") {
        CHECK(code_of([&] { flow::pull(here.acme.services(), here.acme.self, here.exchange); }) ==
              base::Code::refused);
    }
    SUBCASE("publish") {
        CHECK(code_of([&] { flow::publish(here.acme.services(), here.acme.self, here.exchange); }) ==
              base::Code::refused);
        CHECK(here.exchange.below("acme").empty());
    }
    CHECK(code_of([&] { here.acme.propose("other"); }) == base::Code::refused);
    CHECK(here.acme.store().head().size == size);
}

TEST_CASE("G24 a journal that went on after it was restored is another one, and is refused too") {
    Founders here;
    restore_after_witnesses(here);
    grow(here.acme, 20);
    CHECK(code_of([&] { here.acme.sync(here.exchange); }) == base::Code::refused);
}

TEST_CASE("G24 what this log key has not signed says nothing of this journal") {
    Founders here;
    auto& cosigned = here.exchange.blobs.at("globex/cosig/acme");
    auto const line = cosigned.find('\n') + 1;
    cosigned.replace(line, cosigned.find('\n', line) - line, "999");
    CHECK_NOTHROW(here.acme.sync(here.exchange));
    CHECK_NOTHROW(here.acme.propose("one"));
}
