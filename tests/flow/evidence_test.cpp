#include "core/flow/evidence.h"

#include "core/flow/disclosure.h"
#include "core/model/member.h"
#include "tests/support/code_of.h"
#include "tests/support/decided.h"

#include <doctest/doctest.h>
#include <map>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// The lines but the last, with an end that fits them: what somebody who wants to deceive makes.
std::string sealed(std::vector<std::string> const& lines) {
    std::string body;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) body += lines[i] + "\n";
    return body +
           base::canonical({{"end", {{"lines", lines.size() - 1}, {"digest", base::sha256(body).hex()}}}}) +
           "\n";
}

/// Without the entry of that index and its path.
std::string without(std::string const& text, std::uint64_t index) {
    auto lines = lines_of(text);
    std::erase_if(lines, [&](std::string const& line) {
        return base::parse_json(line, base::relaxed_limits(line.size())).value("index", ~std::uint64_t{0}) ==
               index;
    });
    return sealed(lines);
}

}  // namespace

TEST_CASE("evidence of a proposal holds everything that the epoch counted") {
    Decided one;
    auto const text = one.prove({{"proposal", one.proposal.hex()}});
    CHECK(one.holds(text));
    auto const dossier = journal::dossier_from_text(text);
    std::map<std::string, int> kinds;
    for (auto const& record : dossier.records) {
        if (!record.leaf.starts_with("{\"payload\"")) continue;
        ++kinds[model::act_from_json(base::parse_json(model::envelope_from_text(record.leaf).payload)).kind];
    }
    CHECK(kinds["proposal"] == 1);
    CHECK(kinds["ballot"] == 4);
    CHECK(kinds["seen"] >= 3);
    CHECK(kinds["candidate"] == 1);
    CHECK(kinds["prepare"] >= 3);
    CHECK(kinds["commit"] >= 3);
    // Whatever the result names is missed.
    for (auto const& record : dossier.records) {
        if (!record.leaf.starts_with("{\"payload\"")) continue;
        auto const act =
            model::act_from_json(base::parse_json(model::envelope_from_text(record.leaf).payload));
        if (act.kind != "proposal" && act.kind != "ballot") continue;
        CHECK(one.verify(without(text, record.index)) == Code::verification_failed);
    }
}

TEST_CASE("evidence with an act that its epoch does not let its signer sign does not hold") {
    Decided one;
    auto& keys = one.town.acme().services().keys;
    auto const officer = keys.open(one.town.acme().self.officer);
    auto const as_it_is = [](model::Act&) {};
    CHECK(one.holds(one.forge(*officer, as_it_is)));
    // PROTOCOL, Keys: "log and witness keys cannot sign acts"; a seat's key signs agreement only.
    for (auto const* key : {"log", "witness", "seat"}) {
        CAPTURE(key);
        auto const signer = keys.open(key);
        CHECK(one.verify(one.forge(*signer, as_it_is)) == Code::verification_failed);
        auto const text = one.forge(*signer, [&](model::Act& act) { act.officer = key; });
        CHECK(one.verify(text) == Code::verification_failed);
    }
    auto const seat = keys.open("seat");
    auto const unnamed = one.forge(*seat, [](model::Act& act) { act.officer.clear(); });
    CHECK(one.verify(unnamed) == Code::verification_failed);
    auto const of_seat = one.forge(*officer, [](model::Act& act) {
        act.kind = "ready";
        act.refs.clear();
        act.body = base::JsonValue(Json::object());
    });
    CHECK(one.verify(of_seat) == Code::verification_failed);
}

TEST_CASE("an application in evidence is by the member that was invited, and by nobody else") {
    Decided one;
    TestSigner applicant("applicant");
    auto const invitation = one.town.acme().say(
        "invite",
        model::to_json(model::Invitation{"evil", "Evil", "validator", "ed25519", applicant.public_key()}));
    auto const submitted = [&](std::string const& member) {
        return one.forge(applicant, [&](model::Act& act) {
            act.kind = "submit";
            act.member = member;
            act.officer = "evil-eve";
            act.refs = {invitation};
            act.body = base::JsonValue(Json::object());
        });
    };
    CHECK(one.holds(submitted("evil")));
    CHECK(one.verify(submitted("globex")) == Code::verification_failed);
}

