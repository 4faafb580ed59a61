#include "core/flow/epoch_words.h"

#include "core/agreement/finality.h"
#include "core/base/text.h"
#include "core/model/ballot.h"
#include "core/model/own_change.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ranges>

namespace consortium::flow {

using base::Digest;

namespace {

struct Row {
    std::string_view kind;
    std::string_view words;  // of member and subject
};
constexpr std::array<Row, 6> own_rows{Row{"officer.add", "'{}' added the officer '{}'"},
                                      Row{"officer.roles", "'{}' changed the roles of '{}'"},
                                      Row{"officer.rotate", "'{}' gave '{}' a new key"},
                                      Row{"officer.remove", "'{}' removed the officer '{}'"},
                                      Row{"key.replace", "'{}' replaced its {} key"},
                                      Row{"endpoint.pin", "'{}' pinned the endpoint of '{}'"}};

std::string own_in_words(model::Act const& act) {
    auto const change = model::own_change_from_json(*act.body);
    auto const subject = change.officer ? change.officer->id : change.subject;
    std::string words = act.member + " changed what is its own";
    for (auto const& row : own_rows)
        if (row.kind == change.kind)
            words = fmt::format(fmt::runtime(row.words), act.member, base::printable(subject));
    if (!change.cause.empty()) words += " (" + base::printable(change.cause) + ")";
    return words;
}

std::string joined(std::vector<std::string> const& parts) {
    return base::join(parts, "; ");
}

}  // namespace

std::string in_words(model::Result const& result) {
    auto const* kind = model::find_action(result.action);
    auto const what = kind != nullptr ? std::string(kind->summary) : result.action;
    auto words = fmt::format("{} {}: {}", model::short_name(result.proposal), result.outcome, what);
    for (auto const* key : {"id", "member", "release", "network", "address"}) {
        auto const& detail = *result.detail;
        if (detail.is_object() && detail.contains(key) && detail[key].is_string()) {
            words += " " + base::printable(detail[key].get<std::string>());
        }
    }
    if (!result.reason.empty()) words += " (" + base::printable(result.reason) + ")";
    return words;
}

Deciders deciders(port::Evidence const& evidence, model::Result const& result) {
    Deciders out;
    if (auto const proposal = evidence.act(result.proposal)) {
        out.proposer = proposal->act.member;
        out.officer = proposal->act.officer;
    }
    for (auto const& id : result.counted) {
        auto const held = evidence.act(id);
        if (held && held->act.kind == "ballot")
            out.choices[model::ballot_from_json(*held->act.body).choice].push_back(held->act.member);
        if (held && held->act.kind == "recuse") out.choices["recused"].push_back(held->act.member);
    }
    for (auto& [choice, members] : out.choices) std::sort(members.begin(), members.end());
    for (auto const& [id, reason] : result.excluded) ++out.excluded[reason];
    return out;
}

std::string in_words(Deciders const& by) {
    std::vector<std::string> parts;
    if (!by.proposer.empty())
        parts.push_back(fmt::format("proposed by '{}' of '{}'", by.officer, by.proposer));
    for (auto const& [choice, who] : std::views::reverse(by.choices))  // yes before no
        parts.push_back(base::printable(choice) + ": " + base::join(who, ", "));
    std::vector<std::string> left_out;
    left_out.reserve(by.excluded.size());
    for (auto const& [reason, count] : by.excluded) left_out.push_back(fmt::format("{} {}", count, reason));
    if (!left_out.empty()) parts.push_back("left out: " + base::join(left_out, ", "));
    return joined(parts);
}

std::string change_in_words(port::Evidence const& evidence, Digest const& id) {
    auto const held = evidence.act(id);
    if (!held) return "a change that is not held here, " + id.brief();
    auto const& act = held->act;
    if (act.kind == "ready") return fmt::format("the seat of '{0}' is ready: '{0}' votes", act.member);
    if (act.kind == "suspend")
        return fmt::format("'{}' suspended the key of '{}'", act.member,
                           base::printable(model::suspension_from_json(*act.body).officer));
    return own_in_words(act);
}

Agreed agreed(port::Evidence const& evidence, model::Epoch const& epoch, std::int64_t attempt,
              std::vector<Digest> const& commits) {
    Agreed out;
    out.attempt = attempt;
    if (epoch.number == 0) return out;
    if (auto const before = evidence.epoch(epoch.number - 1))
        out.leader = agreement::leader(*before, attempt);
    for (auto const& id : commits)
        if (auto const commit = evidence.act(id)) out.members.push_back(commit->act.member);
    std::sort(out.members.begin(), out.members.end());
    return out;
}

}  // namespace consortium::flow
