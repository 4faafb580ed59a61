#include "core/flow/recover.h"

#include "core/base/error.h"
#include "core/flow/own_change.h"
#include "core/flow/peer.h"
#include "core/journal/entry.h"
#include "core/model/plan.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"
#include "tests/support/organization.h"
#include "tests/support/services.h"

using namespace consortium;

namespace {

flow::State state_of(Organization& one) {
    return {one.store(), one.store().latest(), one.clock.now(), one.self};
}

model::Plan recover(Organization& one, MemoryExchange& exchange, std::string const& cause = {}) {
    model::Request request{"audit recover", base::JsonValue(base::Json::object())};
    if (!cause.empty()) request.arguments = base::JsonValue(base::Json{{"cause", cause}});
    auto const loss = flow::look_for_loss(one.services(), one.self, &exchange);
    return flow::plan_recover(state_of(one), request, loss);
}

/// Acme's host is lost with an act that it has published; an older copy of the journal is there.
struct Lost : Founders {
    Lost() {
        base::write_file(acme.self.workspace / "consortium.toml",
                         "# ours\norigin = \"old\"\nexchange = \"x\"\n");
        Backup backup(acme);
        said = acme.propose("one");
        acme.sync(exchange);
        globex.sync(exchange);
        lost = acme.store().head();
        backup.restore();
        old = flow::own_origin(acme.store());
    }
    std::string settings() { return base::read_text(acme.self.workspace / "consortium.toml", 4'096); }
    model::OwnChange change_of(std::string const& file) {
        model::OwnChange change;
        change.kind = "key.replace";
        change.subject = "log";
        change.key = flow::read_new_key(file);
        return change;
    }

    base::Digest said;
    port::Head lost;
    std::string old;
};

}  // namespace

TEST_CASE("journals that exchange with one another and say nothing new do not grow") {
    Founders here;
    for (auto* one : here.all()) one->propose(one->self.member);
    for (int round = 0; round < 4; ++round)
        for (auto* one : here.all()) one->sync(here.exchange);
    auto const blobs = here.exchange.blobs;
    std::vector<std::uint64_t> sizes;
    for (auto* one : here.all()) {
        sizes.push_back(one->store().head().size);
        CHECK(blobs.contains(one->self.member + "/cosig/acme") == (one != &here.acme));
    }
    here.exchange.written.clear();
    for (int round = 0; round < 10; ++round) {
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            auto& one = *here.all()[i];
            one.clock.set(one.clock.now() + base::Duration{60});
            auto const report = one.sync(here.exchange);
            CHECK(report.witnessed == 2);
            CHECK(one.store().head().size == sizes[i]);
        }
    }
    // Cosignatures too: they are made once a head, so their times stand.
    CHECK(here.exchange.blobs == blobs);
    CHECK(here.exchange.written.empty());
}

TEST_CASE(
    "G24 a journal that lacks what was published goes on under a new origin that says what it follows") {
    Lost here;
    auto& acme = here.acme;
    CHECK(code_of([&] { acme.sync(here.exchange); }) == base::Code::refused);
    auto const size = acme.store().head().size;
    auto const plan = recover(acme, here.exchange);
    REQUIRE(plan.verdict.allowed());
    CHECK(plan.danger == "acme");
    flow::apply(plan, acme.services(), acme.self);
    auto const origin = flow::own_origin(acme.store());
    CHECK(origin != here.old);
    CHECK(here.settings() == "# ours\norigin = \"" + origin + "\"\nexchange = \"x\"\n");
    // The first new entry is the last head known of the old origin, which its own key has signed.
    auto const first = journal::open_checkpoint_leaf(acme.store().entry(size).leaf);
    CHECK(first.peer == "acme");
    CHECK(first.note == here.lost.checkpoint);
    auto const record = acme.store().object("origin", origin);
    REQUIRE(record);
    CHECK(record->data->at("previous") == here.old);
    CHECK(record->data->at("entries") == size);
    CHECK(record->data->at("cause") == "restored");
    // Its seat may have signed what is not known here.
    CHECK(acme.store().object("seat", acme.founder.member.seat.hex())->state == "silent");
    // Nothing is published in place of the old tree, which is read for what was signed.
    auto const tree = here.exchange.below("acme/tile");
    acme.sync(here.exchange);
    CHECK(acme.store().has_act(here.said));
    CHECK(here.exchange.below("acme/tile") == tree);
    CHECK(here.exchange.blobs.at("acme/checkpoint") == here.lost.checkpoint);
    CHECK(acme.store().compare_projection().empty());
    CHECK(acme.store().inspect().empty());
}

TEST_CASE("G24 killed at every boundary, a recovery leaves the old origin or the new one, and goes on") {
    int runs = 0;
    for (int at = 1;; ++at) {
        Lost here;
        auto& acme = here.acme;
        auto const plan = recover(acme, here.exchange);
        test::Crash crash{at};
        test::CrashingStore store(acme.store(), crash);
        auto services = services_with(acme.services(), {.store = &store});
        bool killed = false;
        try {
            flow::apply(plan, services, acme.self);
        } catch (test::Killed const&) {
            killed = true;
        }
        acme.close();
        acme.open();
        if (flow::own_origin(acme.store()) == here.old) {
            auto const again = recover(acme, here.exchange);
            REQUIRE(again.verdict.allowed());
            flow::apply(again, acme.services(), acme.self);
        }
        std::vector<std::string> open;
        acme.store().objects({.kind = "operation", .state = "open"},
                             [&](model::Object const& object) { open.push_back(object.name); });
        for (auto const& name : open) flow::resume(name, acme.services(), acme.self);
        auto const origin = flow::own_origin(acme.store());
        CHECK(here.settings().find(origin) != std::string::npos);
        // One origin was begun, whatever keys were made for it.
        int origins = 0;
        acme.store().objects({.kind = "origin"}, [&](model::Object const&) { ++origins; });
        CHECK(origins == 1);
        acme.sync(here.exchange);
        CHECK(acme.store().has_act(here.said));
        ++runs;
        if (!killed) break;
    }
    CHECK(runs == 5);
}

TEST_CASE("G24 what nobody knows to be lost is not recovered from, unless a person says why") {
    Founders here;
    CHECK_FALSE(recover(here.acme, here.exchange).verdict.allowed());
    CHECK(recover(here.acme, here.exchange, "compromise").verdict.allowed());
    CHECK(code_of([&] {
              flow::plan_key_replace(state_of(here.acme),
                                     {"key replace", base::JsonValue(base::Json{{"operand", "log"}})});
          }) == base::Code::unsupported);
}

TEST_CASE("G24 an unreadable exchange and a head that this key has not signed prove no loss") {
    Founders here;
    TestSigner stranger("stranger");
    auto const known =
        journal::Checkpoint::parse(journal::Note::parse(here.acme.store().head().checkpoint).body);
    auto more = known;
    more.size += 5;
    here.exchange.blobs["globex/cosig/acme"] = journal::sign_checkpoint(more, stranger);
    CHECK_FALSE(recover(here.acme, here.exchange).verdict.allowed());
    here.exchange.unreadable.insert("globex/cosig/acme");
    CHECK_FALSE(recover(here.acme, here.exchange).verdict.allowed());
}

TEST_CASE("a member's tree under a key that no epoch names is refused, whatever it says it follows") {
    Founders here;
    TestSigner stranger("stranger");
    auto const seen = here.globex.store().note(flow::seen_note("acme"));
    auto const origin = flow::journal_origin("acme", stranger.id());
    auto const head = here.acme.store().head();
    here.exchange.blobs["acme/checkpoint"] =
        journal::sign_checkpoint({origin, head.size, head.root}, stranger);
    auto const size = here.globex.store().head().size;
    auto const report = here.globex.sync(here.exchange);
    bool named = false;
    for (auto const& peer : report.peers)
        named |=
            peer.member == "acme" && peer.problem && peer.problem->code() == base::Code::verification_failed;
    CHECK(named);
    CHECK(here.globex.store().note(flow::seen_note("acme")) == seen);
    CHECK(here.globex.store().head().size == size);
}
