#pragma once

#include "core/model/root.h"
#include "core/port/evidence.h"

namespace consortium::flow {

/// A trust bundle that the members agreed on, with the epoch that carried it first.
struct CarriedBundle {
    std::int64_t ordinal = 0;  // 1: the first that any epoch carried. Versions may leave numbers out
    std::shared_ptr<model::Epoch const> epoch;
    model::TrustBundle bundle;
    std::string document;  // canonical JSON, to the byte as the epoch carries it
};

/// Every bundle that a final epoch has carried, in order. Takes time by how many there are, not by how many
/// epochs: versions only rise.
std::vector<CarriedBundle> carried_bundles(port::Evidence const& evidence);
/// The bundle in force, or the one of that version. Throws Error(not_found) that says which there are.
CarriedBundle carried_bundle(port::Evidence const& evidence, std::optional<std::int64_t> version);

}  // namespace consortium::flow
