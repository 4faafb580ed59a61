#include "core/flow/application.h"

#include "core/base/error.h"
#include "core/flow/genesis.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

namespace {

/// More than anybody needs to apply; a stranger's folder is not read further.
constexpr std::size_t max_applications = 16;

bool is_member(Services const& services, std::string const& id) {
    auto const epoch = known_epoch(services.store);
    return epoch && epoch->member(id) != nullptr;
}

bool is_application(std::string const& envelope, std::string const& member) {
    try {
        auto const act = model::act_from_json(base::parse_json(model::envelope_from_text(envelope).payload));
        return act.kind == "submit" && act.member == member;
    } catch (base::Error const&) {
        return false;  // whatever it is, it is no application
    }
}

bool is_held(Services const& services, std::string const& name) {
    try {
        return services.store.has_act(base::Digest::from_hex(name));
    } catch (base::Error const&) {
        return true;  // not named by an id: left alone
    }
}

}  // namespace

std::vector<std::string> invited(Services const& services) {
    port::ObjectQuery query;
    query.kind = "invitation";
    query.state = "open";
    std::set<std::string> members;
    services.store.objects(query, [&](model::Object const& object) {
        auto id = object.data->at("body").at("member").get<std::string>();
        if (!is_member(services, id)) members.insert(std::move(id));
    });
    return {members.begin(), members.end()};
}

Intake take_applications(Services& services, port::Exchange& exchange, std::string const& member) {
    std::vector<std::string> acts;
    auto const folder = member + "/acts";
    for (auto const& name : exchange.list(folder)) {
        if (acts.size() == max_applications) break;
        if (is_held(services, name)) continue;
        auto envelope = exchange.read(fmt::format("{}/{}", folder, name), model::max_entry);
        if (envelope && is_application(*envelope, member)) acts.push_back(*std::move(envelope));
    }
    return acts.empty() ? Intake{} : take_in(services, acts);
}

void publish_applications(Services& services, Identity const& self, port::Exchange& exchange) {
    if (is_member(services, self.member)) return;
    for (auto const& held : services.store.acts({.kind = "submit", .member = self.member})) {
        auto const path = self.member + "/acts/" + held.id.hex();
        if (!exchange.has(path)) exchange.write(path, held.envelope);
    }
}

}  // namespace consortium::flow
