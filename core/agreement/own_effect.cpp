#include "core/agreement/effect.h"
#include "core/agreement/member_effect.h"
#include "core/model/ballot.h"
#include "core/model/kind.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Json;

struct Input {
    model::Epoch& epoch;
    std::string const& member;
    std::string const& author;  // the officer who signed it
    model::OwnChange const& change;
    base::Instant when;  // as its author says
};

model::Officer* own_officer(Input const& in) {
    for (auto& officer : in.epoch.officers)
        if (officer.id == in.change.subject && officer.member == in.member && officer.status != "removed")
            return &officer;
    return nullptr;
}

std::string no_officer(Input const& in) {
    return "'" + in.member + "' has no officer '" + in.change.subject + "'";
}

/// What the charter's rules about roles say against this officer's new state.
std::string broken_duty(Input const& in, model::Officer const& changed) {
    policy::RoleChange change{policy::officers_of(in.epoch, in.member), {}, in.when, in.change.cause};
    change.after = change.before;
    auto const at = std::find_if(change.after.begin(), change.after.end(),
                                 [&](model::Officer const& one) { return one.id == changed.id; });
    if (at == change.after.end()) {
        change.after.push_back(changed);
    } else {
        *at = changed;
    }
    return policy::broken_duty(in.epoch.charter, change);
}

// An epoch is one file of at most 16 MiB that all must be able to write: no member fills it.
constexpr int most_officers = 500, most_keys = 2'000;
constexpr std::size_t most_endpoints = 500;

std::string too_many(Input const& in) {
    auto const own = [&](auto const& one) { return one.member == in.member; };
    if (std::count_if(in.epoch.officers.begin(), in.epoch.officers.end(), own) >= most_officers)
        return "'" + in.member + "' has registered as many officers as a member may";
    return {};
}

std::string too_many_keys(Input const& in) {
    auto const own = [&](model::Key const& key) { return key.member == in.member; };
    if (std::count_if(in.epoch.keys.begin(), in.epoch.keys.end(), own) >= most_keys)
        return "'" + in.member + "' has registered as many keys as a member may";
    return {};
}

std::string add_officer(Input const& in) {
    auto const& added = *in.change.officer;
    if (auto reason = too_many(in); !reason.empty()) return reason;
    constexpr std::array<std::string_view, 3> reserved{"seat", "log", "witness"};
    if (in.epoch.officer(added.id) != nullptr ||
        std::find(reserved.begin(), reserved.end(), added.id) != reserved.end())
        return "an officer '" + added.id + "' exists already, or the id is reserved";
    model::Officer officer{added.id,       in.member, added.person, added.roles,
                           added.key.id(), "active",  added.ends};
    if (auto reason = broken_duty(in, officer); !reason.empty()) return reason;
    if (auto reason = register_key(in.epoch, added.key, {in.member, added.id}); !reason.empty())
        return reason;
    insert_sorted(in.epoch.officers, std::move(officer));
    return {};
}

std::string set_roles(Input const& in) {
    auto* officer = own_officer(in);
    if (officer == nullptr) return no_officer(in);
    auto changed = *officer;
    changed.roles = in.change.roles;
    changed.ends = in.change.ends;
    if (auto reason = broken_duty(in, changed); !reason.empty()) return reason;
    *officer = std::move(changed);
    return {};
}

std::string rotate_officer(Input const& in) {
    auto* officer = own_officer(in);
    if (officer == nullptr) return no_officer(in);
    if (in.epoch.charter.rekey == "decision" && in.author != officer->id)
        return "the charter lets the members decide on a new key of '" + officer->id + "': officer.recover";
    if (auto reason = register_key(in.epoch, *in.change.key, {in.member, officer->id}); !reason.empty())
        return reason;
    end_key(in.epoch, officer->key, in.change.cause);
    officer->key = in.change.key->id();
    officer->status = "active";
    return {};
}

std::string remove_officer(Input const& in) {
    auto* officer = own_officer(in);
    if (officer == nullptr) return no_officer(in);
    auto const others =
        std::count_if(in.epoch.officers.begin(), in.epoch.officers.end(), [&](model::Officer const& other) {
            return other.member == in.member && other.status == "active" && other.id != officer->id;
        });
    if (others == 0) return "'" + officer->id + "' is the last officer of '" + in.member + "'";
    auto changed = *officer;
    changed.status = "removed";
    if (auto reason = broken_duty(in, changed); !reason.empty()) return reason;
    end_key(in.epoch, officer->key, in.change.cause);
    *officer = std::move(changed);
    return {};
}

