#include "cli/command/audit_recover.h"

#include "cli/place.h"
#include "cli/settings.h"
#include "core/flow/recover.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;

/// The exchange, if one is set: what it shows helps, but a journal is recovered without it too.
std::unique_ptr<port::Exchange> place_if_any(Session& session, model::Request const& request) {
    if (!has_exchange_place(session, request)) return nullptr;
    try {
        return exchange_place(session, request);
    } catch (base::Error const& error) {
        if (error.code() != Code::unavailable && error.code() != Code::not_found) throw;
        return nullptr;
    }
}

}  // namespace

model::Outcome audit_recover(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    bool const asks = !arguments.contains("cause") && !arguments.value("newest", false);
    if (auto progress = flow::recovery_progress(session.state()); progress && asks)
        return *std::move(progress);
    auto const place = place_if_any(session, request);
    auto const loss = flow::look_for_loss(session.services(), session.self(), place.get());
    auto outcome = session.carry_out(flow::plan_recover(session.state(), request, loss));
    bool const done = !outcome.status && outcome.schema == "consortium.operation/1";
    if (auto progress = done ? flow::recovery_progress(session.state()) : std::nullopt) {
        outcome.text.insert(outcome.text.end(), progress->text.begin(), progress->text.end());
        outcome.next = std::move(progress->next);
    }
    return outcome;
}

}  // namespace consortium::cli
