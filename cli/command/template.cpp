#include "cli/data.h"
#include "cli/session.h"
#include "cli/spec.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Json;

model::Outcome list(Session&, model::Request const&) {
    Json items = Json::array();
    model::Table table{{"template"}, {}, "no templates are installed"};
    for (auto const& name : template_names()) {
        items.push_back({{"name", name}, {"path", template_file(name).string()}});
        table.rows.push_back({name});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.template/1";
    outcome.data = base::JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome show(Session&, model::Request const& request) {
    auto const name = request.arguments->at("operand").get<std::string>();
    auto text = template_text(name);
    model::Outcome outcome;
    outcome.schema = "consortium.template/1";
    outcome.data = base::JsonValue(Json{{"name", name}, {"text", text}});
    outcome.text.emplace_back(std::move(text));
    return outcome;
}

constexpr Example list_examples[] = {{"consortium template list", "charters, reports and letters"}};
constexpr Example show_examples[] = {
    {"consortium template show charter/equal-partners.toml -o charter.toml",
     "start a charter from a ready one"},
};
constexpr base::Code codes[] = {base::Code::not_found};

constexpr Command commands[] = {
    {
        .noun = "template",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list the templates that come with this program",
        .operand = {},
        .flags = {},
        .description =
            "Templates are found in CONSORTIUM_DATA_DIR, beside the binary in ../share/consortium, "
            "or where the program was installed.",
        .examples = list_examples,
        .codes = codes,
        .handler = list,
    },
    {
        .noun = "template",
        .verb = "show",
        .effect = Effect::read,
        .summary = "print a template",
        .operand = {"NAME", Kind::text, "name of the template, as listed"},
        .flags = {},
        .description = "Prints it as it is; with -o into a file, to be edited.",
        .examples = show_examples,
        .codes = codes,
        .handler = show,
    },
};

}  // namespace

extern Noun const template_noun;
constexpr Noun template_noun{"TOOL", "template", "ready charters, reports and letters", commands};

}  // namespace consortium::cli
