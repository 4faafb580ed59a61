#include "core/model/share.h"

#include "core/base/error.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::model {

using base::Bytes;
using base::BytesView;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonReader;

namespace {

constexpr std::string_view box_schema = "consortium.share/1", wrapped_schema = "consortium.share-key/1",
                           deal_schema = "consortium.share-deal/1";
constexpr std::size_t nonce_bytes = 12, password_salt_bytes = 16, x25519_bytes = 32, p256_bytes = 65;
// Salt, header of RTSS (20), index, 32 bytes, their SHA-256, and the tag of GCM.
constexpr std::size_t sealed_bytes = share_salt_bytes + 20 + 1 + 32 + 32 + 16;
constexpr std::size_t max_sealed_key = 16'384;
/// At the least what RFC 9106 recommends second (64 MiB, three passes); at the most a GiB and eight passes.
constexpr std::int64_t least_memory = 65'536, most_memory = 1'048'576, least_passes = 3, most_passes = 8,
                       most_lanes = 8;
constexpr std::array<std::string_view, 3> purposes{"custody", "recovery", "drill"};

Bytes hexadecimal(JsonReader& in, std::string_view key, std::size_t size) {
    auto const text = in.text(key, 2 * size);
    bool const lower = std::all_of(text.begin(), text.end(),
                                   [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
    if (text.size() != 2 * size || !lower)
        in.fail(key, std::to_string(2 * size) + " hexadecimal digits expected");
    return base::from_hex(text);
}

Bytes exact(JsonReader& in, std::string_view key, std::size_t size) {
    auto bytes = in.base64(key, 4 * size);
    if (bytes.size() != size) in.fail(key, std::to_string(size) + " bytes expected");
    return bytes;
}

void check_schema(JsonReader& in, std::string_view schema) {
    if (in.text("schema", 64) != schema) in.fail("schema", "'" + std::string(schema) + "' expected");
}

std::size_t point_bytes(std::string_view sort) {
    return sort == "x25519" ? x25519_bytes : p256_bytes;
}

Json to_json(ShareKey const& key) {
    return {{"sort", key.sort}, {"point", base::to_base64(key.point)}};
}

ShareKey key_from(JsonReader in) {
    ShareKey key;
    key.sort = in.text("sort", 16);
    if (key.sort != "x25519" && key.sort != "p256" && key.sort != "passphrase")
        in.fail("sort", "is not x25519, p256 or passphrase");
    key.point = exact(in, "point", key.sort == "passphrase" ? 0 : point_bytes(key.sort));
    in.done();
    return key;
}

Json to_json(Custodian const& custodian) {
    return {{"officer", custodian.officer},
            {"member", custodian.member},
            {"key", to_json(custodian.key)},
            {"commitment", custodian.commitment.hex()},
            {"proof", base::to_base64(custodian.proof)}};
}

Custodian custodian_from(JsonReader& in) {
    Custodian out;
    out.officer = in.name("officer");
    out.member = in.name("member");
    out.key = key_from(in.object("key"));
    out.commitment = in.digest("commitment");
    out.proof = in.base64("proof", 128);
    if (spki_algorithm(out.proof) != "ed25519") in.fail("proof", "an Ed25519 key expected");
    in.done();
    return out;
}

/// Two custodians with one key, or one with two shares, would be fewer people than the threshold says.
void check_custodians(ShareDeal const& deal, JsonReader const& in) {
    std::set<std::string> officers;
    std::set<Bytes> points;
    for (auto const& custodian : deal.custodians) {
        if (!officers.insert(custodian.officer).second)
            in.fail("custodians", "'" + custodian.officer + "' has two shares");
        if (!custodian.key.point.empty() && !points.insert(custodian.key.point).second)
            in.fail("custodians", "two shares are sealed to one key");
    }
    if (deal.custodians.size() < static_cast<std::size_t>(deal.threshold))
        in.fail("threshold", "is above the number of custodians");
}

Digest hash_of(std::string_view what, BytesView deal, BytesView index, BytesView secret) {
    return base::Sha256().update(what).update(deal).update(index).update(secret).finish();
}

Json cost_json(ShareBox const& box) {
    return {{"memory", box.cost.memory},
            {"passes", box.cost.passes},
            {"lanes", box.cost.lanes},
            {"salt", base::to_base64(box.salt)}};
}

Json head(ShareBox const& box) {
    Json out{{"schema", box_schema},           {"purpose", box.purpose},
             {"deal", base::to_hex(box.deal)}, {"index", box.index},
             {"custodian", box.custodian},     {"session", box.session ? Json(box.session->hex()) : Json()},
             {"to", to_json(box.to)},          {"nonce", base::to_base64(box.nonce)}};
    if (box.to.sort == "passphrase") {
        out["argon2id"] = cost_json(box);
    } else {
        out["ephemeral"] = base::to_base64(box.ephemeral);
    }
    return out;
}

void read_cost(JsonReader in, ShareBox& box) {
    box.cost.memory = in.integer("memory", least_memory, most_memory);
    box.cost.passes = in.integer("passes", least_passes, most_passes);
    box.cost.lanes = in.integer("lanes", 1, most_lanes);
    box.salt = exact(in, "salt", password_salt_bytes);
    in.done();
}

Json head(WrappedKey const& wrapped) {
    return {{"schema", wrapped_schema},
            {"deal", base::to_hex(wrapped.deal)},
            {"key", wrapped.key_id.hex()},
            {"version", wrapped.version},
            {"nonce", base::to_base64(wrapped.nonce)}};
}

/// With its end: a byte more or less is another file.
Json parse_line(std::string_view text) {
    if (!text.ends_with('\n')) throw Error(base::Code::malformed, "the file does not end where it should");
    text.remove_suffix(1);
    return base::parse_canonical(text);
}

std::string line(Json json, Bytes const& sealed) {
    json["sealed"] = base::to_base64(sealed);
    return base::canonical(json) + "\n";
}

}  // namespace

Custodian const* ShareDeal::custodian(std::int64_t index) const {
    if (index < 1 || static_cast<std::size_t>(index) > custodians.size()) return nullptr;
    return &custodians[static_cast<std::size_t>(index - 1)];
}

std::int64_t ShareDeal::index_of(std::string_view officer) const {
    auto const found = std::find_if(custodians.begin(), custodians.end(),
                                    [&](Custodian const& custodian) { return custodian.officer == officer; });
    return found == custodians.end() ? 0 : found - custodians.begin() + 1;
}

std::string document(ShareDeal const& deal) {
    Json custodians = Json::array();
    for (auto const& custodian : deal.custodians) custodians.push_back(to_json(custodian));
    return base::canonical(Json{{"schema", deal_schema},
                                {"id", base::to_hex(deal.id)},
                                {"key", deal.key},
                                {"algorithm", deal.algorithm},
                                {"key_id", deal.key_id.hex()},
                                {"version", deal.version},
                                {"threshold", deal.threshold},
                                {"previous", deal.previous ? Json(deal.previous->hex()) : Json()},
                                {"kek", deal.kek.hex()},
                                {"wrapped", deal.wrapped.hex()},
                                {"custodians", custodians}});
}

ShareDeal share_deal_from_text(std::string_view text) {
    auto const value = base::parse_canonical(text);
    JsonReader in(value);
    check_schema(in, deal_schema);
    ShareDeal deal;
    deal.id = hexadecimal(in, "id", share_id_bytes);
    deal.key = in.name("key");
    deal.algorithm = in.name("algorithm");
    deal.key_id = in.digest("key_id");
    deal.version = in.integer("version", 1, 1'000'000);
    deal.threshold = in.integer("threshold", 2, max_custodians);
    deal.previous = in.optional_digest("previous");
    deal.kek = in.digest("kek");
    deal.wrapped = in.digest("wrapped");
    in.objects(
        "custodians", [&](JsonReader& each) { deal.custodians.push_back(custodian_from(each)); },
        max_custodians);
    in.done();
    check_custodians(deal, in);
    if ((deal.version == 1) == deal.previous.has_value())
        in.fail("previous", "only a deal after the first takes the place of another");
    return deal;
}

Digest share_commitment(BytesView deal, std::int64_t index, BytesView salt_and_share) {
    auto const number = static_cast<std::uint8_t>(index);
    return hash_of("consortium share\n", deal, BytesView(&number, 1), salt_and_share);
}

Digest kek_commitment(BytesView deal, BytesView kek) {
    return hash_of("consortium share key\n", deal, {}, kek);
}

std::string to_text(ShareBox const& box) {
    return line(head(box), box.sealed);
}

std::string context_of(ShareBox const& box) {
    return base::canonical(head(box));
}

ShareBox share_box_from_text(std::string_view text) {
    auto const value = parse_line(text);
    JsonReader in(value);
    check_schema(in, box_schema);
    ShareBox box;
    box.purpose = in.text("purpose", 16);
    if (std::find(purposes.begin(), purposes.end(), box.purpose) == purposes.end())
        in.fail("purpose", "is not custody, recovery or drill");
    box.deal = hexadecimal(in, "deal", share_id_bytes);
    box.index = in.integer("index", 1, max_custodians);
    box.custodian = in.name("custodian");
    box.session = in.optional_digest("session");
    if (box.session.has_value() == (box.purpose == "custody"))
        in.fail("session", "only what goes into a session names one");
    box.to = key_from(in.object("to"));
    if (box.to.sort == "passphrase") {
        read_cost(in.object("argon2id"), box);
    } else {
        box.ephemeral = exact(in, "ephemeral", point_bytes(box.to.sort));
    }
    box.nonce = exact(in, "nonce", nonce_bytes);
    box.sealed = exact(in, "sealed", sealed_bytes);
    in.done();
    return box;
}

std::string to_text(WrappedKey const& wrapped) {
    return line(head(wrapped), wrapped.sealed);
}

std::string context_of(WrappedKey const& wrapped) {
    return base::canonical(head(wrapped));
}

WrappedKey wrapped_key_from_text(std::string_view text) {
    auto const value = parse_line(text);
    JsonReader in(value);
    check_schema(in, wrapped_schema);
    WrappedKey wrapped;
    wrapped.deal = hexadecimal(in, "deal", share_id_bytes);
    wrapped.key_id = in.digest("key");
    wrapped.version = in.integer("version", 1, 1'000'000);
    wrapped.nonce = exact(in, "nonce", nonce_bytes);
    wrapped.sealed = in.base64("sealed", max_sealed_key);
    in.done();
    return wrapped;
}

}  // namespace consortium::model
