#include "core/crypto/courier.h"
#include "core/flow/audit.h"
#include "core/flow/audit_entries.h"
#include "core/flow/bundle.h"
#include "core/flow/officer.h"
#include "core/flow/privacy_order.h"
#include "core/flow/proposal_look.h"
#include "core/journal/entry.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"
#include "tests/support/discreet.h"
#include "tests/support/services.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

/// A vault that can be killed just before and just after a key is destroyed.
class CrashingVault : public port::Vault {
public:
    CrashingVault(port::Vault& inner, test::Crash& crash) : m_inner(inner), m_crash(crash) {}
    std::vector<std::string> subjects() const override { return m_inner.subjects(); }
    base::Bytes seal(std::string_view subject, std::string_view context, base::BytesView plain) override {
        return m_inner.seal(subject, context, plain);
    }
    std::optional<base::Secret> open(std::string_view subject, std::string_view context,
                                     base::BytesView sealed) const override {
        return m_inner.open(subject, context, sealed);
    }
    bool has_key_of(std::string_view subject, base::BytesView sealed) const override {
        return m_inner.has_key_of(subject, sealed);
    }
    void destroy(std::string_view subject) override {
        m_crash.point();
        m_inner.destroy(subject);
        m_crash.point();
    }

private:
    port::Vault& m_inner;
    test::Crash& m_crash;
};

bool verifies(Organization& one) {
    auto const outcome = flow::audit_verify(
        one.services(), Town::request("audit verify", {{"level", "all"}, {"projection", true}}));
    return !outcome.status;
}

/// All bytes of all files of a workspace.
std::string bytes_of(base::Path const& folder) {
    std::string out;
    for (auto const& file : std::filesystem::recursive_directory_iterator(folder))
        if (file.is_regular_file()) out += base::read_text(file.path(), 64u << 20);
    return out;
}

}  // namespace

TEST_CASE("what is said in private is signed as a commitment, and read where it is held only") {
    Discreet here;
    auto& acme = here.town.acme();
    auto const id = here.vote(acme, "Ada Lovelace advised against it");
    auto const act = acme.store().act(id)->act;
    REQUIRE(act.private_part);
    CHECK(*act.body == Json{{"choice", "no"}, {"revision", 0}});
    CHECK(here.seen(acme, id).state == "held");
    CHECK(here.seen(acme, id).text("reason") == "Ada Lovelace advised against it");
    CHECK(acme.store().sealed(id)->subject == Discreet::person(acme));
    here.town.sync(1);
    auto& globex = here.town.globex();
    REQUIRE(globex.store().has_act(id));
    CHECK(here.seen(globex, id).state == "not held");
    CHECK(here.seen(globex, id).text("reason") == "(not held)");
    for (auto const& one : here.town.all)
        CHECK(bytes_of(one->self.workspace).find("Lovelace") == std::string::npos);
    auto const look = flow::look_at(here.state(acme), flow::find_proposal(here.state(acme), here.proposal));
    auto const shown = flow::to_json(look, acme.clock.now());
    CHECK(shown.dump().find("Ada Lovelace advised against it") != std::string::npos);
}

TEST_CASE("an act without words commits to nothing; one that must not commit is refused") {
    Discreet here;
    auto& acme = here.town.acme();
    auto const plain =
        flow::sign({"withdraw", {}, base::JsonValue(Json::object()), false}, acme.services(), acme.self);
    CHECK_FALSE(plain.part);
    flow::PrivateDraft words;
    words.words["reason"] = "x";
    CHECK(code_of([&] {
              flow::sign({"ready", {}, base::JsonValue(Json::object()), false}, words, acme.services(),
                         acme.self);
          }) == Code::malformed);
}

