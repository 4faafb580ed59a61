#pragma once

#include "core/flow/certificate_pending.h"
#include "tests/support/renewal.h"

/// An authority under a charter by which certificates wait for approval: of two officers of two members with
/// the role security, whoever asks not among them.
class PendingFixture : public RenewalFixture {
public:
    PendingFixture() {
        init_ca();
        amend([](consortium::model::Charter& charter) {
            charter.approvals.push_back({"certificates", 2, 2, {"security"}, true});
            charter.certificates = {{.id = "node-tls", .based_on = "", .approval = "certificates"}};
        });
    }

    /// The next epoch has another charter.
    void amend(std::function<void(consortium::model::Charter&)> const& change) {
        auto epoch = *store().latest();
        epoch.previous = consortium::model::reference(epoch).hash;
        epoch.number += 1;
        epoch.results = {};
        change(epoch.charter);
        final(std::move(epoch));
    }
    consortium::model::ProfileRule& rule_of_tls(consortium::model::Charter& charter) {
        return charter.certificates.at(0);
    }

    consortium::flow::PendingCertificate pending(std::string const& serial) {
        return consortium::flow::pending_certificate(store(), serial);
    }
    void approve(std::string const& member, consortium::base::Digest const& digest, std::string const& serial,
                 std::string const& rule = "certificates") {
        using namespace consortium;
        model::Approval const approval{digest, rule, "certificate " + serial};
        sign_as(member, {"approval", {}, base::JsonValue(model::to_json(approval)), false});
    }
    /// By all who are needed.
    void approve(std::string const& serial) {
        for (char const* member : {"globex", "initech"}) approve(member, pending(serial).approve, serial);
    }
    consortium::model::Plan sign_plan(std::string const& serial) {
        return consortium::flow::plan_certificate_sign(state(), services().certifier,
                                                       request("cert issue", {{"pending", serial}}));
    }
    std::size_t count(char const* kind, char const* of_state = "") {
        std::size_t out = 0;
        store().objects({.kind = kind, .state = of_state}, [&](consortium::model::Object const&) { ++out; });
        return out;
    }
};
