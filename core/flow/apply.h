#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// How steps of one action are carried out. A step is either local (prepare, then append) or remote.
/// `prepare` does what may be slow or ask a person (sign, read a file) before the lock is taken; for a remote
/// step it looks whether that can be done. `append` only writes: local steps share one transaction. `remote`
/// runs alone, after it. What append and remote return (ids, serials, paths) goes into the operation's
/// record.
struct Applier {
    base::JsonValue (*prepare)(model::Step const&, Services&, Identity const&) = nullptr;
    base::JsonValue (*append)(model::Step const&, base::JsonValue const& prepared, Services&,
                              port::Transaction&) = nullptr;
    base::JsonValue (*remote)(model::Step const&, Services&, Identity const&) = nullptr;
};

/// Appliers by Step::action. Each noun's file offers its own; apply.cpp lists them.
Applier const& applier(std::string_view action);

/// Runs the plan's steps and journals the operation with its result, in the same transaction as the local
/// steps. The record: {"operation","request","plan","results":[…]}. The same operation id with the same
/// request returns the earlier record, or goes on where a crash left its remote steps; with another request
/// it is Error(conflict), as is a pin that no longer holds.
base::JsonValue apply(model::Plan const& plan, Services& services, Identity const& self);

/// The steps of an operation (object operation/<id>) that is open; none of one that is done.
std::vector<model::Step> open_steps(model::Object const& operation);

/// Goes on where a crash, a node that was down or an absent member left an operation open. One that is done
/// or abandoned returns its record. Throws Error(not_found).
base::JsonValue resume(std::string const& operation, Services& services, Identity const& self);

}  // namespace consortium::flow
