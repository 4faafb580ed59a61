#pragma once

#include "core/crypto/vault.h"
#include "core/flow/privacy.h"
#include "core/flow/private_part.h"
#include "core/flow/vote.h"
#include "tests/support/town.h"

/// A town in which everybody can keep what is private, and acme has said something about two persons.
struct Discreet {
    Town town;
    std::vector<std::unique_ptr<consortium::port::Vault>> vaults;
    std::string proposal;

    Discreet() {
        for (auto& one : town.all) {
            vaults.push_back(consortium::crypto::open_vault(one->self.workspace / "private", one->entropy));
            one->services().vault = vaults.back().get();
        }
        town.found();
        proposal = consortium::model::short_name(town.acme().propose("drill", "P1D", "P1D"));
        town.sync(1);
    }

    consortium::flow::State state(Organization& one) {
        auto out = Town::state(one);
        out.vault = one.services().vault;
        return out;
    }
    consortium::base::Digest vote(Organization& one, std::string const& reason) {
        auto const record = Town::apply(
            one,
            consortium::flow::plan_vote_cast(
                state(one),
                Town::request("vote cast", {{"operand", proposal}, {"choice", "no"}, {"reason", reason}})));
        return consortium::base::Digest::from_hex(record["results"][0]["id"].get<std::string>());
    }
    consortium::model::Plan plan_erase(Organization& one, std::string const& reason = "withdrawn") {
        return consortium::flow::plan_privacy_erase(
            state(one), Town::request("privacy erase", {{"operand", person(one)}, {"reason", reason}}));
    }
    static std::string person(Organization& one) { return consortium::test::officer_of(one.self.member); }
    consortium::flow::PrivateView seen(Organization& one, consortium::base::Digest const& act) {
        return consortium::flow::view_part(state(one), *one.store().act(act));
    }
};
