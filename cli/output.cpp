#include "cli/output.h"

#include "cli/table.h"
#include "cli/terminal.h"
#include "core/base/csv.h"
#include "core/base/file.h"
#include "core/base/text.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <unistd.h>

namespace consortium::cli {

namespace {

using base::Json;
using model::Outcome;

constexpr int standard_output = 1;
constexpr int standard_error = 2;

/// Control characters and overrides of the writing direction inside strings become \u escapes; invalid UTF-8
/// is replaced, never an exception.
std::string json_text(Json const& value, int indent) {
    return value.dump(indent, ' ', true, Json::error_handler_t::replace);
}

Json envelope(Outcome const& outcome) {
    return Json{{"schema", outcome.schema},
                {"data", *outcome.data},
                {"warnings", outcome.warnings},
                {"next", outcome.next}};
}

/// The items of a list, or the record itself.
std::vector<Json> items_of(Outcome const& outcome) {
    auto const& data = *outcome.data;
    if (data.is_object() && data.contains("items") && data["items"].is_array()) {
        return data["items"].get<std::vector<Json>>();
    }
    return {data};
}

std::string lines_text(Outcome const& outcome) {
    std::string text;
    for (auto const& item : items_of(outcome)) text += json_text(item, -1) + '\n';
    return text;
}

std::string cell(Json const& value) {
    std::string text;
    if (value.is_string()) {
        text = base::printable(value.get_ref<std::string const&>());
    } else if (!value.is_null()) {
        text = json_text(value, -1);
    }
    return base::csv_cell(text);
}

/// RFC 4180, line feeds only; the header names every field that any item has.
std::string csv_text(Outcome const& outcome) {
    auto const items = items_of(outcome);
    std::set<std::string> columns;
    for (auto const& item : items) {
        if (!item.is_object()) continue;
        for (auto const& [key, value] : item.items()) columns.insert(key);
    }
    std::string text;
    auto const add_row = [&](auto const& cell_of) {
        std::string_view separator;
        for (auto const& column : columns) text.append(std::exchange(separator, ",")).append(cell_of(column));
        text += '\n';
    };
    add_row([](std::string const& column) { return cell(column); });
    for (auto const& item : items) {
        add_row([&](std::string const& column) {
            return item.is_object() && item.contains(column) ? cell(item[column]) : std::string{};
        });
    }
    return text;
}

std::string people_text(Outcome const& outcome) {
    std::string text;
    for (auto const& paragraph : outcome.text) {
        if (!text.empty() && paragraph.index() != 0) text += '\n';
        text += std::visit([](auto const& part) { return render(part); }, paragraph);
    }
    return text;
}

/// False with errno when the descriptor does not take it.
bool write_all(int descriptor, std::string_view text) noexcept {
    while (!text.empty()) {
        auto const count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

std::string coloured(std::string text, std::string_view colour) {
    auto const end = text.find('\n');
    return "\033[" + std::string(colour) + "m" + text.insert(end, "\033[0m");
}

bool is_no(Outcome const& outcome) {
    return outcome.status && *outcome.status != base::Code::pending;
}

}  // namespace

std::string data_text(Outcome const& outcome, Format format) {
    switch (format) {
        case Format::json:
            return json_text(envelope(outcome), 2) + '\n';
        case Format::jsonl:
            return lines_text(outcome);
        case Format::csv:
            return csv_text(outcome);
        case Format::text:
            break;
    }
    return outcome.raw.empty() ? people_text(outcome) : outcome.raw;
}

std::string words_text(Outcome const& outcome) {
    std::string text;
    for (auto const& warning : outcome.warnings) text += "warning: " + base::printable(warning) + '\n';
    for (auto const& step : outcome.by_hand) text += "by hand: " + base::printable(step) + '\n';
    for (auto const& next : outcome.next) text += "next: " + base::printable(next) + '\n';
    return text;
}

std::string error_text(base::Error const& error) {
    std::string text = "consortium: " + base::printable(error.message()) + '\n';
    for (auto const& [key, value] : error.details()) {
        if (value.empty()) continue;
        text += "  " + base::printable(key) + ": " + base::printable(value) + '\n';
    }
    if (!error.hint().empty()) text += "  hint: " + base::printable(error.hint()) + '\n';
    return text;
}

std::string error_json(base::Error const& error, std::string_view operation) {
    auto const& about = base::info(error.code());
    Json details = Json::object();
    for (auto const& [key, value] : error.details()) details[key] = value;
    auto const or_null = [](std::string_view text) { return text.empty() ? Json() : Json(text); };
    Json const record{
        {"code", about.name},   {"message", error.message()}, {"hint", or_null(error.hint())},
        {"retry", about.retry}, {"details", details},         {"operation", or_null(operation)}};
    return json_text(record, -1) + '\n';
}

bool for_people(Common const& common) {
    return common.format == Format::text && common.out.empty() && is_terminal(standard_output);
}

bool names_file(Common const& common) {
    return !common.out.empty() && common.out != "-" && !std::filesystem::is_directory(common.out);
}

void write_outcome(Outcome const& outcome, Common const& common) {
    auto const text = data_text(outcome, common.format);
    // What is only planned leaves the file as it is, which may be what was made the last time.
    bool const only_planned = common.dry_run || !common.save_plan.empty();
    if (names_file(common) && !only_planned && !is_no(outcome)) {
        base::write_file(common.out, text,
                         outcome.is_private ? base::FileMode::owner : base::FileMode::shared);
    } else {
        write_data(text);
    }
    bool const in_data = common.format == Format::json;
    if (common.verbosity >= 0 && !in_data) write_words(words_text(outcome));
}

base::Error done_but_not_shown(base::Error const& error, std::string const& operation) {
    return {base::Code::partial, error.message(),
            "it was done, do not repeat it: run 'consortium operation show " + operation +
                " --format json' for its results",
            error.details()};
}

void write_error(base::Error const& error, Common const& common) {
    bool const for_program = common.format == Format::json || common.format == Format::jsonl;
    if (for_program) {
        write_words(error_json(error, common.operation));
    } else if (is_coloured(standard_error, common.color)) {
        write_words(coloured(error_text(error), "1;31"));
    } else {
        write_words(error_text(error));
    }
}

void write_data(std::string_view text) {
    if (write_all(standard_output, text) || errno == EPIPE) return;
    throw base::Error(base::Code::storage,
                      std::string("cannot write to standard output: ") + std::strerror(errno));
}

void write_words(std::string_view text) noexcept {
    write_all(standard_error, text);
}

int exit_status(Outcome const& outcome, Common const& common) {
    if (!outcome.status) return 0;
    bool const pending = *outcome.status == base::Code::pending;
    return pending && common.wait_ok ? 0 : base::info(*outcome.status).exit_status;
}

}  // namespace consortium::cli