TEST_CASE("an erasure leaves no words and no key; everything verifies, and says who ordered it") {
    Discreet here;
    auto& acme = here.town.acme();
    auto const id = here.vote(acme, "Ada Lovelace advised against it");
    auto const sealed = acme.store().sealed(id)->sealed;
    auto const bytes = std::string(base::as_text(sealed));
    CHECK(bytes_of(acme.self.workspace).find(bytes) != std::string::npos);
    auto const plan = here.plan_erase(acme);
    CHECK(plan.danger == Discreet::person(acme));
    auto const record = Town::apply(acme, plan);
    CHECK(record["results"][1]["parts"] == 1);
    CHECK(here.seen(acme, id).text("reason") == "(erased)");
    CHECK(bytes_of(acme.self.workspace).find(bytes) == std::string::npos);
    CHECK(here.vaults[0]->subjects().empty());
    CHECK(verifies(acme));

    auto const erasure = acme.store().object("erasure", Discreet::person(acme));
    REQUIRE(erasure);
    CHECK(erasure->state == "erased");
    CHECK(erasure->data->at("outside").size() == 8);
    // The order is signed by the officer.
    auto const& order = erasure->data->at("order");
    model::Envelope envelope;
    envelope.payload_type = order.at("payloadType").get<std::string>();
    envelope.payload = std::string(base::as_text(base::from_base64(order.at("payload").get<std::string>())));
    auto const signature = base::from_base64(order.at("signatures").at(0).at("sig").get<std::string>());
    auto const epoch = acme.store().latest();
    auto const* key = epoch->key(epoch->officer(acme.self.officer)->key);
    CHECK(crypto::verifier().verify("raw", key->spki, base::as_bytes(model::pre_authentication(envelope)),
                                    signature));
    auto const said = base::parse_json(envelope.payload);
    CHECK(said.at("reason") == "withdrawn");
    CHECK(said.at("genesis") == flow::genesis_of(acme.store()).hex());
    CHECK(said.at("epoch") == Json{{"number", epoch->number}, {"hash", model::reference(*epoch).hash.hex()}});

    // Again: nothing to do. Words about the person are refused, until somebody says otherwise.
    CHECK(here.plan_erase(acme).steps.empty());
    CHECK(code_of([&] { here.vote(acme, "once more"); }) == Code::refused);
    Town::apply(
        acme, flow::plan_privacy_readmit(
                  here.state(acme), Town::request("privacy readmit", {{"operand", Discreet::person(acme)}})));
    auto const later = here.vote(acme, "once more");
    CHECK(here.seen(acme, later).text("reason") == "once more");
    CHECK(here.seen(acme, id).text("reason") == "(erased)");
}

TEST_CASE("orders that the journal keeps are checked: what they say, for which consortium, and by whom") {
    Discreet here;
    auto& acme = here.town.acme();
    here.vote(acme, "Ada Lovelace advised against it");
    Town::apply(acme, here.plan_erase(acme));
    auto const readmit = flow::plan_privacy_readmit(
        here.state(acme), Town::request("privacy readmit", {{"operand", Discreet::person(acme)}}));
    auto absent = acme.self;
    absent.officer = test::officer_of("globex");
    CHECK(code_of([&] { flow::apply(readmit, acme.services(), absent); }) == Code::not_authorized);
    Town::apply(acme, readmit);
    CHECK(verifies(acme));
    flow::EntryChecker checker(acme.store(), crypto::verifier());
    auto const holds = [&](model::Event const& event) {
        auto const sealed = journal::seal_event(event, std::vector<std::uint8_t>(32, 7));
        model::Entry entry;
        entry.kind = model::EntryKind::event;
        entry.leaf = sealed.leaf;
        entry.body = sealed.body;
        flow::Found found;
        return code_of([&] { checker.check(entry, found); }) == Code::internal;  // nothing thrown
    };
    std::vector<model::Event> orders;
    acme.store().entries(0, acme.store().head().size, [&](model::Entry const& entry) {
        if (entry.kind != model::EntryKind::event) return;
        auto const event = journal::open_event(entry.leaf, entry.body);
        if (flow::carries_order(event.kind)) orders.push_back(event);
    });
    REQUIRE(orders.size() == 2);
    for (auto const& order : orders) {
        CAPTURE(order.kind);
        CHECK(holds(order));
        auto const with = [&](char const* field, Json value) {
            auto event = order;
            auto body = *event.body;
            body[field] = std::move(value);
            event.body = base::JsonValue(std::move(body));
            return event;
        };
        CHECK_FALSE(holds(with("subject", "p-99")));
        CHECK_FALSE(holds(with("officer", test::officer_of("globex"))));
        auto changed = order.body->at("order");
        changed["signatures"][0]["sig"] = base::to_base64(std::vector<std::uint8_t>(64, 1));
        CHECK_FALSE(holds(with("order", changed)));
        // Signed for the other purpose, with the same words.
        auto other = order;
        other.kind = order.kind == "privacy.ordered" ? "privacy.readmitted" : "privacy.ordered";
        CHECK_FALSE(holds(other));
        auto bare = order;
        auto body = *bare.body;
        body.erase("order");
        bare.body = base::JsonValue(std::move(body));
        CHECK_FALSE(holds(bare));
    }
}

