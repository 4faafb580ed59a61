#include "core/flow/own_change.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/flow/steps.h"
#include "core/model/public_key.h"
#include "core/policy/permission.h"

#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

namespace {

constexpr std::size_t max_key_file = 65'536;

model::NewKey read_key(std::string const& file) {
    auto const key = model::read_public_key(base::read_text(file, max_key_file));
    return {key.algorithm, key.bytes};
}

std::vector<base::Digest> end_of_chain(State const& state) {
    auto const held =
        state.store.acts({.kind = "own", .subject = {}, .epoch = {}, .member = state.self.member});
    std::set<base::Digest> followed;
    for (auto const& act : held)
        if (!act.act.refs.empty()) followed.insert(act.act.refs.front());
    for (auto const& act : held)
        if (!followed.contains(act.id)) return {act.id};
    return {};
}

}  // namespace

model::Draft own_change_draft(State const& state, model::OwnChange const& change) {
    model::Draft draft;
    draft.kind = "own";
    draft.refs = end_of_chain(state);
    draft.body = base::JsonValue(model::to_json(change));
    return draft;
}

model::Plan plan_key_replace(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const& epoch = state.joined();
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    plan.verdict = policy::may_sign(epoch, state.self.officer, "own");
    model::OwnChange change;
    change.kind = "key.replace";
    change.subject = arguments.at("operand").get<std::string>();
    if (change.subject != "seat")
        throw base::Error(base::Code::usage, "only the key 'seat' is replaced so",
                          "run 'consortium key replace seat --with FILE'");
    change.key = read_key(arguments.at("with").get<std::string>());
    change.cause = arguments.value("cause", std::string());
    plan.verdict.require("fresh", epoch.key(change.key->id()) == nullptr,
                         "that key was registered before; each key once, ever");
    plan.verdict.require("kind", change.key->algorithm != "ssh", "a seat key is not an ssh key");
    plan.steps.push_back(act_step(own_change_draft(state, change), state.self.member,
                                  "replace the " + change.subject + " key of '" + state.self.member +
                                      "' with " + change.key->id().brief()));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace consortium::flow
