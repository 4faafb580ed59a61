#pragma once

#include "core/model/node.h"

#include <optional>

namespace consortium::port {

/// What a bundle that members have agreed on asks of a node, compared with the one before it.
struct TrustChange {
    bool adds = false;      // a root that was not trusted
    bool removes = false;   // a root that was
    bool presents = false;  // chains are presented under another root
    std::int64_t version = 0;
};

/// What a node's owner does for that.
struct NodeWork {
    std::vector<std::string> files;  // commands of this program that write what is placed
    std::vector<std::string> steps;  // by hand, in order, one line each
    std::string restart;             // what has to be restarted or read again
    bool stops = false;              // the node is down meanwhile: one at a time
};

/// What is known about nodes of each kind and is done by people: asks nobody. A kind that is not known gets
/// what holds for any server.
class NodeGuide {
public:
    virtual ~NodeGuide() = default;
    virtual NodeWork follow(std::string_view kind, TrustChange const& change) const = 0;
    /// How others keep this node out of its network while it has not followed, in order: commands of this
    /// program
    /// ("consortium …") where there are such, else what is done by hand.
    virtual std::vector<std::string> keep_out(model::Node const& node) const = 0;
    /// How many of so many voters may be down while the network goes on. None: it is not known for that kind.
    virtual std::optional<int> may_be_down(std::string_view kind, int voters) const = 0;
};

}  // namespace consortium::port
