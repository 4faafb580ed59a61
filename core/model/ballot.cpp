#include "core/model/ballot.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

constexpr std::int64_t max_revision = 1000;

}  // namespace

base::Json to_json(Ballot const& ballot) {
    return {{"choice", ballot.choice}, {"revision", ballot.revision}};
}

Ballot ballot_from_json(base::Json const& value) {
    base::JsonReader in(value, "/body");
    Ballot ballot;
    ballot.choice = in.text("choice", 16);
    constexpr std::array<std::string_view, 4> choices{"yes", "no", "abstain", "veto"};
    if (std::find(choices.begin(), choices.end(), ballot.choice) == choices.end())
        in.fail("choice", "is not yes, no, abstain or veto");
    ballot.revision = in.integer("revision", 0, max_revision);
    in.done();
    return ballot;
}

base::Json to_json(Delegation const& delegation) {
    return {{"to", delegation.to}, {"revision", delegation.revision}};
}

Delegation delegation_from_json(base::Json const& value) {
    base::JsonReader in(value, "/body");
    Delegation delegation;
    if (in.text("to", 63).empty()) {
        delegation.to.clear();
    } else {
        delegation.to = in.name("to");
    }
    delegation.revision = in.integer("revision", 0, max_revision);
    in.done();
    return delegation;
}

base::Json to_json(Suspension const& suspension) {
    return {{"officer", suspension.officer}, {"key", suspension.key.hex()}};
}

Suspension suspension_from_json(base::Json const& value) {
    base::JsonReader in(value, "/body");
    Suspension suspension{in.name("officer"), in.digest("key")};
    in.done();
    return suspension;
}

}  // namespace consortium::model
