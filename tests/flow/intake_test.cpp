#include "core/flow/intake.h"

#include "core/model/ballot.h"
#include "tests/support/crashing.h"
#include "tests/support/organization.h"
#include "tests/support/services.h"

using namespace consortium;

namespace {

std::string const charter_text = "a charter";

/// A proposal of globex that names a file, with whatever a test changes of it.
struct Naming : Founders {
    model::Act act() {
        auto out = plain_act("proposal", "globex");
        out.genesis = model::reference(genesis).hash;
        out.epoch = model::reference(genesis);
        out.officer = test::officer_of("globex");
        out.key = globex.founder.key_of(out.officer).id;
        out.time = globex.clock.now();
        model::Proposal body;
        body.title = "another charter";
        body.action = {"charter.amend",
                       base::JsonValue(base::Json{{"charter", base::sha256(charter_text).hex()}})};
        body.closes = out.time + base::Duration::from_text("PT1H");
        body.lapses = body.closes + base::Duration::from_text("P30D");
        out.body = base::JsonValue(model::to_json(body));
        return out;
    }
    std::string by_globex(model::Act const& act) {
        auto const key = globex.services().keys.open(act.officer);
        return signed_envelope(act, *key, ++m_nonce);
    }
    std::vector<base::Digest> wanted(std::string const& envelope) {
        return flow::files_wanted(acme.services(), {envelope});
    }

private:
    int m_nonce = 0;
};

}  // namespace

TEST_CASE("files are wanted of acts whose signature holds, of no others") {
    Naming here;
    auto const file = base::sha256(charter_text);
    CHECK(here.wanted(here.by_globex(here.act())) == std::vector{file});

    TestSigner stranger("stranger");
    auto forged = here.act();
    CHECK(here.wanted(signed_envelope(forged, stranger, 7)).empty());
    forged = here.act();
    forged.genesis = base::sha256("another");
    CHECK(here.wanted(here.by_globex(forged)).empty());
    forged = here.act();
    forged.epoch = {5, file};  // an epoch that nobody knows here: its signature cannot be checked
    CHECK(here.wanted(here.by_globex(forged)).empty());
    forged = here.act();
    forged.member = "mallory";
    CHECK(here.wanted(here.by_globex(forged)).empty());
    CHECK(here.wanted("nonsense").empty());
}

TEST_CASE("no file is stored for an act that waits for an unknown epoch") {
    Naming here;
    auto act = here.act();
    std::string const junk(1'000, 'x');
    act.epoch = {5, base::sha256(junk)};
    auto const intake = flow::take_in(here.acme.services(), {here.by_globex(act)});
    CHECK(intake.orphans == 1);
    here.exchange.blobs["globex/files/" + base::sha256(junk).hex()] = junk;
    here.exchange.blobs["globex/files/" + base::sha256(charter_text).hex()] = charter_text;
    here.acme.sync(here.exchange);
    CHECK_FALSE(here.acme.store().has_file(base::sha256(junk)));
    CHECK_FALSE(here.acme.store().has_file(base::sha256(charter_text)));
}

TEST_CASE("an act that waits for its file is taken in when somebody has it") {
    Naming here;
    auto const envelope = here.by_globex(here.act());
    auto const id = model::act_id(model::envelope_from_text(envelope));
    auto const size = here.acme.store().head().size;
    CHECK(flow::take_in(here.acme.services(), {envelope}).orphans == 1);
    here.acme.sync(here.exchange);
    CHECK_FALSE(here.acme.store().has_act(id));
    CHECK(here.acme.store().head().size == size);
    here.exchange.blobs["initech/files/" + base::sha256(charter_text).hex()] = charter_text;
    here.acme.sync(here.exchange);
    // Held, or refused for what the file says: judged, in any case, and waiting no more.
    CHECK(here.acme.store().orphans().empty());
    CHECK(here.acme.store().has_file(base::sha256(charter_text)));
}

TEST_CASE("acts that are taken in again change nothing; refused ones say where they stood") {
    Founders here;
    auto const id = here.globex.propose("one");
    auto const envelope = here.globex.store().act(id)->envelope;
    auto intake = flow::take_in(here.acme.services(), {"nonsense", envelope});
    CHECK(intake.accepted == std::vector{id});
    REQUIRE(intake.refused.size() == 1);
    CHECK(intake.refused[0].place == 0);
    intake.locate({17, 23});
    CHECK(intake.refused[0].place == 17);
    auto const size = here.acme.store().head().size;
    intake = flow::take_in(here.acme.services(), {envelope, envelope});
    CHECK(intake.duplicates == 2);
    CHECK(here.acme.store().head().size == size);
}

namespace {

/// Tells after each write what somebody else then finds in the journal.
struct Watched : test::CrashingStore {
    Watched(port::Store& inner, test::Crash& never) : CrashingStore(inner, never), watched(inner) {}
    void write(std::function<void(port::Transaction&)> const& work) override {
        watched.write(work);
        after_write();
    }
    void together(std::function<void()> const& work) override { watched.together(work); }
    port::Store& watched;
    std::function<void()> after_write;
};

}  // namespace

TEST_CASE("acts are taken in with what they show of their author, or not at all") {
    Founders here;
    auto const proposal = here.globex.propose("one");
    std::vector<std::string> given{here.globex.store().act(proposal)->envelope};
    for (auto const* choice : {"yes", "no"}) {
        auto const id = here.globex.say("ballot", model::to_json(model::Ballot{choice, 0}), {proposal});
        given.push_back(here.globex.store().act(id)->envelope);
    }
    test::Crash never;
    Watched store(here.acme.store(), never);
    auto services = services_with(here.acme.services(), {.store = &store});
    auto const other = here.acme.open_beside();
    auto const before = here.acme.store().head().size;
    std::vector<std::uint64_t> found;
    store.after_write = [&] { found.push_back(other->head().size); };
    CHECK(flow::take_in(services, given).accepted.size() == 3);
    CHECK(found == std::vector{before, before});  // the acts, then the note
    CHECK(other->head().size == before + 4);
}
