#include "core/flow/file_signature.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/trust.h"
#include "core/port/cms.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Bytes;
using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::size_t max_file = 256U << 10U;
constexpr std::size_t max_given = 32;
constexpr std::size_t max_serial = 60;  // of 20 octets, with colons
constexpr char const* certify_one =
    "run 'consortium cert issue NAME --profile officer --new-key --type p256'";

port::Cms const& need_cms(Services const& services) {
    if (services.cms != nullptr) return *services.cms;
    throw Error(Code::unsupported, "no file can be signed in CMS here", "leave out --cms");
}

/// No look at the folder decides what is meant: a file that is called so is named as './cafe'.
bool is_serial(std::string_view named) {
    return !named.empty() && named.size() <= max_serial &&
           named.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos;
}

/// The signer's certificate, and what was given along with it.
std::vector<Bytes> given_certificates(State const& state, Services const& services, std::string_view named) {
    if (is_serial(named)) return chain_of(state.store, certificate_object(state.store, named));
    auto out = services.certifier.read_certificates(base::read_file(base::Path(named), max_file));
    if (out.size() > max_given)
        throw Error(Code::malformed,
                    fmt::format("'{}' has more than {} certificates", base::printable(named), max_given));
    return out;
}

void refuse(model::CertificateFacts const& facts, std::string const& why) {
    throw Error(Code::refused, fmt::format("the certificate of {} {}", base::printable(facts.subject), why),
                certify_one);
}

/// RFC 5280 4.2.1.3, and the rule that an authority's key does nothing but certify.
void require_for_signatures(model::CertificateFacts const& facts) {
    auto const& usage = facts.content.key_usage;
    bool const signs = usage.empty() || std::ranges::any_of(usage, [](std::string const& each) {
                           return each == "digitalSignature" || each == "nonRepudiation";
                       });
    if (facts.content.authority) refuse(facts, "is an authority's, which certifies and signs nothing else");
    if (!signs) refuse(facts, "is not for signatures");
}

void require_in_force(State const& state, Bytes const& certificate, model::CertificateFacts const& facts) {
    auto const& content = facts.content;
    if (state.now < content.not_before) refuse(facts, "begins on " + content.not_before.text());
    if (state.now > content.not_after) refuse(facts, "ended on " + content.not_after.text());
    auto const own = state.store.object("certificate", content.serial);
    if (own && der_of(*own) == certificate && !is_unrevoked(*own)) refuse(facts, "is revoked");
}

void require_key(Services const& services, model::CertificateFacts const& facts, base::Digest const& key) {
    if (services.keys.has(key)) return;
    throw Error(Code::not_authorized,
                fmt::format("the private key of the certificate of {} is not in this workspace",
                            base::printable(facts.subject)),
                "put it there with 'consortium key import', or certify one that is there with 'consortium "
                "cert issue NAME --profile officer --key KEY'",
                {{"key", key.hex()}});
}

/// By making what would be signed.
void require_algorithm(Services const& services, Bytes const& certificate, base::Instant now) {
    try {
        (void)need_cms(services).to_sign({certificate, {}, now}, {});
    } catch (Error const& error) {
        if (error.code() != Code::unsupported) throw;
        throw Error(error.code(), error.message(), certify_one, error.details());
    }
}

/// Whatever of these may stand on a path above the certificate, under old roots and new.
std::vector<Bytes> issuers_among(port::Certifier const& certifier, Bytes const& certificate,
                                 std::vector<Bytes> const& known) {
    std::set<Bytes> names{certifier.describe(certificate).content.issuer};
    std::vector<Bytes> out;
    bool more = true;
    while (more) {
        more = false;
        for (auto const& each : known) {
            auto const facts = certifier.describe(each);
            bool const wanted = !facts.self_signed() && names.contains(facts.content.subject) &&
                                std::ranges::find(out, each) == out.end();
            if (!wanted) continue;
            out.push_back(each);
            names.insert(facts.content.issuer);
            more = true;
        }
    }
    return out;
}

void find_path(State const& state, port::Certifier const& certifier, std::vector<Bytes> const& given,
               FileSigner& signer) {
    auto question = question_about(state, signer.certificate);
    question.revocation = model::ChainQuestion::Revoked::ignored;
    for (auto const& each : given) {
        bool const root = certifier.describe(each).self_signed();
        (root ? question.roots : question.intermediates).push_back(each);
    }
    signer.issuers = issuers_among(certifier, signer.certificate, question.intermediates);
    question.intermediates = signer.issuers;
    auto const answer = certifier.verify(question);
    if (answer.holds)
        signer.roots = question.roots;
    else
        signer.warning = answer.sentence + ": whoever checks the signature must have the way there";
}

Json texts_of(std::vector<Bytes> const& all) {
    Json out = Json::array();
    for (auto const& each : all) out.push_back(base::to_base64(each));
    return out;
}

std::vector<Bytes> bytes_of(Json const& texts) {
    std::vector<Bytes> out;
    out.reserve(texts.size());
    for (auto const& each : texts) out.push_back(base::from_base64(each.get<std::string>()));
    return out;
}

}  // namespace

FileSigner file_signer(State const& state, Services const& services, std::string_view named) {
    (void)need_cms(services);
    auto const given = given_certificates(state, services, named);
    FileSigner out;
    out.certificate = given.front();
    auto const facts = services.certifier.describe(out.certificate);
    out.subject = facts.subject;
    out.key = base::sha256(facts.content.public_key);
    require_for_signatures(facts);
    require_in_force(state, out.certificate, facts);
    require_algorithm(services, out.certificate, state.now);
    require_key(services, facts, out.key);
    find_path(state, services.certifier, given, out);
    return out;
}

Json to_json(FileSigner const& signer) {
    return {{"certificate", base::to_base64(signer.certificate)},
            {"issuers", texts_of(signer.issuers)},
            {"roots", texts_of(signer.roots)},
            {"subject", signer.subject},
            {"key", signer.key.hex()}};
}

FileSigner file_signer_from_json(Json const& value) {
    FileSigner out;
    out.certificate = base::from_base64(value.at("certificate").get<std::string>());
    out.issuers = bytes_of(value.at("issuers"));
    out.roots = bytes_of(value.at("roots"));
    out.subject = value.at("subject").get<std::string>();
    out.key = base::Digest::from_hex(value.at("key").get<std::string>());
    return out;
}

Bytes sign_file(FileSigner const& signer, Services& services, std::string_view content) {
    auto const& cms = need_cms(services);
    auto const now = services.clock.now();
    auto const key = services.keys.open(signer.key);
    auto const bytes = base::as_bytes(content);
    auto out = cms.sign({signer.certificate, signer.issuers, now}, bytes, *key);
    // As its readers will, where they have the root.
    if (!signer.roots.empty()) (void)cms.verify(bytes, out, signer.roots, now);
    return out;
}

}  // namespace consortium::flow
