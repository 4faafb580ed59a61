#include "core/flow/duty.h"

#include "core/flow/node.h"
#include "core/model/proposal.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;
using base::JsonValue;

std::string const kind = "duty";

Json steps_for(model::Proposal const& proposal, std::string const& member) {
    Json out = Json::array();
    for (auto const& [step, executor] : proposal.executor)
        if (executor == member) out.push_back(step);
    return out;
}

}  // namespace

std::optional<model::Object> duty_of(port::Store const& store, Identity const& self,
                                     model::Result const& result) {
    auto const* action = model::find_action(result.action);
    auto const act = store.act(result.proposal);
    if (result.outcome != "passed" || action == nullptr || !act) return std::nullopt;
    auto const proposal = model::proposal_from_json(*act->act.body);
    auto const steps = steps_for(proposal, self.member);
    auto const& detail = *proposal.action.detail;
    auto const network = detail.contains("network") ? detail.at("network") : Json();
    bool const own = action->effect == model::Effect::nodes && network.is_string() &&
                     !own_nodes(store, network.get<std::string>(), self.member).empty();
    if (!own && steps.empty()) return std::nullopt;
    model::Object object{kind, result.proposal.hex(), "open", self.member, proposal.lapses, {}, 0};
    object.data = JsonValue(Json{{"action", result.action},
                                 {"network", network},
                                 {"title", proposal.title},
                                 {"timelock", proposal.timelock.text()},
                                 {"steps", steps}});
    return object;
}

std::vector<model::Object> lapsed_duties(port::Store const& store, base::Instant now) {
    port::ObjectQuery query{.kind = kind, .state = "open"};
    query.due_before = now;
    std::vector<model::Object> out;
    store.objects(query, [&](model::Object object) {
        object.state = "lapsed";
        object.due.reset();
        out.push_back(std::move(object));
    });
    return out;
}

void fulfil_duty(Services& services, base::Digest const& proposal) {
    auto object = services.store.object(kind, proposal.hex());
    if (!object || object->state != "open") return;
    object->state = "done";
    object->due.reset();
    model::Event event;
    event.kind = "duty.done";
    event.time = services.clock.now();
    event.body = JsonValue(Json{{"proposal", proposal.hex()}});
    event.writes.push_back(*std::move(object));
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
}

}  // namespace consortium::flow
