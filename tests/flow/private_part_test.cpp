#include "core/flow/private_part.h"

#include "core/crypto/courier.h"
#include "core/flow/bundle.h"
#include "core/flow/officer.h"
#include "core/flow/own_change.h"
#include "core/model/ballot.h"
#include "tests/support/discreet.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;

namespace {

/// acme sends globex what is private.
struct Post : Discreet {
    std::unique_ptr<port::Courier> sends, reads;
    crypto::AgeIdentity own;  // of globex
    base::TemporaryFolder mail;

    Post() {
        auto& acme = town.acme();
        auto& globex = town.globex();
        own = crypto::create_age_identity(globex.self.workspace / "keys", "post", base::Secret(),
                                          globex.entropy);
        auto const ask = [](std::string_view) { return base::Secret(); };
        sends = crypto::make_courier(acme.self.workspace / "keys", ask, {{"globex", own.recipient}},
                                     acme.entropy);
        reads = crypto::make_courier(globex.self.workspace / "keys", ask, {}, globex.entropy);
        acme.services().courier = sends.get();
        globex.services().courier = reads.get();
    }
    model::Bundle bundle() { return flow::make_bundle(town.acme().services(), town.acme().self, {}); }
    model::Outcome import_outcome(model::Bundle const& what) {
        auto& globex = town.globex();
        base::write_file(mail.path() / "bundle", model::to_text(what));
        return flow::import_bundle(globex.services(), globex.self, mail.path() / "bundle");
    }
    Json import(model::Bundle const& what) { return import_outcome(what).data->at("private"); }

    /// Signs an act with such words, as a hostile program might, and keeps them.
    static base::Digest say(Organization& one, model::Draft const& draft, flow::PrivateDraft const& words) {
        auto const act = flow::sign(draft, words, one.services(), one.self);
        one.store().write([&](port::Transaction& transaction) {
            flow::append_own(one.services(), transaction, act.envelope);
            flow::keep_part(one.services(), transaction, act.id, *act.part);
        });
        return act.id;
    }
    base::Digest say(model::Draft const& draft, flow::PrivateDraft const& words) {
        return say(town.acme(), draft, words);
    }
    /// An officer of this id and person whose name is said of `about`.
    base::Digest add_officer(Organization& one, std::string const& id, std::string const& person,
                             std::string const& about) {
        model::OwnChange change;
        change.kind = "officer.add";
        change.officer = model::NewOfficer{
            id, person, {"legal"}, {"ed25519", TestSigner(one.self.member + id).public_key()}, {}};
        flow::PrivateDraft words;
        words.words["name"] = "called " + about;
        words.subject = about;
        return say(one, flow::own_change_draft(state(one), change), words);
    }
    void enact() {
        town.pass("P1D");
        town.pass("PT1H");
        town.decide();
    }
    model::Draft ballot() {
        auto const at = state(town.acme());
        return flow::ballot_draft(at, flow::find_proposal(at, proposal), "no");
    }
    bool has_key(std::string const& subject) {
        auto const subjects = vaults[1]->subjects();
        return std::find(subjects.begin(), subjects.end(), subject) != subjects.end();
    }
};

}  // namespace

TEST_CASE("a part about another person than its act speaks of is refused") {
    Post here;
    flow::PrivateDraft words;
    words.words["reason"] = "Ada Lovelace advised against it";
    words.subject = "x-1";
    auto const stranger = here.say(here.ballot(), words);
    CHECK(here.import(here.bundle())["refused"] == 1);
    CHECK(here.seen(here.town.globex(), stranger).state == "not held");
    CHECK_FALSE(here.has_key("x-1"));

    words.subject = Discreet::person(here.town.acme());
    auto const own = here.say(here.ballot(), words);
    CHECK(here.import(here.bundle())["kept"] == 1);
    CHECK(here.seen(here.town.globex(), own).state == "held");
    CHECK(here.has_key(words.subject));
}

