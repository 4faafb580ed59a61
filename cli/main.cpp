#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"
#include "cli/process.h"
#include "cli/suggest.h"

#include <new>
#include <nlohmann/json.hpp>

namespace {

using namespace consortium;
using base::Code;
using base::Error;

/// The operation that the command carried out; empty if it changed nothing.
std::string carried_out(cli::Command const& command, model::Outcome const& outcome) {
    bool const applied = command.effect != cli::Effect::read && outcome.schema == "consortium.operation/1";
    return applied ? outcome.data->value("operation", std::string()) : std::string();
}

/// People at a terminal see the charter's time zone besides UTC.
model::Outcome as_shown(cli::Session& session, model::Outcome const& outcome) {
    auto const& common = session.common();
    if (!cli::for_people(common)) return outcome;
    auto const text = cli::data_text(outcome, common.format) + cli::words_text(outcome);
    return session.local_times(text).in(outcome);
}

int dispatch(std::span<std::string const> words, cli::Common& common) {
    auto const invocation = cli::parse(words);
    common = invocation.common;
    if (invocation.command == nullptr) {
        cli::write_data(cli::help_text(invocation.topic));
        return 0;
    }
    cli::Session session(invocation.common);
    if (cli::needs_no_settings(*invocation.command)) session.read_settings_above_files();
    session.settings();
    common = session.common();
    auto const outcome = session.run(*invocation.command, invocation.request);
    try {
        cli::write_outcome(as_shown(session, outcome), common);
    } catch (Error const& error) {
        auto const operation = carried_out(*invocation.command, outcome);
        if (operation.empty() || error.code() != Code::storage) throw;
        throw cli::done_but_not_shown(error, operation);
    }
    return cli::exit_status(outcome, common);
}

int report(Error const& error, cli::Common const& common) {
    cli::write_error(error, common);
    bool const waits = error.code() == Code::pending && common.wait_ok;
    return waits ? 0 : base::info(error.code()).exit_status;
}

}  // namespace

int main(int count, char** texts) {
    cli::prepare_process();
    std::vector<std::string> const words(texts + 1, texts + std::max(count, 1));
    cli::Common common;
    common.format = cli::format_asked_for(words);
    try {
        return dispatch(words, common);
    } catch (Error const& error) {
        return report(error, common);
    } catch (std::bad_alloc const&) {
        return report(Error(Code::storage, "out of memory"), common);
    } catch (std::exception const& defect) {
        return report(
            Error(Code::internal, defect.what(), "this is a defect of this program; please report it"),
            common);
    }
}
