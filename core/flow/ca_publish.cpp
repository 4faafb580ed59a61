#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/ca.h"
#include "core/flow/ca_page.h"
#include "core/flow/crl.h"
#include "core/flow/ocsp.h"
#include "core/flow/site.h"
#include "core/flow/ssh.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr char const* certificate_type = "application/pkix-cert";
constexpr char const* list_type = "application/pkix-crl";
constexpr char const* answer_type = "application/ocsp-response";
constexpr char const* text_type = "text/plain";
constexpr char const* krl_type = "application/octet-stream";
constexpr char const* pem_type = "application/x-pem-file";

/// What is published, with the folder that takes it; the page lists it.
struct Publication {
    Services& services;
    State state;
    SiteFolder site;
    std::vector<PageRow> listed = {};
    std::size_t answers = 0;

    port::Store const& store() const { return services.store; }
    port::Certifier& certifier() const { return services.certifier; }
    void put(PageRow row, char const* type, std::string_view content) {
        site.put({row.path, type, row.until}, content);
        listed.push_back(std::move(row));
    }
};

PageSection section_of(Authority const& authority) {
    if (authority.role == "root") return PageSection::roots;
    return authority.role == "link" ? PageSection::links : PageSection::intermediates;
}

/// "certifies node-tls of acme, within dns:acme.example; retired".
std::string scope_words(Authority const& authority, model::CertificateFacts const& facts) {
    if (authority.role != "issuing") return authority.state == "active" ? "" : authority.state;
    auto const permitted = facts.content.permitted.texts();
    auto out = "certifies " + for_words(authority);
    if (!permitted.empty()) out += ", within " + base::join(permitted, ", ");
    return authority.state == "active" ? out : out + "; " + authority.state;
}

void add_certificates(Authority const& authority, Publication& out) {
    for (auto const& certificate : authority.certificates) {
        // The plain name is where certificates say that their issuer's is to be found: the one in use.
        bool const in_use = &certificate == &authority.certificates.front();
        auto const name = in_use ? authority.name : authority.name + "-by-" + certificate.issuer;
        auto const facts = out.certifier().describe(certificate.der);
        auto words = facts.self_signed() ? facts.subject : facts.subject + ", certified by " + facts.issuer;
        out.put({section_of(authority), name + ".cer", std::move(words), scope_words(authority, facts),
                 facts.fingerprint.hex(), certificate.not_after},
                certificate_type, base::as_text(certificate.der));
    }
}

void add_list(CrlScope const& scope, CrlExtent extent, Publication& out) {
    auto const list = out.store().object("crl", scope.name);
    auto const pieces = crl_pieces(out.store(), scope.name);
    if (!list || !pieces) return;
    auto const said = crl_words(*list);
    auto const until = base::Instant::from_text(said.at("next_update").get<std::string>());
    auto const entries = said.at("entries").get<std::uint64_t>();
    auto words = fmt::format("{} {} of {}, with {} {}", extent == CrlExtent::full ? "list" : "delta",
                             said.at("number").get<std::uint64_t>(), said.at("issuer").get<std::string>(),
                             entries, entries == 1 ? "entry" : "entries");
    PageRow row{PageSection::lists, scope.name + ".crl", std::move(words), {}, {}, until};
    out.site.put({row.path, list_type, until}, *pieces);
    out.listed.push_back(std::move(row));
}

void add_lists(Authority const& authority, Publication& out) {
    for (auto const extent : {CrlExtent::full, CrlExtent::delta})
        for (auto const& scope : crl_scopes(authority, extent)) add_list(scope, extent, out);
}

void add_answer(Responder const& answering, std::string const& serial, model::Object const* certificate,
                Publication& out) {
    auto const& ocsp = out.certifier().ocsp();
    auto const& issuer = answering.issuer;
    auto const request = ocsp.request(serial, issuer.certificate());
    auto const id = ocsp.read_request(request).asked.front();
    auto const status = certificate != nullptr ? status_of(certificate, issuer, id)
                                               : status_of_serial(out.store(), issuer, id);
    auto const answer = sign_answer(answering, {status}, {}, published_answer_life, out.services);
    auto const until = std::min(out.state.now + published_answer_life, answering.not_after);
    out.site.put({answer_path(request), answer_type, until}, base::as_text(answer), SiteFolder::Sync::at_end);
    ++out.answers;
}

/// A root has certified authorities, too. Their serials.
std::set<std::string> add_root_answers(Responder const& answering, Publication& out) {
    std::set<std::string> answered;
    for (auto const& each : authorities(out.store())) {
        for (auto const& certificate : each.certificates) {
            if (each.role == "root" || certificate.issuer != answering.issuer.name ||
                certificate.not_after <= out.state.now)
                continue;
            add_answer(answering, certificate.serial, nullptr, out);
            answered.insert(certificate.serial);
        }
    }
    return answered;
}

/// An answer for each certificate that is not over, where a client that asks by GET looks for it.
void add_answers(Authority const& authority, Publication& out) {
    auto const now = out.state.now;
    auto const answering = responder(out.store(), authority, now);
    if (!answering) return;
    auto const before = out.answers;
    out.services.progress.start("answering for certificates of " + authority.name, 0);
    auto const answered = add_root_answers(*answering, out);
    out.store().objects({.kind = "certificate"}, [&](model::Object const& object) {
        if (object.data->at("issuer") != authority.name || !object.due || *object.due <= now) return;
        if (answered.contains(object.name)) return;
        add_answer(*answering, object.name, &object, out);
        out.services.progress.advance(out.answers - before);
    });
    out.services.progress.finish();
}

