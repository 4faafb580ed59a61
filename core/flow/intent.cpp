#include "core/flow/intent.h"

#include "core/base/error.h"
#include "core/flow/node.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using Sight = model::Confirmation::State;

namespace {

std::string const kind = "intent";

Json step_json(Task const& task) {
    return {{"node", task.node},
            {"kind", task.change.kind},
            {"subject", task.change.subject},
            {"detail", *task.change.detail}};
}

Json steps_json(std::vector<model::NodeStep> const& steps) {
    Json out = Json::array();
    for (auto const& step : steps) out.push_back({{"summary", step.summary}, {"call", *step.call}});
    return out;
}

std::vector<model::NodeStep> steps_from_json(Json const& value) {
    std::vector<model::NodeStep> out;
    for (auto const& item : value) {
        out.push_back({item.at("summary").get<std::string>(), JsonValue(item.at("call"))});
    }
    return out;
}

Json rules_json(std::vector<model::Rule> const& rules) {
    Json out = Json::array();
    for (auto const& rule : rules) {
        out.push_back({{"name", rule.name}, {"holds", rule.holds}, {"words", rule.words}});
    }
    return out;
}

/// One task being settled: what it needs, and how its progress is journaled.
class Settling {
public:
    Settling(Task const& task, Services& services, Identity const& self)
        : m_task(task),
          m_services(services),
          m_self(self),
          m_id(intent_id(task)),
          m_node(find_node(services.store, task.node).node),
          m_driver(services.driver(task.network.kind)),
          m_witnesses(witnesses(services.store, task.network.id, self.member)),
          m_record(read_intent(services.store, m_id)) {}

    Settlement run(std::function<void()> const& require_begin) {
        if (m_record.progress == Progress::confirmed || m_record.progress == Progress::abandoned) {
            return settlement({});
        }
        check_node();
        auto seen = look();
        bool const unsent = m_record.progress == Progress::none || m_record.progress == Progress::open;
        if (seen.state == Sight::waiting && unsent) {
            if (!submit(require_begin)) return settlement(seen);
            seen = look();
        } else if (seen.state == Sight::waiting && has_forgotten()) {
            tell();
        }
        if (seen.state != Sight::holds || seen.answered < seen.asked) return settlement(seen);
        clean_up();
        write(Progress::confirmed, "operation.outcome", steps(), rules_json(seen.witnesses));
        return settlement(seen);
    }

    void check_only() {
        check_node();
        if (look().state != Sight::waiting || (is_vote() && !is_validator())) return;
        static_cast<void>(m_driver.plan_change(m_node, m_task.change, m_witnesses));
    }

    Settlement give_up() {
        if (m_record.progress == Progress::confirmed || m_record.progress == Progress::abandoned) {
            return settlement({});
        }
        check_node();
        clean_up();
        write(Progress::abandoned, "operation.abandoned", steps(), nullptr);
        return settlement({});
    }

private:
    bool is_vote() const {
        return m_task.change.kind == "validator.add" || m_task.change.kind == "validator.remove";
    }

    void check_node() {
        if (m_node.member != m_self.member) {
            throw Error(Code::not_authorized, fmt::format("node '{}' is not ours", m_node.id),
                        "its owner executes the decision on it");
        }
        auto const shown = m_driver.network(m_node).identity;
        if (shown == m_task.network.identity) return;
        throw Error(Code::verification_failed,
                    fmt::format("node '{}' is on another network than the decision is for", m_node.id),
                    "run 'consortium node show " + m_node.id + "'",
                    {{"agreed", m_task.network.identity}, {"shown", shown}});
    }

    model::Confirmation look() { return m_driver.confirm(m_node, pinned_change(), m_witnesses); }

    // Confirmation starts from the validators that were there when the change was planned.
    model::NodeChange pinned_change() const {
        auto change = m_task.change;
        auto detail = change.detail->is_object() ? *change.detail : Json::object();
        for (auto const& step : steps()) {
            if (step.call->contains("pin")) detail["pin"] = step.call->at("pin");
        }
        change.detail = JsonValue(std::move(detail));
        return change;
    }

    std::vector<model::NodeStep> steps() const {
        return m_record.data->is_object() ? steps_from_json(m_record.data->at("steps"))
                                          : std::vector<model::NodeStep>();
    }

    // False if this node has nothing to send: it has no vote.
    bool submit(std::function<void()> const& require_begin) {
        if (m_record.progress == Progress::none) {
            if (is_vote() && !is_validator()) return false;
            require_begin();
            auto const planned = m_driver.plan_change(m_node, m_task.change, m_witnesses);
            write(Progress::open, "operation.intent", planned, nullptr);
        }
        // After a crash it is not known whether the node was told: it is told again under the same intent,
        // which has one effect.
        tell();
        write(Progress::submitted, "operation.submitted", steps(), nullptr);
        return true;
    }

    void tell() {
        for (auto const& step : steps()) m_driver.apply_step(m_node, step, m_id);
    }

    // Nodes keep their proposals in memory: a restart loses them, and with them the vote.
    bool has_forgotten() {
        return is_vote() &&
               m_driver.plan_change(m_node, {"vote.discard", m_task.change.subject, {}}, {}).empty();
    }

