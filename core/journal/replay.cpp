#include "core/journal/replay.h"

#include "core/journal/entry.h"

#include <nlohmann/json.hpp>

namespace consortium::journal {

using base::Json;

namespace {

/// Bodies were checked when the act was accepted; a field that is missing here writes no due date.
std::optional<base::Instant> instant_in(Json const& body, char const* key) {
    if (!body.is_object() || !body.contains(key) || !body[key].is_string()) return std::nullopt;
    return base::Instant::from_text(body[key].get<std::string>());
}

model::Object object_of(model::Act const& act, base::Digest const& id, char const* kind,
                        std::optional<base::Instant> due) {
    model::Object object;
    object.kind = kind;
    object.name = id.hex();
    object.state = "open";
    object.member = act.member;
    object.due = due;
    object.data =
        base::JsonValue(Json{{"body", *act.body}, {"officer", act.officer}, {"epoch", act.epoch.number}});
    return object;
}

/// What an epoch enacts without ballots waits as an object, so that nobody looks through all acts for it.
model::Object change_of(model::Act const& act, base::Digest const& id) {
    model::Object object;
    object.kind = "change";
    object.name = id.hex();
    object.state = "open";
    object.member = act.member;
    object.data = base::JsonValue(Json{{"kind", act.kind}});
    return object;
}

}  // namespace

void fold_act(model::Act const& act, base::Digest const& id, std::uint64_t index, Projection& into) {
    model::Object object;
    if (act.kind == "proposal")
        object = object_of(act, id, "proposal", instant_in(*act.body, "closes"));
    else if (act.kind == "invite")
        object = object_of(act, id, "invitation", act.expires);
    else if (act.kind == "dispute")
        object = object_of(act, id, "dispute", {});
    else if (act.kind == "own" || act.kind == "ready" || act.kind == "suspend")
        object = change_of(act, id);
    else
        return;
    object.version = index + 1;
    into.put(object);
}

void fold_event(model::Event const& event, std::uint64_t index, Projection& into) {
    for (auto object : event.writes) {
        object.version = index + 1;
        if (object.state.empty())
            into.erase(object.kind, object.name);
        else
            into.put(object);
    }
}

void fold(model::Entry const& entry, Projection& into) {
    if (entry.kind == model::EntryKind::event) {
        fold_event(open_event(entry.leaf, entry.body), entry.index, into);
    } else if (entry.kind == model::EntryKind::act) {
        auto const envelope = model::envelope_from_text(entry.leaf);
        fold_act(model::act_from_text(envelope.payload), model::act_id(envelope), entry.index, into);
    }
}

}  // namespace consortium::journal
