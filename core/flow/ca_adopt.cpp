// A member takes in what the holder of a shared root has certified: from then on it is an authority here.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/ca.h"
#include "core/flow/ca_csr.h"
#include "core/flow/ca_offered.h"
#include "core/flow/evidence.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using model::CertificateFacts;

namespace {

constexpr std::size_t max_list = 64U << 20U;

struct Adoption {
    model::TrustBundle bundle;
    std::vector<Offered> given;           // for one key
    std::optional<Authority> known;       // that has this key already: a further root has certified it
    std::optional<AskedAuthority> asked;  // how it was asked for; none: elsewhere, or by another program
    std::string name;
    std::vector<Bytes> lists;
};

std::optional<Authority> of_key(port::Store const& store, port::KeyInfo const& key) {
    auto all = authorities(store);
    auto const found = std::ranges::find_if(
        all, [&key](Authority const& each) { return each.role == "issuing" && each.key == key.name; });
    return found == all.end() ? std::nullopt : std::optional(std::move(*found));
}

Json certificates_json(std::vector<AuthorityCertificate> const& certificates) {
    Json out = Json::array();
    for (auto const& each : certificates)
        out.push_back({{"issuer", each.issuer},
                       {"serial", each.serial},
                       {"der", base::to_base64(each.der)},
                       {"not_after", each.not_after.text()}});
    return out;
}

/// In use is one whose root the members trust and that is in force, the oldest root's first; so it stays when
/// a new root comes, and changes when the old one goes.
void put_in_order(std::vector<AuthorityCertificate>& certificates, model::TrustBundle const& bundle,
                  base::Instant now) {
    auto const rank = [&](AuthorityCertificate const& each) {
        auto const root = std::ranges::find(bundle.roots, each.issuer, &model::TrustedCertificate::name);
        return each.not_after <= now ? bundle.roots.end() : root;
    };
    std::ranges::stable_sort(certificates, {}, rank);
}

void check_new(State const& state, Services const& services, Offered const& given, std::string const& name,
               model::Verdict& verdict) {
    check_authority_name(state, name, verdict);
    verdict.require("key", may_certify(state.store, given.key.id, services.certifier),
                    fmt::format("key '{}' is used for something else, or was", given.key.name));
    for (auto const& each : authorities(state.store)) {
        auto const& subject = services.certifier.describe(each.certificate()).content.subject;
        verdict.require(
            "subject", subject != given.facts.content.subject,
            fmt::format("'{}' is called '{}' already", each.name, base::printable(given.facts.subject)));
    }
}

/// Under each root an authority has one name, and is bound to the same names.
void check_same(model::CertificateContent const& one, model::CertificateContent const& other,
                model::Verdict& verdict) {
    verdict.require("subject", one.subject == other.subject, "this key has another name under another root");
    verdict.require("permit", one.permitted == other.permitted,
                    "this key is bound to other names under another root");
}

std::string name_of(std::optional<Authority> const& known, std::optional<AskedAuthority> const& asked,
                    Json const& arguments) {
    auto given = arguments.value("name", asked ? asked->name : std::string());
    if (known && arguments.contains("name") && given != known->name)
        throw Error(Code::usage, fmt::format("the authority that has this key is '{}'", known->name),
                    "leave --name out");
    if (known) return known->name;
    if (given.empty()) {
        throw Error(Code::usage, "this key was not asked for with 'ca request', so the authority has no name",
                    "give it one with --name NAME");
    }
    return given;
}

std::vector<Bytes> given_lists(Json const& arguments, port::Certifier const& certifier) {
    std::vector<Bytes> out;
    for (auto const& file : arguments.value("crl", std::vector<std::string>())) {
        for (auto& list : certifier.read_crls(base::read_file(file, max_list)))
            out.push_back(std::move(list));
    }
    return out;
}

Adoption read_adoption(State const& state, Services const& services, Json const& arguments) {
    Adoption out;
    out.bundle = agreed_bundle(state);
    out.given = offered(state, out.bundle, services, arguments);
    auto const& key = out.given.front().key;
    out.known = of_key(state.store, key);
    out.asked = find_asked(state.store, key.id);
    out.name = name_of(out.known, out.asked, arguments);
    out.lists = given_lists(arguments, services.certifier);
    return out;
}

/// How the authority is set up, which the member says: an authority that is there stays as it is.
Json setup_of(State const& state, std::optional<Authority> const& known, model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (known)
        refuse_arguments(request, {"purpose", "base-url", "ocsp-url", "crl-shards", "crl-deltas"},
                         "was said when '" + known->name + "' was adopted");
    return {{"stem", state.joined().charter.name},
            {"member", state.self.member},
            {"profiles", arguments.value("purpose", std::vector<std::string>())},
            {"base_url", arguments.value("base-url", "")},
            {"ocsp_url", arguments.value("ocsp-url", "")},
            {"shards", arguments.value("crl-shards", std::int64_t{0})},
            {"deltas", arguments.value("crl-deltas", false)}};
}

void warn(std::optional<AskedAuthority> const& asked, CertificateFacts const& facts,
          std::vector<Bytes> const& lists, model::Plan& plan) {
    auto const& permitted = facts.content.permitted;
    if (asked && asked->permitted != permitted)
        plan.warnings.push_back(fmt::format("{} was asked for, and it is bound to {}",
                                            base::join(asked->permitted.texts(), ", "),
                                            base::join(permitted.texts(), ", ")));
    if (lists.empty())
        plan.warnings.emplace_back(
            "whether it is revoked was not asked: give the root's revocation list with --crl");
}

/// The certificates that the authority will have, those that are new judged.
std::vector<AuthorityCertificate> all_certificates(State const& state, Services const& services,
                                                   Adoption const& adoption, model::Verdict& verdict) {
    auto const& known = adoption.known;
    auto const& first = adoption.given.front();
    auto out = known ? known->certificates : std::vector<AuthorityCertificate>();
    auto const before =
        known ? services.certifier.describe(known->certificate()).content : first.facts.content;
    for (auto const& each : adoption.given) {
        if (is_adopted(state.store, each.der)) continue;
        out.push_back(judged(each, state, adoption.bundle, adoption.lists, services, verdict));
        check_same(before, each.facts.content, verdict);
    }
    if (known) {
        verdict.require(
            "key", known->adopted,
            fmt::format("'{}', which has this key, is below a root of this workspace", known->name));
        verdict.require("new", out.size() > known->certificates.size(),
                        fmt::format("this certificate is adopted already, as '{}'", adoption.name));
    } else {
        check_new(state, services, first, adoption.name, verdict);
    }
    put_in_order(out, adoption.bundle, state.now);
    return out;
}

/// The one before it, if it is to be retired.
std::string retired(State const& state, Adoption const& adoption, model::Plan& plan) {
    if (adoption.known || !adoption.asked || adoption.asked->replaces.empty()) return {};
    auto const before = find_authority(state.store, adoption.asked->replaces);
    if (!before || before->state != "active") return {};
    plan.pins["authority/" + before->name] = before->version;
    return before->name;
}

JsonValue open_key(model::Step const& step, Services& services, Identity const&) {
    services.keys.open(step.detail->at("key").get<std::string>());
    return {};
}

Authority adopted(Json const& detail, port::KeyInfo const& key, Services& services) {
    auto const name = detail.at("name").get<std::string>();
    auto out = find_authority(services.store, name);
    if (!out) {
        if (!may_certify(services.store, key.id, services.certifier))
            throw Error(Code::conflict, fmt::format("key '{}' came to be used for something else", key.name));
        out = new_authority(detail, "issuing", name);
        out->member = detail.at("member").get<std::string>();
        out->profiles = detail.at("profiles").get<std::vector<std::string>>();
        out->generation = next_generation(authorities(services.store));
        out->key = key.name;
        out->adopted = true;
    }
    out->certificates.clear();
    for (auto const& each : detail.at("certificates"))
        out->certificates.push_back({each.at("issuer").get<std::string>(),
                                     each.at("serial").get<std::string>(),
                                     base::from_base64(each.at("der").get<std::string>()),
                                     base::Instant::from_text(each.at("not_after").get<std::string>())});
    return *std::move(out);
}

JsonValue append_adopted(model::Step const& step, JsonValue const&, Services& services,
                         port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const key = services.keys.info(detail.at("key").get<std::string>());
    if (key.id.hex() != detail.at("key_id").get<std::string>())
        throw Error(Code::conflict, fmt::format("key '{}' is another one by now", key.name));
    auto const made = adopted(detail, key, services);
    std::vector<model::Object> writes{to_object(made)};
    auto const asked = find_asked(services.store, key.id);
    if (asked) writes.push_back(to_object(*asked, "adopted"));
    auto const replaces = detail.at("replaces").get<std::string>();
    if (auto before = replaces.empty() ? std::nullopt : find_authority(services.store, replaces)) {
        before->state = "retired";
        writes.push_back(to_object(*before));
    }
    bool const fresh = !services.store.object("authority", made.name);
    Json issuers = Json::array();
    for (auto const& each : made.certificates) issuers.push_back(each.issuer);
    journal(
        transaction, services, "authority.adopted",
        {{"authority", made.name}, {"key_id", key.id.hex()}, {"serial", made.certificates.front().serial}},
        std::move(writes));
    if (fresh) sign_first_lists(made, services, transaction);
    auto const facts = services.certifier.describe(made.certificate());
    return JsonValue(Json{{"authority", made.name},
                          {"key", made.key},
                          {"subject", facts.subject},
                          {"serial", facts.content.serial},
                          {"fingerprint", facts.fingerprint.hex()},
                          {"permitted", facts.content.permitted.texts()},
                          {"not_after", facts.content.not_after.text()},
                          {"issuers", issuers},
                          {"replaces", replaces.empty() ? Json() : Json(replaces)}});
}

}  // namespace

