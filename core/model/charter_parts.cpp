// How the parts of a charter that are about people and organizations are read: tiers, roles, approvals,
// gates, arbitration, sanctions.

#include "core/base/text.h"
#include "core/model/charter_read.h"
#include "core/model/dispute.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::model {

namespace {

constexpr std::array<std::string_view, 4> known_steps{"warn", "suspend_vote", "rotate_node", "expel"};

}  // namespace

std::span<std::string_view const> sanction_steps() {
    return known_steps;
}

}  // namespace consortium::model

namespace consortium::model::reading {

namespace {

using base::Duration;
using base::JsonReader;

constexpr std::array<std::string_view, 4> known_rights{"read", "write", "validate", "vote"};
constexpr int max_officers = 1000;

void check_odd(JsonReader& in, std::string_view key, int size) {
    if (size % 2 == 0) in.fail(key, "an even panel can be split in halves: an odd number expected");
}

}  // namespace

Tier tier(JsonReader& in, std::string const& id) {
    Tier out;
    out.id = id;
    out.rights = subset(in, "rights", "right", as_strings(known_rights));
    if (in.has("weight")) out.weight = weight(in, "weight");
    return out;
}

RoleRule role_rule(JsonReader& in, std::string const& id) {
    RoleRule out;
    out.id = id;
    if (in.has("apart")) out.apart = some_of(in, "apart", "role", as_strings(known_roles()));
    out.term = duration(in, "term", {});
    if (in.has("least")) out.least = small(in, "least", 1, max_officers);
    if (in.has("most")) out.most = small(in, "most", 1, max_officers);
    if (std::find(out.apart.begin(), out.apart.end(), id) != out.apart.end())
        in.fail("apart", fmt::format("keeps '{}' apart from itself: nobody could have it", id));
    if (out.most != 0 && out.least > out.most) in.fail("most", "fewer than the least");
    return out;
}

ApprovalRule approval_rule(JsonReader& in, std::string const& id) {
    ApprovalRule rule;
    rule.id = id;
    rule.officers = small(in, "officers", 1, max_officers);
    rule.members = small(in, "members", 1, max_officers);
    rule.roles = some_of(in, "roles", "role", as_strings(known_roles()));
    rule.exclude_proposer = truth(in, "exclude_proposer", std::nullopt);
    if (rule.members > rule.officers) {
        in.fail("members", fmt::format("{} officers cannot be of {} members", rule.officers, rule.members));
    }
    bool const robots = rule.roles == std::vector<std::string>{"automation"};
    if (robots) in.fail("roles", "automation signs no approvals: the rule could never be met");
    return rule;
}

Gate gate(JsonReader& in, std::string const& id) {
    Gate out;
    out.id = id;
    out.items = in.texts("items");
    for (std::string const& item : out.items) {
        if (!is_identifier(item)) in.fail("items", fmt::format("'{}' is not an id", base::printable(item)));
    }
    if (out.items.empty()) in.fail("items", "names no evidence");
    if (std::set(out.items.begin(), out.items.end()).size() != out.items.size()) {
        in.fail("items", "names an item twice");
    }
    out.roles = some_of(in, "roles", "role", as_strings(known_roles()));
    return out;
}

Arbitration arbitration(JsonReader in, Charter const& charter) {
    Arbitration out;
    out.panel = small(in, "panel", 1, 99);
    check_odd(in, "panel", out.panel);
    std::vector<std::string> names;
    names.reserve(charter.tiers.size());
    for (Tier const& one : charter.tiers) names.push_back(one.id);
    out.tiers = some_of(in, "tiers", "tier", names);
    out.roles = {"legal"};
    if (in.has("roles")) out.roles = some_of(in, "roles", "role", as_strings(known_roles()));
    if (in.has("strikes")) out.strikes = small(in, "strikes", 0, 10);
    out.answer = duration(in, "answer", {14 * 86'400});
    out.ruling = duration(in, "ruling", {30 * 86'400});
    out.appeal = duration(in, "appeal", {});
    if (in.has("appealed")) {
        out.appealed = small(in, "appealed", 1, 99);
        check_odd(in, "appealed", *out.appealed);
        if (out.appeal == Duration{})
            in.fail("appealed", "there is no appeal: 'appeal' says how long one may be opened");
        if (*out.appealed < out.panel) in.fail("appealed", "fewer than the panel whose ruling they look at");
    }
    if (out.answer == Duration{}) in.fail("answer", "no time to reply");
    if (out.ruling == Duration{}) in.fail("ruling", "no time to rule");
    in.done();
    return out;
}

std::vector<Sanction> ladder(JsonReader& in) {
    std::vector<Sanction> out;
    if (!in.has("sanctions")) return out;
    auto below = known_steps.begin();
    in.objects("sanctions", [&](JsonReader& rung) {
        Sanction one;
        one.step = choice(rung, "step", known_steps, "");
        one.lasts = duration(rung, "lasts", {});
        auto const at = std::find(known_steps.begin(), known_steps.end(), one.step);
        if (at < below)
            rung.fail("step", fmt::format("'{}' stands below the rungs before it, or twice", one.step));
        below = at + 1;
        if ((one.step == "suspend_vote") != (one.lasts != Duration{}))
            rung.fail("lasts", "how long belongs to step = \"suspend_vote\" and to no other");
        rung.done();
        out.push_back(std::move(one));
    });
    return out;
}

}  // namespace consortium::model::reading
