#include "core/flow/evidence.h"

#include "core/flow/disclosure.h"
#include "core/model/ballot.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <doctest/doctest.h>
#include <map>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

/// A town that has decided one proposal, and evidence from it.
struct Decided {
    Town town;
    base::Digest proposal;
    std::string genesis;

    Decided() {
        town.found();
        genesis = model::reference(*town.acme().store().epoch(0)).hash.hex();
        model::Proposal body;
        body.title = "a network";
        body.action = {"network.add",
                       base::JsonValue(Json{{"id", "drill"}, {"kind", "rehearsal"}, {"identity", "n-2"}})};
        body.closes = town.acme().clock.now() + base::Duration::from_text("P1D");
        body.lapses = body.closes + base::Duration::from_text("P30D");
        body.timelock = base::Duration::from_text("P1D");
        proposal = town.acme().say("proposal", model::to_json(body));
        town.sync(1);
        for (auto const& one : town.all)
            one->say("ballot", model::to_json(model::Ballot{"yes", 0}), {proposal});
        town.sync(1);
        town.pass("P2D");
        town.decide();
    }

    std::string prove(Json arguments) {
        flow::Witnesses const witnesses{crypto::verifier(), nullptr};
        auto const outcome = flow::audit_prove(Town::state(town.acme()), witnesses,
                                               Town::request("audit prove", std::move(arguments)));
        return std::get<std::string>(outcome.text.front());
    }
    std::string disclose(std::string const& scope) {
        auto const path = town.acme().self.workspace / "out.evidence";
        auto const request =
            Town::request("audit export", {{"for", "auditor"}, {"scope", scope}, {"to", path.string()}});
        Town::apply(town.acme(), flow::plan_audit_export(Town::state(town.acme()), request));
        return base::read_text(path, journal::max_dossier);
    }
    Code verify(std::string const& text) {
        auto const path = town.acme().self.workspace / "verified";
        base::write_file(path, text);
        return code_of([&] {
            flow::audit_verify_file(
                crypto::verifier(),
                Town::request("audit verify", {{"operand", path.string()}, {"genesis", genesis}}));
        });
    }
    /// code_of() is internal where nothing is thrown.
    bool holds(std::string const& text) { return verify(text) == Code::internal; }
};

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
