#include "core/flow/exchange.h"

#include "core/flow/exchange_read.h"
#include "core/flow/exchange_watch.h"
#include "tests/support/code_of.h"
#include "tests/support/flow.h"
#include "tests/support/organization.h"

#include <algorithm>

using namespace consortium;

namespace {

flow::PeerReport const& of(flow::SyncReport const& report, std::string const& member) {
    for (auto const& peer : report.peers)
        if (peer.member == member) return peer;
    FAIL("nothing is reported of " << member);
    return report.peers.front();
}

}  // namespace

TEST_CASE("a sync with nothing to say changes neither journal nor exchange") {
    Founders here;
    auto const blobs = here.exchange.blobs;
    for (auto* one : here.all()) {
        auto const size = one->store().head().size;
        auto const report = one->sync(here.exchange);
        CHECK(one->store().head().size == size);
        CHECK(report.published->written == 0);
        CHECK(report.witnessed == 2);
    }
    CHECK(here.exchange.blobs == blobs);
}

TEST_CASE("what one says reaches the others, through whoever pulled it") {
    Founders here;
    auto const said = here.globex.propose("one");
    here.globex.sync(here.exchange);
    here.acme.sync(here.exchange);
    CHECK(here.acme.store().has_act(said));
    here.exchange.replace("globex", {});
    here.initech.sync(here.exchange);
    CHECK(here.initech.store().has_act(said));
}

