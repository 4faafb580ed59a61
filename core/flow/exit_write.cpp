#include "core/agreement/credential.h"
#include "core/base/error.h"
#include "core/flow/exit.h"
#include "core/flow/exit_report.h"
#include "core/flow/sign.h"
#include "core/port/renderer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// The officer's key, as the latest epoch names it.
std::shared_ptr<port::Signer> officer_key(State const& state, Services& services) {
    auto const* officer = state.joined().officer(state.self.officer);
    if (officer == nullptr || officer->member != state.self.member || !services.keys.has(officer->key))
        throw base::Error(base::Code::not_authorized,
                          "the key of officer '" + state.self.officer + "' is not in this workspace",
                          "name an officer with --as");
    return services.keys.open(officer->key);
}

/// A DSSE envelope whose payload is the report: tools for DSSE verify it with the officer's key.
std::string sign_report(std::string const& text, port::Signer& signer) {
    model::Envelope envelope;
    envelope.payload_type = exit_report_type;
    envelope.payload = text;
    envelope.key_id = signer.id().hex();
    envelope.scheme = agreement::scheme_of(signer.algorithm());
    envelope.signature = signer.sign(base::as_bytes(model::pre_authentication(envelope)));
    return model::to_text(envelope);
}

Json signature_view(State const& state, port::Signer& signer, std::string const& text) {
    return {{"member", state.self.member},
            {"officer", state.self.officer},
            {"key", signer.id().hex()},
            {"algorithm", signer.algorithm()},
            {"digest", base::sha256(text).hex()}};
}

std::string render_report(Json view, Services& services) {
    return services.renderer("html").render("exit.html", services.report_template,
                                            JsonValue(std::move(view)));
}

/// A key that cannot be used is to be known before anything begins.
JsonValue open_key(model::Step const&, Services& services, Identity const& self) {
    open_officer_key(services, self);
    return {};
}

JsonValue write_report(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    State const state{services.store, services.store.latest(), services.clock.now(), self};
    auto const exit = exit_case(state, detail.at("member").get<std::string>());
    auto const signer = officer_key(state, services);
    auto report = exit_report({state, exit, services});
    auto const text = base::canonical(report);
    auto const envelope = sign_report(text, *signer);
    auto view = report;
    view["signature"] = signature_view(state, *signer, text);
    auto const html = render_report(std::move(view), services);

    base::Path const folder = detail.at("folder").get<std::string>();
    base::make_folder(folder);
    base::make_folder(folder / "proofs");
    for (auto const& act : report["acts"])
        base::write_file(folder / act["file"].get<std::string>(), act["proof"].get_ref<std::string const&>());
    base::write_file(folder / "report.json", text);  // its SHA-256 is the digest
    base::write_file(folder / "report.html", html);
    base::write_file(folder / "report.dsse.json", envelope + "\n");  // last: signed means whole
    return JsonValue(Json{{"folder", folder.string()},
                          {"files", {"report.html", "report.json", "report.dsse.json"}},
                          {"proofs", report["acts"].size()},
                          {"digest", base::sha256(text).hex()}});
}

}  // namespace

Applier const exit_report_applier{.prepare = open_key, .remote = write_report};

}  // namespace consortium::flow