TEST_CASE("a part of a change of officers is about the officer whom it adds or suspends") {
    Post here;
    auto& acme = here.town.acme();
    auto const other = here.add_officer(acme, "bob", "p-04", "p-03");
    here.add_officer(acme, "eve", "p-02", "p-02");
    // Anybody can sign that any number of persons are added: no key is made before an epoch says so.
    auto const early = here.import_outcome(here.bundle());
    CHECK(early.data->at("private")["waiting"] == 2);
    CHECK(early.data->at("private")["refused"] == 0);
    CHECK(early.warnings.size() == 1);
    CHECK(here.vaults[1]->subjects().empty());

    here.enact();
    auto const later = here.import(here.bundle());
    CHECK(later["kept"] == 1);
    CHECK(later["refused"] == 1);
    CHECK(here.seen(here.town.globex(), other).state == "not held");
    CHECK(here.has_key("p-02"));
    CHECK_FALSE(here.has_key("p-03"));
    auto const* eve = acme.store().latest()->officer("eve");
    REQUIRE(eve != nullptr);
    model::Suspension const suspension{"eve", eve->key};
    flow::PrivateDraft words;
    words.words["reason"] = "Eve has lost it";
    words.subject = "p-02";
    here.say({"suspend", {}, base::JsonValue(model::to_json(suspension)), false}, words);
    CHECK(here.import(here.bundle())["kept"] == 1);
}

TEST_CASE("words are not taken in for an act that copied the commitment of another") {
    Post here;
    auto& acme = here.town.acme();
    auto& globex = here.town.globex();
    auto const id = here.vote(acme, "Ada Lovelace advised against it");
    here.town.sync(1);
    // acme's next ballot commits to the same bytes, as anybody could.
    auto const* officer = acme.store().latest()->officer(acme.self.officer);
    auto const draft = here.ballot();
    auto copy = acme.store().act(id)->act;
    copy.nonce.clear();
    copy.key = officer->key;
    auto const signer = acme.services().keys.open(officer->key);
    auto const act = flow::sign_as(draft, copy, *signer, acme.services());
    acme.store().write([&](port::Transaction& transaction) {
        flow::append_own(acme.services(), transaction, act.envelope);
    });
    auto bundle = here.bundle();
    REQUIRE(bundle.parts.size() == 1);
    bundle.parts.front().act = act.id;
    CHECK(here.import(bundle)["refused"] == 1);
    CHECK(here.seen(globex, act.id).state == "not held");
    bundle.parts.front().act = id;
    CHECK(here.import(bundle)["kept"] == 1);
}

TEST_CASE("a part whose act waits here is no false one, and is kept when the act has what it waits for") {
    Post here;
    auto const first = here.vote(here.town.acme(), "Ada Lovelace advised against it");
    auto const second = here.vote(here.town.acme(), "another reason");
    auto const whole = here.bundle();
    auto part = whole;
    std::erase_if(part.acts, [&](std::string const& text) {
        return model::act_id(model::envelope_from_text(text)) == first;
    });
    std::erase_if(part.parts, [&](model::BundlePart const& one) { return one.act != second; });
    auto const waits = here.import(part);
    CHECK(waits["waiting"] == 1);
    CHECK(waits["refused"] == 0);
    CHECK(here.import(whole)["kept"] == 2);
    CHECK(here.seen(here.town.globex(), second).text("reason") == "another reason");
}

TEST_CASE("a part that was changed on its way is not taken for somebody else's") {
    Post here;
    here.vote(here.town.acme(), "Ada Lovelace advised against it");
    auto const whole = here.bundle();
    auto changed = whole;
    changed.parts.front().sealed.back() ^= 1;
    auto const outcome = here.import_outcome(changed);
    CHECK(outcome.data->at("private")["changed"] == 1);
    CHECK(outcome.data->at("private")["closed"] == 0);
    CHECK_FALSE(outcome.warnings.empty());
    CHECK(here.import(whole)["kept"] == 1);
}

TEST_CASE("words are sent to members of the consortium alone") {
    Post here;
    auto& acme = here.town.acme();
    base::TemporaryFolder const folder;
    auto const ask = [](std::string_view) { return base::Secret(); };
    auto const identity = crypto::create_age_identity(folder.path(), "post", base::Secret(), acme.entropy);
    auto const reader = crypto::make_courier(folder.path(), ask, {}, acme.entropy);
    here.vote(acme, "Ada Lovelace advised against it");

    auto const stranger = crypto::make_courier(acme.self.workspace / "keys", ask,
                                               {{"stranger", identity.recipient}}, acme.entropy);
    acme.services().courier = stranger.get();
    CHECK(flow::recipients(acme.services()).others == std::vector<std::string>{"stranger"});
    CHECK(here.bundle().parts.empty());

    auto const both = crypto::make_courier(
        acme.self.workspace / "keys", ask,
        {{"initech", identity.recipient}, {"stranger", here.own.recipient}}, acme.entropy);
    acme.services().courier = both.get();
    CHECK(flow::recipients(acme.services()).members == std::vector<std::string>{"initech"});
    auto const bundle = here.bundle();
    REQUIRE(bundle.parts.size() == 1);
    CHECK(reader->open(bundle.parts.front().sealed).has_value());
    CHECK_FALSE(here.reads->open(bundle.parts.front().sealed).has_value());
    CHECK(here.import(bundle)["closed"] == 1);
}

