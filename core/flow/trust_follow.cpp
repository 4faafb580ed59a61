#include "core/flow/trust_follow.h"

#include "core/flow/authority.h"
#include "core/flow/rotation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

/// The certificate in use comes first.
bool show_under(std::string const& root, Authority& authority) {
    auto const at = std::ranges::find(authority.certificates, root, &AuthorityCertificate::issuer);
    if (at == authority.certificates.begin() || at == authority.certificates.end()) return false;
    std::rotate(authority.certificates.begin(), at, at + 1);
    return true;
}

std::optional<Rotation> agreed_stage(port::Store const& store, model::Epoch const& epoch) {
    auto found = own_rotation(store);
    if (!found || found->state != "distributed") return std::nullopt;
    auto const is_of_this = [&](model::Result const& result) {
        return result.action == "root.trust" && result.outcome == "passed" &&
               result.detail->at("bundle") == found->bundle->hex();
    };
    if (std::ranges::none_of(epoch.results, is_of_this)) return std::nullopt;
    settle(store, *found);
    return found;
}

}  // namespace

std::vector<model::Object> followed_trust(port::Store const& store, model::Epoch const& epoch) {
    std::vector<model::Object> out;
    bool const changed = std::ranges::any_of(epoch.results, [](model::Result const& result) {
        return result.action == "root.trust" && result.outcome == "passed";
    });
    if (!changed || epoch.trust_bundle->is_null()) return out;
    auto const present = model::trust_bundle_from_json(*epoch.trust_bundle).present;
    for (auto& each : authorities(store)) {
        if (each.role == "issuing" && show_under(present, each)) out.push_back(to_object(each));
    }
    if (auto const rotation = agreed_stage(store, epoch)) out.push_back(to_object(*rotation));
    return out;
}

}  // namespace consortium::flow
