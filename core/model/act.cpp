#include "core/model/act.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/act_plain.h"
#include "core/model/entry.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonReader;

void require_all(JsonReader const& in, std::initializer_list<std::string_view> keys) {
    for (auto key : keys)
        if (!in.has(key)) in.fail(key, "is missing");
}

EpochReference read_reference(JsonReader in) {
    EpochReference reference;
    reference.number = static_cast<std::uint64_t>(in.integer("number", 0, max_integer));
    reference.hash = in.digest("hash");
    in.done();
    return reference;
}

std::string read_officer(JsonReader& in) {
    auto const officer = in.optional_text("officer", 63);
    if (!officer) return {};
    base::check_name(*officer, "officer");
    return *officer;
}

std::string read_nonce(JsonReader& in) {
    auto nonce = in.text("nonce", 32);
    if (!is_nonce(nonce)) in.fail("nonce", "is not 32 lower-case hexadecimal digits");
    return nonce;
}

}  // namespace

base::Json to_json(Act const& act) {
    Json refs = Json::array();
    for (auto const& id : act.refs) refs.push_back(id.hex());
    return {{"protocol", act.protocol},
            {"kind", act.kind},
            {"genesis", act.genesis.hex()},
            {"epoch", {{"number", act.epoch.number}, {"hash", act.epoch.hash.hex()}}},
            {"member", act.member},
            {"officer", act.officer.empty() ? Json() : Json(act.officer)},
            {"key", act.key.hex()},
            {"time", act.time.text()},
            {"expires", act.expires.text()},
            {"nonce", act.nonce},
            {"refs", std::move(refs)},
            {"body", *act.body},
            {"private", act.private_part ? Json(act.private_part->hex()) : Json()}};
}

Act act_from_json(base::Json const& value) {
    JsonReader in(value);
    require_all(in, {"officer", "private", "body"});
    Act act;
    act.protocol = static_cast<int>(in.integer("protocol", 1, highest_protocol));
    act.kind = in.name("kind");
    act.genesis = in.digest("genesis");
    act.epoch = read_reference(in.object("epoch"));
    act.member = in.name("member");
    act.officer = read_officer(in);
    act.key = in.digest("key");
    act.time = in.instant("time");
    act.expires = in.instant("expires");
    act.nonce = read_nonce(in);
    act.refs = in.digests("refs", max_references);
    act.body = base::JsonValue(in.value("body"));
    act.private_part = in.optional_digest("private");
    in.done();
    if (!act.body->is_object()) in.fail("body", "is not an object");
    if (act.expires <= act.time) in.fail("expires", "is not after 'time'");
    return act;
}

Act act_from_text(std::string_view payload) {
    if (auto plain = plain_act(payload)) return *std::move(plain);
    return act_from_json(base::parse_canonical(payload));
}

std::string to_text(Envelope const& envelope) {
    Json signature = {{"keyid", envelope.key_id}, {"sig", base::to_base64(envelope.signature)}};
    if (envelope.scheme != "raw") signature["scheme"] = envelope.scheme;
    return base::canonical(Json{{"payload", base::to_base64(base::as_bytes(envelope.payload))},
                                {"payloadType", envelope.payload_type},
                                {"signatures", Json::array({std::move(signature)})}});
}

Envelope envelope_from_text(std::string_view text, std::string_view payload_type) {
    if (text.size() > max_entry)
        throw Error(Code::malformed,
                    "a signed envelope is larger than " + std::to_string(max_entry) + " bytes");
    if (auto plain = plain_envelope(text, payload_type)) return *std::move(plain);
    auto const value = base::parse_canonical(text, {.bytes = max_entry, .depth = max_depth});
    JsonReader in(value);
    Envelope envelope;
    auto const payload = in.base64("payload", max_entry);
    if (payload.size() > max_payload)
        in.fail("payload", "is larger than " + std::to_string(max_payload) + " bytes");
    envelope.payload = std::string(base::as_text(payload));
    envelope.payload_type = in.text("payloadType", 200);
    if (envelope.payload_type != payload_type) in.fail("payloadType", "is not " + std::string(payload_type));
    int signatures = 0;
    in.objects(
        "signatures",
        [&](JsonReader& one) {
            ++signatures;
            envelope.key_id = one.text("keyid", max_key_id);
            envelope.signature = one.base64("sig", max_signature);
            envelope.scheme = one.optional_text("scheme", 16).value_or("raw");
            if (one.has("scheme") && envelope.scheme != "sshsig") one.fail("scheme", "is not 'sshsig'");
            one.done();
        },
        1);
    if (signatures != 1) in.fail("signatures", "does not hold exactly one signature");
    in.done();
    return envelope;
}

std::string pre_authentication(Envelope const& envelope) {
    auto const& type = envelope.payload_type;
    return "DSSEv1 " + std::to_string(type.size()) + " " + type + " " +
           std::to_string(envelope.payload.size()) + " " + envelope.payload;
}

base::Digest act_id(Envelope const& envelope) {
    return base::sha256(pre_authentication(envelope));
}

SignedAct signed_act_from_text(std::string text) {
    SignedAct out;
    out.envelope = envelope_from_text(text);
    out.id = act_id(out.envelope);
    out.act = act_from_text(out.envelope.payload);
    out.leaf = leaf_hash(text);
    out.text = std::move(text);
    return out;
}

base::Digest subject_of(Act const& act) {
    if (act.kind == "approval" && act.body->contains("digest") && act.body->at("digest").is_string())
        return base::Digest::from_hex(act.body->at("digest").get<std::string>());
    return act.refs.empty() ? base::Digest{} : act.refs.front();
}

}  // namespace consortium::model
