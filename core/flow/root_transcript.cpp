#include "core/flow/root_transcript.h"

#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/cited_acts.h"
#include "core/flow/cited_stamps.h"
#include "core/flow/file_signature.h"
#include "core/flow/sign.h"
#include "core/port/renderer.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr char const* cms_file = "transcript.p7s";
constexpr char const* envelope_file = "transcript.dsse.json";

std::optional<FileSigner> signer_of(model::Step const& step) {
    auto const& named = step.detail->at("cms");
    if (named.is_null()) return std::nullopt;
    return file_signer_from_json(named);
}

/// A key that cannot be used is to be known before anything begins.
JsonValue open_keys(model::Step const& step, Services& services, Identity const& self) {
    open_officer_key(services, self);
    if (auto const signer = signer_of(step)) (void)services.keys.open(signer->key);
    return {};
}

/// What is signed, each in its own way.
struct Made {
    SignedReport report;
    std::optional<base::Bytes> cms;
    std::string page;
};

Made make_transcript(State const& state, Services& services, Json const& record,
                     std::optional<FileSigner> const& signer) {
    Made out;
    out.report = sign_report(state, services, record, transcript_type);
    auto view = record;
    view["signature"] = *out.report.signature;
    view["cms"] = nullptr;
    if (signer) {
        out.cms = sign_file(*signer, services, out.report.text);
        view["cms"] = {{"subject", signer->subject}, {"file", cms_file}};
    }
    out.page = services.renderer("html").render("ceremony.html", services.report_template,
                                                JsonValue(std::move(view)));
    return out;
}

/// What an earlier transcript in the same folder was signed with says nothing about this one.
void write_files(base::Path const& folder, Json const& record, Made const& made) {
    base::make_folder(folder);
    for (char const* earlier : {envelope_file, cms_file}) std::filesystem::remove(folder / earlier);
    write_proofs(folder, record["acts"]);
    write_stamps(folder, record["timestamps"]);
    base::write_file(folder / "transcript.json", made.report.text);  // its SHA-256 is the digest
    base::write_file(folder / "transcript.html", made.page);
    if (made.cms) base::write_file(folder / cms_file, *made.cms);
    base::write_file(folder / envelope_file, made.report.envelope + "\n");  // last: signed means whole
}

JsonValue write_transcript(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    State const state{services.store, services.store.latest(), services.clock.now(), self};
    Software const software{detail.at("version").get<std::string>(),
                            base::Digest::from_hex(detail.at("sha256").get<std::string>())};
    auto const signer = signer_of(step);
    auto const record = ceremony_transcript(state, services, software);
    auto const made = make_transcript(state, services, record, signer);
    base::Path const folder = detail.at("folder").get<std::string>();
    write_files(folder, record, made);
    std::vector<std::string> files{"transcript.html", "transcript.json", envelope_file};
    if (made.cms) files.emplace_back(cms_file);
    return JsonValue(Json{{"folder", folder.string()},
                          {"files", files},
                          {"proofs", record["acts"].size()},
                          {"timestamps", record["timestamps"].size()},
                          {"digest", base::sha256(made.report.text).hex()},
                          {"cms", signer ? Json(signer->subject) : Json()}});
}

Json signer_argument(State const& state, Services const& services, model::Request const& request,
                     model::Plan& plan) {
    if (!request.arguments->contains("cms")) return nullptr;
    auto const signer = file_signer(state, services, request.arguments->at("cms").get<std::string>());
    if (!signer.warning.empty()) plan.warnings.push_back(signer.warning);
    return to_json(signer);
}

}  // namespace

model::Plan plan_root_transcript(State const& state, Services const& services, Software const& software,
                                 model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const found = rotation(state);
    auto const folder = std::filesystem::absolute(request.arguments->at("to").get<std::string>());
    auto const cms = signer_argument(state, services, request, plan);
    auto const also =
        cms.is_null() ? "" : " and in CMS by " + base::printable(cms.at("subject").get<std::string>());
    plan.steps.push_back({"root.transcript", folder.string(),
                          fmt::format("write the transcript of the rotation to {} into {}, signed by {}{}",
                                      found.name, folder.string(), state.self.officer, also),
                          JsonValue(Json{{"folder", folder.string()},
                                         {"version", software.version},
                                         {"sha256", software.digest.hex()},
                                         {"cms", cms}})});
    plan.verdict.next = "consortium audit checkpoint --timestamp";
    return plan;
}

Applier const root_transcript_applier{.prepare = open_keys, .remote = write_transcript};

}  // namespace consortium::flow
