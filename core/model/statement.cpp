#include "core/model/statement.h"

#include "core/base/error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;
using base::JsonReader;

constexpr std::size_t max_listing_file = 16u << 20;
constexpr std::size_t max_file_listings = 150'000;

Json listings_json(std::vector<Listing> const& listed) {
    Json out = Json::array();
    for (auto const& listing : listed)
        out.push_back({{"id", listing.id.hex()}, {"received", listing.received.text()}});
    return out;
}

std::vector<Listing> read_listings(JsonReader& in, std::size_t max) {
    std::vector<Listing> listed;
    in.objects(
        "listed",
        [&](JsonReader& one) {
            listed.push_back({one.digest("id"), one.instant("received")});
            one.done();
        },
        max);
    auto const unordered = [](Listing const& left, Listing const& right) { return left.id >= right.id; };
    if (std::adjacent_find(listed.begin(), listed.end(), unordered) != listed.end())
        in.fail("listed", "is not sorted by id, each once");
    return listed;
}

}  // namespace

base::Json to_json(Statement const& statement) {
    Json body{{"listed", listings_json(statement.listed)},
              {"file", statement.file ? Json(statement.file->hex()) : Json()}};
    if (statement.stage > 0) body["stage"] = statement.stage;
    if (statement.early) body["early"] = true;
    if (statement.known) body["known"] = statement.known->text();
    return body;
}

Statement statement_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Statement statement;
    statement.listed = read_listings(in, max_inline_listings);
    if (!in.has("file")) in.fail("file", "is missing");
    statement.file = in.optional_digest("file");
    if (statement.file && !statement.listed.empty()) in.fail("listed", "must be empty beside 'file'");
    if (in.has("stage")) statement.stage = in.integer("stage", 1, 1000);
    if (in.has("early")) statement.early = in.boolean("early");
    if (in.has("early") && !statement.early) in.fail("early", "is left out where it is false");
    if (in.has("known")) statement.known = in.instant("known");
    in.done();
    return statement;
}

std::string listing_text(std::vector<Listing> const& listed) {
    return base::canonical(Json{{"listed", listings_json(listed)}});
}

std::vector<Listing> listing_from_text(std::string_view text) {
    auto const value = base::parse_canonical(text, {.bytes = max_listing_file, .depth = 4});
    JsonReader in(value);
    auto listed = read_listings(in, max_file_listings);
    in.done();
    return listed;
}

}  // namespace consortium::model
