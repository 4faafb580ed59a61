#pragma once

#include "core/model/act.h"
#include "tests/support/signer.h"

#include <nlohmann/json.hpp>

/// An act of a member's officer or seat, signed; the nonce makes acts of the same content differ.
inline std::string signed_envelope(consortium::model::Act act, consortium::port::Signer& signer, int nonce) {
    using namespace consortium;
    act.key = signer.id();
    if (act.nonce.empty())
        act.nonce = base::sha256(signer.id().hex() + std::to_string(nonce)).hex().substr(0, 32);
    model::Envelope envelope;
    envelope.payload = base::canonical(model::to_json(act));
    envelope.key_id = act.key.hex();
    envelope.signature = signer.sign(base::as_bytes(model::pre_authentication(envelope)));
    return model::to_text(envelope);
}

inline consortium::model::Act plain_act(std::string kind, std::string member = "acme") {
    using namespace consortium;
    model::Act act;
    act.kind = std::move(kind);
    act.genesis = base::sha256(std::string_view("genesis"));
    act.epoch = {0, act.genesis};
    act.member = std::move(member);
    act.officer = "ada";
    act.time = base::Instant::from_text("2026-11-02T11:00:00Z");
    act.expires = base::Instant::from_text("2026-12-02T11:00:00Z");
    act.body = base::JsonValue(base::Json::object());
    return act;
}
