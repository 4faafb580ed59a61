#include "core/flow/exit_case.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

bool is_own(model::Act const& act, model::ExitNotice const& notice) {
    return (act.member == notice.member) == (notice.reason == "voluntary");
}

bool ends_membership(model::Action const& action, std::string_view member) {
    return (action.kind == "member.exit" || action.kind == "member.remove") &&
           action.detail->value("member", std::string()) == member;
}

}  // namespace

std::vector<ExitCase> exit_cases(port::Store const& store) {
    std::vector<ExitCase> out;
    for (auto const& act : store.acts({.kind = "exit", .subject = {}, .epoch = {}, .member = {}})) {
        auto notice = model::exit_notice_from_json(*act.act.body);
        bool const known = std::any_of(
            out.begin(), out.end(), [&](ExitCase const& one) { return one.notice.member == notice.member; });
        if (!known && is_own(act.act, notice)) out.push_back({act, std::move(notice)});
    }
    return out;
}

ExitCase exit_case(State const& state, std::string_view member) {
    std::vector<std::string> names;
    for (auto& one : exit_cases(state.store)) {
        if (one.notice.member == member) return std::move(one);
        names.push_back(one.notice.member);
    }
    auto const near = base::nearest(member, names);
    throw base::Error(base::Code::not_found,
                      "no notice that '" + base::printable(member) + "' leaves is held here",
                      near.empty() ? "run 'consortium exit open', or 'consortium exchange sync'"
                                   : "did you mean '" + near + "'?");
}

model::Action exit_action(model::ExitNotice const& notice) {
    if (notice.reason == "voluntary") return {"member.exit", JsonValue(Json{{"member", notice.member}})};
    return {"member.remove", JsonValue(Json{{"member", notice.member}, {"reason", notice.reason}})};
}

std::optional<ExitProposal> exit_proposal(State const& state, model::ExitNotice const& notice) {
    std::optional<ExitProposal> found;
    for (auto const& act : state.store.acts({.kind = "proposal", .subject = {}, .epoch = {}, .member = {}})) {
        if (!ends_membership(model::proposal_from_json(*act.act.body).action, notice.member)) continue;
        auto const object = state.store.object("proposal", act.id.hex());
        found = ExitProposal{act.id, object ? object->state : std::string("open")};
    }
    return found;
}

bool can_waive(std::string_view gate) {
    constexpr std::array<std::string_view, 4> gates{"notice", "obligations", "settlement", "quorum"};
    return std::find(gates.begin(), gates.end(), gate) != gates.end();
}

std::vector<model::ExitGate> exit_gates(GateInput const& input) {
    return {notice_gate(input), obligations_gate(input),  settlement_gate(input),
            quorum_gate(input), certificates_gate(input), validator_gate(input)};
}

}  // namespace consortium::flow
