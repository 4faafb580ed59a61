#include "core/base/error.h"
#include "core/flow/cited_acts.h"
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
    auto const report = exit_report({state, exit, services});
    auto const made = sign_report(state, services, report, exit_report_type);
    auto view = report;
    view["signature"] = *made.signature;
    auto const html = render_report(std::move(view), services);

    base::Path const folder = detail.at("folder").get<std::string>();
    base::make_folder(folder);
    write_proofs(folder, report["acts"]);
    base::write_file(folder / "report.json", made.text);  // its SHA-256 is the digest
    base::write_file(folder / "report.html", html);
    base::write_file(folder / "report.dsse.json", made.envelope + "\n");  // last: signed means whole
    return JsonValue(Json{{"folder", folder.string()},
                          {"files", {"report.html", "report.json", "report.dsse.json"}},
                          {"proofs", report["acts"].size()},
                          {"digest", base::sha256(made.text).hex()}});
}

}  // namespace

Applier const exit_report_applier{.prepare = open_key, .remote = write_report};

}  // namespace consortium::flow