TEST_CASE("who may order what is done about persons: in law or for the member, while in office") {
    auto const now = base::Instant::from_text("2026-11-02T12:00:00Z");
    model::Officer officer;
    officer.member = "acme";
    officer.status = "active";
    officer.roles = {"auditor", "security"};
    CHECK_FALSE(flow::may_order(officer, "acme", now));
    officer.roles = {"auditor", "legal"};
    CHECK(flow::may_order(officer, "acme", now));
    CHECK_FALSE(flow::may_order(officer, "globex", now));
    officer.status = "suspended";
    CHECK_FALSE(flow::may_order(officer, "acme", now));
}

TEST_CASE("an erasure that is killed anywhere is finished by the next run, once") {
    for (int at = 1;; ++at) {
        CAPTURE(at);
        Discreet here;
        auto& acme = here.town.acme();
        auto const id = here.vote(acme, "Ada Lovelace advised against it");
        auto const before = acme.store().head().size;
        test::Crash crash{at};
        test::CrashingStore store(acme.store(), crash);
        CrashingVault vault(*here.vaults[0], crash);
        auto dying = services_with(acme.services(), {.store = &store});
        dying.vault = &vault;
        bool killed = false;
        try {
            static_cast<void>(flow::apply(here.plan_erase(acme), dying, acme.self));
        } catch (test::Killed const&) {
            killed = true;
        }
        auto const begun = acme.store().object("erasure", Discreet::person(acme));
        if (begun) {
            // From the moment that the order is durable nothing is shown or taken in any more.
            CHECK(here.seen(acme, id).text("reason") == "(erased)");
            CHECK(code_of([&] { here.vote(acme, "once more"); }) == Code::refused);
        }
        Town::apply(acme, here.plan_erase(acme));
        CHECK(acme.store().object("erasure", Discreet::person(acme))->state == "erased");
        CHECK(acme.store().object("erasure", Discreet::person(acme))->data->at("parts") == 1);
        CHECK(acme.store().sealed(id)->sealed.empty());
        CHECK(here.vaults[0]->subjects().empty());
        std::size_t orders = 0, erased = 0, open = 0;
        acme.store().entries(before, acme.store().head().size, [&](model::Entry const& entry) {
            orders += entry.leaf.find("privacy.ordered") != std::string::npos ? 1 : 0;
            erased += entry.leaf.find("privacy.erased") != std::string::npos ? 1 : 0;
        });
        CHECK(orders == 1);
        CHECK(erased == 1);
        acme.store().objects({.kind = "operation", .state = "open"}, [&](model::Object const& operation) {
            ++open;
            static_cast<void>(flow::resume(operation.name, acme.services(), acme.self));
        });
        CHECK(open <= 1);
        CHECK(acme.store().object("erasure", Discreet::person(acme))->data->at("parts") == 1);
        CHECK(verifies(acme));
        if (!killed) {
            CHECK(at == 9);
            break;
        }
    }
}

TEST_CASE("a finished erasure that is resumed later leaves alone what was readmitted since") {
    Discreet here;
    auto& acme = here.town.acme();
    here.vote(acme, "Ada Lovelace advised against it");
    auto const plan = here.plan_erase(acme);
    Town::apply(acme, plan);
    auto const step = plan.steps.back();
    auto const readmit = flow::plan_privacy_readmit(
        here.state(acme), Town::request("privacy readmit", {{"operand", Discreet::person(acme)}}));
    Town::apply(acme, readmit);
    auto const later = here.vote(acme, "once more");
    auto const before = acme.store().head().size;
    // As 'operation resume' runs the step of an operation that a crash left open.
    auto const again = flow::privacy_erase_applier.remote(step, acme.services(), acme.self);
    CHECK(again->at("parts") == 1);
    CHECK(here.seen(acme, later).text("reason") == "once more");
    CHECK(acme.store().head().size == before);
    CHECK(acme.store().object("erasure", Discreet::person(acme))->state == "readmitted");
}