TEST_CASE("a peer that lies is named, the others are taken in, nothing of it is stored") {
    Founders here;
    auto const bad = here.globex.propose("one");
    auto const good = here.initech.propose("two");
    for (auto* one : {&here.globex, &here.initech}) flow::publish(one->services(), one->self, here.exchange);
    auto& checkpoint = here.exchange.blobs.at("globex/checkpoint");
    auto const whole = checkpoint;
    auto const seen = here.acme.store().note("seen/globex");
    SUBCASE("the signature") {
        checkpoint[checkpoint.size() - 8] ^= 1;
    }
    SUBCASE("no checkpoint") {
        checkpoint = "nothing";
    }
    SUBCASE("larger than a checkpoint may be") {
        checkpoint.assign(100'000, 'x');
    }
    SUBCASE("cannot be read") {
        here.exchange.unreadable.insert("globex/checkpoint");
    }
    auto const report = here.acme.sync(here.exchange);
    auto const& problem = of(report, "globex").problem;
    REQUIRE(problem);
    CHECK(problem->message().find("'globex'") != std::string::npos);
    CHECK(of(report, "globex").intake.accepted.empty());
    CHECK(here.acme.store().note("seen/globex") == seen);
    CHECK_FALSE(of(report, "initech").problem);
    CHECK(here.acme.store().has_act(good));
    CHECK_FALSE(here.acme.store().has_act(bad));
    auto const outcome = flow::to_outcome(report);
    bool const unread = here.exchange.unreadable.contains("globex/checkpoint");
    CHECK(outcome.status == (unread ? base::Code::unavailable : base::Code::verification_failed));
    CHECK(outcome.warnings.size() == 2);
    CHECK(report.published->size);
    checkpoint = whole;
    here.exchange.unreadable.clear();
    CHECK_FALSE(of(here.acme.sync(here.exchange), "globex").problem);
    CHECK(here.acme.store().has_act(bad));
}

TEST_CASE("what one puts into the exchange does not keep the others from being read") {
    Founders here;
    here.exchange.blobs["lost+found/x"] = "x";
    here.exchange.blobs["README"] = "x";
    for (auto const* path :
         {"globex/request", "globex/cosig/acme", "globex/cosig/initech", "globex/acts/00"}) {
        here.exchange.blobs[path] = "x";
        here.exchange.unreadable.insert(path);
    }
    auto const said = here.initech.propose("one");
    here.initech.sync(here.exchange);
    here.acme.sync(here.exchange);
    CHECK(here.acme.store().has_act(said));
}

TEST_CASE("a refused act of a peer is named with its entry") {
    Founders here;
    // globex puts into its journal what nobody accepts.
    auto act = plain_act("proposal", "globex");
    act.genesis = model::reference(here.genesis).hash;
    act.epoch = model::reference(here.genesis);
    act.officer = test::officer_of("globex");
    act.body = here.globex.store().act(here.globex.propose("one"))->act.body;
    act.key = here.globex.founder.key_of(act.officer).id;
    act.time = here.globex.clock.now();
    TestSigner stranger("stranger");
    auto const text = signed_envelope(act, stranger, 1);
    std::uint64_t index = 0;
    here.globex.store().write([&](port::Transaction& transaction) { index = transaction.append_act(text); });
    flow::publish(here.globex.services(), here.globex.self, here.exchange);
    auto const report = here.acme.sync(here.exchange);
    auto const& refused = of(report, "globex").intake.refused;
    REQUIRE(refused.size() == 1);
    CHECK(refused[0].place == index);
    CHECK(refused[0].member == "globex");
    auto const outcome = flow::to_outcome(report);
    REQUIRE(outcome.warnings.size() == 1);
    CHECK(outcome.warnings[0].starts_with("refused entry " + std::to_string(index)));
}

TEST_CASE("a place that cannot list what it holds is read by name") {
    Founders here;
    here.exchange.lists = false;
    auto const said = here.globex.propose("one");
    here.globex.sync(here.exchange);
    here.acme.sync(here.exchange);
    CHECK(here.acme.store().has_act(said));
    CHECK(flow::member_folders(here.acme.services(), here.exchange) ==
          std::vector<std::string>{"acme", "globex", "initech"});
}

TEST_CASE("a place that is slow is read for a while, then the others; the next sync goes on") {
    Founders here;
    here.globex.store().write([&](port::Transaction& transaction) {
        for (int i = 0; i < 2'000; ++i)
            transaction.append_event(
                {"test.put", here.globex.clock.now(), base::JsonValue(base::Json::object()), {}});
    });
    auto const slow = here.globex.propose("slow");
    here.globex.sync(here.exchange);
    auto const said = here.initech.propose("one");
    here.initech.sync(here.exchange);
    int reads = 0;
    here.exchange.on_read = [&](std::string const& path) {
        if (!path.starts_with("globex/")) return;
        here.acme.clock.pass(30);
        ++reads;
    };
    int syncs = 0;
    for (bool whole = false; !whole; ++syncs) {
        REQUIRE(syncs < 20);
        reads = 0;
        auto const report = here.acme.sync(here.exchange);
        CHECK(reads < 60);
        CHECK(here.acme.store().has_act(said));
        whole = here.acme.store().note("seen/globex") == here.globex.store().head().checkpoint;
        if (whole) continue;
        REQUIRE(of(report, "globex").problem);
        CHECK(of(report, "globex").problem->code() == base::Code::unavailable);
        CHECK(flow::to_outcome(report).status == base::Code::unavailable);
    }
    CHECK(syncs > 1);
    CHECK(here.acme.store().has_act(slow));
    CHECK(here.acme.store().note("part/globex") == "");
}

TEST_CASE("a folder into which somebody has put more than is listed stops nobody") {
    Founders here;
    here.exchange.crowded = {"", "acme/acts", "globex/acts", "acme/tile/entries/000.p"};
    here.exchange.blobs["globex/recovering"] = "origin\n";
    auto const said = here.globex.propose("one");
    here.globex.sync(here.exchange);
    auto const report = here.acme.sync(here.exchange);
    CHECK(here.acme.store().has_act(said));
    CHECK(report.published);
    CHECK(flow::member_folders(here.acme.services(), here.exchange).size() == 3);
}

TEST_CASE("a place that does not say of what is absent that it is is read all the same") {
    Founders here;
    here.exchange.closed = {"globex/recovering", "globex/request", "globex/cosig/acme"};
    auto const said = here.globex.propose("one");
    here.globex.sync(here.exchange);
    auto const report = here.acme.sync(here.exchange);
    CHECK(here.acme.store().has_act(said));
    CHECK_FALSE(of(report, "globex").problem);
}

TEST_CASE("a place that is not reached is named, and the others are read") {
    Founders here;
    here.exchange.down = {"globex"};
    auto const said = here.initech.propose("one");
    here.initech.sync(here.exchange);
    auto const report = here.acme.sync(here.exchange);
    CHECK(here.acme.store().has_act(said));
    REQUIRE(report.published);
    auto const outcome = flow::to_outcome(report);
    CHECK(outcome.status == base::Code::unavailable);
    CHECK(std::get<std::string>(outcome.text.back()) == "not reached: git@globex (globex)");
    auto const noted = flow::unreached(here.acme.store());
    REQUIRE(noted.size() == 1);
    CHECK(noted[0].members == std::vector<std::string>{"globex"});
    auto const since = here.acme.clock.now();

    here.acme.clock.pass(3600);
    here.exchange.down = {"globex", "acme"};
    auto const second = here.acme.sync(here.exchange);
    CHECK_FALSE(second.published);
    CHECK(second.unpublished);
    CHECK(flow::unreached(here.acme.store()).size() == 2);
    CHECK(flow::unreached(here.acme.store())[1].since == since);  // as long as it lasts
    MemoryExchange elsewhere;
    flow::pull(here.acme.services(), here.acme.self, elsewhere, flow::Over::another_place);
    CHECK(flow::unreached(here.acme.store()).size() == 2);
    here.exchange.down = {};
    here.acme.sync(here.exchange);
    CHECK(flow::unreached(here.acme.store()).empty());
}

TEST_CASE("where nothing can be published a sync says so and a publish is refused") {
    Founders here;
    here.exchange.read_only = true;
    auto const report = here.acme.sync(here.exchange);
    CHECK_FALSE(report.published);
    auto const outcome = flow::to_outcome(report);
    CHECK_FALSE(outcome.status);
    CHECK(std::get<std::string>(outcome.text.back()) == "nothing was published: 'memory' can only be read");
    CHECK(code_of([&] { flow::publish(here.acme.services(), here.acme.self, here.exchange); }) ==
          base::Code::unsupported);
}

TEST_CASE("a head that stands still is told of only where there was something to journal") {
    Founders here;
    auto const alarm = base::Duration::from_text("P3D");
    auto const silent = [&] {
        std::vector<std::string> out;
        for (auto const& one :
             flow::silent_peers(here.acme.store(), here.acme.self, here.acme.clock.now(), alarm))
            out.push_back(one.member);
        return out;
    };
    auto const pass = [&](std::int64_t days) {
        for (auto* one : here.all()) one->clock.pass(days * 86'400);
    };
    here.acme.sync(here.exchange);
    pass(30);  // nobody says anything: nobody is expected to
    here.acme.sync(here.exchange);
    CHECK(silent().empty());
    here.initech.propose("one");
    here.initech.sync(here.exchange);
    here.acme.sync(here.exchange);
    pass(2);
    here.acme.sync(here.exchange);
    CHECK(silent().empty());
    pass(2);
    CHECK(silent() == std::vector<std::string>{"globex"});
    here.globex.sync(here.exchange);
    here.acme.sync(here.exchange);
    CHECK(silent().empty());
}

TEST_CASE("who is only invited, or is no member any more, is not expected to journal anything") {
    Founders here;
    flow::SyncReport report;
    for (auto const* name : {"globex", "umbrella"}) {
        flow::PeerReport peer;
        peer.member = name;
        report.peers.push_back(std::move(peer));
    }
    report.published.emplace();
    report.published->substance = true;
    flow::note_exchange(here.acme.services(), here.acme.self, report, flow::Over::places_set);
    auto const noted = here.acme.store().note("exchange/heads");
    REQUIRE(noted);
    CHECK(noted->find("globex") != std::string::npos);
    CHECK(noted->find("umbrella") == std::string::npos);
}

TEST_CASE("files are fetched from whoever has them, within bounds") {
    FlowFixture here;
    MemoryExchange exchange;
    std::string const content = "content";
    auto const digest = base::sha256(content);
    exchange.blobs["alpha/files/" + digest.hex()] = "something else";
    exchange.blobs["beta/files/" + digest.hex()] = std::string((16u << 20) + 1, 'x');
    exchange.unreadable.insert("beta/files/" + digest.hex());
    CHECK(flow::FileFetcher(here.services(), exchange).fetch({digest}).empty());
    exchange.blobs["gamma/files/" + digest.hex()] = content;
    CHECK(flow::FileFetcher(here.services(), exchange).fetch({digest, base::sha256("nobody's")}) ==
          std::vector{content});
    CHECK(flow::member_folders(here.services(), exchange) ==
          std::vector<std::string>{"alpha", "beta", "gamma"});

    std::vector<base::Digest> many;
    for (int i = 0; i < 1'002; ++i) {
        auto const text = std::to_string(i);
        many.push_back(base::sha256(text));
        exchange.blobs["gamma/files/" + many.back().hex()] = text;
    }
    CHECK(flow::FileFetcher(here.services(), exchange).fetch(many).size() == 1'000);
    many.clear();
    for (char letter : {'a', 'b', 'c', 'd', 'e'}) {
        std::string const text(15u << 20, letter);
        many.push_back(base::sha256(text));
        exchange.blobs["gamma/files/" + many.back().hex()] = text;
    }
    CHECK(flow::FileFetcher(here.services(), exchange).fetch(many).size() == 4);
}

TEST_CASE("files that nobody has are asked for within bounds, and hide no other for ever") {
    FlowFixture here;
    MemoryExchange exchange;
    std::vector<base::Digest> wanted;
    for (int i = 0; i < 10'000; ++i) wanted.push_back(base::sha256("nobody's " + std::to_string(i)));
    wanted.push_back(base::sha256("content"));
    exchange.blobs["alpha/checkpoint"] = exchange.blobs["beta/checkpoint"] = "x";
    exchange.blobs["beta/files/" + wanted.back().hex()] = "content";
    int rounds = 0;
    for (bool found = false; !found; ++rounds) {
        REQUIRE(rounds < 100);
        exchange.reads.clear();
        flow::FileFetcher fetcher(here.services(), exchange);
        found = !fetcher.fetch(wanted).empty();
        if (!found) CHECK(fetcher.fetch(wanted).empty());
        CHECK(exchange.reads.size() <= 4'000);
    }
    CHECK(rounds > 0);
}