TEST_CASE("a stated range without any one of its entries does not hold") {
    Decided one;
    auto const text = one.prove({{"operand", "3-12"}});
    CHECK(one.holds(text));
    for (std::uint64_t index = 3; index <= 12; ++index)
        CHECK(one.verify(without(text, index)) == Code::verification_failed);
}

TEST_CASE("a disclosure without any one of its lines, or with any byte changed, does not hold") {
    Decided one;
    auto const text = one.disclose("kind:ballot");
    REQUIRE(one.holds(text));
    auto const lines = lines_of(text);
    REQUIRE(sealed(lines) == text);
    for (std::size_t drop = 0; drop + 1 < lines.size(); ++drop) {
        auto fewer = lines;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(drop));
        CHECK_FALSE(one.holds(sealed(fewer)));
    }
    // As somebody would who also makes the digest anew: ten places in each line.
    for (std::size_t line = 0; line + 1 < lines.size(); ++line) {
        for (std::size_t i = 0; i < 10; ++i) {
            auto changed = lines;
            auto& byte = changed[line][lines[line].size() * (2 * i + 1) / 20];
            byte = byte == 'a' ? 'b' : 'a';
            CHECK_FALSE(one.holds(sealed(changed)));
        }
    }
}

TEST_CASE("evidence brings the latest epoch, in which its log's key stands, and none that it does not need") {
    Decided one;
    CHECK(journal::dossier_from_text(one.prove({{"operand", "0-1"}})).epochs.back().number == 1);
    // Events alone need no epoch but the one of the log's key.
    auto const event = one.town.acme().store().entry(0);
    REQUIRE(event.kind == model::EntryKind::event);
    auto const text = one.prove({{"operand", "0-0"}, {"epochs-from", 1}});
    CHECK(journal::dossier_from_text(text).epochs.size() == 1);
    CHECK(one.holds(one.prove({{"operand", "0-0"}, {"epochs-from", 0}})));
    CHECK(code_of([&] { one.prove({{"operand", "0-0"}, {"epochs-from", 2}}); }) == Code::refused);
}

TEST_CASE("evidence of an application needs the epoch of the invitation that it answers") {
    Decided one;
    auto& acme = one.town.acme();
    TestSigner applicant("applicant");
    one.forge(*acme.services().keys.open(acme.self.officer), [&](model::Act& act) {
        act.kind = "invite";
        act.refs.clear();
        act.body = base::JsonValue(model::to_json(
            model::Invitation{"evil", "Evil", "validator", "ed25519", applicant.public_key()}));
    });
    auto const invitation = acme.store().acts({.kind = "invite"}).front();
    REQUIRE(invitation.act.epoch.number == 0);
    CHECK(one.holds(one.forge(applicant, [&](model::Act& act) {
        act.kind = "submit";
        act.epoch = model::reference(*acme.store().latest());
        act.member = "evil";
        act.officer = "evil-eve";
        act.refs = {invitation.id};
        act.body = base::JsonValue(Json::object());
    })));
    auto const index = std::to_string(acme.store().head().size - 1);
    CHECK(code_of([&] {
              one.prove({{"operand", index + "-" + index}, {"epochs-from", 1}});
          }) == Code::refused);
}

