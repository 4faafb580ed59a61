#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/ocsp.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Json;
using base::JsonValue;
using model::CertificateStatus;
using model::Standing;

namespace {

constexpr std::size_t max_response = 65'536;
constexpr std::size_t max_file = 1U << 20U;

[[noreturn]] void doubt(std::string const& why) {
    throw base::Error(base::Code::verification_failed, why);
}

Bytes read_certificate(port::Certifier const& certifier, Json const& file) {
    return certifier.read_certificates(base::read_file(file.get<std::string>(), max_file)).front();
}

/// The certificate of the authority that the answers are about. One that nobody named must hold itself.
Bytes issuer_of(State const& state, port::Certifier const& certifier, Json const& arguments,
                model::StatusFacts const& facts) {
    if (arguments.contains("issuer")) return read_certificate(certifier, arguments["issuer"]);
    auto const trust = known_trust(state);
    std::string why = "it answers for an authority that is not known here";
    for (auto const* known : {&trust.intermediates, &trust.roots}) {
        for (auto const& der : *known) {
            if (!certifier.ocsp().names(facts.content.statuses.front().id, der)) continue;
            auto const answer = certifier.verify(question_about(state, der));
            if (answer.holds) return der;
            why = answer.sentence;
        }
    }
    doubt(why);
}

std::string standing_words(CertificateStatus const& status) {
    if (status.standing != Standing::revoked) return std::string(word(status.standing));
    return fmt::format("revoked on {} ({})", status.revocation.at.text(),
                       model::reason_word(status.revocation.reason));
}

void check_time(model::StatusFacts const& facts, base::Instant now) {
    for (auto const& status : facts.content.statuses) {
        if (status.this_update > now) doubt("it is of the future: " + status.this_update.text());
        if (status.next_update <= now) doubt("it is out of date since " + status.next_update.text());
    }
}

CertificateStatus const* find(model::StatusFacts const& facts, std::string const& serial) {
    auto const& all = facts.content.statuses;
    auto const found = std::ranges::find_if(all, [&](auto const& each) { return each.id.serial == serial; });
    return found == all.end() ? nullptr : &*found;
}

void check_request(port::Ocsp const& ocsp, Json const& arguments, model::StatusFacts const& facts) {
    if (!arguments.contains("request")) return;
    auto const asked =
        ocsp.read_request(base::read_file(arguments["request"].get<std::string>(), max_response));
    if (asked.nonce != facts.content.nonce) doubt("it answers another request: the nonce differs");
    for (auto const& id : asked.asked) {
        if (find(facts, id.serial) == nullptr) doubt("it does not answer for serial " + id.serial);
    }
}

void check_certificate(port::Certifier const& certifier, Json const& arguments, Bytes const& issuer,
                       model::StatusFacts const& facts) {
    if (!arguments.contains("certificate")) return;
    auto const about = certifier.describe(read_certificate(certifier, arguments["certificate"]));
    auto const above = certifier.describe(issuer);
    bool const same = about.content.issuer == above.content.subject &&
                      about.content.authority_key_id == above.content.subject_key_id;
    auto const* status = same ? find(facts, about.content.serial) : nullptr;
    if (status == nullptr) doubt("it says nothing about '" + about.common_name + "'");
    if (status->standing == Standing::good) return;
    doubt(fmt::format("it says that '{}' is {}", about.common_name, standing_words(*status)));
}

std::string sentence_of(model::StatusFacts const& facts) {
    constexpr std::size_t most = 20;
    auto const& all = facts.content.statuses;
    auto until = all.front().next_update;
    std::vector<std::string> said;
    for (auto const& each : all) {
        until = std::min(until, each.next_update);
        if (said.size() < most) said.push_back(fmt::format("{} is {}", each.id.serial, standing_words(each)));
    }
    if (all.size() > most) said.push_back(fmt::format("something of {} more", all.size() - most));
    return fmt::format("{} says that {}, until {}", facts.responder, base::join(said, ", "), until.text());
}

Json statuses_json(model::StatusFacts const& facts) {
    Json out = Json::array();
    for (auto const& each : facts.content.statuses) {
        bool const revoked = each.standing == Standing::revoked;
        auto const& compromised = each.revocation.compromised;
        out.push_back({{"serial", each.id.serial},
                       {"status", word(each.standing)},
                       {"this_update", each.this_update.text()},
                       {"next_update", each.next_update.text()},
                       {"revoked", revoked ? Json(each.revocation.at.text()) : Json()},
                       {"reason", revoked ? Json(model::reason_word(each.revocation.reason)) : Json()},
                       {"compromised", compromised ? Json(compromised->text()) : Json()}});
    }
    return out;
}

std::string judge(State const& state, port::Certifier const& certifier, Json const& arguments,
                  Bytes const& response, model::StatusFacts const& facts) {
    auto const issuer = issuer_of(state, certifier, arguments, facts);
    (void)certifier.ocsp().accept(response, issuer, state.now);
    check_time(facts, state.now);
    check_request(certifier.ocsp(), arguments, facts);
    check_certificate(certifier, arguments, issuer, facts);
    return sentence_of(facts);
}

}  // namespace

model::Outcome ocsp_verify(State const& state, port::Certifier const& certifier,
                           model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto then = state;
    if (arguments.contains("at")) then.now = base::Instant::from_text(arguments["at"].get<std::string>());
    auto const response = base::read_file(arguments.at("operand").get<std::string>(), max_response);
    auto const facts = certifier.ocsp().describe(response);
    model::Outcome outcome;
    outcome.schema = "consortium.ocsp-verification/1";
    std::string sentence;
    try {
        sentence = judge(then, certifier, arguments, response, facts);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::verification_failed) throw;
        sentence = "this response does not help: " + error.message();
        outcome.status = base::Code::verification_failed;
    }
    outcome.data = JsonValue(
        Json{{"holds", !outcome.status},
             {"sentence", sentence},
             {"responder", facts.responder},
             {"produced_at", facts.content.produced_at.text()},
             {"nonce", facts.content.nonce.empty() ? Json() : Json(base::to_hex(facts.content.nonce))},
             {"statuses", statuses_json(facts)}});
    outcome.text.emplace_back(sentence);
    return outcome;
}

}  // namespace consortium::flow
