#include "core/flow/privacy_order.h"

#include "core/agreement/credential.h"
#include "core/base/error.h"
#include "core/flow/agreement.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;

[[noreturn]] void not_ordered(std::string const& why) {
    throw Error(Code::verification_failed, "it carries an order that does not hold: " + why);
}

/// By the kind of the event that carries the order: one of the one kind never stands for the other.
std::string_view payload_type_of(std::string_view kind) {
    if (kind == "privacy.ordered") return "application/vnd.consortium.erasure.v1+json";
    if (kind == "privacy.readmitted") return "application/vnd.consortium.readmission.v1+json";
    return {};
}

/// What the order says of itself, apart from what is ordered.
struct Frame {
    model::EpochReference epoch;
    base::Digest genesis;
    base::Instant time;
};

Frame take_frame(Json& said) {
    base::JsonReader in(said, "/order/payload");
    Frame frame;
    frame.genesis = in.digest("genesis");
    frame.time = in.instant("time");
    auto epoch = in.object("epoch");
    frame.epoch.number = static_cast<std::uint64_t>(epoch.integer("number", 0, 9'007'199'254'740'991));
    frame.epoch.hash = epoch.digest("hash");
    epoch.done();
    for (auto const* field : {"epoch", "genesis", "time"}) said.erase(field);
    return frame;
}

}  // namespace

Json sign_order(Json said, std::string_view kind, Services& services, Identity const& self) {
    auto const epoch = services.store.latest();
    auto const* officer = epoch ? epoch->officer(self.officer) : nullptr;
    if (officer == nullptr || !services.keys.has(officer->key))
        throw Error(Code::not_authorized, "the key of '" + self.officer + "' is not in this workspace",
                    "run 'consortium key list'");
    auto const reference = model::reference(*epoch);
    said["epoch"] = Json{{"number", reference.number}, {"hash", reference.hash.hex()}};
    said["genesis"] = ground(services).genesis.hex();
    said["time"] = services.clock.now().text();
    model::Envelope envelope;
    envelope.payload_type = std::string(payload_type_of(kind));
    envelope.payload = base::canonical(said);
    envelope.key_id = officer->key.hex();
    auto const signer = services.keys.open(officer->key);
    envelope.scheme = agreement::scheme_of(signer->algorithm());
    envelope.signature = signer->sign(base::as_bytes(model::pre_authentication(envelope)));
    return base::parse_json(model::to_text(envelope));
}

bool may_order(model::Officer const& officer, std::string const& member, base::Instant when) {
    if (officer.member != member || officer.status != "active") return false;
    auto const roles = officer.roles_at(when);
    return std::any_of(roles.begin(), roles.end(),
                       [](std::string const& role) { return role == "legal" || role == "governance"; });
}

bool carries_order(std::string_view kind) {
    return !payload_type_of(kind).empty();
}

void check_order(model::Event const& event, base::Digest const& genesis, EpochFinder const& epoch_of,
                 port::Verifier const& verifier) {
    auto ordered = *event.body;
    if (!ordered.contains("order")) not_ordered("it is missing");
    auto const envelope =
        model::envelope_from_text(base::canonical(ordered.at("order")), payload_type_of(event.kind));
    for (auto const* field : {"order", "outside"}) ordered.erase(field);
    auto said = base::parse_canonical(envelope.payload);
    auto const frame = take_frame(said);
    if (said != ordered) not_ordered("it says something else than the entry");
    if (frame.genesis != genesis) not_ordered("it is of another consortium");
    base::JsonReader in(said, "/order/payload");
    auto const id = in.name("officer");
    auto const& epoch = epoch_of(frame.epoch);
    auto const* officer = epoch.officer(id);
    auto const* key = officer == nullptr ? nullptr : epoch.key(officer->key);
    if (key == nullptr || !may_order(*officer, in.name("member"), frame.time))
        not_ordered("the epoch that it names has no such officer who may order it");
    if (!agreement::is_signed(envelope, {key->spki, agreement::scheme_of(key->algorithm)}, verifier))
        not_ordered("the signature is not the one of '" + id + "'");
}

}  // namespace consortium::flow
