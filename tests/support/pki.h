#pragma once

#include "core/flow/apply.h"
#include "core/flow/ca.h"
#include "core/flow/certificate.h"
#include "core/flow/crl.h"
#include "core/flow/genesis.h"
#include "core/flow/sign.h"
#include "core/flow/workspace.h"
#include "tests/support/data_folder.h"
#include "tests/support/flow.h"
#include "tests/support/services.h"

#include <nlohmann/json.hpp>

/// A workspace that has founded a consortium of its own, with or without a certificate authority.
class PkiFixture : public FlowFixture {
public:
    explicit PkiFixture(std::string own = "acme") : FlowFixture(std::move(own)) {
        using namespace consortium;
        model::Epoch epoch;
        epoch.rehearsal = true;
        epoch.founded = services().clock.now();
        epoch.charter = flow::read_charter(base::Path(consortium::test::data_folder()) /
                                           "../../templates/charter/equal-partners.toml");
        epoch.charter.name = "payments";
        for (char const* member : {"acme", "globex", "initech", "umbrella"}) {
            model::enroll(epoch, found(member), model::Seat::voting, epoch.founded);
        }
        final(std::move(epoch));
    }

    /// Makes this epoch the latest final one, without the acts that would lead to it.
    void final(consortium::model::Epoch epoch) {
        using namespace consortium;
        // Any act that is held stands for a commit: only its time is looked at.
        base::Json commits = base::Json::array();
        for (auto const& result : epoch.results) commits.push_back(result.proposal.hex());
        model::Object object;
        object.kind = "epoch";
        object.name = std::to_string(epoch.number);
        object.state = "final";
        object.data = base::Json{{"hash", model::reference(epoch).hash.hex()},
                                 {"attempt", 0},
                                 {"received", services().clock.now().text()},
                                 {"commits", commits}};
        std::vector<model::Object> writes{object};
        for (auto const& result : epoch.results) {
            auto proposal = *store().object("proposal", result.proposal.hex());
            base::Json data = *proposal.data;
            data["decided"] = {{"epoch", epoch.number}, {"outcome", result.outcome}, {"reason", ""}};
            proposal.data = std::move(data);
            proposal.state = result.outcome;
            writes.push_back(std::move(proposal));
        }
        services().store.write([&](port::Transaction& transaction) {
            transaction.put_file(model::document(epoch));
            transaction.append_event({"epoch.final", services().clock.now(), object.data, writes});
        });
    }

    consortium::flow::State state() { return {store(), store().latest(), services().clock.now(), self()}; }

    static consortium::model::Request request(std::string command, consortium::base::Json arguments) {
        return {std::move(command), std::move(arguments)};
    }

    consortium::base::Json carry_out(consortium::model::Plan const& plan) {
        return *consortium::flow::apply(plan, services(), self());
    }

    void init_ca(consortium::base::Json arguments = consortium::base::Json::object()) {
        arguments["no-passphrase"] = true;
        carry_out(consortium::flow::plan_ca_init(state(), request("ca init", std::move(arguments))));
    }

    consortium::model::Plan issue_plan(consortium::base::Json arguments) {
        if (!arguments.contains("csr") && !arguments.contains("key")) {
            arguments["new-key"] = true;
            arguments["no-passphrase"] = true;
        }
        return consortium::flow::plan_certificate_issue(state(), services().certifier,
                                                        request("cert issue", std::move(arguments)));
    }

    /// The record of what was issued: {"serial","certificate",…}.
    consortium::base::Json issue(std::string const& name) {
        return carry_out(issue_plan({{"operand", name}}))["results"][0];
    }

    void revoke(std::string const& serial, std::string const& reason = "superseded") {
        carry_out(consortium::flow::plan_certificate_revoke(
            state(), request("cert revoke", {{"operand", serial}, {"reason", reason}})));
    }

    /// Signs a draft with another member's key and takes it in, as an exchange would.
    void sign_as(std::string const& member, consortium::model::Draft const& draft) {
        using namespace consortium;
        auto theirs = services_with(services(), {.keys = &keys_of(member)});
        auto const act = flow::sign(draft, theirs, {member, member + "-gov", folder(), true});
        store().write([&](port::Transaction& transaction) { transaction.append_act(act.envelope); });
    }

protected:
    consortium::port::Keyring& keys_of(std::string const& member) {
        if (member == self().member) return services().keys;
        return *m_keyrings.at(member);
    }

private:
    consortium::model::Founder found(std::string const& member) {
        using namespace consortium;
        if (member != self().member) {
            m_keyrings[member] = crypto::open_keyring(folder() / ("keys-" + member),
                                                      [](std::string_view) { return base::Secret(); });
        }
        flow::NewWorkspace wanted;
        wanted.member = wanted.control_group = member;
        wanted.name = member == "acme" ? "Acme" : member;
        wanted.tier = "member";
        wanted.officer = wanted.person = member + "-gov";
        wanted.roles = {"governance", "security"};
        wanted.algorithm = "ed25519";
        return flow::create_keys(wanted, keys_of(member), base::Secret());
    }

    std::map<std::string, std::unique_ptr<consortium::port::Keyring>> m_keyrings;
};
