#include "cli/output.h"

#include "cli/table.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

model::Outcome outcome_with(Json data) {
    model::Outcome outcome;
    outcome.schema = "consortium.test/1";
    outcome.data = base::JsonValue(std::move(data));
    return outcome;
}

}  // namespace

TEST_CASE("the envelope has its four fields always") {
    auto const text = cli::data_text(outcome_with(Json::object()), cli::Format::json);
    auto const record = Json::parse(text);
    CHECK(record == Json{{"schema", "consortium.test/1"},
                         {"data", Json::object()},
                         {"warnings", Json::array()},
                         {"next", Json::array()}});
}

TEST_CASE("JSON escapes what could drive a terminal and survives what is not UTF-8") {
    auto const text = cli::data_text(outcome_with(Json{{"name", "a\x1b[31m\u202e\xff"}}), cli::Format::json);
    for (unsigned char const c : text) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
}

TEST_CASE("jsonl has a line an item, csv a header and quotes") {
    auto const outcome = outcome_with(
        {{"items", Json::array({{{"name", "a,b"}, {"n", 1}}, {{"name", "say \"x\""}, {"n", nullptr}}})}});
    CHECK(cli::data_text(outcome, cli::Format::jsonl) ==
          "{\"n\":1,\"name\":\"a,b\"}\n{\"n\":null,\"name\":\"say \\\"x\\\"\"}\n");
    CHECK(cli::data_text(outcome, cli::Format::csv) == "n,name\n1,\"a,b\"\n,\"say \"\"x\"\"\"\n");
}

TEST_CASE("errors read as the contract shows them") {
    base::Error const error(base::Code::pending, "cannot activate root 'r-2026': 2 of 3 approvals",
                            "ask either to run 'consortium approval sign r-2026'",
                            {{"missing", "globex, initech"}});
    CHECK(cli::error_text(error) ==
          "consortium: cannot activate root 'r-2026': 2 of 3 approvals\n"
          "  missing: globex, initech\n"
          "  hint: ask either to run 'consortium approval sign r-2026'\n");
    CHECK(cli::error_json(error, "o-1") ==
          "{\"code\":\"pending\",\"details\":{\"missing\":\"globex, initech\"},\"hint\":\"ask either to run "
          "'consortium approval sign r-2026'\",\"message\":\"cannot activate root 'r-2026': 2 of 3 "
          "approvals\",\"operation\":\"o-1\",\"retry\":true}\n");
}

TEST_CASE("hostile text cannot drive a terminal from a table, a field or an error") {
    std::string const hostile = "a\x1b]0;x\x07\nb\u202e";
    model::Outcome outcome;
    outcome.text = {hostile, model::Fields{{{hostile, hostile}}}, model::Table{{"NAME"}, {{hostile}}, {}}};
    auto text = cli::data_text(outcome, cli::Format::text);
    text += cli::error_text(base::Error(base::Code::refused, hostile, hostile, {{hostile, hostile}}));
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\x07') == std::string::npos);
    CHECK(text.find("\u202e") == std::string::npos);
}

TEST_CASE("columns line up by what a terminal shows") {
    model::Table const table{{"NAME", "SUM"}, {{"漢字", "1"}, {"abcd", "22"}}, "none"};
    CHECK(cli::render(table) == "NAME  SUM\n漢字  1\nabcd  22\n");
    CHECK(cli::render(model::Table{{"NAME"}, {}, "nothing yet"}) == "nothing yet\n");
    CHECK(cli::render(model::Fields{{{"state", "open"}, {"missing", "a\nb"}}}) ==
          "state    open\nmissing  a\n         b\n");
}

TEST_CASE("the exit status comes from the outcome's code") {
    model::Outcome outcome;
    cli::Common common;
    CHECK(cli::exit_status(outcome, common) == 0);
    outcome.status = base::Code::pending;
    CHECK(cli::exit_status(outcome, common) == 6);
    common.wait_ok = true;
    CHECK(cli::exit_status(outcome, common) == 0);
    outcome.status = base::Code::refused;
    CHECK(cli::exit_status(outcome, common) == 5);
}
