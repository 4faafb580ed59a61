#include "core/flow/root_export.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/crl.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using model::TrustedCertificate;

namespace {

std::string pem_of(std::vector<TrustedCertificate> const& all, port::Certifier const& certifier) {
    std::string out;
    for (auto const& each : all) out += certifier.pem("CERTIFICATE", each.certificate);
    return out;
}

struct HeldList {
    base::Bytes der;
    std::string issuer;
    base::Instant end;
};

/// Whole lists that are held here of authorities in the bundle, also those that have ended: who does not ask
/// for their end, as Fabric, would else forget what they revoke.
std::vector<HeldList> lists_of(State const& state, port::Certifier const& certifier,
                               model::TrustBundle const& bundle) {
    std::set<base::Bytes> known;
    for (auto const* part : {&bundle.roots, &bundle.intermediates})
        for (auto const& each : *part) known.insert(each.certificate);
    std::vector<HeldList> out;
    for (auto const& each : authorities(state.store)) {
        auto const is_known = [&](auto const& one) { return known.contains(one.der); };
        if (std::ranges::none_of(each.certificates, is_known)) continue;
        for (auto const& scope : crl_scopes(each, CrlExtent::full)) {
            auto list = current_crl(state.store, scope.name);
            if (!list) continue;
            auto const facts = certifier.describe_crl(*list);
            out.push_back({*std::move(list), facts.issuer, facts.content.next_update});
        }
    }
    return out;
}

/// One certificate of each name and key: the one that the root signed that is trusted last.
std::vector<TrustedCertificate> one_of_each(model::TrustBundle const& bundle,
                                            port::Certifier const& certifier) {
    std::vector<std::string> roots;
    roots.reserve(bundle.roots.size());
    for (auto const& root : bundle.roots) roots.push_back(certifier.describe(root.certificate).subject);
    auto const rank = [&](std::string const& issuer) {
        return std::ranges::find(roots, issuer) - roots.begin();
    };
    struct Best {
        std::string subject;
        base::Bytes key;
        std::ptrdiff_t rank;
        TrustedCertificate certificate;
    };
    std::vector<Best> best;
    for (auto const& each : bundle.intermediates) {
        auto const facts = certifier.describe(each.certificate);
        auto const place = rank(facts.issuer);
        if (place == std::ssize(roots)) continue;  // of a root that is trusted no more
        auto const same = std::ranges::find_if(best, [&](Best const& one) {
            return one.subject == facts.subject && one.key == facts.content.public_key;
        });
        if (same == best.end())
            best.push_back({facts.subject, facts.content.public_key, place, each});
        else if (same->rank < place)
            *same = {facts.subject, facts.content.public_key, place, each};
    }
    std::vector<TrustedCertificate> out;
    out.reserve(best.size());
    for (auto& one : best) out.push_back(std::move(one.certificate));
    return out;
}

void add(Files& files, std::string const& folder, std::vector<TrustedCertificate> const& all,
         port::Certifier const& certifier) {
    int number = 0;  // names may repeat
    for (auto const& each : all)
        files.emplace_back(fmt::format("{}/{}-{}.pem", folder, ++number, each.name),
                           certifier.pem("CERTIFICATE", each.certificate));
}

void add_warnings(model::Outcome& outcome, std::vector<std::string> const& more) {
    outcome.warnings.insert(outcome.warnings.end(), more.begin(), more.end());
}

std::string part_of(State const& state, port::Certifier const& certifier, model::TrustBundle const& bundle,
                    std::string const& part) {
    if (part == "links") return pem_of(bundle.links, certifier);
    if (part == "intermediates") return pem_of(bundle.intermediates, certifier);
    if (part == "crls") return crls_pem(state, certifier, bundle);
    return pem_of(bundle.roots, certifier);
}

}  // namespace

CarriedBundle requested_bundle(State const& state, model::Request const& request) {
    static_cast<void>(state.joined());
    auto const& arguments = *request.arguments;
    std::optional<std::int64_t> version;
    if (arguments.contains("version")) version = arguments.at("version").get<std::int64_t>();
    return carried_bundle(state.store, version);
}