/// The bundle that the members agreed on; before one is, that of this workspace.
void add_bundle(Publication& out) {
    auto const& epoch = out.state.epoch;
    bool const agreed = epoch && !epoch->trust_bundle->is_null();
    auto const bundle =
        agreed ? model::trust_bundle_from_json(*epoch->trust_bundle) : held_bundle(out.store());
    if (!bundle) return;
    auto const& certifier = out.certifier();
    std::string pem;
    for (auto const& root : bundle->roots) pem += certifier.pem("CERTIFICATE", root.certificate);
    out.put(
        {PageSection::bundle, "trust.pem", fmt::format("the roots to trust, version {}", bundle->version)},
        pem_type, pem);
    std::string chain;
    for (auto const* list : {&bundle->intermediates, &bundle->links}) {
        for (auto const& each : *list) chain += certifier.pem("CERTIFICATE", each.certificate);
    }
    out.put({PageSection::bundle, "intermediates.pem", "what leads from certificates to the roots"}, pem_type,
            chain);
    out.put({PageSection::bundle, "trust.json",
             agreed ? "the same as the members agreed on it" : "the same; the members have not agreed on it"},
            "application/json", model::document(*bundle));
}

/// What hosts and users need who trust the authorities for SSH.
void add_ssh(Publication& out) {
    auto const authorities = ssh_authorities(out.store());
    if (authorities.empty()) return;
    auto const& ssh = out.certifier().ssh();
    if (std::ranges::any_of(authorities, [](auto const& each) { return !each.revoked; })) {
        auto const trust = ssh_trust(out.state, ssh, {"ssh trust", base::JsonValue(Json::object())});
        auto const users = trust.data->at("trusted_user_ca_keys").get<std::string>();
        auto const hosts = trust.data->at("known_hosts").get<std::string>();
        if (!users.empty())
            out.put({PageSection::ssh, "ssh-users.pub", "who certifies users: TrustedUserCAKeys of hosts"},
                    text_type, users);
        if (!hosts.empty())
            out.put({PageSection::ssh, "ssh-known-hosts", "who certifies hosts: known_hosts of users",
                     "'*' in it is every host: write yours instead"},
                    text_type, hosts);
    }
    auto const list = ssh_krl(out.state, ssh);
    out.put({PageSection::ssh, "ssh.krl",
             fmt::format("revocation list {}: RevokedKeys of hosts, RevokedHostKeys of users",
                         list.data->at("version").get<std::uint64_t>())},
            krl_type, list.raw);
}

/// A passphrase that is missing or wrong is to be known before anything begins.
JsonValue open_responders(model::Step const&, Services& services, Identity const&) {
    for (auto const& each : authorities(services.store))
        if (auto const answering = responder(services.store, each, services.clock.now()))
            services.keys.open(answering->key);
    return {};
}

/// Composed from what is held now, not carried in the plan: there may be as many answers as certificates. The
/// digest of the manifest, which has that of every file, is journaled with the operation.
JsonValue write_site(model::Step const& step, Services& services, Identity const& self) {
    auto const folder = step.detail->at("folder").get<std::string>();
    SiteFolder site(folder);
    State state{services.store, services.store.latest(), services.clock.now(), self};
    Publication out{services, std::move(state), std::move(site)};
    auto const all = authorities(services.store);
    for (auto const& each : all) {
        add_certificates(each, out);
        add_lists(each, out);
    }
    add_bundle(out);
    add_ssh(out);
    for (auto const& each : all) add_answers(each, out);
    auto const& epoch = out.state.epoch;
    auto const title = (epoch ? epoch->charter.name : std::string("consortium")) + ": certificates";
    out.site.put({"index.html", "text/html", {}}, certificates_page(title, out.listed, out.answers));
    auto const digest = out.site.finish();
    return JsonValue(Json{{"folder", folder},
                          {"files", out.site.size()},
                          {"answers", out.answers},
                          {"manifest", digest.hex()}});
}

/// Certificates that name a place where one asks lead their verifiers nowhere while nobody answers there.
std::vector<std::string> unanswered(State const& state) {
    std::vector<std::string> out;
    for (auto const& each : authorities(state.store)) {
        if (each.ocsp_url.empty() || !is_relied_on(each, state.now)) continue;
        if (responder(state.store, each, state.now)) continue;
        out.push_back(
            fmt::format("certificates of '{0}' name a place for OCSP, and nobody answers for it: run "
                        "'consortium cert issue NAME --profile ocsp --issuer {0} --new-key'",
                        each.name));
    }
    return out;
}

}  // namespace

model::Plan plan_ca_publish(State const& state, model::Request const& request) {
    auto const& epoch = state.joined();
    model::Plan plan;
    for (auto const& each : authorities(state.store)) plan.pins["authority/" + each.name] = each.version;
    for (auto const& each : ssh_authorities(state.store))
        plan.pins["ssh-authority/" + each.name] = each.version;
    if (plan.pins.empty()) {
        throw base::Error(base::Code::not_found, "there is no certificate authority to publish",
                          "run 'consortium ca init'");
    }
    state.store.objects({.kind = "crl"},
                        [&plan](model::Object const& list) { plan.pins["crl/" + list.name] = list.version; });
    plan.warnings = unanswered(state);
    auto const folder = request.arguments->at("operand").get<std::string>();
    plan.request = request;
    plan.epoch = model::reference(epoch);
    plan.steps.push_back({"ca.publish", folder,
                          fmt::format("write certificates, revocation lists and answers to {}", folder),
                          JsonValue(Json{{"folder", folder}})});
    return plan;
}

Applier const ca_publish_applier{.prepare = open_responders, .remote = write_site};

}  // namespace consortium::flow
