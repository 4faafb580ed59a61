#include "core/model/dispute.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Digest;
using base::Json;
using base::JsonReader;

constexpr std::size_t max_text = 8000;
constexpr std::size_t max_exhibits = 50;
constexpr std::size_t max_prior = 20;
constexpr std::size_t max_strikes = 10;
constexpr std::size_t max_panel = 200;
constexpr std::array<std::string_view, 5> steps{"answer", "reveal", "strike", "ruling", "appeal"};

template <typename Words>
std::string choice(JsonReader& in, std::string_view key, Words const& known, std::string_view words) {
    auto text = in.text(key, 32);
    if (std::find(known.begin(), known.end(), text) == known.end())
        in.fail(key, "is not " + std::string(words));
    return text;
}

std::string sanction(JsonReader& in) {
    auto text = in.text("sanction", 32);
    if (!text.empty() && rung_of(text) < 0) in.fail("sanction", "is no rung of any ladder");
    return text;
}

/// Names, each once and sorted: their order means nothing.
std::vector<std::string> sorted_names(JsonReader& in, std::string_view key, std::size_t max) {
    auto names = in.texts(key, max);
    if (!std::all_of(names.begin(), names.end(), [](std::string const& name) { return base::is_name(name); }))
        in.fail(key, "has an item that is no name");
    if (!std::is_sorted(names.begin(), names.end()) ||
        std::adjacent_find(names.begin(), names.end()) != names.end())
        in.fail(key, "is not sorted, or names somebody twice");
    return names;
}

std::vector<std::string> names_in_order(JsonReader& in, std::string_view key) {
    auto names = in.texts(key, max_panel);
    for (auto const& name : names)
        if (!base::is_name(name)) in.fail(key, "has an item that is no name");
    return names;
}

void put_claim(Json& out, Claim const& claim, char const* key) {
    Json exhibits = Json::array();
    for (auto const& one : claim.exhibits)
        exhibits.push_back({{"name", one.name}, {"digest", one.digest.hex()}, {"sealed", one.sealed}});
    out[key] = claim.text;
    out["exhibits"] = std::move(exhibits);
}

Claim read_claim(JsonReader& in, char const* key) {
    Claim claim;
    claim.text = in.text(key, max_text);
    in.objects(
        "exhibits",
        [&](JsonReader& one) {
            claim.exhibits.push_back({one.text("name", 200), one.digest("digest"), one.boolean("sealed")});
            if (claim.exhibits.back().name.empty()) one.fail("name", "is empty");
            one.done();
        },
        max_exhibits);
    return claim;
}

Json hex_or_null(std::optional<Digest> const& digest) {
    return digest ? Json(digest->hex()) : Json();
}

}  // namespace

int rung_of(std::string_view sanction) {
    auto const ladder = sanction_steps();
    auto const at = std::find(ladder.begin(), ladder.end(), sanction);
    return at == ladder.end() ? -1 : static_cast<int>(at - ladder.begin());
}

base::Digest salt_commitment(std::string_view salt) {
    return base::sha256(salt);
}

Json to_json(Dispute const& dispute) {
    Json prior = Json::array();
    for (auto const& id : dispute.prior) prior.push_back(id.hex());
    Json out{{"respondent", dispute.respondent}, {"title", dispute.title},
             {"sanction", dispute.sanction},     {"about", hex_or_null(dispute.about)},
             {"prior", std::move(prior)},        {"commitment", dispute.commitment.hex()}};
    if (dispute.carry) out["carry"] = true;
    put_claim(out, dispute.claim, "text");
    return out;
}

Dispute dispute_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Dispute out;
    out.respondent = in.name("respondent");
    out.title = in.text("title", 200);
    if (out.title.empty()) in.fail("title", "is empty");
    out.sanction = sanction(in);
    out.about = in.optional_digest("about");
    out.carry = in.has("carry") && in.boolean("carry");
    if (in.has("carry") && !out.carry) in.fail("carry", "is left out where it is false");
    out.prior = in.digests("prior", max_prior);
    out.claim = read_claim(in, "text");
    out.commitment = in.digest("commitment");
    in.done();
    return out;
}

