#include "core/agreement/effect.h"
#include "core/model/ballot.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Json;

struct Input {
    model::Epoch& epoch;
    std::string const& member;
    model::OwnChange const& change;
};

template <typename T>
void insert_sorted(std::vector<T>& list, T item) {
    auto const at = std::lower_bound(list.begin(), list.end(), item,
                                     [](T const& left, T const& right) { return left.id < right.id; });
    list.insert(at, std::move(item));
}

model::Officer* own_officer(Input const& in) {
    for (auto& officer : in.epoch.officers)
        if (officer.id == in.change.subject && officer.member == in.member && officer.status != "removed")
            return &officer;
    return nullptr;
}

std::string no_officer(Input const& in) {
    return "'" + in.member + "' has no officer '" + in.change.subject + "'";
}

void end_key(model::Epoch& epoch, base::Digest const& id, std::string const& cause) {
    for (auto& key : epoch.keys) {
        if (key.id != id) continue;
        key.status = cause.empty() ? "retired" : "removed";
        key.cause = cause;
    }
}

std::string register_key(Input const& in, model::NewKey const& key, std::string const& owner) {
    if (in.epoch.key(key.id()) != nullptr) return "that key was registered before; each key once, ever";
    insert_sorted(in.epoch.keys, model::Key{key.id(), key.algorithm, key.spki, in.member, owner, "active", "",
                                            in.epoch.number});
    return {};
}

std::string add_officer(Input const& in) {
    auto const& added = *in.change.officer;
    constexpr std::array<std::string_view, 3> reserved{"seat", "log", "witness"};
    if (in.epoch.officer(added.id) != nullptr ||
        std::find(reserved.begin(), reserved.end(), added.id) != reserved.end())
        return "an officer '" + added.id + "' exists already, or the id is reserved";
    if (auto reason = register_key(in, added.key, added.id); !reason.empty()) return reason;
    insert_sorted(in.epoch.officers,
                  model::Officer{added.id, in.member, added.person, added.roles, added.key.id(), "active"});
    return {};
}

std::string set_roles(Input const& in) {
    auto* officer = own_officer(in);
    if (officer == nullptr) return no_officer(in);
    officer->roles = in.change.roles;
    return {};
}

std::string rotate_officer(Input const& in) {
    auto* officer = own_officer(in);
    if (officer == nullptr) return no_officer(in);
    if (auto reason = register_key(in, *in.change.key, officer->id); !reason.empty()) return reason;
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
    end_key(in.epoch, officer->key, in.change.cause);
    officer->status = "removed";
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
        if (auto reason = register_key(in, *in.change.key, in.change.subject); !reason.empty()) return reason;
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

bool signed_by_removed(model::Epoch const& epoch, model::Act const& act) {
    auto const* key = epoch.key(act.key);
    return key == nullptr || key->status == "removed";
}

}  // namespace

std::string enact_own(model::Epoch& epoch, model::Act const& act) {
    auto const* member = epoch.member(act.member);
    if (member == nullptr || member->status != "active") return "'" + act.member + "' is not a member";
    if (signed_by_removed(epoch, act)) return "the key that signed it was removed";
    if (act.kind == "ready") return make_ready(epoch, act);
    if (act.kind == "suspend") return suspend(epoch, act);
    auto const change = model::own_change_from_json(*act.body);
    for (auto const& row : rows)
        if (row.kind == change.kind) return row.enact({epoch, act.member, change});
    return "no such change";
}

}  // namespace consortium::agreement
