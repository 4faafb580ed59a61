#include "core/model/ceremony.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;
using base::JsonReader;

namespace {

constexpr std::size_t max_items = 64;
constexpr std::size_t max_files = 16;
constexpr std::size_t max_waived = 500;
constexpr std::size_t max_words = 500;
constexpr std::size_t max_keys = 2;  // of the old root and of the new one
constexpr std::size_t max_text = 16U << 20U;
constexpr std::int64_t max_attempts = 1'000'000;
constexpr std::string_view stage_names[]{"trust",    "switch", "distrust", "destroy",
                                         "withdraw", "return", "restore"};
constexpr std::string_view notice_names[]{"prepared",  "signed",    "cancelled", "acknowledged",
                                          "witnessed", "destroyed", "noted"};

std::string read_word(JsonReader& in, std::string const& key, std::span<std::string_view const> words) {
    auto out = in.text(key, 32);
    if (std::ranges::find(words, out) == words.end()) in.fail(key, "is not known");
    return out;
}

CeremonyItem read_item(JsonReader& in) {
    CeremonyItem item;
    item.name = in.name("name");
    item.kind = in.text("kind", 16);
    item.signer = in.name("signer");
    item.tbs = in.base64("tbs", max_text);
    item.digest = in.digest("digest");
    if (item.kind != "certificate" && item.kind != "crl") in.fail("kind", "must be certificate or crl");
    if (base::sha256(item.tbs) != item.digest) in.fail("digest", "is not the digest of the bytes beside it");
    in.done();
    return item;
}

std::optional<BundleOutline> read_outline(JsonReader& in) {
    if (!in.has("bundle")) return std::nullopt;
    auto part = in.object("bundle");
    BundleOutline out{part.integer("version", 1, max_attempts), part.name("present"),
                      part.texts("roots", max_items)};
    part.done();
    return out;
}

/// Notices from before this was stated have none.
std::vector<KeptKey> read_keys(JsonReader& in) {
    std::vector<KeptKey> out;
    if (!in.has("keys")) return out;
    in.objects(
        "keys", [&](JsonReader& each) { out.push_back(kept_key_from_json(each)); }, max_keys);
    return out;
}

void check_prepared(JsonReader& in) {
    (void)read_word(in, "stage", stage_names);
    (void)in.text("before", 32);
    (void)in.digest("manifest");
    (void)read_keys(in);
}

void check_signed(JsonReader& in) {
    (void)read_word(in, "stage", stage_names);
    (void)in.digest("manifest");
    (void)in.digest("bundle");
    in.objects(
        "items",
        [](JsonReader& each) {
            (void)each.name("name");
            (void)each.name("kind");
            (void)each.digest("sha256");
            each.done();
        },
        max_items);
    (void)read_keys(in);
}

void check_cancelled(JsonReader& in) {
    (void)read_word(in, "stage", stage_names);
    (void)in.name("state");
    (void)in.text("reason", max_words);
}

void check_acknowledged(JsonReader& in) {
    (void)in.digest("bundle");
    in.objects(
        "nodes",
        [](JsonReader& each) {
            if (!each.text("node", 63).empty()) (void)each.name("node");
            auto const state = each.name("state");
            if (state != "acknowledged" && state != "waived") each.fail("state", "is not known");
            (void)each.text("words", max_words);
            each.done();
        },
        max_waived);
}

void check_witnessed(JsonReader& in) {
    (void)in.digest("manifest");
    (void)in.text("words", max_words);
}

void check_destroyed(JsonReader& in) {
    (void)read_word(in, "stage", stage_names);
    for (auto const& each : in.texts("witnesses", max_items)) base::check_name(each, "officer");
}

void check_noted(JsonReader& in) {
    (void)read_word(in, "stage", stage_names);
    (void)in.text("words", max_words);
}

/// What a notice says is read in every workspace: it is looked at before it is let in.
struct Facts {
    std::string_view about;
    void (*check)(JsonReader& in);
};
constexpr Facts facts_table[]{
    {"prepared", check_prepared},   {"signed", check_signed},
    {"cancelled", check_cancelled}, {"acknowledged", check_acknowledged},
    {"witnessed", check_witnessed}, {"destroyed", check_destroyed},
    {"noted", check_noted},
};

}  // namespace

std::span<std::string_view const> stages() {
    return stage_names;
}

std::span<std::string_view const> notices() {
    return notice_names;
}

std::string document(CeremonyManifest const& manifest) {
    Json items = Json::array();
    for (auto const& item : manifest.items) {
        items.push_back({{"name", item.name},
                         {"kind", item.kind},
                         {"signer", item.signer},
                         {"tbs", base::to_base64(item.tbs)},
                         {"digest", item.digest.hex()}});
    }
    Json out{{"plan", manifest.plan.hex()}, {"stage", manifest.stage},       {"attempt", manifest.attempt},
             {"items", std::move(items)},   {"destroys", manifest.destroys}, {"waived", manifest.waived}};
    if (manifest.bundle)
        out["bundle"] = {{"version", manifest.bundle->version},
                         {"present", manifest.bundle->present},
                         {"roots", manifest.bundle->roots}};
    return base::canonical(out);
}

CeremonyManifest manifest_from_text(std::string_view text) {
    auto const value = base::parse_canonical(text, base::JsonLimits{.bytes = max_text});
    JsonReader in(value);
    CeremonyManifest manifest;
    manifest.plan = in.digest("plan");
    manifest.stage = read_word(in, "stage", stage_names);
    manifest.attempt = in.integer("attempt", 1, max_attempts);
    manifest.bundle = read_outline(in);
    in.objects(
        "items", [&](JsonReader& each) { manifest.items.push_back(read_item(each)); }, max_items);
    manifest.destroys = in.texts("destroys", max_items);
    manifest.waived = in.texts("waived", max_waived);
    in.done();
    return manifest;
}

std::vector<KeptKey> kept_keys(CeremonyNotice const& notice) {
    JsonReader in(*notice.facts, "/body/facts");
    return read_keys(in);
}

Json to_json(CeremonyNotice const& notice) {
    Json files = Json::array();
    for (auto const& each : notice.files) files.push_back(each.hex());
    return {{"plan", notice.plan.hex()},
            {"about", notice.about},
            {"attempt", notice.attempt},
            {"files", std::move(files)},
            {"facts", *notice.facts}};
}

CeremonyNotice ceremony_notice_from_json(Json const& value) {
    JsonReader in(value, "/body");
    CeremonyNotice notice;
    notice.plan = in.digest("plan");
    notice.about = read_word(in, "about", notice_names);
    notice.attempt = in.integer("attempt", 1, max_attempts);
    notice.files = in.digests("files", max_files);
    notice.facts = base::JsonValue(in.value("facts"));
    in.done();
    JsonReader facts(*notice.facts, "/body/facts");
    std::ranges::find(facts_table, notice.about, &Facts::about)->check(facts);
    facts.done();
    return notice;
}

}  // namespace consortium::model
