#pragma once

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

model::Outcome root_nodes(Session& session, model::Request const& request);

// What each node does in a rotation's present phase; root.cpp lists it.

inline constexpr Flag root_nodes_flags[] = {
    {"--all", Kind::toggle, "", "those of all members, not of this one alone"},
};
inline constexpr Example root_nodes_examples[] = {
    {"consortium root nodes", "what is done at this member's nodes now, one after the other"},
    {"consortium root nodes --all --format json", "at everybody's, for programs"},
};
inline constexpr base::Code root_nodes_codes[] = {base::Code::not_found, base::Code::refused};
inline constexpr Command root_nodes_command{
    .noun = "root",
    .verb = "nodes",
    .effect = Effect::read,
    .summary = "list what is done at each node for the bundle in force",
    .flags = root_nodes_flags,
    .description =
        "In the order in which it is done: of each network those that cannot be validators first. For each "
        "kind "
        "of node: the commands that write the files which are placed, where they go, what has to be "
        "restarted "
        "or read again; then how it is confirmed from outside, and what is stated after that. What is asked "
        "follows from the bundle in force and the one before it: to trust other roots, to present the chain "
        "under another one, or both.\n\n"
        "One node at a time, over all members. How many may be down is counted from the voters that one of "
        "this "
        "member's nodes names, with those that are down already; where none says so it is unknown, and that "
        "is "
        "printed.\n\n"
        "Nothing is changed: the owners of nodes do it, and say so with 'root ack'.",
    .examples = root_nodes_examples,
    .codes = root_nodes_codes,
    .handler = root_nodes,
};

}  // namespace consortium::cli
