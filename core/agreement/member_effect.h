#pragma once

#include "core/model/epoch.h"
#include "core/model/own_change.h"
#include "core/model/proposal.h"

#include <algorithm>

namespace consortium::agreement {

// What is decided about a member or its officer. Empty: done; else why it cannot be, and the epoch is
// unchanged.
std::string set_tier(model::Epoch& epoch, model::Proposal const& proposal);
std::string suspend_member(model::Epoch& epoch, model::Proposal const& proposal);
std::string reinstate_member(model::Epoch& epoch, model::Proposal const& proposal);
std::string recover_officer(model::Epoch& epoch, model::Proposal const& proposal);

/// Ends the suspensions whose end is not later than this instant: the close of a proposal that was passed,
/// the only time that all agree on.
void lift_suspensions(model::Epoch& epoch, base::Instant closed);

template <typename T>
void insert_sorted(std::vector<T>& list, T item) {
    auto const at = std::lower_bound(list.begin(), list.end(), item,
                                     [](T const& left, T const& right) { return left.id < right.id; });
    list.insert(at, std::move(item));
}

/// Whose a key is: an officer's, or the member's "seat", "log" or "witness".
struct KeyOwner {
    std::string member, owner;
};
/// Empty: done; else why not: each key is registered once, ever.
std::string register_key(model::Epoch& epoch, model::NewKey const& key, KeyOwner const& owner);
/// Retired where there is no cause, else removed: what it signed and no epoch has enacted does not count.
void end_key(model::Epoch& epoch, base::Digest const& id, std::string const& cause);

}  // namespace consortium::agreement
