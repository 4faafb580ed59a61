#pragma once

#include "core/model/entry.h"

namespace consortium::journal {

/// What the journal folds into: the tables of a store, or a map in memory.
class Projection {
public:
    virtual ~Projection() = default;
    virtual void put(model::Object const& object) = 0;  // replaces
    virtual void erase(std::string const& kind, std::string const& name) = 0;
};

/// Folds one act: a "proposal" becomes the object proposal/<act id>, state "open", due when it closes; an
/// "invite" becomes invitation/<act id>, state "open", due when the act expires; a "dispute" becomes
/// dispute/<act id>, state "open". Data: {"body","officer","epoch"}. What an epoch enacts without ballots
/// becomes change/<act id>, state "open", data {"kind"}. Other acts write no object.
void fold_act(model::Act const& act, base::Digest const& id, std::uint64_t index, Projection& into);
/// Folds one event: its writes replace objects; a write with an empty state erases.
void fold_event(model::Event const& event, std::uint64_t index, Projection& into);
/// Folds a stored entry of any kind.
void fold(model::Entry const& entry, Projection& into);

}  // namespace consortium::journal
