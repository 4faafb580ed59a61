#include "cli/spec.h"

#include "cli/man.h"
#include "cli/session.h"
#include "cli/spec_json.h"
#include "core/base/file.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

model::Outcome spec(Session&, model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::Outcome outcome;
    outcome.schema = "consortium.spec/1";
    auto const record = spec_json();
    outcome.data = base::JsonValue(record);
    if (!arguments.contains("man")) {
        outcome.text.emplace_back(base::pretty(record));
        return outcome;
    }
    base::Path const folder = arguments["man"].get<std::string>();
    base::make_folder(folder);
    for (auto const& page : manual_pages()) {
        base::write_file(folder / page.file, page.content);
        outcome.text.emplace_back(page.file);
    }
    return outcome;
}

constexpr Flag flags[] = {
    {"--man", Kind::output, "DIR", "write the manual pages to DIR instead"},
};

constexpr Command commands[] = {{
    .noun = "__spec",
    .verb = {},
    .effect = Effect::read,
    .summary = "print the table of commands as JSON",
    .operand = {},
    .flags = flags,
    .description = "For programs that build on this one, and for making its manual.",
    .examples = {},
    .codes = {},
    .handler = spec,
}};

}  // namespace

extern Noun const spec_noun;
constexpr Noun spec_noun{"TOOL", "__spec", "print the table of commands as JSON", commands};

}  // namespace consortium::cli