model::Outcome bundle_outcome(State const& state, CarriedBundle const& carried, std::string_view form) {
    auto const digest = base::sha256(carried.document);
    auto const epoch = model::reference(*carried.epoch);
    auto const genesis = model::reference(*state.store.epoch(0)).hash;
    model::Outcome outcome;
    outcome.schema = "consortium.root-export/1";
    outcome.data = JsonValue(Json{{"type", form},
                                  {"version", carried.bundle.version},
                                  {"digest", digest.hex()},
                                  {"epoch", {{"number", epoch.number}, {"hash", epoch.hash.hex()}}}});
    auto const now = model::trust_bundle_from_json(*state.joined().trust_bundle).version;
    if (carried.bundle.version != now) {
        outcome.warnings.push_back(fmt::format("version {} of the trust bundle is not in force: {} is",
                                               carried.bundle.version, now));
    }
    outcome.next = {"consortium exchange export --to chain.bundle",
                    fmt::format("consortium epoch verify --bundle chain.bundle --genesis {} --trust FILE",
                                genesis.hex())};
    return outcome;
}

model::Outcome export_json(State const& state, model::Request const& request) {
    auto const carried = requested_bundle(state, request);
    auto outcome = bundle_outcome(state, carried, "json");
    auto data = *outcome.data;
    data["document"] = carried.document;
    outcome.data = JsonValue(std::move(data));
    outcome.raw = carried.document;
    return outcome;
}

model::Outcome export_pem(State const& state, port::Certifier const& certifier,
                          model::Request const& request) {
    auto const carried = requested_bundle(state, request);
    auto const part = request.arguments->value("part", std::string("roots"));
    auto const pem = part_of(state, certifier, carried.bundle, part);
    if (pem.empty()) {
        throw Error(Code::not_found, part == "crls"
                                         ? "no revocation list is held here of an authority in the bundle"
                                         : fmt::format("version {} of the trust bundle has no {}",
                                                       carried.bundle.version, part));
    }
    auto outcome = bundle_outcome(state, carried, "pem");
    auto data = *outcome.data;
    data["part"] = part;
    data["pem"] = pem;
    outcome.data = JsonValue(std::move(data));
    if (part == "crls") add_warnings(outcome, crl_warnings(state, certifier, carried.bundle));
    outcome.raw = pem;
    return outcome;
}

Files msp_parts(State const& state, port::Certifier const& certifier, model::TrustBundle const& bundle) {
    Files files;
    auto const intermediates = one_of_each(bundle, certifier);
    add(files, "cacerts", bundle.roots, certifier);
    add(files, "intermediatecerts", intermediates, certifier);
    add(files, "tlscacerts", bundle.roots, certifier);
    add(files, "tlsintermediatecerts", intermediates, certifier);
    int number = 0;
    for (auto const& list : lists_of(state, certifier, bundle))
        files.emplace_back(fmt::format("crls/{}.pem", ++number), certifier.pem("X509 CRL", list.der));
    return files;
}

std::string crls_pem(State const& state, port::Certifier const& certifier, model::TrustBundle const& bundle) {
    std::string out;
    for (auto const& list : lists_of(state, certifier, bundle)) out += certifier.pem("X509 CRL", list.der);
    return out;
}

std::vector<std::string> crl_warnings(State const& state, port::Certifier const& certifier,
                                      model::TrustBundle const& bundle) {
    std::set<std::string> listed, authorities;
    std::vector<std::string> out;
    for (auto const& list : lists_of(state, certifier, bundle)) {
        listed.insert(list.issuer);
        if (list.end <= state.now)
            out.push_back(fmt::format("the revocation list of {} ended on {}", list.issuer, list.end.text()));
    }
    for (auto const* part : {&bundle.roots, &bundle.intermediates})
        for (auto const& each : *part) authorities.insert(certifier.describe(each.certificate).subject);
    for (auto const& each : authorities)
        if (!listed.contains(each)) out.push_back("no revocation list of " + each + " is held here");
    return out;
}

std::vector<std::pair<std::string, base::Bytes>> anchors(model::TrustBundle const& bundle) {
    std::map<std::string, int> seen;
    std::vector<std::pair<std::string, base::Bytes>> out;
    out.reserve(bundle.roots.size());
    for (auto const& each : bundle.roots) {
        auto const times = ++seen[each.name];
        out.emplace_back(times == 1 ? each.name : fmt::format("{}.{}", each.name, times), each.certificate);
    }
    return out;
}

}  // namespace consortium::flow
