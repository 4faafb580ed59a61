#pragma once

#include "core/flow/node_probe.h"
#include "core/flow/rotation.h"

namespace consortium::flow {

/// Printable, and no longer than this many bytes (at least 3): what is longer is cut between characters.
std::string shortened(std::string_view text, std::size_t most);

/// What was seen of a node from outside, for who asks whether it has followed a rotation.
struct Sight {
    std::string member, node;
    bool seen = false;       // it showed something
    bool old_alone = false;  // what it presents is certified by the old root and by no other
    std::string words;       // what was seen, or why nothing was: bounded, one line
    std::string against;     // what contradicts that it has followed; empty: nothing does
};

/// The root before the rotation and the one after it, as members agreed on them once or as they are held
/// here. Neither where they are not known.
TrustSets rotation_roots(State const& state, Rotation const& rotation);

/// Looks at these endpoints at once ({member: {node: {"url","pin"}}}), each for as long as `within` at most;
/// by member and node. Without a probe nobody looks, and the words say so. What a server presents says
/// nothing of what it trusts; the authorities that it names when it asks for a client's certificate do.
std::vector<Sight> look_at(State const& state, Services const& services, Rotation const& rotation,
                           base::Json const& endpoints, base::Duration within);

}  // namespace consortium::flow
