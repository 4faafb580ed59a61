#include "cli/command/audit_recover.h"

#include "cli/place.h"
#include "core/flow/recover.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

model::Outcome audit_recover(Session& session, model::Request const& request) {
    auto const& arguments = *request.arguments;
    bool const asks = !arguments.contains("cause") && !arguments.value("newest", false);
    if (auto progress = flow::recovery_progress(session.state()); progress && asks)
        return *std::move(progress);
    auto const [place, unread] = place_if_reached(session, request);
    auto const loss = flow::look_for_loss(session.services(), session.self(), place.get(), unread);
    auto outcome = session.carry_out(flow::plan_recover(session.state(), request, loss));
    bool const done = !outcome.status && outcome.schema == "consortium.operation/1";
    if (auto progress = done ? flow::recovery_progress(session.state()) : std::nullopt) {
        outcome.text.insert(outcome.text.end(), progress->text.begin(), progress->text.end());
        outcome.next = std::move(progress->next);
    }
    return outcome;
}

}  // namespace consortium::cli
