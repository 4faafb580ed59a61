#include "core/model/ballot.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

constexpr std::size_t max_reason = 2000;
constexpr std::int64_t max_revision = 1000;

}  // namespace

base::Json to_json(Ballot const& ballot) {
    return {{"choice", ballot.choice}, {"revision", ballot.revision}, {"reason", ballot.reason}};
}

Ballot ballot_from_json(base::Json const& value) {
    base::JsonReader in(value, "/body");
    Ballot ballot;
    ballot.choice = in.text("choice", 16);
    if (ballot.choice != "yes" && ballot.choice != "no" && ballot.choice != "abstain")
        in.fail("choice", "is not yes, no or abstain");
    ballot.revision = in.integer("revision", 0, max_revision);
    ballot.reason = in.text("reason", max_reason);
    in.done();
    return ballot;
}

base::Json to_json(Suspension const& suspension) {
    return {{"officer", suspension.officer}, {"key", suspension.key.hex()}, {"reason", suspension.reason}};
}

Suspension suspension_from_json(base::Json const& value) {
    base::JsonReader in(value, "/body");
    Suspension suspension{in.name("officer"), in.digest("key"), in.text("reason", max_reason)};
    in.done();
    return suspension;
}

}  // namespace consortium::model
