#pragma once

#include "core/flow/apply.h"
#include "core/model/node.h"

#include <functional>

namespace consortium::flow {

/// One change that an enacted decision wants on one of our own nodes.
struct Task {
    model::Network network;  // as agreed: what the node must be on
    model::NodeChange change;
    base::Digest epoch;  // the epoch that enacted it
    base::Digest proposal;
    std::string node;
};

/// PROTOCOL P7: SHA-256(epoch hash ‖ network id ‖ step), the step as canonical JSON with the node in it.
base::Digest intent_id(Task const& task);

/// How far a task has come. Journaled as object intent/<id>; each state is durable before the next begins.
enum class Progress {
    none,       // nothing was done
    open,       // intended; whether the node was told is not known
    submitted,  // the node was told
    confirmed,  // seen on sealed headers or on the node, cleaned up
    abandoned,  // given up by a person
};

/// What settling a task came to.
struct Settlement {
    base::Digest intent;
    std::string node;
    Progress progress = Progress::none;
    bool unconfirmed = false;   // it holds, but not every witness could be asked
    bool contradicted = false;  // a witness shows what cannot be
    std::vector<model::Rule> witnesses;
};

/// Brings one task on, from wherever it was left: preflight, intent, submission, confirmation, clean-up,
/// outcome. The node is read before anything is sent again, so that the effect comes about once (G31).
/// Throws what the driver throws; what was journaled before stays and is taken up next time. Error(refused):
/// the preflight says no; conflict: another intent is open on the node; verification_failed: the node is on
/// another network (G32); not_authorized: the node is not ours. `require_begin` throws if nothing may be
/// begun any more; it is asked only before the intent of a change that has none: what is under way is
/// finished.
Settlement settle(Task const& task, Services& services, Identity const& self,
                  std::function<void()> const& require_begin);

/// The preflight alone: nothing is journaled or sent. Throws as settle() does.
void check(Task const& task, Services& services, Identity const& self);

/// Takes back what the node still holds of an unsettled task, and journals that it was given up.
Settlement abandon(Task const& task, Services& services, Identity const& self);

/// What is journaled of a task, without asking the node.
struct IntentRecord {
    Progress progress = Progress::none;
    /// {network, node, kind, subject, detail, epoch, proposal, steps, outcome, sealed: the block that was
    /// sealed when it was confirmed, or null, history:[{state, time, officer}]}
    base::JsonValue data;
};
IntentRecord read_intent(port::Store const& store, base::Digest const& id);
std::string_view progress_name(Progress progress);

}  // namespace consortium::flow
