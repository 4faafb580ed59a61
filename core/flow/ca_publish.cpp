#include "core/base/error.h"
#include "core/base/file.h"
#include "core/flow/ca.h"
#include "core/flow/crl.h"
#include "core/flow/trust.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// One thing to publish; the page says what it is.
struct Published {
    std::string name;
    std::string content;
    std::string words;
    std::string digest = {};  // to compare, of certificates
};

std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

void add_authority(State const& state, port::Certifier const& certifier, Authority const& authority,
                   std::vector<Published>& out) {
    for (auto const& certificate : authority.certificates) {
        // The plain name is where certificates say that their issuer's is to be found: the one in use.
        bool const in_use = &certificate == &authority.certificates.front();
        auto const name = in_use ? authority.name : authority.name + "-by-" + certificate.issuer;
        auto const facts = certifier.describe(certificate.der);
        out.push_back({name + ".cer", std::string(base::as_text(certificate.der)),
                       facts.subject + ", certified by " + facts.issuer,
                       "SHA-256 " + facts.fingerprint.hex()});
    }
    for (auto const extent : {CrlExtent::full, CrlExtent::delta}) {
        for (auto const& scope : crl_scopes(authority, extent)) {
            auto const crl = current_crl(state.store, scope.name);
            if (!crl) continue;
            auto const facts = certifier.describe_crl(*crl);
            out.push_back({scope.name + ".crl", std::string(base::as_text(*crl)),
                           fmt::format("revocation {} {} of {}, next by {}",
                                       extent == CrlExtent::full ? "list" : "delta", facts.content.number,
                                       facts.issuer, facts.content.next_update.text())});
        }
    }
}

/// The bundle that the members agreed on; before one is, that of this workspace.
void add_bundle(State const& state, port::Certifier const& certifier, std::vector<Published>& out) {
    bool const agreed = state.epoch && !state.epoch->trust_bundle->is_null();
    auto const bundle =
        agreed ? model::trust_bundle_from_json(*state.epoch->trust_bundle) : held_bundle(state.store);
    if (!bundle) return;
    std::string pem;
    for (auto const& root : bundle->roots) pem += certifier.pem("CERTIFICATE", root.certificate);
    out.push_back({"trust.pem", pem, fmt::format("the roots to trust, version {}", bundle->version)});
    std::string chain;
    for (auto const* list : {&bundle->intermediates, &bundle->links}) {
        for (auto const& each : *list) chain += certifier.pem("CERTIFICATE", each.certificate);
    }
    out.push_back({"intermediates.pem", chain, "what leads from certificates to the roots"});
    out.push_back({"trust.json", model::document(*bundle), "the same bundle as the members agreed on it"});
}

constexpr char const* page_style =
    "body{font:16px/1.5 sans-serif;color:#1d2530;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "td{padding:.5rem 1rem .5rem 0;border-top:1px solid #d5dbe3;vertical-align:top}"
    "td:first-child{white-space:nowrap}code{font-size:.82rem;color:#5b6675;overflow-wrap:anywhere}";

std::string page(std::string const& title, std::vector<Published> const& files) {
    std::string rows;
    for (auto const& file : files) {
        rows += fmt::format("<tr><td><a href=\"{0}\">{0}</a></td><td>{1}<br><code>{2}</code></td></tr>\n",
                            escaped(file.name), escaped(file.words), escaped(file.digest));
    }
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
        "<style>{2}</style>\n"
        "<h1>{0}</h1>\n<p>Certificates and revocation lists. Compare a root's SHA-256 with one "
        "that you were told by somebody else before you trust it.</p>\n<table>\n{1}</table>\n"
        "</html>\n",
        escaped(title), rows, page_style);
}

JsonValue write_files(model::Step const& step, Services&, Identity const&) {
    auto const& detail = *step.detail;
    base::Path const folder = detail.at("folder").get<std::string>();
    base::make_folder(folder);
    Json names = Json::array();
    for (auto const& file : detail.at("files")) {
        auto const name = file.at("name").get<std::string>();
        base::write_file(folder / name, base::from_base64(file.at("base64").get<std::string>()));
        names.push_back(name);
    }
    return JsonValue(Json{{"folder", folder.string()}, {"files", names}});
}

}  // namespace

model::Plan plan_ca_publish(State const& state, port::Certifier const& certifier,
                            model::Request const& request) {
    auto const& epoch = state.joined();
    std::vector<Published> files;
    for (auto const& each : authorities(state.store)) add_authority(state, certifier, each, files);
    add_bundle(state, certifier, files);
    if (files.empty()) {
        throw base::Error(base::Code::not_found, "there is no certificate authority to publish",
                          "run 'consortium ca init'");
    }
    files.push_back({"index.html", page(epoch.charter.name + ": certificates", files), {}});
    Json list = Json::array();
    for (auto const& file : files) {
        list.push_back({{"name", file.name}, {"base64", base::to_base64(base::as_bytes(file.content))}});
    }
    auto const folder = request.arguments->at("operand").get<std::string>();
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    plan.steps.push_back({"ca.publish", folder, fmt::format("write {} files to {}", files.size(), folder),
                          JsonValue(Json{{"folder", folder}, {"files", list}})});
    return plan;
}

Applier const ca_publish_applier{.remote = write_files};

}  // namespace consortium::flow
