#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/token.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::Token;

namespace {

constexpr std::size_t max_set = 1U << 20U;
constexpr std::size_t max_list = 16U << 20U;
constexpr std::size_t most_items = 100'000;

struct Question {
    std::string text, audience, issuer;
    base::Instant now;
    std::vector<KnownKey> keys;
};

struct Answer {
    std::optional<Token> token;
    std::string fault;  // empty: it holds
};

Question read_question(Json const& arguments, base::Instant now) {
    Question out;
    // One line: what stands around it is not part of it.
    out.text =
        base::trimmed(base::read_text(arguments.at("operand").get<std::string>(), model::max_token + 2));
    out.audience = arguments.value("audience", std::string());
    out.issuer = arguments.value("issuer", std::string());
    out.now =
        arguments.contains("at") ? base::Instant::from_text(arguments.at("at").get<std::string>()) : now;
    return out;
}

/// The list that `token list --state revoked --format json` writes: fetched by whoever has no workspace.
bool is_on_list(std::string const& file, std::string const& id) {
    auto const whole = base::parse_json(base::read_text(file, max_list), base::relaxed_limits(max_list));
    base::JsonReader in(whole);
    bool found = false;
    in.object("data").objects(
        "items",
        [&](base::JsonReader& each) {
            found = found || (each.text("jti") == id && each.text("state") == "revoked");
        },
        most_items);
    return found;
}

Answer judge(Question const& question, port::Jose const& jose) {
    try {
        auto token = model::token_from_text(question.text);
        auto fault = fault_of(token, question.keys, jose, question.audience, question.now);
        auto const& by = token.claims.issuer;
        if (fault.empty() && !question.issuer.empty() && by != question.issuer)
            fault = fmt::format("it is by '{}', not by '{}'", base::printable(by),
                                base::printable(question.issuer));
        return {std::move(token), std::move(fault)};
    } catch (base::Error const& error) {
        if (error.code() != base::Code::verification_failed) throw;
        return {std::nullopt, error.message()};
    }
}

void consult_list(Json const& arguments, Answer& answer) {
    if (!answer.fault.empty() || !arguments.contains("revoked")) return;
    if (is_on_list(arguments.at("revoked").get<std::string>(), answer.token->claims.id))
        answer.fault = "it is on the list of revoked tokens";
}

/// A key in other hands can sign tokens, but not write this journal.
void consult_journal(State const& state, Answer& answer) {
    if (!answer.fault.empty()) return;
    auto const& claims = answer.token->claims;
    auto const object = state.store.object("token", claims.id);
    if (!object || object->data->at("signed") != base::sha256(answer.token->signing_input).hex())
        answer.fault = "it is signed by our key but our journal does not know it: it was not issued here";
    else if (object->state == "revoked")
        answer.fault = "it was revoked at " + object->data->at("revoked").get<std::string>();
}

std::string sentence_of(Answer const& answer) {
    if (!answer.fault.empty()) return "the token does not hold: " + answer.fault;
    auto const& claims = answer.token->claims;
    return fmt::format("token {} of '{}' for '{}' holds until {}", base::printable(claims.id),
                       base::printable(claims.issuer), base::printable(claims.subject),
                       claims.expires.text());
}

model::Outcome outcome_of(Answer const& answer, Question const& question) {
    auto const sentence = sentence_of(answer);
    bool const holds = answer.fault.empty();
    model::Outcome outcome;
    outcome.schema = "consortium.token-verification/1";
    // What nobody has signed is not repeated as if somebody had.
    outcome.data = JsonValue(Json{{"holds", holds},
                                  {"sentence", sentence},
                                  {"kid", holds ? Json(answer.token->key_id) : Json()},
                                  {"algorithm", holds ? Json(answer.token->algorithm) : Json()},
                                  {"claims", holds ? to_json(answer.token->claims) : Json()},
                                  {"at", question.now.text()}});
    outcome.text.emplace_back(sentence);
    if (question.audience.empty())
        outcome.warnings.emplace_back("for whom it is was not checked: name that with --audience");
    if (!holds) outcome.status = base::Code::verification_failed;
    return outcome;
}

}  // namespace

std::string fault_of(Token const& token, std::vector<KnownKey> const& keys, port::Jose const& jose,
                     std::string_view audience, base::Instant now) {
    if (token.key_id.empty()) return "it names no key";
    auto const key = std::ranges::find(keys, token.key_id, &KnownKey::id);
    if (key == keys.end())
        return fmt::format("key {} is not, or no more, known here", base::printable(token.key_id));
    auto const algorithm = jose.algorithm(key->public_key);
    // RFC 8725 section 3.1: the key says how it signs, never the token.
    if (token.algorithm != algorithm)
        return fmt::format("it claims to be signed with '{}', but its key signs with {}",
                           base::printable(token.algorithm), algorithm);
    if (!jose.verify(key->public_key, token.signing_input, token.signature))
        return fmt::format("its signature is not by key {}", base::printable(key->id));
    if (auto fault = model::fault_in_time(token.claims, now); !fault.empty()) return fault;
    auto const& meant = token.claims.audience;
    if (!audience.empty() && std::ranges::find(meant, audience) == meant.end())
        return fmt::format("it is for '{}', not for '{}'", base::printable(base::join(meant, ", ")),
                           base::printable(audience));
    return {};
}

model::Outcome token_verify(State const& state, port::Jose const& jose, model::Request const& request) {
    auto question = read_question(*request.arguments, state.now);
    for (auto& key : token_keys(state.store))
        if (!key.revoked) question.keys.push_back({key.id, std::move(key.public_key)});
    if (question.issuer.empty()) question.issuer = token_issuer(state);
    auto answer = judge(question, jose);
    consult_list(*request.arguments, answer);
    consult_journal(state, answer);
    return outcome_of(answer, question);
}

model::Outcome token_verify(base::Instant now, port::Jose const& jose, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto question = read_question(arguments, now);
    question.keys = read_key_set(base::read_text(arguments.at("jwks").get<std::string>(), max_set), jose);
    auto answer = judge(question, jose);
    consult_list(arguments, answer);
    return outcome_of(answer, question);
}

}  // namespace consortium::flow
