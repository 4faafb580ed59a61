#pragma once

#include "core/flow/audit.h"
#include "core/flow/disclosure.h"
#include "core/flow/evidence.h"
#include "core/model/ballot.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

/// A town that has decided one proposal, and evidence from it.
struct Decided {
    Town town;
    consortium::base::Digest proposal;
    std::string genesis;

    Decided() {
        town.found();
        genesis = consortium::model::reference(*town.acme().store().epoch(0)).hash.hex();
        proposal = town.acme().propose("drill", "P1D", "P1D");
        town.sync(1);
        for (auto const& one : town.all)
            one->say("ballot", consortium::model::to_json(consortium::model::Ballot{"yes", 0}), {proposal});
        town.sync(1);
        town.pass("P2D");
        town.decide();
    }

    std::string prove(consortium::base::Json arguments,
                      consortium::port::Exchange const* exchange = nullptr) {
        consortium::flow::Witnesses const witnesses{consortium::crypto::verifier(), exchange};
        auto const outcome = consortium::flow::audit_prove(
            Town::state(town.acme()), witnesses, Town::request("audit prove", std::move(arguments)));
        return std::get<std::string>(outcome.text.front());
    }
    /// A range of one entry: an act like acme's ballot, changed, and signed by whoever it may be, which
    /// stands in acme's journal as if nobody had judged it.
    template <typename Change>
    std::string forge(consortium::port::Signer& signer, Change const& change) {
        auto& store = town.acme().store();
        auto act = store.acts({.kind = "ballot", .member = "acme"}).front().act;
        act.nonce.clear();
        change(act);
        auto const text = signed_envelope(act, signer, ++forged);
        std::uint64_t index = 0;
        store.write(
            [&](consortium::port::Transaction& transaction) { index = transaction.append_act(text); });
        return prove({{"operand", std::to_string(index) + "-" + std::to_string(index)}});
    }
    int forged = 0;
    std::string disclose(std::string const& scope) {
        auto const path = town.acme().self.workspace / "out.evidence";
        auto const request =
            Town::request("audit export", {{"for", "auditor"}, {"scope", scope}, {"to", path.string()}});
        Town::apply(town.acme(), consortium::flow::plan_audit_export(Town::state(town.acme()), request));
        return consortium::base::read_text(path, consortium::journal::max_dossier);
    }
    consortium::base::Code verify(std::string const& text,
                                  consortium::base::Json told = consortium::base::Json::object()) {
        auto const path = town.acme().self.workspace / "verified";
        consortium::base::write_file(path, text);
        told["operand"] = path.string();
        told["genesis"] = genesis;
        return code_of([&] {
            consortium::flow::audit_verify_file(consortium::crypto::verifier(),
                                                Town::request("audit verify", std::move(told)));
        });
    }
    /// code_of() is internal where nothing is thrown.
    bool holds(std::string const& text) { return verify(text) == consortium::base::Code::internal; }
};
