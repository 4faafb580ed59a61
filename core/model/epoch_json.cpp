#include "core/model/epoch.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;
using base::JsonReader;

constexpr std::size_t max_list = 200'000;
constexpr std::int64_t max_integer = (std::int64_t{1} << 53) - 1;

template <typename T>
Json list(std::vector<T> const& items, Json (*write)(T const&)) {
    Json out = Json::array();
    for (auto const& item : items) out.push_back(write(item));
    return out;
}

Json digests(std::vector<base::Digest> const& ids) {
    Json out = Json::array();
    for (auto const& id : ids) out.push_back(id.hex());
    return out;
}

Json write_key(Key const& key) {
    return {{"id", key.id.hex()},   {"algorithm", key.algorithm}, {"spki", base::to_base64(key.spki)},
            {"member", key.member}, {"owner", key.owner},         {"status", key.status},
            {"cause", key.cause},   {"since", key.since}};
}

Json write_officer(Officer const& officer) {
    Json out = {{"id", officer.id},       {"member", officer.member}, {"person", officer.person},
                {"roles", officer.roles}, {"key", officer.key.hex()}, {"status", officer.status}};
    write_ends(out, officer.ends);
    return out;
}

Json write_member(Member const& member) {
    Json out = {{"id", member.id},
                {"name", member.name},
                {"tier", member.tier},
                {"control_group", member.control_group},
                {"status", member.status},
                {"joined", member.joined},
                {"joined_at", member.joined_at.text()},
                {"left_at", member.left_at ? Json(member.left_at->text()) : Json()},
                {"seat", member.seat.hex()},
                {"log", member.log.hex()},
                {"witness", member.witness.hex()},
                {"votes", member.votes}};
    if (member.suspended_until) out["suspended_until"] = member.suspended_until->text();
    return out;
}

Json write_network(Network const& network) {
    return {{"id", network.id}, {"kind", network.kind}, {"identity", network.identity}};
}

Json write_result(Result const& result) {
    Json excluded = Json::array();
    for (auto const& [id, reason] : result.excluded)
        excluded.push_back({{"id", id.hex()}, {"reason", reason}});
    return {{"proposal", result.proposal.hex()},
            {"action", result.action},
            {"detail", *result.detail},
            {"outcome", result.outcome},
            {"reason", result.reason},
            {"statements", digests(result.statements)},
            {"counted", digests(result.counted)},
            {"excluded", std::move(excluded)},
            {"tally", *result.tally}};
}

Json write_continuation(Continuation const& one) {
    return {{"proposal", one.proposal.hex()}, {"stage", one.stage}, {"closes", one.closes.text()}};
}

Json write_measure(Measure const& measure) {
    return {{"proposal", measure.proposal.hex()},
            {"action", measure.action},
            {"network", measure.network},
            {"digest", measure.digest.hex()},
            {"ends", measure.ends ? Json(measure.ends->text()) : Json()},
            {"before", *measure.before}};
}

Json write_cooling(Cooling const& cooling) {
    return {{"subject", cooling.subject}, {"closed", cooling.closed.text()}, {"until", cooling.until.text()}};
}

std::uint64_t whole(JsonReader& in, std::string_view key) {
    return static_cast<std::uint64_t>(in.integer(key, 0, max_integer));
}

std::string one_of(JsonReader& in, std::string_view key, std::initializer_list<std::string_view> words) {
    auto word = in.text(key, 63);
    if (std::find(words.begin(), words.end(), word) == words.end()) in.fail(key, "is not a known word");
    return word;
}

Key read_key(JsonReader& in) {
    Key key;
    key.id = in.digest("id");
    key.algorithm = one_of(in, "algorithm", {"ed25519", "p256", "p384", "ssh"});
    key.spki = in.base64("spki", 1024);
    key.member = in.name("member");
    key.owner = in.name("owner");
    key.status = one_of(in, "status", {"active", "retired", "removed"});
    key.cause = in.text("cause", 63);
    key.since = whole(in, "since");
    if (base::sha256(key.spki) != key.id) in.fail("id", "is not the SHA-256 of 'spki'");
    in.done();
    return key;
}

Officer read_officer(JsonReader& in) {
    Officer officer;
    officer.id = in.name("id");
    officer.member = in.name("member");
    officer.person = in.text("person", 63);
    officer.roles = in.texts("roles", 16);
    officer.key = in.digest("key");
    officer.status = one_of(in, "status", {"active", "suspended", "removed"});
    officer.ends = read_ends(in, officer.roles);
    in.done();
    return officer;
}

Member read_member(JsonReader& in) {
    Member member;
    member.id = in.name("id");
    member.name = in.text("name", 200);
    member.tier = in.name("tier");
    member.control_group = in.text("control_group", 63);
    member.status = one_of(in, "status", {"active", "suspended", "left", "expelled"});
    member.joined = whole(in, "joined");
    member.joined_at = in.instant("joined_at");
    if (!in.has("left_at")) in.fail("left_at", "is missing");
    member.left_at = in.optional_instant("left_at");
    if (in.has("suspended_until")) member.suspended_until = in.instant("suspended_until");
    member.seat = in.digest("seat");
    member.log = in.digest("log");
    member.witness = in.digest("witness");
    member.votes = in.boolean("votes");
    in.done();
    return member;
}

Network read_network(JsonReader& in) {
    Network network{in.name("id"), in.name("kind"), in.text("identity", 500)};
    in.done();
    return network;
}

