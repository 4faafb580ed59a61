#pragma once

#include "cli/session.h"
#include "cli/spec.h"

namespace consortium::cli {

model::Outcome node_health(Session& session, model::Request const& request);
model::Outcome node_metrics(Session& session, model::Request const& request);

// Whether nodes are well, for people and for monitors; node.cpp lists them.

inline constexpr Operand one_node_or_all{"NODE", Kind::name, "name of the node; all nodes if left out",
                                         Need::optional};
inline constexpr Flag node_health_flags[] = {
    {"--watch", Kind::toggle, "", "ask again and again, and show what changes"},
    {"--every",
     Kind::duration,
     "DURATION",
     "with --watch: how long to wait between two looks",
     Need::optional,
     {},
     "PT10S"},
    {"--rounds", Kind::integer, "N", "with --watch: look at most so many times"},
    {"--until", Kind::choice, "WHAT", "with --watch: end when all are well, or when one is not",
     Need::optional, "well|wrong"},
};
inline constexpr Example node_health_examples[] = {
    {"consortium node health", "all nodes at once"},
    {"consortium node health n1 --format json", "one, for programs"},
    {"consortium node health --watch --until well --rounds 60", "after a restart, for ten minutes at most"},
};
inline constexpr base::Code node_health_codes[] = {base::Code::not_found, base::Code::not_authorized,
                                                   base::Code::pending, base::Code::verification_failed,
                                                   base::Code::unavailable};
inline constexpr Command node_health_command{
    .noun = "node",
    .verb = "health",
    .effect = Effect::read,
    .summary = "ask whether nodes are well",
    .operand = one_node_or_all,
    .flags = node_health_flags,
    .description =
        "A node is well if its latest block is young, it has peers and it does not lag behind. That it "
        "answers is not enough: nodes call themselves ready on a chain that stands still. All nodes are "
        "asked at once, and those of one network are compared: one that is more than 10 blocks behind the "
        "highest does not keep up, and several versions on one network are warned of.\n\n"
        "Exit 7 if a node is not well, 9 if one cannot be reached. With --watch the last look decides; where "
        "--rounds ends before what --until waits for has come, exit 6.",
    .examples = node_health_examples,
    .codes = node_health_codes,
    .handler = node_health,
};

inline constexpr Example node_metrics_examples[] = {
    {"consortium node metrics -o /var/lib/prometheus/node-exporter/consortium.prom",
     "for the folder that Prometheus' node exporter reads, written by a timer"},
    {"consortium node metrics n1", "one node"},
};
inline constexpr base::Code node_metrics_codes[] = {base::Code::not_found, base::Code::not_authorized};
inline constexpr Command node_metrics_command{
    .noun = "node",
    .verb = "metrics",
    .effect = Effect::read,
    .summary = "write what nodes say of themselves for Prometheus",
    .operand = one_node_or_all,
    .description =
        "Asks as 'node health' does, and prints Prometheus' text format. A node that is down or not well is "
        "said in it (consortium_node_up, consortium_node_well, consortium_node_finding) and is no failure of "
        "the command, so that an alarm has one place. With -o the file is exchanged in one step. "
        "consortium_asked_timestamp_seconds tells an old file from a new one.\n\n"
        "Of each node, with the labels node, member and network: consortium_node_up, it answered; "
        "consortium_node_well, all that was looked at is as it should be; consortium_node_finding, each look "
        "under the label finding (block age, peers, in step, finality, keeps up); consortium_node_block and "
        "consortium_node_block_age_seconds, its latest block; consortium_node_peers, to how many it is "
        "connected; consortium_node_info, its software under the label version.",
    .examples = node_metrics_examples,
    .codes = node_metrics_codes,
    .handler = node_metrics,
};

}  // namespace consortium::cli
