#pragma once

#include "core/base/file.h"
#include "tests/support/pki.h"

/// An authority, and certificates that are requested and renewed.
class RenewalFixture : public PkiFixture {
public:
    consortium::model::Plan renew_plan(std::string const& serial, consortium::base::Json arguments = {}) {
        arguments["operand"] = serial;
        return consortium::flow::plan_certificate_renew(state(), services().certifier,
                                                        request("cert renew", std::move(arguments)));
    }
    consortium::base::Json renew(std::string const& serial, consortium::base::Json arguments = {}) {
        return carry_out(renew_plan(serial, std::move(arguments)))["results"][0];
    }
    consortium::model::Plan request_plan(consortium::base::Json arguments) {
        return consortium::flow::plan_certificate_request(state(), services().certifier,
                                                          request("cert request", std::move(arguments)));
    }
    consortium::base::Json ask(consortium::base::Json arguments) {
        return carry_out(request_plan(std::move(arguments)))["results"][0];
    }

    consortium::model::Object certificate(consortium::base::Json const& serial) {
        return consortium::flow::certificate_object(store(), serial.get<std::string>());
    }
    consortium::model::CertificateFacts facts(consortium::base::Json const& serial) {
        return services().certifier.describe(consortium::flow::der_of(certificate(serial)));
    }
    /// A file with this content, for --csr.
    std::string file(std::string const& name, std::string const& content) {
        consortium::base::write_file(folder() / name, content, consortium::base::FileMode::shared);
        return (folder() / name).string();
    }
    void put(consortium::model::Object object) {
        using namespace consortium;
        services().store.write([&](port::Transaction& transaction) {
            transaction.append_event(
                {"test", services().clock.now(), base::JsonValue(base::Json::object()), {std::move(object)}});
        });
    }
};

/// The rules that do not hold, by name.
inline std::vector<std::string> broken(consortium::model::Verdict const& verdict) {
    std::vector<std::string> out;
    for (auto const& each : verdict.rules) {
        if (!each.holds) out.push_back(each.name);
    }
    return out;
}
