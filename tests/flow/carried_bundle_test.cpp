#include "core/flow/carried_bundle.h"

#include "core/agreement/memory_evidence.h"
#include "tests/support/error_of.h"

#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>

using namespace consortium;

namespace {

/// Epochs 0 to `last`; from those named on, a bundle of that version.
agreement::MemoryEvidence epochs(std::uint64_t last, std::map<std::uint64_t, std::int64_t> const& versions) {
    agreement::MemoryEvidence out;
    base::JsonValue bundle;
    for (std::uint64_t number = 0; number <= last; ++number) {
        if (auto const found = versions.find(number); found != versions.end()) {
            model::TrustBundle next;
            next.version = found->second;
            next.present = "root-g1";
            next.roots = {{"root-g1", {1, 2, 3}}};
            bundle = base::JsonValue(model::to_json(next));
        }
        model::Epoch epoch;
        epoch.number = number;
        epoch.trust_bundle = bundle;
        out.make_final(epoch);
    }
    return out;
}

using Found = std::vector<std::pair<std::uint64_t, std::int64_t>>;  // epoch, version

Found found(agreement::MemoryEvidence const& evidence) {
    Found out;
    std::int64_t ordinal = 0;
    for (auto const& each : flow::carried_bundles(evidence)) {
        out.emplace_back(each.epoch->number, each.bundle.version);
        CHECK(each.ordinal == ++ordinal);
        CHECK(each.document == model::document(each.bundle));
    }
    return out;
}

}  // namespace

TEST_CASE("each version is found in the epoch that carried it first") {
    CHECK(found(epochs(40, {{3, 1}, {17, 2}, {18, 4}, {40, 9}})) == Found{{3, 1}, {17, 2}, {18, 4}, {40, 9}});
    CHECK(found(epochs(5, {{0, 1}, {1, 2}})) == Found{{0, 1}, {1, 2}});
    CHECK(found(epochs(0, {{0, 3}})) == Found{{0, 3}});
    CHECK(found(epochs(7, {})).empty());
    CHECK(found(agreement::MemoryEvidence()).empty());
}

TEST_CASE("a version that no epoch carried is not there") {
    auto const evidence = epochs(9, {{2, 1}, {5, 3}});
    CHECK(flow::carried_bundle(evidence, std::nullopt).bundle.version == 3);
    CHECK(flow::carried_bundle(evidence, 1).epoch->number == 2);
    auto const error = error_of([&] { flow::carried_bundle(evidence, 2); });
    CHECK(error.code() == base::Code::not_found);
    CHECK(error.hint() == "there is: 1, 3");
    CHECK(error_of([&] { flow::carried_bundle(epochs(3, {}), std::nullopt); }).code() ==
          base::Code::not_found);
}
