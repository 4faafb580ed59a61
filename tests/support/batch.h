#pragma once

#include "core/crypto/signer.h"
#include "core/flow/certificate_batch.h"
#include "tests/support/renewal.h"

#include <doctest/doctest.h>
#include <set>

/// A CA whose batches have small chunks.
class BatchFixture : public RenewalFixture {
public:
    BatchFixture() { init_ca(); }

    consortium::base::Json arguments(std::string const& text, std::string const& to = "nodes") {
        return {{"batch", file(to + ".csv", text)},
                {"to", (folder() / to).string()},
                {"profile", "node-tls"},
                {"type", "p256"},
                {"new-key", true},
                {"no-passphrase", true}};
    }
    /// Chunks of two rows, so that a few rows have several, where no request is pinned by its chunk.
    std::size_t chunk = 2;
    consortium::model::Plan plan(consortium::base::Json arguments) {
        auto plan = consortium::flow::plan_certificate_batch(state(), services(),
                                                             request("cert issue", std::move(arguments)));
        consortium::base::Json detail = *plan.steps.at(0).detail;
        if (detail.at("requests") == consortium::base::Json::array({""})) {
            detail["chunk"] = chunk;
            detail["requests"] = consortium::base::Json(
                std::vector<std::string>((detail.at("rows").get<std::size_t>() + chunk - 1) / chunk));
            plan.steps[0].detail = consortium::base::JsonValue(detail);
        }
        return plan;
    }
    consortium::base::Json issue_batch(consortium::base::Json given) {
        return carry_out(plan(std::move(given)))["results"][0];
    }

    std::set<std::string> listed(std::string const& to = "nodes") {
        std::set<std::string> out;
        for (auto const& item : std::filesystem::directory_iterator(folder() / to))
            out.insert(item.path().filename().string());
        return out;
    }
    std::string text(std::string const& path) {
        return consortium::base::read_text(folder() / path, 1u << 20);
    }
    consortium::base::Bytes leaf(std::string const& path) {
        return services().certifier.read_certificates(consortium::base::as_bytes(text(path))).front();
    }
    /// Whether the certificate is on file, valid now, and for the key beside it.
    bool sound(std::string const& stem) {
        auto const der = leaf(stem + ".pem");
        auto const facts = services().certifier.accept_certificate(
            der, consortium::flow::newest(store(), "issuing").certificate());
        auto const object = store().object("certificate", facts.content.serial);
        auto const key = text(stem + ".key");
        auto const signer = consortium::crypto::make_signer(consortium::crypto::private_from_pem(
            consortium::base::as_bytes(key), consortium::base::Secret(), stem));
        return object && object->state == "valid" && consortium::flow::der_of(*object) == der &&
               signer->public_key() == facts.content.public_key;
    }
    std::size_t count(std::string const& kind) {
        std::size_t found = 0;
        store().objects({.kind = kind}, [&](consortium::model::Object const&) { ++found; });
        return found;
    }
    std::string message(consortium::base::Json given) {
        try {
            plan(std::move(given));
            return {};
        } catch (consortium::base::Error const& error) {
            return error.message();
        }
    }
};

inline std::string five() {
    std::string out = "name,also\n";
    for (int i = 1; i <= 5; ++i)
        out += "n" + std::to_string(i) + ".acme.example,10.0.0." + std::to_string(i) + "\n";
    return out;
}
