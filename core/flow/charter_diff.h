#pragma once

#include "core/model/charter.h"

namespace consortium::flow {

/// One place in which two charters differ.
struct CharterDifference {
    std::string pointer;
    base::JsonValue before, after;  // null: not there
};

/// Every place, down to the fields; a list is one field.
std::vector<CharterDifference> charter_differences(model::Charter const& before, model::Charter const& after);

/// What a place of the charter says, for people: "'upgrade': the share that passes it". What has no words of
/// its own is named by its keys.
std::string charter_place(std::string_view pointer);

/// A value as it is shown: texts bare, nothing as "-".
std::string charter_value(base::Json const& value);

}  // namespace consortium::flow
