#pragma once

#include "core/model/act.h"
#include "core/model/epoch.h"

namespace consortium::port {

/// Which acts to look for; empty fields match all. Results come in journal order.
struct ActQuery {
    std::string kind = {};
    std::optional<base::Digest> subject = {};
    std::optional<std::uint64_t> epoch = {};
    std::string member = {};
};

/// What a workspace holds of what was said and agreed: all that the pure layers may look at.
class Evidence {
public:
    virtual ~Evidence() = default;
    virtual std::optional<model::StoredAct> act(base::Digest const& id) const = 0;
    virtual bool has_act(base::Digest const& id) const = 0;
    virtual std::vector<model::StoredAct> acts(ActQuery const& query) const = 0;
    /// How many acts there are.
    virtual std::size_t count(ActQuery const& query) const { return acts(query).size(); }
    /// Acts of a kind that epochs decide or enact ("proposal", "own", "ready", "suspend") and that no final
    /// epoch has settled yet, in journal order. Does not grow with what was settled before.
    virtual std::vector<model::StoredAct> waiting(std::string const& kind) const = 0;
    /// The number of the final epoch that decided this proposal, or enacted this own change; none: none has.
    virtual std::optional<std::uint64_t> settled(base::Digest const& id) const = 0;
    virtual std::optional<std::string> file(base::Digest const& digest) const = 0;
    virtual bool has_file(base::Digest const& digest) const = 0;
    /// Final epochs only. latest() is none in a workspace that has not joined.
    virtual std::shared_ptr<model::Epoch const> epoch(std::uint64_t number) const = 0;
    virtual std::shared_ptr<model::Epoch const> latest() const = 0;
};

}  // namespace consortium::port
