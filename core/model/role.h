#pragma once

#include "core/base/json.h"

#include <map>

namespace consortium::model {

/// When grants of roles end, by role; a role without an entry lasts until it is revoked. An end is exclusive:
/// at that instant the role is not had any more.
using RoleEnds = std::map<std::string, base::Instant, std::less<>>;

/// Adds the key "ends" to a record, {"auditor":"2027-01-01T00:00:00Z"}; nothing where there are none.
void write_ends(base::Json& record, RoleEnds const& ends);
/// Reads it back; absent: none. Throws Error(malformed) for a role that is not in the list, and for an empty
/// record.
RoleEnds read_ends(base::JsonReader& in, std::vector<std::string> const& roles);

/// The roles whose grant has not ended at this instant, in their order.
std::vector<std::string> roles_at(std::vector<std::string> const& roles, RoleEnds const& ends,
                                  base::Instant when);

}  // namespace consortium::model