TEST_CASE("a workspace that has no identity is told so") {
    Post here;
    here.vote(here.town.acme(), "Ada Lovelace advised against it");
    auto const bundle = here.bundle();
    base::TemporaryFolder const empty;
    auto const none = crypto::make_courier(
        empty.path(), [](std::string_view) { return base::Secret(); }, {}, here.town.globex().entropy);
    here.town.globex().services().courier = none.get();
    auto const outcome = here.import_outcome(bundle);
    CHECK(outcome.data->at("private")["closed"] == 1);
    REQUIRE(outcome.warnings.size() == 1);
    CHECK(outcome.warnings.front().find("key create NAME --type age") != std::string::npos);
    here.town.globex().services().courier = here.reads.get();
    CHECK(here.import(bundle)["kept"] == 1);
}

TEST_CASE("an identity that cannot be used does not stand in the way of the others, nor of acts") {
    Post here;
    auto& globex = here.town.globex();
    auto const keys = globex.self.workspace / "keys";
    base::write_file(keys / "damaged.age.pem", std::string_view("garbage"));
    base::write_file(keys / "damaged.age.pub", std::string_view("age1\n"));
    crypto::create_age_identity(keys, "locked", base::Secret::from_text("a passphrase"), globex.entropy);
    here.vote(here.town.acme(), "Ada Lovelace advised against it");
    auto const whole = here.bundle();
    auto bare = whole;
    bare.parts.clear();
    CHECK(here.import_outcome(bare).warnings.empty());
    auto const outcome = here.import_outcome(whole);
    CHECK(outcome.data->at("private")["kept"] == 1);
    CHECK(outcome.warnings.empty());
}

TEST_CASE("what was sealed under a key that is lost is not called held once there is another key") {
    Post here;
    auto& acme = here.town.acme();
    here.vote(acme, "Ada Lovelace advised against it");
    here.vaults[0]->destroy(Discreet::person(acme));
    here.vote(acme, "another reason");
    auto const one = flow::privacy_list(here.state(acme), Town::request("privacy list", Json::object()))
                         .data->at("items")
                         .at(0);
    CHECK(one["held"] == 1);
    CHECK(one["key_missing"] == 1);
    CHECK(one["state"] == "key missing");
}

TEST_CASE("words are not sent any more once their erasure is ordered") {
    Post here;
    auto& acme = here.town.acme();
    here.vote(acme, "Ada Lovelace advised against it");
    REQUIRE(here.bundle().parts.size() == 1);
    auto plan = here.plan_erase(acme);
    plan.steps.pop_back();  // as where it is killed after the order
    Town::apply(acme, plan);
    CHECK(acme.store().object("erasure", Discreet::person(acme))->state == "begun");
    CHECK(here.bundle().parts.empty());
    // That operation is done, so the command goes on, as it was ordered.
    auto const next =
        flow::privacy_list(here.state(acme), Town::request("privacy list", Json::object())).next;
    CHECK(next == std::vector<std::string>{"consortium privacy erase " + Discreet::person(acme) +
                                           " --reason withdrawn"});
}

TEST_CASE("no member says what an officer of another is called, nor by a change that is not enacted") {
    Post here;
    auto& acme = here.town.acme();
    auto& globex = here.town.globex();
    here.add_officer(acme, "eve", "p-02", "p-02");
    here.enact();
    auto const name_of_eve = [&] {
        auto const outcome =
            flow::officer_list(here.state(acme), Town::request("officer list", Json::object()));
        for (auto const& item : outcome.data->at("items"))
            if (item.at("id") == "eve") return item.at("name");
        return Json();
    };
    CHECK(name_of_eve() == "called p-02");
    here.add_officer(globex, "eve", "p-66", "p-66");
    here.add_officer(acme, "eve", "p-77", "p-77");
    here.town.sync(2);
    REQUIRE(acme.store().acts({.kind = "own", .subject = {}, .epoch = {}, .member = "globex"}).size() == 1);
    CHECK(name_of_eve() == "called p-02");
    auto const shown =
        flow::officer_show(here.state(acme), Town::request("officer show", {{"operand", "eve"}}));
    CHECK(shown.data->at("name") == "called p-02");
}
