#pragma once

#include "core/model/entry.h"

#include <span>

namespace consortium::flow {

/// Objects that end and that somebody must replace before, in the state in which they wait for it.
struct ExpiringKind {
    std::string_view kind, state;
    std::string (*command)(model::Object const&);
};
std::span<ExpiringKind const> expiring_kinds();

/// The command that replaces it; empty where nothing need be done, as when it was renewed or revoked.
std::string renewal_command(model::Object const& object);

}  // namespace consortium::flow
