#include "core/journal/entry.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::journal {

using base::Code;
using base::Error;
using base::Json;

namespace {

constexpr std::string_view domain = "consortium event v1\n";
constexpr std::size_t max_body = 64u << 20;

Json event_json(model::Event const& event) {
    Json writes = Json::array();
    for (auto const& object : event.writes) writes.push_back(to_json(object));
    return {{"kind", event.kind},
            {"time", event.time.text()},
            {"body", *event.body},
            {"writes", std::move(writes)}};
}

base::Digest commitment(base::BytesView salt, std::string_view payload) {
    base::Sha256 sha;
    sha.update(domain);
    sha.update(salt);
    sha.update(payload);
    return sha.finish();
}

base::JsonLimits body_limits() {
    // Our own record, checked against its commitment: fractions may come from what nodes answered.
    return {.bytes = max_body, .depth = 64, .fractions = true};
}

}  // namespace

SealedEvent seal_event(model::Event const& event, base::BytesView salt) {
    if (salt.size() != 32) throw Error(Code::internal, "the salt of an event has 32 bytes");
    auto const text = base::canonical(event_json(event));
    Json const leaf{
        {"commitment", commitment(salt, text).hex()}, {"kind", event.kind}, {"time", event.time.text()}};
    // In canonical form as well, without writing the event a second time.
    return {base::canonical(leaf), fmt::format(R"({{"event":{},"salt":"{}"}})", text, base::to_hex(salt))};
}

model::Event open_event(std::string_view leaf, std::string_view body) {
    auto const shown = base::parse_canonical(leaf);
    auto const whole = base::parse_json(body, body_limits());
    base::JsonReader in(whole);
    auto const salt = base::from_hex(in.text("salt"));
    auto const& value = in.value("event");
    base::JsonReader part(value, "/event");
    model::Event event;
    event.kind = part.text("kind");
    event.time = part.instant("time");
    event.body = base::JsonValue(part.value("body"));
    part.objects(
        "writes",
        [&](base::JsonReader& object) { event.writes.push_back(model::object_from_json(object.whole())); },
        1'000'000);
    Json const expected{{"commitment", commitment(salt, base::canonical(value)).hex()},
                        {"kind", event.kind},
                        {"time", event.time.text()}};
    if (shown != expected)
        throw Error(Code::verification_failed,
                    "the body of event '" + event.kind + "' is not what its entry commits to");
    return event;
}

std::string checkpoint_leaf(PeerCheckpoint const& checkpoint) {
    return base::canonical(Json{{"checkpoint", checkpoint.note}, {"peer", checkpoint.peer}});
}

PeerCheckpoint open_checkpoint_leaf(std::string_view leaf) {
    auto const value = base::parse_canonical(leaf, {.bytes = model::max_entry});
    base::JsonReader in(value);
    PeerCheckpoint checkpoint;
    checkpoint.note = in.text("checkpoint", model::max_entry);
    checkpoint.peer = in.name("peer");
    in.done();
    return checkpoint;
}

model::EntryKind leaf_kind(std::string_view leaf) {
    auto const value = base::parse_json(leaf, {.bytes = model::max_entry});
    if (value.is_object() && value.contains("payloadType")) return model::EntryKind::act;
    if (value.is_object() && value.contains("commitment")) return model::EntryKind::event;
    if (value.is_object() && value.contains("checkpoint")) return model::EntryKind::checkpoint;
    throw Error(Code::malformed, "an entry is neither an act, an event nor a checkpoint");
}

std::string_view name(model::EntryKind kind) {
    switch (kind) {
        case model::EntryKind::act:
            return "act";
        case model::EntryKind::event:
            return "event";
        case model::EntryKind::checkpoint:
            return "checkpoint";
    }
    return "unknown";
}

}  // namespace consortium::journal
