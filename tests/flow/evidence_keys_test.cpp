#include "core/flow/evidence.h"
#include "core/flow/peer.h"
#include "core/model/own_change.h"
#include "tests/support/decided.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

TEST_CASE("a head under a key that was removed as stolen holds only where others have cosigned it") {
    Decided one;
    auto& acme = one.town.acme();
    one.town.sync(2);
    auto const alone = one.prove({{"operand", "0-5"}});
    auto const cosigned = one.prove({{"operand", "0-5"}}, &one.town.exchange);
    auto const vkey = flow::own_log_key(acme.services()).vkey();
    REQUIRE(one.holds(alone));
    REQUIRE(one.holds(cosigned));

    TestSigner next("the next log key of acme");
    model::OwnChange change;
    change.kind = "key.replace";
    change.subject = "log";
    change.key = {"ed25519", next.public_key()};
    change.cause = "compromise";
    acme.say("own", model::to_json(change));
    one.town.sync(1);
    one.town.pass("P2D");
    one.town.decide();
    REQUIRE(acme.store().latest()->member("acme")->log == next.id());
    // Its thief goes on with it: what they sign, and bring with all epochs.
    CHECK(one.verify(one.prove({{"operand", "0-5"}})) == Code::verification_failed);
    auto const epochs = journal::dossier_from_text(one.prove({{"operand", "0-5"}})).epochs;
    REQUIRE(epochs.size() == 3);
    auto const with_epochs = [&](std::string const& text) {
        auto dossier = journal::dossier_from_text(text);
        dossier.epochs = epochs;
        return to_text(dossier);
    };
    CHECK(one.verify(with_epochs(alone)) == Code::verification_failed);
    CHECK(one.holds(with_epochs(cosigned)));
    // Who was told the key by another way is told what is to be thought of it.
    CHECK(one.verify(with_epochs(alone), {{"key", {vkey}}}) == Code::internal);
}

TEST_CASE("what was cosigned with a key that was removed as stolen counts no more, whoever names the key") {
    Decided one;
    auto& acme = one.town.acme();
    one.town.sync(2);
    for (auto const* member : {"initech", "umbrella"})
        one.town.exchange.blobs.erase(std::string(member) + "/cosig/acme");
    auto const epoch = acme.store().latest();
    auto const log = flow::own_log_key(acme.services()).vkey();
    auto const witness = flow::witness_key(*epoch, *epoch->member("globex")).vkey();
    auto const policy = acme.self.workspace / "policy";
    base::write_file(policy, "log " + log + "\nwitness g " + witness + "\nquorum g\n");
    Json const judged{{"policy", policy.string()}};
    auto dossier = journal::dossier_from_text(one.prove({{"operand", "0-5"}}, &one.town.exchange));
    REQUIRE(one.verify(to_text(dossier), judged) == Code::internal);

    auto const replace = [](Organization& who, std::string const& subject) {
        model::OwnChange change;
        change.kind = "key.replace";
        change.subject = subject;
        change.key = {"ed25519", TestSigner("the next key of " + who.self.member).public_key()};
        change.cause = "compromise";
        who.say("own", model::to_json(change));
    };
    replace(acme, "log");
    replace(one.town.globex(), "witness");
    one.town.sync(2);
    one.town.pass("P2D");
    one.town.decide();
    auto const* removed = acme.store().latest()->key(epoch->member("globex")->witness);
    REQUIRE(removed != nullptr);
    REQUIRE(removed->status == "removed");
    dossier.epochs = journal::dossier_from_text(one.prove({{"operand", "0-5"}})).epochs;
    auto const text = to_text(dossier);
    CHECK(one.verify(text, judged) == Code::verification_failed);
    CHECK(one.verify(text, {{"key", {witness}}}) == Code::verification_failed);
    // Nor is a log that a policy names the key that somebody was told.
    CHECK(one.verify(text, {{"key", {log}}}) == Code::internal);
    CHECK(one.verify(text, {{"key", {log}}, {"policy", policy.string()}}) == Code::verification_failed);
    base::write_file(policy, "log " + log + "\nquorum none\n");
    CHECK(one.verify(text, judged) == Code::verification_failed);
    CHECK(one.verify(text, {{"key", {log}}, {"policy", policy.string()}}) == Code::internal);
}