Json to_json(Plea const& plea) {
    Json out{{"commitment", hex_or_null(plea.commitment)}};
    put_claim(out, plea.claim, "text");
    return out;
}

Plea plea_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Plea out;
    out.claim = read_claim(in, "text");
    out.commitment = in.optional_digest("commitment");
    in.done();
    return out;
}

Json to_json(Reveal const& reveal) {
    return {{"salt", reveal.salt}};
}

Reveal reveal_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Reveal out{in.digest("salt").hex()};  // of a digest's form: 64 lower-case digits
    in.done();
    return out;
}

Json to_json(Strike const& strike) {
    return {{"officers", strike.officers}};
}

Strike strike_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Strike out{sorted_names(in, "officers", max_strikes)};
    in.done();
    return out;
}

Json to_json(Overdue const& overdue) {
    return {{"step", overdue.step}, {"party", overdue.party}};
}

Overdue overdue_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Overdue out;
    out.step = choice(in, "step", steps, "answer, reveal, strike, ruling or appeal");
    out.party = in.text("party", 63);
    bool const of_all = out.step == "ruling" || out.step == "appeal";
    if (of_all != out.party.empty()) in.fail("party", "does not go with this step");
    if (!of_all) base::check_name(out.party, "party");
    in.done();
    return out;
}

Json to_json(Assign const& assign) {
    return {{"seed", assign.seed.hex()}, {"drawn", assign.drawn}, {"panel", assign.panel}};
}

Assign assign_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Assign out{in.digest("seed"), names_in_order(in, "drawn"), names_in_order(in, "panel")};
    in.done();
    return out;
}

Json to_json(Ruling const& ruling) {
    Json out{{"finding", ruling.finding}, {"sanction", ruling.sanction}, {"recuse", ruling.recuse}};
    put_claim(out, ruling.reasons, "reasons");
    return out;
}

Ruling ruling_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Ruling out;
    out.finding =
        choice(in, "finding", std::array<std::string_view, 2>{"upheld", "dismissed"}, "upheld or dismissed");
    out.sanction = sanction(in);
    out.recuse = sorted_names(in, "recuse", max_panel);
    out.reasons = read_claim(in, "reasons");
    if (out.finding == "dismissed" && !(out.sanction.empty() && out.recuse.empty()))
        in.fail("finding", "is dismissed, and yet something follows from it");
    if (out.reasons.text.empty()) in.fail("reasons", "is empty: a ruling says why");
    in.done();
    return out;
}

Json to_json(Appeal const& appeal) {
    Json out{{"commitment", appeal.commitment.hex()}};
    put_claim(out, appeal.claim, "text");
    return out;
}

Appeal appeal_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Appeal out;
    out.claim = read_claim(in, "text");
    out.commitment = in.digest("commitment");
    in.done();
    return out;
}

Json to_json(Close const& close) {
    return {{"outcome", close.outcome}, {"sanction", close.sanction}};
}

Close close_from_json(Json const& value) {
    JsonReader in(value, "/body");
    Close out;
    out.outcome = choice(in, "outcome", std::array<std::string_view, 3>{"upheld", "dismissed", "withdrawn"},
                         "upheld, dismissed or withdrawn");
    out.sanction = sanction(in);
    if (out.outcome != "upheld" && !out.sanction.empty()) in.fail("sanction", "follows from nothing");
    in.done();
    return out;
}

std::vector<Digest> published_exhibits(std::string_view kind, Json const& body) {
    Claim claim;
    if (kind == "dispute") claim = dispute_from_json(body).claim;
    if (kind == "plea") claim = plea_from_json(body).claim;
    if (kind == "ruling") claim = ruling_from_json(body).reasons;
    if (kind == "appeal") claim = appeal_from_json(body).claim;
    std::vector<Digest> out;
    for (auto const& one : claim.exhibits)
        if (!one.sealed) out.push_back(one.digest);
    return out;
}

}  // namespace consortium::model
