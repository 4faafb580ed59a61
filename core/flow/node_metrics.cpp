#include "core/base/text.h"
#include "core/flow/node_health.h"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;

namespace {

/// Prometheus' text format: "label_value can be any sequence of UTF-8 characters, but the backslash,
/// double-quote and line feed characters have to be escaped".
std::string escaped(std::string_view value) {
    std::string out;
    for (char const c : base::printable(value)) {
        if (c == '\\' || c == '"') out += '\\';
        out += c;
    }
    return out;
}

using Labels = std::vector<std::pair<std::string_view, std::string>>;

Labels labels_of(model::Node const& node) {
    return {{"node", node.id}, {"member", node.member}, {"network", node.network}};
}

/// One metric after the other, each with all its samples, as the format wants them.
class Exposition {
public:
    void metric(std::string_view name, std::string_view help) {
        m_name = name;
        m_text += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
    }
    void sample(Labels const& labels, std::int64_t value) {
        std::vector<std::string> parts;
        for (auto const& [name, text] : labels)
            parts.push_back(fmt::format("{}=\"{}\"", name, escaped(text)));
        m_text += fmt::format("{}{{{}}} {}\n", m_name, base::join(parts, ","), value);
    }
    std::string text() const { return m_text; }

private:
    std::string_view m_name;
    std::string m_text;
};

/// A number that a node which answers has.
using Reading = std::optional<std::int64_t> (*)(model::Health const&);
struct Gauge {
    std::string_view name, help;
    Reading read;
};
constexpr Gauge gauges[] = {
    {"consortium_node_well", "Whether a node that answers is well: 1, or 0.",
     [](model::Health const& health) -> std::optional<std::int64_t> { return health.ok ? 1 : 0; }},
    {"consortium_node_block", "Number of the latest block that a node has.",
     [](model::Health const& health) -> std::optional<std::int64_t> {
         return static_cast<std::int64_t>(health.block);
     }},
    {"consortium_node_block_age_seconds", "Age of that block by the clock of who asked.",
     [](model::Health const& health) { return health.block_age; }},
    {"consortium_node_peers", "Nodes that a node is connected to.",
     [](model::Health const& health) -> std::optional<std::int64_t> { return health.peers; }},
};

void write_findings(Exposition& out, std::vector<NodeHealth> const& all) {
    out.metric("consortium_node_finding", "Whether what was looked at is as it should be: 1, or 0.");
    for (auto const& [node, result] : all) {
        if (!result.health) continue;
        for (auto const& rule : result.health->findings) {
            auto labels = labels_of(node);
            labels.emplace_back("finding", rule.name);
            out.sample(labels, rule.holds ? 1 : 0);
        }
    }
}

void write_versions(Exposition& out, std::vector<NodeHealth> const& all) {
    out.metric("consortium_node_info", "The software that a node says it runs.");
    for (auto const& [node, result] : all) {
        if (!result.health) continue;
        auto labels = labels_of(node);
        labels.emplace_back("version", result.health->version);
        out.sample(labels, 1);
    }
}

std::string exposition(std::vector<NodeHealth> const& all, base::Instant now) {
    Exposition out;
    out.metric("consortium_node_up", "Whether a node answered: 1, or 0.");
    for (auto const& [node, result] : all) out.sample(labels_of(node), result.health ? 1 : 0);
    for (auto const& gauge : gauges) {
        out.metric(gauge.name, gauge.help);
        for (auto const& [node, result] : all) {
            auto const value = result.health ? gauge.read(*result.health) : std::nullopt;
            if (value) out.sample(labels_of(node), *value);
        }
    }
    write_findings(out, all);
    write_versions(out, all);
    // A file that is not written any more looks as well as on its last day, but for this.
    return out.text() + fmt::format(
                            "# HELP consortium_asked_timestamp_seconds When the nodes were asked.\n"
                            "# TYPE consortium_asked_timestamp_seconds gauge\n"
                            "consortium_asked_timestamp_seconds {}\n",
                            now.seconds);
}

}  // namespace

model::Outcome node_metrics(State const& state, Services& services, model::Request const& request) {
    auto const all = ask_health(state, services, request);
    auto outcome = health_outcome(all);
    outcome.raw = exposition(all, services.clock.now());
    outcome.status.reset();
    outcome.warnings.clear();
    return outcome;
}

}  // namespace consortium::flow