TEST_CASE("who may order an erasure, of whom, and on what") {
    Discreet here;
    auto& acme = here.town.acme();
    auto const plan = [&](flow::State const& state, Json arguments) {
        arguments["reason"] = "withdrawn";
        return flow::plan_privacy_erase(state, Town::request("privacy erase", std::move(arguments)));
    };
    auto stranger = here.state(acme);
    stranger.self.officer = "nobody";
    CHECK_FALSE(plan(stranger, {{"operand", Discreet::person(acme)}}).verdict.allowed());
    auto foreign = here.state(acme);
    foreign.self.officer = test::officer_of("globex");
    CHECK_FALSE(plan(foreign, {{"operand", Discreet::person(acme)}}).verdict.allowed());
    CHECK(code_of([&] { plan(here.state(acme), {{"operand", "nobody"}}); }) == Code::not_found);
    CHECK(code_of([&] { plan(here.state(acme), {{"operand", "../acme"}}); }) == Code::malformed);
    // The proposal has not passed.
    CHECK_FALSE(plan(here.state(acme), {{"operand", Discreet::person(acme)}, {"decision", here.proposal}})
                    .verdict.allowed());
    CHECK(code_of([&] {
              flow::plan_privacy_readmit(
                  here.state(acme), Town::request("privacy readmit", {{"operand", Discreet::person(acme)}}));
          }) == Code::not_found);
}

TEST_CASE("private parts go to named recipients in a bundle, and are kept if the act commits to them") {
    Discreet here;
    auto& acme = here.town.acme();
    auto& globex = here.town.globex();
    auto& initech = *here.town.all[2];
    auto const ask = [](std::string_view) { return base::Secret(); };
    auto const courier_of = [&](Organization& one, std::map<std::string, std::string> recipients) {
        return crypto::make_courier(one.self.workspace / "keys", ask, std::move(recipients), one.entropy);
    };
    auto const own =
        crypto::create_age_identity(globex.self.workspace / "keys", "post", base::Secret(), globex.entropy);
    auto const sends = courier_of(acme, {{"globex", own.recipient}});
    auto const reads = courier_of(globex, {}), other = courier_of(initech, {});
    globex.services().courier = reads.get();
    initech.services().courier = other.get();
    auto const id = here.vote(acme, "Ada Lovelace advised against it");

    CHECK(flow::make_bundle(acme.services(), acme.self, {}).parts.empty());
    acme.services().courier = sends.get();
    auto bundle = flow::make_bundle(acme.services(), acme.self, {});
    REQUIRE(bundle.parts.size() == 1);
    auto const text = model::to_text(bundle);
    CHECK(text.find("Lovelace") == std::string::npos);
    base::TemporaryFolder const mail;
    auto const import_at = [&](Organization& one, model::Bundle const& what) {
        base::write_file(mail.path() / "bundle", model::to_text(what));
        return flow::import_bundle(one.services(), one.self, mail.path() / "bundle").data->at("private");
    };
    CHECK(import_at(initech, bundle)["closed"] == 1);
    CHECK(here.seen(initech, id).state == "not held");
    CHECK(import_at(globex, bundle)["kept"] == 1);
    CHECK(here.seen(globex, id).text("reason") == "Ada Lovelace advised against it");
    CHECK(import_at(globex, bundle)["held"] == 1);

    // A part that is another act's, or garbage, is not taken in.
    auto const second = here.vote(acme, "another reason");
    auto forged = flow::make_bundle(acme.services(), acme.self, {});
    REQUIRE(forged.parts.size() == 2);
    for (auto& part : forged.parts)
        if (part.act == second)
            part.sealed = sends->seal(base::as_bytes("consortium/private-part/v1\n"), {"globex"});
    auto const refused = import_at(globex, forged);
    CHECK(refused["refused"] == 1);
    CHECK(here.seen(globex, second).state == "not held");
    forged.parts.back().act = base::sha256("nothing");
    CHECK(import_at(globex, forged)["refused"] == 1);

    // Erased at globex: what comes back is left outside.
    auto const erase = flow::plan_privacy_erase(
        here.state(globex),
        Town::request("privacy erase", {{"operand", Discreet::person(acme)}, {"reason", "unneeded"}}));
    Town::apply(globex, erase);
    auto const back = import_at(globex, flow::make_bundle(acme.services(), acme.self, {}));
    CHECK(back["kept"] == 0);
    CHECK(back["erased"] == 2);
    CHECK(here.seen(globex, id).text("reason") == "(erased)");
    CHECK(here.seen(acme, id).state == "held");
}