    bool is_validator() {
        auto const own = m_driver.address(m_node);
        auto const all = m_driver.validators(m_node);
        return std::any_of(all.begin(), all.end(),
                           [&](auto const& one) { return one.seated && one.address == own; });
    }

    // A passed proposal that a node keeps would be cast again (G2).
    void clean_up() {
        if (!is_vote()) return;
        model::NodeChange const discard{"vote.discard", m_task.change.subject, {}};
        for (auto const& step : m_driver.plan_change(m_node, discard, {})) {
            m_driver.apply_step(m_node, step, m_id);
        }
        if (m_driver.confirm(m_node, discard, {}).state == Sight::holds) return;
        throw Error(Code::partial,
                    fmt::format("node '{}' keeps its proposal on {}", m_node.id, m_task.change.subject),
                    "run 'consortium operation resume'", {{"node", m_node.id}});
    }

    /// When each state was reached, by whom: for the record of the change.
    Json history(Progress progress, base::Instant now) const {
        Json out =
            m_record.data->is_object() ? m_record.data->value("history", Json::array()) : Json::array();
        out.push_back(
            {{"state", progress_name(progress)}, {"time", now.text()}, {"officer", m_self.officer}});
        return out;
    }

    /// The block that the node's quorum had sealed when the effect was seen; null where it cannot say.
    Json sealed_block() {
        try {
            auto const seen = m_driver.finality(m_node);
            return {{"block", seen.block},
                    {"hash", seen.hash},
                    {"seals", seen.seals},
                    {"quorum", seen.quorum},
                    {"verified", seen.verified}};
        } catch (Error const&) {  // it does not decide anything
            return nullptr;
        }
    }

    void write(Progress progress, std::string const& event_kind, std::vector<model::NodeStep> const& planned,
               Json const& outcome) {
        auto const now = m_services.clock.now();
        Json data = step_json(m_task);
        data["history"] = history(progress, now);
        data["sealed"] = progress == Progress::confirmed ? sealed_block() : Json();
        data["network"] = m_task.network.id;
        data["epoch"] = m_task.epoch.hex();
        data["proposal"] = m_task.proposal.hex();
        data["steps"] = steps_json(planned);
        data["outcome"] = outcome;
        model::Object object{kind, m_id.hex(), std::string(progress_name(progress)), m_self.member, {},
                             {},   0};
        object.data = JsonValue(data);
        model::Event event;
        event.kind = event_kind;
        event.time = now;
        event.body = JsonValue(Json{{"intent", m_id.hex()}, {"node", m_task.node}});
        event.writes.push_back(object);
        m_services.store.write([&](port::Transaction& transaction) {
            if (progress == Progress::open) check_target();
            transaction.append_event(event);
        });
        m_record = {progress, JsonValue(std::move(data))};
    }

    // One open intent a target; looked at inside the transaction.
    void check_target() const {
        for (auto const* state : {"open", "submitted"}) {
            m_services.store.objects({.kind = kind, .state = state}, [&](model::Object const& object) {
                if (object.data->at("node") != m_task.node || object.name == m_id.hex()) return;
                throw Error(Code::conflict, fmt::format("another change of node '{}' is open", m_task.node),
                            "finish it first: run 'consortium operation resume'", {{"intent", object.name}});
            });
        }
    }

    Settlement settlement(model::Confirmation const& seen) const {
        Settlement out;
        out.intent = m_id;
        out.node = m_task.node;
        out.progress = m_record.progress;
        out.contradicted = seen.state == Sight::contradicted;
        out.unconfirmed = seen.state == Sight::holds && seen.answered < seen.asked;
        out.witnesses = seen.witnesses;
        return out;
    }

    Task const& m_task;
    Services& m_services;
    Identity const& m_self;
    base::Digest m_id;
    model::Node m_node;
    port::NodeDriver& m_driver;
    std::vector<model::Node> m_witnesses;
    IntentRecord m_record;
};

constexpr std::pair<Progress, std::string_view> names[] = {{Progress::none, "none"},
                                                           {Progress::open, "open"},
                                                           {Progress::submitted, "submitted"},
                                                           {Progress::confirmed, "confirmed"},
                                                           {Progress::abandoned, "abandoned"}};

}  // namespace

std::string_view progress_name(Progress progress) {
    return std::find_if(std::begin(names), std::end(names),
                        [&](auto const& row) { return row.first == progress; })
        ->second;
}

base::Digest intent_id(Task const& task) {
    base::Sha256 hash;
    hash.update(task.epoch.view()).update(task.network.identity).update(base::canonical(step_json(task)));
    return hash.finish();
}

IntentRecord read_intent(port::Store const& store, base::Digest const& id) {
    auto const object = store.object(kind, id.hex());
    if (!object) return {};
    for (auto const& [progress, name] : names) {
        if (name == object->state) return {progress, object->data};
    }
    return {};
}

Settlement settle(Task const& task, Services& services, Identity const& self,
                  std::function<void()> const& require_begin) {
    return Settling(task, services, self).run(require_begin);
}

void check(Task const& task, Services& services, Identity const& self) {
    Settling(task, services, self).check_only();
}

Settlement abandon(Task const& task, Services& services, Identity const& self) {
    return Settling(task, services, self).give_up();
}

}  // namespace consortium::flow
