#include "core/flow/operation.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/execution.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "operation";

model::Object find(port::Store const& store, std::string const& id) {
    auto const object = store.object(kind, id);
    if (object) return *object;
    throw Error(Code::not_found, "no operation '" + id + "' here", "run 'consortium operation list'");
}

Json record(model::Object const& object) {
    auto out = *object.data;
    out["state"] = object.state;
    Json steps = Json::array();
    for (auto const& step : open_steps(object))
        steps.push_back({{"action", step.action}, {"summary", step.summary}});
    out["steps"] = std::move(steps);
    return out;
}

std::string what(model::Object const& object) {
    std::vector<std::string> summaries;
    for (auto const& step : open_steps(object)) summaries.push_back(base::printable(step.summary));
    return base::join(summaries, "; ");
}

// Node steps have an intent for each node.
std::vector<std::pair<Task, IntentRecord>> intents(port::Store const& store, model::Object const& object) {
    std::vector<std::pair<Task, IntentRecord>> out;
    for (auto const& step : open_steps(object)) {
        if (step.action != "node") continue;
        for (auto const& task : tasks_of(step)) out.emplace_back(task, read_intent(store, intent_id(task)));
    }
    return out;
}

std::vector<std::string> open_operations(port::Store const& store) {
    std::vector<std::string> out;
    store.objects({.kind = kind, .state = "open"},
                  [&](model::Object const& object) { out.push_back(object.name); });
    return out;
}

model::Outcome outcome_of(std::string schema, Json data) {
    model::Outcome outcome;
    outcome.schema = std::move(schema);
    outcome.data = JsonValue(std::move(data));
    return outcome;
}

std::vector<std::string> details_of(Error const& error) {
    std::vector<std::string> out;
    for (auto const& [name, words] : error.details()) out.push_back(fmt::format("{}: {}", name, words));
    return out;
}

/// What came of one operation that was taken up again.
struct Resumed {
    std::string id;
    std::optional<Error> left;  // why it is still open
};

Resumed resume_one(std::string const& id, Services& services, Identity const& self) {
    try {
        resume(id, services, self);
        return {id, std::nullopt};
    } catch (Error const& error) {
        return {id, error};
    }
}

Json resumed_json(Resumed const& one) {
    return {{"operation", one.id},
            {"state", one.left ? "open" : "done"},
            {"code", one.left ? Json(base::info(one.left->code()).name) : Json()},
            {"words", one.left ? Json(one.left->message()) : Json()},
            {"missing", one.left ? Json(details_of(*one.left)) : Json::array()}};
}

JsonValue give_up(model::Step const& step, Services& services, Identity const& self) {
    auto object = find(services.store, step.detail->at("operation").get<std::string>());
    Json done = Json::array();
    for (auto const& [task, intent] : intents(services.store, object)) {
        if (intent.progress == Progress::none) continue;
        done.push_back(
            {{"node", task.node}, {"state", progress_name(abandon(task, services, self).progress)}});
    }
    object.state = "abandoned";
    model::Event event;
    event.kind = "operation.abandoned";
    event.time = services.clock.now();
    event.body = JsonValue(Json{{"operation", object.name}});
    event.writes.push_back(object);
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
    return JsonValue(Json{{"operation", object.name}, {"intents", std::move(done)}});
}

}  // namespace

Applier const abandon_applier{.remote = give_up};

model::Outcome operation_list(State const& state, model::Request const& request) {
    bool const all = base::JsonReader(*request.arguments).has("all");
    port::ObjectQuery query;
    query.kind = kind;
    if (!all) query.state = "open";
    model::Table table{{"operation", "state", "command", "what"}, {}, "no operation is open"};
    Json items = Json::array();
    state.store.objects(query, [&](model::Object const& object) {
        items.push_back(record(object));
        table.rows.push_back(
            {object.name, object.state, object.data->at("command").get<std::string>(), what(object)});
    });
    auto outcome = outcome_of("consortium.operation/1", {{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    if (!open_operations(state.store).empty()) outcome.next.emplace_back("consortium operation resume");
    return outcome;
}

model::Outcome operation_show(State const& state, model::Request const& request) {
    auto const object = find(state.store, base::JsonReader(*request.arguments).text("operand"));
    auto data = record(object);
    data["intents"] = Json::array();
    model::Table table{{"node", "state", "change", "intent"}, {}, "it intends nothing on nodes"};
    for (auto const& [task, intent] : intents(state.store, object)) {
        auto const id = intent_id(task);
        auto const name = std::string(progress_name(intent.progress));
        data["intents"].push_back({{"intent", id.hex()},
                                   {"node", task.node},
                                   {"state", name},
                                   {"kind", task.change.kind},
                                   {"record", *intent.data}});
        table.rows.push_back({task.node, name, task.change.kind, id.brief()});
    }
    auto outcome = outcome_of("consortium.operation/1", std::move(data));
    outcome.text.emplace_back(model::Fields{{{"operation", object.name},
                                             {"state", object.state},
                                             {"command", object.data->at("command").get<std::string>()},
                                             {"steps", what(object)}}});
    outcome.text.emplace_back(std::move(table));
    if (object.state == "open") outcome.next.push_back("consortium operation resume " + object.name);
    return outcome;
}

model::Outcome operation_resume(Services& services, Identity const& self, model::Request const& request) {
    auto const named = base::JsonReader(*request.arguments).optional_text("operand");
    auto const ids = named ? std::vector{find(services.store, *named).name} : open_operations(services.store);
    model::Table table{{"operation", "state", "words"}, {}, "no operation is open"};
    Json items = Json::array();
    std::optional<Code> status;
    for (auto const& id : ids) {
        auto const one = resume_one(id, services, self);
        items.push_back(resumed_json(one));
        table.rows.push_back(
            {id, one.left ? "open" : "done", one.left ? base::printable(one.left->message()) : ""});
        if (!one.left) continue;
        for (auto const& line : details_of(*one.left)) table.rows.push_back({"", "", base::printable(line)});
        // What failed says more than what only waits.
        if (!status || *status == Code::pending) status = one.left->code();
    }
    auto outcome = outcome_of("consortium.operation/1", {{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    outcome.status = status;
    return outcome;
}

model::Plan plan_operation_abandon(State const& state, model::Request const& request) {
    auto const id = base::JsonReader(*request.arguments).text("operand");
    auto const object = find(state.store, id);
    model::Plan plan;
    plan.request = request;
    if (state.epoch) plan.epoch = model::reference(*state.epoch);
    plan.pins[kind + "/" + id] = object.version;
    plan.verdict.require("open", object.state == "open", "operation '" + id + "' is " + object.state);
    plan.danger = id;
    plan.steps.push_back({"operation.abandon", kind + "/" + id,
                          fmt::format("give up operation {}: {}; nodes take back what they still hold of it",
                                      id, what(object)),
                          JsonValue(Json{{"operation", id}})});
    return plan;
}

std::optional<model::Plan> begun_before(State const& state, model::Request const& request) {
    auto const wanted = model::digest(request).hex();
    std::optional<model::Plan> out;
    state.store.objects({.kind = "operation", .state = "open"}, [&](model::Object const& object) {
        if (object.data->at("request") != wanted) return;
        out.emplace();
        out->request = request;
        out->epoch = model::reference(state.joined());
        out->operation = object.name;
        out->steps = open_steps(object);
        out->warnings = {fmt::format("goes on with {}, which was begun and interrupted", object.name)};
    });
    return out;
}

}  // namespace consortium::flow
