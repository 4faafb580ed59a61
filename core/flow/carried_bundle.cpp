#include "core/flow/carried_bundle.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

/// 0: none.
std::int64_t version_of(model::Epoch const& epoch) {
    auto const& bundle = *epoch.trust_bundle;
    return bundle.is_null() ? 0 : bundle.at("version").get<std::int64_t>();
}

class Search {
public:
    explicit Search(port::Evidence const& evidence) : m_evidence(evidence) {}

    std::vector<CarriedBundle> run() {
        auto const last = m_evidence.latest();
        if (!last) return {};
        auto const first = m_evidence.epoch(0);
        if (version_of(*first) > 0) keep(first);
        between(*first, *last);
        return std::move(m_found);
    }

private:
    /// The epochs after `before`, up to `after`, that carry another version than the one before them.
    void between(model::Epoch const& before, model::Epoch const& after) {
        if (version_of(before) == version_of(after)) return;
        if (before.number + 1 == after.number) return keep(m_evidence.epoch(after.number));
        auto const middle = m_evidence.epoch(before.number + (after.number - before.number) / 2);
        between(before, *middle);
        between(*middle, after);
    }

    void keep(std::shared_ptr<model::Epoch const> epoch) {
        CarriedBundle found;
        found.ordinal = std::ssize(m_found) + 1;
        found.bundle = model::trust_bundle_from_json(*epoch->trust_bundle);
        found.document = base::canonical(*epoch->trust_bundle);
        found.epoch = std::move(epoch);
        m_found.push_back(std::move(found));
    }

    port::Evidence const& m_evidence;
    std::vector<CarriedBundle> m_found;
};

std::string versions(std::vector<CarriedBundle> const& all) {
    std::vector<std::string> out;
    out.reserve(all.size());
    for (auto const& each : all) out.push_back(std::to_string(each.bundle.version));
    return base::join(out, ", ");
}

}  // namespace

std::vector<CarriedBundle> carried_bundles(port::Evidence const& evidence) {
    return Search(evidence).run();
}

CarriedBundle carried_bundle(port::Evidence const& evidence, std::optional<std::int64_t> version) {
    auto all = carried_bundles(evidence);
    if (all.empty()) {
        throw Error(Code::not_found, "no epoch carries a trust bundle yet",
                    "run 'consortium root distribute', which proposes one");
    }
    if (!version) return std::move(all.back());
    for (auto& each : all) {
        if (each.bundle.version == *version) return std::move(each);
    }
    throw Error(Code::not_found, fmt::format("no epoch has carried version {} of the trust bundle", *version),
                "there is: " + versions(all));
}

}  // namespace consortium::flow
