#include "core/model/entry.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

base::Json to_json(Object const& object) {
    return {{"kind", object.kind},
            {"name", object.name},
            {"state", object.state},
            {"member", object.member},
            {"due", object.due ? base::Json(object.due->text()) : base::Json()},
            {"data", *object.data}};
}

Object object_from_json(base::Json const& value) {
    base::JsonReader in(value);
    Object object;
    object.kind = in.text("kind");
    object.name = in.text("name");
    object.state = in.text("state");
    object.member = in.text("member");
    object.due = in.optional_instant("due");
    object.data = base::JsonValue(in.value("data"));
    in.done();
    return object;
}

}  // namespace consortium::model
