#pragma once

#include "core/base/json.h"

namespace consortium::flow {

/// Charts of the record that `charter simulate` gives for one decision, in blocks for a terminal: one line a
/// turnout with a cell for every number of yes; one bar a turnout for how often it passes.
std::vector<std::string> pattern_chart(base::Json const& patterns);
std::vector<std::string> sweep_chart(base::Json const& sweep, int rounds);

/// The same as squares and bars with their places, for a template that draws them.
base::Json drawing(base::Json const& simulation);

}  // namespace consortium::flow
