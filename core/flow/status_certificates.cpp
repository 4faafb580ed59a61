#include "core/base/text.h"
#include "core/flow/certificate_pending.h"
#include "core/flow/status_parts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow::status_parts {

namespace {

/// Whether an approval of this officer is one of those that are missing.
bool may_approve(State const& state, PendingCertificate const& pending) {
    if (state.self.officer.empty()) return false;
    model::Request const request{"approval sign", base::JsonValue(base::Json{{"operand", pending.serial}})};
    return plan_approval_sign(state, request).verdict.allowed();
}

Line line_of(State const& state, PendingCertificate const& pending) {
    auto const name = "certificate " + base::printable(pending.subject);
    if (pending.lapses <= state.now)
        return {"wrong", name, "lapsed before it was signed, " + base::relative(pending.lapses, state.now),
                "consortium cert withdraw " + pending.serial};
    auto const profile = profile_now(state, pending);
    if (!profile)
        return {"wrong", name, "the charter has its profile no more",
                "consortium cert withdraw " + pending.serial};
    auto const verdict = pending_approvals(state, pending);
    if (verdict.allowed())
        return {"waits for you", name, "approved, not signed yet",
                "consortium cert issue --pending " + pending.serial};
    auto words = fmt::format("{} by rule '{}'", verdict.state, profile->approval);
    if (!verdict.missing.empty()) words += "; missing: " + base::join(verdict.missing, ", ");
    words += fmt::format("; lapses {}", base::relative(pending.lapses, state.now));
    if (may_approve(state, pending))
        return {"waits for you", name, words, "consortium approval sign " + pending.serial};
    return {"waits for others", name, words, "consortium cert show " + pending.serial};
}

}  // namespace

void add_pending_certificates(View const& view, std::vector<Line>& lines) {
    if (!view.epoch) return;
    std::vector<PendingCertificate> waiting;
    port::ObjectQuery query{.kind = "certificate-request", .state = "pending"};
    query.limit = most_lines;
    view.store.objects(query,
                       [&](model::Object const& object) { waiting.push_back(pending_from_object(object)); });
    if (waiting.empty()) return;
    // The whole epoch is needed only where something waits for it.
    State const state{view.store, view.store.latest(), view.now, view.self};
    for (auto const& each : waiting) lines.push_back(line_of(state, each));
}

}  // namespace consortium::flow::status_parts
