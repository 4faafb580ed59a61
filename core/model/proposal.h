#pragma once

#include "core/model/act.h"

#include <map>
#include <span>

namespace consortium::model {

/// What a proposal wants done: one of action_kinds() with its detail.
struct Action {
    std::string kind;        // "member.admit"
    base::JsonValue detail;  // the fields of its kind, no others
};

/// The type of one field of an action's detail.
enum class DetailType {
    name,  // [a-z0-9-]{1,63}
    text,  // 1 to 500 bytes
    instant,
    digest,  // an act, or a digest that somebody computed
    file,    // a digest whose file must be held before the proposal is accepted
    act,     // an act that must be held before the proposal is accepted
};

enum class Presence { required, optional };  // an optional field is left out where there is none

struct DetailField {
    std::string_view name;
    DetailType type;
    Presence presence = Presence::required;
};

/// Where an action takes effect once its epoch is final.
enum class Effect { epoch, nodes };

struct ActionKind {
    std::string_view name;
    std::span<DetailField const> fields;
    Effect effect;
    std::string_view summary;  // "admit a member"
};

std::span<ActionKind const> action_kinds();
ActionKind const* find_action(std::string_view name);

base::Json to_json(Action const& action);
/// Strict by the kind's fields. Throws Error(malformed), also for an unknown kind.
Action action_from_json(base::Json const& value, std::string const& pointer = "/action");
/// The member that the action is about; empty for one that is about no member.
std::string target_of(Action const& action);
/// SHA-256 of the canonical action.
base::Digest digest(Action const& action);
/// The acts and files that the action names and that must be held.
std::vector<base::Digest> named_acts(Action const& action);
std::vector<base::Digest> named_files(Action const& action);

/// What must hold in the epoch that the result is applied to; else the outcome is "void".
///   release {network, release name}   member {member, status}   network {network, identity}
///   charter {"", digest in hexadecimal}.  An empty value: there must be none.
struct Precondition {
    std::string kind, subject, value;
};

/// Where nodes go back to if an upgrade does not do there: voted on with the upgrade.
struct Rollback {
    std::string release;
    base::Digest digest;
    bool operator==(Rollback const&) const = default;
};

/// Body of an act of kind "proposal". Its base epoch is the act's epoch (PROTOCOL P3).
struct Proposal {
    std::string title;
    Action action;
    base::Instant closes;     // exclusive: a ballot received at this instant is late
    base::Instant lapses;     // no execution after it
    base::Duration timelock;  // no execution before it has passed since finality (P7)
    std::vector<Precondition> preconditions;
    std::map<std::int64_t, std::string> executor;  // step (from 1) -> member
    std::optional<Rollback> rollback;              // of release.upgrade; left out of the body where none is
    // Left out of the body at their defaults.
    std::string track = "ordinary";        // ordinary | expedited | emergency
    std::optional<base::Digest> ratifies;  // the emergency's proposal that this one makes lasting
    std::optional<base::Digest> finding;   // the act of kind "close" that it rests on
};

base::Json to_json(Proposal const& proposal);
Proposal proposal_from_json(base::Json const& value);

/// How people name a proposal or any act: "p-" and the first six digits, or as many as asked.
std::string short_name(base::Digest const& id, std::size_t digits = 6);

}  // namespace consortium::model
