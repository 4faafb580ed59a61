#include "core/flow/ca_offered.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/ca_csr.h"
#include "core/flow/certificate_wanted.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Code;
using base::Error;
using base::Json;
using model::Verdict;

namespace {

constexpr std::size_t max_file = 1U << 20U;

/// Of the certificates, those of keys that are here.
std::vector<Offered> of_our_keys(std::vector<Bytes> const& all, Services const& services) {
    std::vector<Offered> out;
    for (auto const& der : all) {
        auto facts = services.certifier.describe(der);
        auto const id = base::sha256(facts.content.public_key);
        if (auto key = services.keys.find(id.hex())) out.push_back({der, std::move(facts), *std::move(key)});
    }
    return out;
}

/// The root that has signed it; null: none of those that are agreed on.
model::TrustedCertificate const* root_of(Offered const& given, model::TrustBundle const& bundle,
                                         port::Certifier const& certifier) {
    for (auto const& root : bundle.roots) {
        auto const above = certifier.describe(root.certificate).content;
        if (above.subject == given.facts.content.issuer &&
            above.subject_key_id == given.facts.content.authority_key_id)
            return &root;
    }
    return nullptr;
}

std::vector<Offered> in_bundle(State const& state, model::TrustBundle const& bundle, std::string const& name,
                               Services const& services) {
    std::vector<Bytes> all;
    for (auto const& each : bundle.intermediates)
        if (!is_adopted(state.store, each.certificate)) all.push_back(each.certificate);
    auto out = of_our_keys(all, services);
    std::erase_if(out, [&](Offered const& each) {
        auto const asked = find_asked(state.store, each.key.id);
        bool const other = !name.empty() && asked && asked->name != name;
        // Under a root that is trusted no more there is nothing to adopt.
        return other || root_of(each, bundle, services.certifier) == nullptr;
    });
    if (!out.empty()) return out;
    throw Error(Code::not_found,
                fmt::format("trust bundle {} carries no certificate for a key of this workspace that is not "
                            "adopted yet",
                            bundle.version),
                "name the FILE that 'consortium ca add NAME --csr' has written where the root is");
}

std::vector<Offered> in_file(std::string const& file, Services const& services) {
    auto const all = services.certifier.read_certificates(base::read_file(file, max_file));
    auto out = of_our_keys(all, services);
    if (!out.empty()) return out;
    auto const facts = services.certifier.describe(all.front());
    throw Error(
        Code::not_found,
        fmt::format("'{}' is for a key that is not in this workspace", base::printable(facts.subject)),
        "adopt it where 'consortium ca request' was run, or see 'consortium key list'",
        {{"key", base::sha256(facts.content.public_key).hex()}});
}

void check_path(Offered const& given, Bytes const& root, base::Instant now, std::vector<Bytes> const& lists,
                port::Certifier const& certifier, Verdict& verdict) {
    try {
        (void)certifier.accept_certificate(given.der, root);
    } catch (Error const& error) {
        if (error.code() != Code::verification_failed && error.code() != Code::refused) throw;
        verdict.require("certificate", false, error.message());
        return;
    }
    using Revoked = model::ChainQuestion::Revoked;
    model::ChainQuestion question;
    question.certificate = given.der;
    question.roots = {root};
    question.crls = lists;
    question.now = now;
    question.revocation = lists.empty() ? Revoked::ignored : Revoked::checked;
    auto const answer = certifier.verify(question);
    verdict.require("path", answer.holds, answer.sentence);
}

void check_scope(Offered const& given, State const& state, Verdict& verdict) {
    auto const& content = given.facts.content;
    verdict.require("authority", content.authority, "it does not say that it is an authority's");
    verdict.require("path length", !content.authority || content.path_length == 0,
                    "it may certify further authorities, which a member's intermediate does not");
    verdict.require("permit", !content.permitted.empty(), "it is bound to no names, as a member's is");
    auto const own = organization_of(state, state.self.member);
    verdict.require("member", given.facts.organization == own,
                    fmt::format("it is of the organization '{}', and this workspace of '{}'",
                                base::printable(given.facts.organization), own));
}

}  // namespace

model::TrustBundle agreed_bundle(State const& state) {
    auto const& agreed = *state.joined().trust_bundle;
    if (agreed.is_null()) {
        throw Error(Code::not_found, "no root is known here: no epoch carries a trust bundle yet",
                    "where the root is, run 'consortium root distribute'; once the members have decided, run "
                    "'consortium exchange sync' here");
    }
    return model::trust_bundle_from_json(agreed);
}

bool is_adopted(port::Store const& store, base::BytesView der) {
    auto const all = authorities(store);
    auto const has = [der](AuthorityCertificate const& each) { return std::ranges::equal(each.der, der); };
    return std::ranges::any_of(
        all, [&has](Authority const& each) { return std::ranges::any_of(each.certificates, has); });
}

std::vector<Offered> offered(State const& state, model::TrustBundle const& bundle, Services const& services,
                             Json const& arguments) {
    auto out = arguments.contains("operand")
                   ? in_file(arguments.at("operand").get<std::string>(), services)
                   : in_bundle(state, bundle, arguments.value("name", ""), services);
    auto const& key = out.front().key.id;
    if (std::ranges::all_of(out, [&key](Offered const& each) { return each.key.id == key; })) return out;
    throw Error(Code::usage, "these certificates are for several keys of this workspace",
                arguments.contains("operand") ? "give a FILE for one of them"
                                              : "say with --name which one was asked for, or give a FILE");
}

AuthorityCertificate judged(Offered const& given, State const& state, model::TrustBundle const& bundle,
                            std::vector<Bytes> const& lists, Services const& services, Verdict& verdict) {
    auto const* root = root_of(given, bundle, services.certifier);
    verdict.require("root", root != nullptr,
                    fmt::format("no root of trust bundle {} has certified it, but '{}'", bundle.version,
                                base::printable(given.facts.issuer)));
    if (root != nullptr) {
        // By its name the lists and answers of a root of this workspace would take it for theirs.
        verdict.require(
            "root", !find_authority(state.store, root->name),
            fmt::format("this workspace has a root '{}' itself: 'ca add' makes intermediates below it",
                        root->name));
        check_path(given, root->certificate, state.now, lists, services.certifier, verdict);
    }
    check_scope(given, state, verdict);
    return {root == nullptr ? "" : root->name, given.facts.content.serial, given.der,
            given.facts.content.not_after};
}

}  // namespace consortium::flow
