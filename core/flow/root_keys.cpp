#include "core/flow/root_keys.h"

#include "core/base/error.h"
#include "core/flow/authority.h"
#include "core/flow/root_compose.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

namespace {

/// The new root is no authority yet while it is prepared, but has its key.
std::string key_name(port::Store const& store, std::string const& root) {
    auto const found = find_authority(store, root);
    return found ? found->key : "ca-" + root;
}

std::optional<port::KeyInfo> find_key(Services const& services, std::string const& name) {
    if (name.empty()) return std::nullopt;  // it is destroyed
    try {
        return services.keys.info(name);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::not_found) throw;
        return std::nullopt;
    }
}

}  // namespace

std::vector<model::KeptKey> root_keys(Rotation const& rotation, Services const& services) {
    auto const plan = rotation_plan(services.store, rotation);
    std::vector<model::KeptKey> out;
    for (auto const generation : {plan.from, plan.to}) {
        auto const root = root_of(generation);
        if (auto const key = find_key(services, key_name(services.store, root)))
            out.push_back(model::kept_at(key->place, root, key->id, key->algorithm));
    }
    return out;
}

std::vector<model::KeptKey> stated_keys(State const& state, Rotation const& rotation) {
    std::vector<model::KeptKey> out;
    std::pair<std::int64_t, std::string> newest;
    for (auto const& held : notices_of(state, rotation.plan)) {
        if (held.act.act.member != rotation.keeper) continue;
        auto keys = model::kept_keys(held.notice);
        // Acts come in any order; what is signed comes after what is prepared, also by the alphabet.
        std::pair const rank(held.notice.attempt, held.notice.about);
        if (keys.empty() || rank < newest) continue;
        newest = rank;
        out = std::move(keys);
    }
    if (rotation.state == "destroyed") {
        auto const old = root_of(rotation_plan(state.store, rotation).from);
        std::erase_if(out, [&](model::KeptKey const& each) { return each.authority == old; });
    }
    return out;
}

Json key_records(std::vector<model::KeptKey> const& keys) {
    Json out = Json::array();
    for (auto const& each : keys) out.push_back(to_json(each));
    return out;
}

Json key_views(std::vector<model::KeptKey> const& keys) {
    auto out = key_records(keys);
    for (std::size_t i = 0; i < keys.size(); ++i) out[i]["words"] = keys[i].words();
    return out;
}

}  // namespace consortium::flow
