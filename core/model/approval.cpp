#include "core/model/approval.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;
using base::JsonReader;

base::Json to_json(Approval const& approval) {
    return {{"digest", approval.digest.hex()}, {"rule", approval.rule}, {"about", approval.about}};
}

Approval approval_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Approval approval{in.digest("digest"), in.name("rule"), in.text("about", 500)};
    in.done();
    return approval;
}

base::Json to_json(Network const& network) {
    return {{"id", network.id}, {"kind", network.kind}, {"identity", network.identity}};
}

Network network_from_json(base::Json const& value, std::string const& pointer) {
    JsonReader in(value, pointer);
    Network network{in.name("id"), in.name("kind"), in.text("identity", 500)};
    if (network.identity.empty()) in.fail("identity", "is empty");
    in.done();
    return network;
}

base::Json to_json(Attestation const& attestation) {
    return {{"network", to_json(attestation.network)},
            {"about", attestation.about},
            {"facts", *attestation.facts}};
}

Attestation attestation_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Attestation attestation;
    attestation.network = network_from_json(in.value("network"), "/body/network");
    attestation.about = in.text("about", 100);
    attestation.facts = base::JsonValue(in.value("facts"));
    in.done();
    return attestation;
}

base::Json to_json(Handover const& handover) {
    return {{"step", handover.step}, {"to", handover.to}};
}

Handover handover_from_json(base::Json const& value) {
    JsonReader in(value, "/body");
    Handover handover{in.integer("step", 1, 1000), in.name("to")};
    in.done();
    return handover;
}

}  // namespace consortium::model
