#include "core/flow/audit_row.h"

#include "core/journal/entry.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

AuditRow audit_row(model::Entry const& entry) {
    AuditRow row;
    row.index = entry.index;
    row.type = journal::name(entry.kind);
    row.received = entry.received;
    if (entry.kind == model::EntryKind::act) {
        auto const envelope = model::envelope_from_text(entry.leaf);
        auto const act = model::act_from_text(envelope.payload);
        row.kind = act.kind;
        row.member = act.member;
        row.officer = act.officer;
        row.id = model::act_id(envelope).hex();
    } else if (entry.kind == model::EntryKind::event) {
        auto const leaf = base::parse_json(entry.leaf);
        base::JsonReader in(leaf, "");
        row.kind = in.text("kind");
    } else {
        row.kind = "checkpoint";
        row.member = journal::open_checkpoint_leaf(entry.leaf).peer;
    }
    return row;
}

Json to_json(AuditRow const& row) {
    auto const or_null = [](std::string const& text) { return text.empty() ? Json() : Json(text); };
    return {{"index", row.index},
            {"type", row.type},
            {"kind", row.kind},
            {"member", or_null(row.member)},
            {"officer", or_null(row.officer)},
            {"id", or_null(row.id)},
            {"received", row.received.text()}};
}

}  // namespace consortium::flow
