#include "core/flow/root_transcript.h"

#include "core/base/file.h"
#include "core/flow/cited_acts.h"
#include "core/flow/cited_stamps.h"
#include "core/flow/sign.h"
#include "core/port/renderer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// A key that cannot be used is to be known before anything begins.
JsonValue open_key(model::Step const&, Services& services, Identity const& self) {
    open_officer_key(services, self);
    return {};
}

JsonValue write_transcript(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    State const state{services.store, services.store.latest(), services.clock.now(), self};
    Software const software{detail.at("version").get<std::string>(),
                            base::Digest::from_hex(detail.at("sha256").get<std::string>())};
    auto const record = ceremony_transcript(state, services, software);
    auto const made = sign_report(state, services, record, transcript_type);
    auto view = record;
    view["signature"] = *made.signature;
    auto const html = services.renderer("html").render("ceremony.html", services.report_template,
                                                       JsonValue(std::move(view)));
    base::Path const folder = detail.at("folder").get<std::string>();
    base::make_folder(folder);
    write_proofs(folder, record["acts"]);
    write_stamps(folder, record["timestamps"]);
    base::write_file(folder / "transcript.json", made.text);  // its SHA-256 is the digest
    base::write_file(folder / "transcript.html", html);
    base::write_file(folder / "transcript.dsse.json", made.envelope + "\n");  // last: signed means whole
    return JsonValue(Json{{"folder", folder.string()},
                          {"files", {"transcript.html", "transcript.json", "transcript.dsse.json"}},
                          {"proofs", record["acts"].size()},
                          {"timestamps", record["timestamps"].size()},
                          {"digest", base::sha256(made.text).hex()}});
}

}  // namespace

model::Plan plan_root_transcript(State const& state, Software const& software,
                                 model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const found = rotation(state);
    auto const folder = std::filesystem::absolute(request.arguments->at("to").get<std::string>());
    plan.steps.push_back({"root.transcript", folder.string(),
                          fmt::format("write the transcript of the rotation to {} into {}, signed by {}",
                                      found.name, folder.string(), state.self.officer),
                          JsonValue(Json{{"folder", folder.string()},
                                         {"version", software.version},
                                         {"sha256", software.digest.hex()}})});
    plan.verdict.next = "consortium audit checkpoint --timestamp";
    return plan;
}

Applier const root_transcript_applier{.prepare = open_key, .remote = write_transcript};

}  // namespace consortium::flow
