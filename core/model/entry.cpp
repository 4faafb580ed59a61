#include "core/model/entry.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

base::Digest leaf_hash(std::string_view leaf) {
    constexpr std::uint8_t prefix = 0;
    // In one piece where it is small, as most are: each call costs as much as hashing a block or two.
    std::array<std::uint8_t, 1024> piece;
    if (leaf.size() < piece.size()) {
        piece[0] = prefix;
        std::ranges::copy(base::as_bytes(leaf), piece.begin() + 1);
        return base::sha256(base::BytesView(piece).first(leaf.size() + 1));
    }
    thread_local base::Sha256 hasher;
    hasher.update(base::BytesView(&prefix, 1));
    return hasher.update(leaf).finish();
}

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