TEST_CASE("more members than a note has room for have cosigned a head: it is proven with as many as fit") {
    Organization acme("acme");
    model::Epoch epoch;
    epoch.rehearsal = true;
    epoch.founded = acme.clock.now();
    epoch.charter = test::small_charter();
    model::enroll(epoch, acme.founder, model::Seat::voting, epoch.founded);
    for (int i = 10; i < 80; ++i)
        model::enroll(epoch, test::founder(std::string(54, 'm') + std::to_string(i)), model::Seat::voting,
                      epoch.founded);
    acme.accept(epoch, true);
    MemoryExchange exchange;
    auto const head = acme.store().head().checkpoint;
    for (auto const& member : epoch.members) {
        if (member.id == "acme") continue;
        auto note = journal::Note::parse(head);
        TestSigner witness("witness of " + member.id);
        // A cosigner that signs at two times counts once, and takes the room of one.
        for (int at = 0; at < 2; ++at)
            note.signatures.push_back(journal::cosign_note("consortium/" + member.id + "/witness", note.body,
                                                           acme.clock.now() + base::Duration{at}, witness));
        exchange.blobs[member.id + "/cosig/acme"] = note.text();
    }
    flow::State const state{acme.store(), std::make_shared<model::Epoch const>(epoch), acme.clock.now(),
                            acme.self};
    auto const heads = flow::cosigned_heads(state, crypto::verifier(), exchange);
    REQUIRE(heads.size() == 1);
    CHECK(heads[0].cosigners == journal::max_note_signatures - 1);
    CHECK(journal::Note::parse(heads[0].note).signatures.size() == journal::max_note_signatures);
}

TEST_CASE("evidence under the head of another log, or an older head of this one, does not hold") {
    Decided one;
    auto const old_head = one.town.acme().store().head().checkpoint;
    auto const text = one.disclose("kind:ballot");
    auto const replaced = [&](std::string const& head) {
        auto dossier = journal::dossier_from_text(text);
        dossier.head = head;
        return to_text(dossier);
    };
    CHECK(one.holds(replaced(one.town.acme().store().head().checkpoint)) == false);  // it has grown since
    CHECK(one.verify(replaced(old_head)) == Code::verification_failed);
    CHECK(one.verify(replaced(one.town.globex().store().head().checkpoint)) == Code::verification_failed);
}

TEST_CASE("a disclosure is journaled before its file can be seen, and finished after a stop between") {
    Decided one;
    auto& acme = one.town.acme();
    auto const folder = acme.self.workspace / "later";
    auto const path = folder / "out.evidence";
    auto const request =
        Town::request("audit export", {{"for", "auditor"}, {"scope", "entries:2-5"}, {"to", path.string()}});
    auto plan = flow::plan_audit_export(Town::state(acme), request);
    plan.operation = "out";
    CHECK(code_of([&] { Town::apply(acme, plan); }) == Code::partial);
    CHECK_FALSE(base::exists(path));
    int recorded = 0;
    acme.store().objects({.kind = "disclosure"}, [&](model::Object const&) { ++recorded; });
    CHECK(recorded == 1);
    one.town.sync(1);  // the journal goes on meanwhile
    base::make_folder(folder);
    flow::resume("out", acme.services(), acme.self);
    CHECK(one.holds(base::read_text(path, journal::max_dossier)));
}

TEST_CASE("evidence that is garbage is refused, whatever it is") {
    Decided one;
    auto const text = one.prove({{"operand", "2-3"}});
    auto const lines = lines_of(text);
    std::vector<std::string> const garbage{"{}",
                                           "{\"epoch\":1}",
                                           "{\"index\":0,\"path\":[]}",
                                           "[]",
                                           "",
                                           R"({"disclosure":{}})",
                                           R"({"context":"{}"})",
                                           R"({"file":"AAAA"})",
                                           R"({"cosigned":"x","path":[]})"};
    for (auto const& junk : garbage) {
        for (std::size_t at = 1; at + 1 < lines.size(); ++at) {
            auto changed = lines;
            changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(at), junk);
            auto const code = one.verify(sealed(changed));
            CAPTURE(junk);
            CAPTURE(base::info(code).name);
            CHECK((code == Code::malformed || code == Code::verification_failed));
        }
    }
}