model::Plan plan_ca_adopt(State const& state, Services const& services, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const adoption = read_adoption(state, services, arguments);
    auto const& first = adoption.given.front();
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["authority/" + adoption.name] = adoption.known ? adoption.known->version : 0;
    auto detail = setup_of(state, adoption.known, request);
    check_purposes(state, detail.at("profiles").get<std::vector<std::string>>(), plan.verdict);
    check_parts(detail, plan.verdict);
    auto const replaces = retired(state, adoption, plan);
    detail.update(
        {{"name", adoption.name},
         {"key", first.key.name},
         {"key_id", first.key.id.hex()},
         {"algorithm", first.key.algorithm},
         {"certificates", certificates_json(all_certificates(state, services, adoption, plan.verdict))},
         {"replaces", replaces}});
    warn(adoption.asked, first.facts, adoption.lists, plan);
    plan.steps.push_back(
        {"ca.adopt", adoption.name,
         fmt::format("adopt '{}' as authority '{}' of this workspace, with key '{}', within {}{}",
                     base::printable(first.facts.subject), adoption.name, first.key.name,
                     base::join(first.facts.content.permitted.texts(), ", "),
                     replaces.empty() ? "" : "; retire '" + replaces + "'"),
         JsonValue(std::move(detail))});
    plan.verdict.next = plan.verdict.allowed() ? "consortium ca publish DIR" : "consortium ca list";
    return plan;
}

Applier const ca_adopt_applier{.prepare = open_key, .append = append_adopted};

}  // namespace consortium::flow
