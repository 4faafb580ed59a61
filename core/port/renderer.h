#pragma once

#include "core/base/json.h"

#include <functional>

namespace consortium::port {

/// Turns a record into a document for people.
class Renderer {
public:
    /// The text of a template by its file name. Throws Error(not_found).
    using Templates = std::function<std::string(std::string_view name)>;

    virtual ~Renderer() = default;
    /// Fills the template `name` with `data`; templates may include others. Every name that a template uses
    /// must be in the data. Throws Error(configuration) naming the template and what is missing or malformed
    /// in it.
    virtual std::string render(std::string_view name, Templates const& templates,
                               base::JsonValue const& data) const = 0;
};

}  // namespace consortium::port
