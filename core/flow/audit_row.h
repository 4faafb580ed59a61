#pragma once

#include "core/base/json.h"
#include "core/model/entry.h"

namespace consortium::flow {

/// What is shown of one entry in a list; empty fields where its kind has none.
struct AuditRow {
    std::uint64_t index = 0;
    std::string type, kind, member, officer, id;  // type: act | event | checkpoint
    base::Instant received;
};

/// Throws Error(malformed).
AuditRow audit_row(model::Entry const& entry);
/// {"index","type","kind","member","officer","id","received"}, null for nothing.
base::Json to_json(AuditRow const& row);

}  // namespace consortium::flow
