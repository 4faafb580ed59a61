#include "core/render/html.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <kainjow/mustache.hpp>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::render {

namespace mustache = kainjow::mustache;
using base::Code;
using base::Error;
using base::Json;

namespace {

[[noreturn]] void fail(std::string_view name, std::string const& words) {
    throw Error(Code::configuration, "template '" + std::string(name) + "': " + words, {},
                {{"template", std::string(name)}});
}

/// Line feeds stay: checkpoints have them.
std::string shown(std::string const& text) {
    auto lines = base::split(text, '\n');
    for (auto& line : lines) line = base::printable(line);
    return base::join(lines, "\n");
}

mustache::data to_data(Json const& value) {
    if (value.is_object()) {
        mustache::data out(mustache::data::type::object);
        for (auto const& [key, item] : value.items()) out.set(key, to_data(item));
        return out;
    }
    if (value.is_array()) {
        mustache::data out(mustache::data::type::list);
        for (auto const& item : value) out.push_back(to_data(item));
        return out;
    }
    if (value.is_null() || value == false) return mustache::data(false);
    if (value.is_string()) {
        auto const& text = value.get_ref<std::string const&>();
        return text.empty() ? mustache::data(false) : mustache::data(shown(text));
    }
    return mustache::data(value.dump());
}

std::string checked_template(std::string_view name, port::Renderer::Templates const& templates) {
    auto text = templates(name);
    for (std::string_view const tag : {"{{{", "{{&", "{{="})
        if (text.find(tag) != std::string::npos)
            fail(name, "'" + std::string(tag) + "' is not allowed: everything is escaped");
    return text;
}

/// A typing error in a template must not become an empty place in a signed report.
class StrictContext : public mustache::context<std::string> {
public:
    StrictContext(mustache::data const* data, std::string_view name,
                  port::Renderer::Templates const& templates)
        : context(data), m_name(name), m_templates(templates) {}

    mustache::data const* get(std::string const& name) const override {
        if (auto const* found = context::get(name)) return found;
        fail(m_name, "nothing is called '" + name + "'");
    }

    mustache::data const* get_partial(std::string const& name) const override {
        auto const known = m_partials.find(name);
        if (known != m_partials.end()) return &known->second;
        auto const text = checked_template(name, m_templates);
        if (text.find("{{>") != std::string::npos) fail(name, "an included template includes no other");
        if (mustache::mustache const part(text); !part.is_valid()) fail(name, part.error_message());
        return &m_partials.emplace(name, mustache::data(text)).first->second;
    }

private:
    std::string m_name;
    port::Renderer::Templates const& m_templates;
    mutable std::map<std::string, mustache::data> m_partials;
};

class HtmlRenderer : public port::Renderer {
public:
    std::string render(std::string_view name, Templates const& templates,
                       base::JsonValue const& data) const override {
        mustache::mustache document(checked_template(name, templates));
        if (!document.is_valid()) fail(name, document.error_message());
        auto const values = to_data(*data);
        StrictContext context(&values, name, templates);
        auto text = document.render(context);
        if (!document.is_valid()) fail(name, document.error_message());
        return text;
    }
};

}  // namespace

port::Renderer& html_renderer() {
    static HtmlRenderer renderer;
    return renderer;
}

}  // namespace consortium::render
