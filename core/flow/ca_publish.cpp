#include "core/base/error.h"
#include "core/flow/ca.h"
#include "core/flow/crl.h"
#include "core/flow/ocsp.h"
#include "core/flow/site.h"
#include "core/flow/trust.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr char const* certificate_type = "application/pkix-cert";
constexpr char const* list_type = "application/pkix-crl";
constexpr char const* answer_type = "application/ocsp-response";
constexpr char const* pem_type = "application/x-pem-file";

/// What is published, with the folder that takes it; the page lists it.
struct Publication {
    port::Store const& store;
    Services& services;
    SiteFolder site;
    std::vector<SiteFile> listed = {};
    std::size_t answers = 0;

    void put(SiteFile file, std::string_view content) {
        site.put(file, content);
        listed.push_back(std::move(file));
    }
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

void add_certificates(Authority const& authority, Publication& out) {
    for (auto const& certificate : authority.certificates) {
        // The plain name is where certificates say that their issuer's is to be found: the one in use.
        bool const in_use = &certificate == &authority.certificates.front();
        auto const name = in_use ? authority.name : authority.name + "-by-" + certificate.issuer;
        auto const facts = out.services.certifier.describe(certificate.der);
        out.put({name + ".cer", certificate_type, certificate.not_after,
                 facts.subject + ", certified by " + facts.issuer, "SHA-256 " + facts.fingerprint.hex()},
                base::as_text(certificate.der));
    }
}

void add_lists(Authority const& authority, Publication& out) {
    for (auto const extent : {CrlExtent::full, CrlExtent::delta}) {
        for (auto const& scope : crl_scopes(authority, extent)) {
            auto const crl = current_crl(out.store, scope.name);
            if (!crl) continue;
            auto const facts = out.services.certifier.describe_crl(*crl);
            auto const words = fmt::format("revocation {} {} of {}, next by {}",
                                           extent == CrlExtent::full ? "list" : "delta", facts.content.number,
                                           facts.issuer, facts.content.next_update.text());
            out.put({scope.name + ".crl", list_type, facts.content.next_update, words}, base::as_text(*crl));
        }
    }
}

/// An answer for each certificate that is not over, where a client that asks by GET looks for it.
void add_answers(Authority const& authority, Publication& out) {
    auto const now = out.services.clock.now();
    auto const answering = responder(out.store, authority, now);
    if (!answering) return;
    auto const& ocsp = out.services.certifier.ocsp();
    auto const before = out.answers;
    out.services.progress.start("answering for certificates of " + authority.name, 0);
    out.store.objects({.kind = "certificate"}, [&](model::Object const& object) {
        if (object.data->at("issuer") != authority.name || !object.due || *object.due <= now) return;
        auto const request = ocsp.request(object.name, authority.certificate());
        auto const id = ocsp.read_request(request).asked.front();
        auto const answer = sign_answer(*answering, {status_of(&object, authority, id)}, {},
                                        published_answer_life, out.services);
        out.site.put(
            {answer_path(request), answer_type, std::min(now + published_answer_life, answering->not_after)},
            base::as_text(answer), SiteFolder::Sync::at_end);
        out.services.progress.advance(++out.answers - before);
    });
    out.services.progress.finish();
}

/// The bundle that the members agreed on; before one is, that of this workspace.
void add_bundle(model::Epoch const* epoch, Publication& out) {
    bool const agreed = epoch != nullptr && !epoch->trust_bundle->is_null();
    auto const bundle = agreed ? model::trust_bundle_from_json(*epoch->trust_bundle) : held_bundle(out.store);
    if (!bundle) return;
    auto const& certifier = out.services.certifier;
    std::string pem;
    for (auto const& root : bundle->roots) pem += certifier.pem("CERTIFICATE", root.certificate);
    out.put({"trust.pem", pem_type, {}, fmt::format("the roots to trust, version {}", bundle->version)}, pem);
    std::string chain;
    for (auto const* list : {&bundle->intermediates, &bundle->links}) {
        for (auto const& each : *list) chain += certifier.pem("CERTIFICATE", each.certificate);
    }
    out.put({"intermediates.pem", pem_type, {}, "what leads from certificates to the roots"}, chain);
    out.put({"trust.json", "application/json", {}, "the same bundle as the members agreed on it"},
            model::document(*bundle));
}

constexpr char const* page_style =
    "body{font:16px/1.5 sans-serif;color:#1d2530;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "td{padding:.5rem 1rem .5rem 0;border-top:1px solid #d5dbe3;vertical-align:top}"
    "td:first-child{white-space:nowrap}code{font-size:.82rem;color:#5b6675;overflow-wrap:anywhere}";

std::string page(std::string const& title, Publication const& published) {
    std::string rows;
    for (auto const& file : published.listed) {
        rows += fmt::format("<tr><td><a href=\"{0}\">{0}</a></td><td>{1}<br><code>{2}</code></td></tr>\n",
                            escaped(file.path), escaped(file.words), escaped(file.digest));
    }
    auto const answers =
        published.answers == 0
            ? std::string()
            : fmt::format("<p>The folder <code>ocsp</code> answers for {} certificates (OCSP by GET).</p>\n",
                          published.answers);
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
        "<style>{2}</style>\n"
        "<h1>{0}</h1>\n<p>Certificates and revocation lists. Compare a root's SHA-256 with one "
        "that you were told by somebody else before you trust it.</p>\n<table>\n{1}</table>\n{3}"
        "</html>\n",
        escaped(title), rows, page_style, answers);
}

/// Composed from what is held now, not carried in the plan: there may be as many answers as certificates. The
/// digest of the manifest, which has that of every file, is journaled with the operation.
JsonValue write_site(model::Step const& step, Services& services, Identity const&) {
    auto const folder = step.detail->at("folder").get<std::string>();
    Publication out{services.store, services, SiteFolder(folder)};
    auto const epoch = services.store.latest();
    for (auto const& each : authorities(out.store)) {
        add_certificates(each, out);
        add_lists(each, out);
    }
    add_bundle(epoch.get(), out);
    for (auto const& each : authorities(out.store)) add_answers(each, out);
    auto const title = (epoch ? epoch->charter.name : std::string("consortium")) + ": certificates";
    out.site.put({"index.html", "text/html", {}}, page(title, out));
    auto const digest = out.site.finish();
    return JsonValue(Json{{"folder", folder},
                          {"files", out.site.size()},
                          {"answers", out.answers},
                          {"manifest", digest.hex()}});
}

}  // namespace

model::Plan plan_ca_publish(State const& state, model::Request const& request) {
    auto const& epoch = state.joined();
    model::Plan plan;
    for (auto const& each : authorities(state.store)) plan.pins["authority/" + each.name] = each.version;
    if (plan.pins.empty()) {
        throw base::Error(base::Code::not_found, "there is no certificate authority to publish",
                          "run 'consortium ca init'");
    }
    state.store.objects({.kind = "crl"},
                        [&plan](model::Object const& list) { plan.pins["crl/" + list.name] = list.version; });
    auto const folder = request.arguments->at("operand").get<std::string>();
    plan.request = request;
    plan.epoch = model::reference(epoch);
    plan.steps.push_back({"ca.publish", folder,
                          fmt::format("write certificates, revocation lists and answers to {}", folder),
                          JsonValue(Json{{"folder", folder}})});
    return plan;
}

Applier const ca_publish_applier{.remote = write_site};

}  // namespace consortium::flow
