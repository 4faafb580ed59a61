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
    virtual std::optional<std::string> file(base::Digest const& digest) const = 0;
    virtual bool has_file(base::Digest const& digest) const = 0;
    /// Final epochs only. latest() is none in a workspace that has not joined.
    virtual std::shared_ptr<model::Epoch const> epoch(std::uint64_t number) const = 0;
    virtual std::shared_ptr<model::Epoch const> latest() const = 0;
};

}  // namespace consortium::port
