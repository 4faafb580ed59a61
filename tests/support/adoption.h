#pragma once

#include "core/base/file.h"
#include "core/crypto/evp_key.h"
#include "tests/support/code_of.h"
#include "tests/support/error_of.h"
#include "tests/support/renewal.h"
#include "tests/support/rotation.h"

/// Who holds the members' root (acme), and a member (globex) that keeps the key of its intermediate.
class AdoptionFixture {
public:
    RotationFixture holder;
    PkiFixture member{"globex"};

    /// The member's epoch carries the bundle that the holder made last.
    void agree() {
        using namespace consortium;
        auto epoch = *member.store().latest();
        epoch.previous = model::reference(epoch).hash;
        epoch.number += 1;
        epoch.trust_bundle = base::JsonValue(model::to_json(*flow::held_bundle(holder.store())));
        member.final(std::move(epoch));
    }

    static consortium::base::Json within(
        consortium::base::Json arguments = consortium::base::Json::object()) {
        if (!arguments.contains("permit")) arguments["permit"] = {"dns:globex.example", "ip:10.2.0.0/16"};
        return arguments;
    }
    consortium::model::Plan ask_plan(std::string const& name, consortium::base::Json arguments) {
        arguments["operand"] = name;
        if (!arguments.contains("key")) arguments["no-passphrase"] = true;
        return consortium::flow::plan_ca_request(member.state(), member.services().certifier,
                                                 PkiFixture::request("ca request", std::move(arguments)));
    }
    /// The request's file.
    std::string ask(std::string const& name, consortium::base::Json arguments = within()) {
        auto const result = member.carry_out(ask_plan(name, std::move(arguments)))["results"][0];
        return file(name + ".csr", result["request"].get<std::string>());
    }
    consortium::model::Plan add_plan(std::string const& name, std::string const& csr,
                                     consortium::base::Json arguments = within()) {
        arguments["operand"] = name;
        arguments["csr"] = csr;
        if (!arguments.contains("member")) arguments["member"] = "globex";
        return consortium::flow::plan_ca_add(holder.state(), holder.services().certifier,
                                             PkiFixture::request("ca add", std::move(arguments)));
    }
    /// The file of what was certified.
    std::string add(std::string const& name, std::string const& csr,
                    consortium::base::Json arguments = within()) {
        auto const result = holder.carry_out(add_plan(name, csr, std::move(arguments)))["results"][0];
        return file(name + ".pem", result["chain"].get<std::string>());
    }
    std::string certified(std::string const& name = "globex") { return add(name, ask(name)); }
    /// Without a file: what the bundle carries.
    consortium::model::Plan adopt_plan(std::string const& given,
                                       consortium::base::Json arguments = consortium::base::Json::object()) {
        if (!given.empty()) arguments["operand"] = given;
        return consortium::flow::plan_ca_adopt(member.state(), member.services(),
                                               PkiFixture::request("ca adopt", std::move(arguments)));
    }
    consortium::base::Json adopt(std::string const& given,
                                 consortium::base::Json arguments = consortium::base::Json::object()) {
        return member.carry_out(adopt_plan(given, std::move(arguments)))["results"][0];
    }
    /// Certified, agreed on, adopted.
    void adopt_globex() {
        auto const given = certified();
        agree();
        adopt(given);
    }
    consortium::flow::Authority adopted(std::string const& name = "globex") {
        return consortium::flow::authority(member.store(), name);
    }
    consortium::flow::Authority listed(std::string const& name = "globex") {
        return consortium::flow::authority(holder.store(), name);
    }
    std::string file(std::string const& name, std::string const& content) {
        auto const path = holder.folder() / name;
        consortium::base::write_file(path, content, consortium::base::FileMode::shared);
        return path.string();
    }
    consortium::model::Plan issue_plan(std::string const& name,
                                       consortium::base::Json arguments = consortium::base::Json::object()) {
        arguments["operand"] = name;
        return member.issue_plan(std::move(arguments));
    }
    std::string verified(std::string const& chain) {
        auto const crl =
            file("root.crl", holder.services().certifier.pem(
                                 "X509 CRL", *consortium::flow::current_crl(holder.store(), "root-g1")));
        auto const outcome = consortium::flow::certificate_verify(
            member.state(), member.services().certifier,
            PkiFixture::request("cert verify", {{"operand", file("verified.pem", chain)}, {"crl", {crl}}}));
        return outcome.data->at("sentence").get<std::string>();
    }
};
