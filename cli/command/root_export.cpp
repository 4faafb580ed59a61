#include "cli/command/root_export.h"

#include "cli/new_folder.h"
#include "cli/output.h"
#include "cli/secret_input.h"
#include "core/crypto/pkcs12.h"
#include "core/flow/root_countersign.h"
#include "core/flow/root_export.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;

std::string text_of(model::Request const& request, char const* flag) {
    return request.arguments->value(flag, std::string());
}

base::Bytes truststore(model::TrustBundle const& bundle, model::Request const& request) {
    auto const file = text_of(request, "password-file");
    if (file.empty()) {
        throw Error(Code::usage,
                    "a truststore has a password, so that nobody changes it: --password-file FILE",
                    "run 'openssl rand -base64 24 >FILE' to make one");
    }
    return crypto::truststore(flow::anchors(bundle), secret_from_file(file, "password"));
}

model::Outcome pkcs12(Session& session, model::Request const& request) {
    auto const state = session.state();
    auto const carried = flow::requested_bundle(state, request);
    auto outcome = flow::bundle_outcome(state, carried, "pkcs12");
    auto const store = truststore(carried.bundle, request);
    auto data = *outcome.data;
    data["pkcs12"] = base::to_base64(store);
    outcome.data = base::JsonValue(std::move(data));
    outcome.raw = base::as_text(store);
    if (for_people(session.common()))
        throw Error(Code::usage, "a truststore is binary, and this is a terminal", "give -o FILE, or a pipe");
    return outcome;
}

Files files_of(Session& session, model::Request const& request, std::string const& type,
               model::TrustBundle const& bundle) {
    auto const state = session.state();
    auto const& certifier = session.services().certifier;
    if (type == "msp") return flow::msp_parts(state, certifier, bundle);
    Files files{{"truststore.p12", std::string(base::as_text(truststore(bundle, request)))}};
    if (auto lists = flow::crls_pem(state, certifier, bundle); !lists.empty())
        files.emplace_back("crls.pem", std::move(lists));
    return files;
}

flow::TufExport folder_of(Session& session, model::Request const& request, std::string const& type) {
    auto const state = session.state();
    if (type == "tuf") return flow::export_tuf(state, session.services(), request);
    auto const carried = flow::requested_bundle(state, request);
    auto outcome = flow::bundle_outcome(state, carried, type);
    auto const warnings = flow::crl_warnings(state, session.services().certifier, carried.bundle);
    outcome.warnings.insert(outcome.warnings.end(), warnings.begin(), warnings.end());
    return {files_of(session, request, type, carried.bundle), std::move(outcome)};
}

model::Outcome folder(Session& session, model::Request const& request, std::string const& type) {
    base::Path const target = session.common().out;
    if (target.empty() || target == "-")
        throw Error(Code::usage, "this is a folder", "give -o DIR, which does not exist yet");
    auto [files, outcome] = folder_of(session, request, type);
    auto data = *outcome.data;
    for (auto const& [path, content] : files) data["files"].push_back(path);
    outcome.data = base::JsonValue(std::move(data));
    if (session.common().dry_run) {
        outcome.text.emplace_back("would write " + target.string());
        return outcome;
    }
    write_new_folder(target, files);
    outcome.text.emplace_back("wrote " + target.string());
    return outcome;
}

void check_flags(model::Request const& request, std::string const& type) {
    if (type != "tuf" && request.arguments->contains("from"))
        throw Error(Code::usage, "--from begins a chain of TUF's", "add --type tuf");
    if (type != "pem" && !text_of(request, "part").empty())
        throw Error(Code::usage, "--part goes with PEM", "leave one of --part and --type out");
    if (type != "pkcs12" && type != "besu" && !text_of(request, "password-file").empty())
        throw Error(Code::usage, "--password-file is a truststore's", "add --type pkcs12 or besu");
}

}  // namespace

model::Outcome root_export(Session& session, model::Request const& request) {
    auto const type = text_of(request, "type");
    check_flags(request, type);
    if (type == "pem") return flow::export_pem(session.state(), session.services().certifier, request);
    if (type == "json") return flow::export_json(session.state(), request);
    if (type == "pkcs12") return pkcs12(session, request);
    return folder(session, request, type);
}

model::Outcome root_countersign(Session& session, model::Request const& request) {
    return session.carry_out(
        flow::plan_root_countersign(session.state(), session.services().certifier, request));
}

}  // namespace consortium::cli
