#include "core/base/error.h"
#include "core/flow/cost_input.h"
#include "core/flow/steps.h"
#include "core/flow/usage_file.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// Rows on days on which their member was none: counted, since it was used, but said.
std::vector<std::string> warnings_of(model::Usage const& usage, model::Epoch const& epoch) {
    std::vector<std::string> out;
    auto const month = base::Month::from_text(usage.month);
    for (auto const& used : usage.members) {
        auto const* member = epoch.member(used.member);
        if (used.first < base::Day::of(member->joined_at))
            out.push_back(fmt::format("'{}' has usage from {}, but is a member only since {}", used.member,
                                      used.first.text(), member->joined_at.text()));
        if (member->left_at && used.last >= base::Day::of(*member->left_at))
            out.push_back(fmt::format("'{}' has usage until {}, but left on {}", used.member,
                                      used.last.text(), member->left_at->text()));
    }
    for (auto const& member : participants(epoch, month, &usage))
        if (usage.member(member.member) == nullptr)
            out.push_back(
                fmt::format("'{}' was a member in {} but has no usage", member.member, usage.month));
    return out;
}

void check_repeat(model::Usage const& usage, model::Usage const& earlier, bool correction) {
    if (correction) return;
    throw base::Error(base::Code::conflict,
                      fmt::format("usage of {} was imported before, from another file", usage.month),
                      "repeat the command with --correction REASON if this one is right",
                      {{"imported", earlier.file.hex()}, {"given", usage.file.hex()}});
}

model::Step import_step(model::Usage const& usage, std::optional<model::Usage> const& earlier,
                        std::optional<std::string> const& reason, State const& state) {
    Json const corrects = earlier ? Json(earlier->file.hex()) : Json();
    Json const why = reason ? Json(*reason) : Json();
    model::Object object{"usage", usage.month, "imported", state.self.member, {}, {}, 0};
    object.data = JsonValue(Json{{"usage", to_json(usage)}, {"corrects", corrects}, {"reason", why}});
    return event_step("usage.import",
                      {{"month", usage.month},
                       {"file", usage.file.hex()},
                       {"rows", usage.rows},
                       {"corrects", corrects},
                       {"reason", why}},
                      {object}, "usage of " + usage.month,
                      fmt::format("record {} rows of {} for {} members in {}, file {}", usage.rows,
                                  usage.source, usage.members.size(), usage.month, usage.file.brief()));
}

}  // namespace

model::Plan plan_cost_import(State const& state, model::Request const& request) {
    auto const& epoch = state.joined();
    auto const month = text_argument(request, "month");
    auto const reason = optional_argument(request, "correction");
    auto const usage = read_usage(text_argument(request, "operand"), usage_rules(epoch, month));
    auto const earlier = imported_usage(state.store, month);

    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    auto const object = state.store.object("usage", month);
    plan.pins["usage/" + month] = object ? object->version : 0;
    plan.verdict.next = "consortium cost allocate --month " + month;
    if (earlier && earlier->file == usage.file) return plan;
    if (earlier) check_repeat(usage, *earlier, reason.has_value());
    plan.warnings = warnings_of(usage, epoch);
    plan.steps.push_back(import_step(usage, earlier, reason, state));
    if (earlier && !held_allocations(state.store, month).empty()) plan.verdict.next += " --correction REASON";
    return plan;
}

}  // namespace consortium::flow
