#include "core/model/candidate.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;
using base::JsonReader;

constexpr std::int64_t max_attempt = 1'000'000;
constexpr std::size_t max_skips = 600;

Choice read_choice(JsonReader& in) {
    Choice choice;
    choice.attempt = in.integer("attempt", 0, max_attempt);
    choice.document = in.digest("document");
    return choice;
}

}  // namespace

base::Json to_json(Choice const& choice) {
    return {{"attempt", choice.attempt}, {"document", choice.document.hex()}};
}

Choice choice_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    auto const choice = read_choice(in);
    in.done();
    return choice;
}

base::Json to_json(Candidate const& candidate) {
    Json skips = Json::array();
    for (auto const& skip : candidate.skips) skips.push_back(skip.hex());
    auto out = to_json(candidate.choice);
    out["skips"] = std::move(skips);
    return out;
}

Candidate candidate_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Candidate candidate;
    candidate.choice = read_choice(in);
    candidate.skips = in.digests("skips", max_skips);
    if (candidate.choice.attempt == 0 && !candidate.skips.empty())
        in.fail("skips", "must be empty in attempt 0");
    in.done();
    return candidate;
}

base::Json to_json(Skip const& skip) {
    return {{"attempt", skip.attempt}, {"carried", skip.carried ? to_json(*skip.carried) : Json()}};
}

Skip skip_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Skip skip;
    skip.attempt = in.integer("attempt", 0, max_attempt);
    if (!in.has("carried")) in.fail("carried", "is missing");
    if (!in.is_null("carried")) {
        auto carried = in.object("carried");
        skip.carried = read_choice(carried);
        carried.done();
        if (skip.carried->attempt > skip.attempt) in.fail("carried", "is of a later attempt");
    } else {
        in.value("carried");
    }
    in.done();
    return skip;
}

base::Json to_json(Found const& found) {
    return {{"document", found.document.hex()}};
}

Found found_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Found found{in.digest("document")};
    in.done();
    return found;
}

base::Json to_json(Welcome const& welcome) {
    return {{"nonce", welcome.nonce}};
}

Welcome welcome_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Welcome welcome{in.text("nonce", 32)};
    if (welcome.nonce.size() != 32 ||
        welcome.nonce.find_first_not_of("0123456789abcdef") != std::string::npos)
        in.fail("nonce", "is not 32 lower-case hexadecimal digits");
    in.done();
    return welcome;
}

}  // namespace consortium::model