Result read_result(JsonReader& in) {
    Result result;
    result.proposal = in.digest("proposal");
    result.action = in.text("action", 63);
    result.detail = base::JsonValue(in.value("detail"));
    result.outcome =
        one_of(in, "outcome", {"passed", "failed", "void", "withdrawn", "continues", "panel", "lapsed"});
    result.reason = in.text("reason", 500);
    result.statements = in.digests("statements", max_list);
    result.counted = in.digests("counted", max_list);
    in.objects(
        "excluded",
        [&](JsonReader& one) {
            auto const id = one.digest("id");
            result.excluded.emplace_back(id, one.text("reason", 200));
            one.done();
        },
        max_list);
    result.tally = base::JsonValue(in.value("tally"));
    in.done();
    return result;
}

template <typename T, typename Id>
void read_list(JsonReader& in, std::string_view key, std::vector<T>& out, T (*read)(JsonReader&), Id T::*id) {
    in.objects(
        key, [&](JsonReader& one) { out.push_back(read(one)); }, max_list);
    auto const unordered = [&](T const& left, T const& right) { return left.*id >= right.*id; };
    if (std::adjacent_find(out.begin(), out.end(), unordered) != out.end())
        in.fail(key, "is not sorted by id, each id once");
}

base::JsonValue record_or_null(JsonReader& in, std::string_view key) {
    auto const& value = in.value(key);
    if (!value.is_null() && !value.is_object()) in.fail(key, "is neither an object nor null");
    return base::JsonValue(value);
}

Continuation read_continuation(JsonReader& in) {
    Continuation one{in.digest("proposal"), in.integer("stage", 1, 1000), in.instant("closes")};
    in.done();
    return one;
}

Measure read_measure(JsonReader& in) {
    Measure measure;
    measure.proposal = in.digest("proposal");
    measure.action = in.text("action", 63);
    measure.network = in.name("network");
    measure.digest = in.digest("digest");
    if (!in.has("ends")) in.fail("ends", "is missing");
    measure.ends = in.optional_instant("ends");
    measure.before = record_or_null(in, "before");
    in.done();
    return measure;
}

Cooling read_cooling(JsonReader& in) {
    Cooling cooling{in.text("subject", 200), in.instant("closed"), in.instant("until")};
    in.done();
    return cooling;
}

/// Lists that came later than the first documents: there only where they hold something (PROTOCOL P12).
template <typename T, typename Id>
void read_later_list(JsonReader& in, std::string_view key, std::vector<T>& out, T (*read)(JsonReader&),
                     Id T::*id) {
    if (!in.has(key)) return;
    read_list(in, key, out, read, id);
    if (out.empty()) in.fail(key, "is empty: it must be left out then");
}

void read_later_lists(JsonReader& in, Epoch& epoch) {
    read_later_list(in, "continuing", epoch.continuing, read_continuation, &Continuation::proposal);
    read_later_list(in, "measures", epoch.measures, read_measure, &Measure::proposal);
    read_later_list(in, "cooling", epoch.cooling, read_cooling, &Cooling::subject);
}

template <typename T>
void write_later_list(Json& document, char const* key, std::vector<T> const& items, Json (*write)(T const&)) {
    if (!items.empty()) document[key] = list(items, write);
}

void read_state(JsonReader& in, Epoch& epoch) {
    read_list(in, "members", epoch.members, read_member, &Member::id);
    read_list(in, "officers", epoch.officers, read_officer, &Officer::id);
    read_list(in, "keys", epoch.keys, read_key, &Key::id);
    read_list(in, "networks", epoch.networks, read_network, &Network::id);
    epoch.endpoints = record_or_null(in, "endpoints");
    epoch.trust_bundle = record_or_null(in, "trust_bundle");
    epoch.releases = record_or_null(in, "releases");
    epoch.own_changes = in.digests("own_changes", max_list);
    if (std::adjacent_find(epoch.own_changes.begin(), epoch.own_changes.end(), std::greater_equal<>()) !=
        epoch.own_changes.end())
        in.fail("own_changes", "is not sorted, each id once");
    read_list(in, "results", epoch.results, read_result, &Result::proposal);
    read_later_lists(in, epoch);
}

}  // namespace

base::Json to_json(Epoch const& epoch) {
    Json document{{"number", epoch.number},
                  {"previous", epoch.previous.hex()},
                  {"protocol", epoch.protocol},
                  {"rehearsal", epoch.rehearsal},
                  {"founded", epoch.founded.text()},
                  {"charter", to_json(epoch.charter)},
                  {"members", list(epoch.members, write_member)},
                  {"officers", list(epoch.officers, write_officer)},
                  {"keys", list(epoch.keys, write_key)},
                  {"networks", list(epoch.networks, write_network)},
                  {"endpoints", *epoch.endpoints},
                  {"trust_bundle", *epoch.trust_bundle},
                  {"releases", *epoch.releases},
                  {"own_changes", digests(epoch.own_changes)},
                  {"results", list(epoch.results, write_result)}};
    write_later_list(document, "continuing", epoch.continuing, write_continuation);
    write_later_list(document, "measures", epoch.measures, write_measure);
    write_later_list(document, "cooling", epoch.cooling, write_cooling);
    return document;
}

Epoch epoch_from_json(base::Json const& value) {
    JsonReader in(value);
    Epoch epoch;
    epoch.number = whole(in, "number");
    epoch.previous = in.digest("previous");
    epoch.protocol = static_cast<int>(in.integer("protocol", 1, 1'000'000));
    epoch.rehearsal = in.boolean("rehearsal");
    epoch.founded = in.instant("founded");
    epoch.charter = charter_from_json(in.value("charter"));
    read_state(in, epoch);
    in.done();
    return epoch;
}

}  // namespace consortium::model