std::string replace_key(Input const& in) {
    if (in.change.key->algorithm == "ssh") return "seat, log and witness keys are not ssh keys";
    for (auto& member : in.epoch.members) {
        if (member.id != in.member) continue;
        auto* place = in.change.subject == "seat"      ? &member.seat
                      : in.change.subject == "log"     ? &member.log
                      : in.change.subject == "witness" ? &member.witness
                                                       : nullptr;
        if (place == nullptr) return "only seat, log and witness keys are replaced so";
        if (auto reason = register_key(in.epoch, *in.change.key, {in.member, in.change.subject});
            !reason.empty())
            return reason;
        end_key(in.epoch, *place, in.change.cause);
        *place = in.change.key->id();
        return {};
    }
    return "'" + in.member + "' is not a member";
}

std::string pin_endpoint(Input const& in) {
    auto all = in.epoch.endpoints->is_object() ? *in.epoch.endpoints : Json::object();
    auto& own = all[in.member];
    if (!own.is_object()) own = Json::object();
    if (in.change.url.empty()) {
        own.erase(in.change.subject);
    } else {
        own[in.change.subject] = {{"url", in.change.url}, {"pin", in.change.pin}};
    }
    if (own.size() > most_endpoints) return "'" + in.member + "' has as many endpoints as a member may";
    if (own.empty()) all.erase(in.member);
    in.epoch.endpoints = all.empty() ? base::JsonValue() : base::JsonValue(std::move(all));
    return {};
}

struct Row {
    std::string_view kind;
    std::string (*enact)(Input const&);
};
constexpr std::array<Row, 6> rows{
    Row{"officer.add", add_officer},       Row{"officer.roles", set_roles},
    Row{"officer.rotate", rotate_officer}, Row{"officer.remove", remove_officer},
    Row{"key.replace", replace_key},       Row{"endpoint.pin", pin_endpoint}};

std::string make_ready(model::Epoch& epoch, model::Act const& act) {
    for (auto& member : epoch.members) {
        if (member.id != act.member) continue;
        if (member.votes) return "the seat of '" + member.id + "' is ready already";
        if (member.seat != act.key) return "the seat key of '" + member.id + "' is another one by now";
        member.votes = true;
    }
    return {};
}

std::string suspend(model::Epoch& epoch, model::Act const& act) {
    auto const suspension = model::suspension_from_json(*act.body);
    for (auto& officer : epoch.officers) {
        if (officer.id != suspension.officer || officer.member != act.member) continue;
        if (officer.key != suspension.key || officer.status != "active")
            return "'" + officer.id + "' has another key by now, or is not active";
        officer.status = "suspended";
        return {};
    }
    return "'" + act.member + "' has no officer '" + suspension.officer + "'";
}

/// What an officer signed counts while the officer could sign it anew.
std::string gone(model::Epoch const& current, model::Act const& act) {
    if (act.kind == "ready") return {};  // a seat's: its own key is looked at
    auto const* officer = current.officer(act.officer);
    if (officer == nullptr || officer->member != act.member || officer->status != "active")
        return "'" + act.officer + "', who signed it, is no active officer of '" + act.member + "' by now";
    auto const* key = current.key(act.key);
    if (officer->key != act.key || key == nullptr || key->status != "active")
        return "'" + act.officer + "', who signed it, has another key by now";
    auto const* kind = model::find_kind(act.kind);
    if (kind == nullptr || !model::has_role(*kind, officer->roles_at(act.time)))
        return "'" + act.officer + "', who signed it, has not the role for it by now";
    return {};
}

bool signed_by_removed(model::Epoch const& epoch, model::Act const& act) {
    auto const* key = epoch.key(act.key);
    return key == nullptr || key->status == "removed";
}

}  // namespace

std::string enact_own(model::Epoch& next, model::Epoch const& current, model::Act const& act) {
    auto const* member = next.member(act.member);
    if (member == nullptr || (member->status != "active" && member->status != "suspended"))
        return "'" + act.member + "' is not a member";
    if (signed_by_removed(next, act)) return "the key that signed it was removed";
    if (auto reason = gone(current, act); !reason.empty()) return reason;
    if (act.kind == "ready") return make_ready(next, act);
    if (act.kind == "suspend") return suspend(next, act);
    auto const change = model::own_change_from_json(*act.body);
    Input const in{next, act.member, act.officer, change, act.time};
    if (change.key || change.officer)
        if (auto reason = too_many_keys(in); !reason.empty()) return reason;
    for (auto const& row : rows)
        if (row.kind == change.kind) return row.enact(in);
    return "no such change";
}

}  // namespace consortium::agreement
