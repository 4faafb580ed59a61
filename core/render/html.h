#pragma once

#include "core/port/renderer.h"

namespace consortium::render {

/// HTML by Mustache templates (mustache.5): variables, sections, inverted sections, comments and partials.
/// Everything is escaped; control characters and overrides of the writing direction in values are replaced.
/// Lambdas do not exist, unescaped variables and other delimiters are refused.
///
/// Data: records are looked into by name (also "a.b"), lists repeat a section, null, false, "" and [] make it
/// empty, numbers and true print as JSON does.
port::Renderer& html_renderer();

}  // namespace consortium::render
