#include "core/flow/certificate.h"
#include "core/flow/crl.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Json;
using base::JsonValue;
using model::ChainAnswer;
using model::ChainQuestion;

namespace {

constexpr std::size_t max_file = 1U << 20U;
constexpr std::size_t max_list = 64U << 20U;

/// Whether an authority of this workspace signed it and, if so, whether its journal knows it (P11).
enum class Journaled { foreign, known, unknown };

bool is_issuer(Authority const& authority, port::Certifier const& certifier,
               model::CertificateFacts const& facts) {
    auto const above = certifier.describe(authority.certificate());
    return !authority.key.empty() && facts.content.issuer == above.content.subject &&
           facts.content.authority_key_id == above.content.subject_key_id;
}

Journaled journaled(State const& state, port::Certifier const& certifier, Bytes const& der) {
    auto const facts = certifier.describe(der);
    auto const object = state.store.object("certificate", facts.content.serial);
    if (object && object->data->at("der") == base::to_base64(der)) return Journaled::known;
    auto answer = Journaled::foreign;
    for (auto const& each : authorities(state.store)) {
        for (auto const& certificate : each.certificates) {
            if (certificate.der == der) return Journaled::known;
        }
        if (is_issuer(each, certifier, facts)) answer = Journaled::unknown;
    }
    return answer;
}

ChainQuestion::Purpose purpose_named(std::string_view word) {
    if (word == "tls-server") return ChainQuestion::Purpose::tls_server;
    if (word == "tls-client") return ChainQuestion::Purpose::tls_client;
    if (word == "email") return ChainQuestion::Purpose::email;
    return ChainQuestion::Purpose::any;
}

ChainQuestion read_question(State const& state, port::Certifier const& certifier, Json const& arguments) {
    auto const given =
        certifier.read_certificates(base::read_file(arguments.at("operand").get<std::string>(), max_file));
    auto question = question_about(state, given.front());
    question.intermediates.insert(question.intermediates.end(), given.begin() + 1, given.end());
    if (arguments.contains("roots")) {
        question.roots =
            certifier.read_certificates(base::read_file(arguments.at("roots").get<std::string>(), max_file));
    }
    for (auto const& file : arguments.value("crl", std::vector<std::string>())) {
        for (auto& crl : certifier.read_crls(base::read_file(file, max_list))) {
            question.crls.push_back(std::move(crl));
        }
    }
    if (arguments.contains("at")) {
        question.now = base::Instant::from_text(arguments.at("at").get<std::string>());
    }
    if (arguments.value("no-revocation", false)) question.revocation = ChainQuestion::Revoked::ignored;
    for (auto const& name : arguments.value("name", std::vector<std::string>())) question.names.add(name);
    question.purpose = purpose_named(arguments.value("purpose", ""));
    return question;
}

/// Of the authorities above a certificate, the first of ours that is revoked, whatever lists say as yet.
void consult_authorities(State const& state, port::Certifier const& certifier, ChainAnswer& answer) {
    for (auto const& each : authorities(state.store)) {
        if (each.role != "issuing" || each.state != "revoked") continue;
        auto const facts = certifier.describe(each.certificate());
        if (std::ranges::find(answer.chain, facts.subject) == answer.chain.end()) continue;
        auto const object = state.store.object("certificate", facts.content.serial);
        answer.holds = false;
        answer.sentence =
            fmt::format("'{}' was revoked on {}; the next revocation list will say so", facts.common_name,
                        object->data->at("revoked").at("at").get<std::string>());
        return;
    }
}

/// The organization of the subject `name`, as the authorities on the path are written.
std::string organization_of_subject(port::Certifier const& certifier, std::vector<Bytes> const& known,
                                    std::string const& name) {
    for (auto const& der : known) {
        auto const facts = certifier.describe(der);
        if (facts.subject == name) return facts.organization;
    }
    return {};
}

/// G29: an intermediate of another organization than the root's is for that organization only. Other
/// verifiers do not look at this; what they hold an intermediate to are the names that it permits.
void consult_scope(port::Certifier const& certifier, ChainQuestion const& question, ChainAnswer& answer) {
    if (!answer.holds || answer.chain.size() < 3) return;
    auto const facts = certifier.describe(question.certificate);
    if (facts.content.authority) return;
    auto const root = organization_of_subject(certifier, question.roots, answer.chain.back());
    for (std::size_t i = 1; i + 1 < answer.chain.size(); ++i) {
        auto const own = organization_of_subject(certifier, question.intermediates, answer.chain[i]);
        if (own == root || own == facts.organization) continue;
        answer.holds = false;
        answer.sentence =
            fmt::format("'{}' is of the organization '{}', and its issuer certifies for '{}' only",
                        facts.common_name, facts.organization, own);
        return;
    }
}

/// Our own record of a revocation is known before the next list says it.
void consult_journal(State const& state, port::Certifier const& certifier, ChainQuestion const& question,
                     Journaled journal, ChainAnswer& answer) {
    if (!answer.holds) return;
    auto const facts = certifier.describe(question.certificate);
    if (journal == Journaled::unknown) {
        answer.holds = false;
        answer.sentence = fmt::format(
            "'{}' is signed by our authority but its journal does not know it: it was "
            "not issued here",
            facts.common_name);
        return;
    }
    auto const object = state.store.object("certificate", facts.content.serial);
    if (question.revocation == ChainQuestion::Revoked::checked && journal == Journaled::known && object &&
        object->state == "revoked") {
        answer.holds = false;
        answer.sentence =
            fmt::format("'{}' was revoked on {}; the next revocation list will say so", facts.common_name,
                        object->data->at("revoked").at("at").get<std::string>());
    }
}

}  // namespace

model::Outcome certificate_verify(State const& state, port::Certifier const& certifier,
                                  model::Request const& request) {
    auto const question = read_question(state, certifier, *request.arguments);
    auto const facts = certifier.describe(question.certificate);
    auto const journal = journaled(state, certifier, question.certificate);
    auto answer = certifier.verify(question);
    consult_journal(state, certifier, question, journal, answer);
    // Of other roots it is not known what the names of their intermediates mean.
    if (!request.arguments->contains("roots")) consult_scope(certifier, question, answer);
    if (answer.holds && question.revocation == ChainQuestion::Revoked::checked)
        consult_authorities(state, certifier, answer);
    model::Outcome outcome;
    outcome.schema = "consortium.certificate-verification/1";
    outcome.data = JsonValue(
        Json{{"holds", answer.holds},
             {"sentence", answer.sentence},
             {"chain", answer.chain},
             {"serial", facts.content.serial},
             {"subject", facts.subject},
             {"at", question.now.text()},
             {"journaled", journal == Journaled::foreign ? Json() : Json(journal == Journaled::known)}});
    outcome.text.emplace_back(answer.sentence);
    if (!answer.holds) outcome.status = base::Code::verification_failed;
    return outcome;
}

}  // namespace consortium::flow
