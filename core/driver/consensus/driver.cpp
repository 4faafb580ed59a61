#include "core/driver/consensus/driver.h"

#include "core/driver/consensus/preflight.h"
#include "core/driver/consensus/witness.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::driver::consensus {

using base::Code;
using base::Error;
using base::Json;

namespace {

// What the record says, else what the node says; empty if it does not answer.
std::string address_of(Client& client, model::Node const& node) {
    if (!node.address.empty()) return node.address;
    try {
        return client.address(node);
    } catch (Error const&) {
        return {};
    }
}

model::Rule judge_age(std::int64_t age) {
    if (age <= stale_after) return {"block age", true, fmt::format("the latest block is {} s old", age)};
    return {"block age", false,
            fmt::format("no block for {} s: the chain stands still, or this node does not follow it", age)};
}

// Raft makes blocks for transactions only: an old block is no halt, a cluster without a leader is one.
model::Rule judge_leader(std::string const& leader, std::int64_t age) {
    if (leader.empty()) return {"leader", false, "no leader: the cluster stands still, or this node left it"};
    return {"leader", true,
            fmt::format("led by {}…; the latest block is {} s old", leader.substr(0, 16), age)};
}

}  // namespace

Driver::Driver(std::unique_ptr<Client> client, port::Clock const& clock)
    : m_client(std::move(client)), m_clock(clock) {}

std::vector<std::string> Driver::capabilities() const {
    std::vector<std::string> all{"health",
                                 "peers",
                                 "validators",
                                 "finality",
                                 "change:validator.add",
                                 "change:validator.remove",
                                 "change:vote.discard"};
    for (auto const& extra : m_client->extras()) all.push_back("change:" + extra);
    return all;
}

model::Network Driver::network(model::Node const& node) {
    return {node.network, node.kind, m_client->genesis(node)};
}

std::string Driver::address(model::Node const& node) {
    return m_client->address(node);
}

Look Driver::look(model::Node const& node) {
    auto result = m_client->look({&node, 1}).front();
    if (result.error) throw result.error->hinting({});
    return std::move(*result.look);
}

std::vector<model::ManualStep> Driver::install_certificate(model::Node const& node,
                                                           model::NewCertificate const& certificate) const {
    std::vector<model::ManualStep> out;
    for (auto& words : m_client->install_certificate(certificate)) {
        out.push_back({node.id, std::move(words), {}});
    }
    // A validator that is down counts as one of the f = (n - 1) / 3 that may fail, so the next waits for it.
    if (!out.empty()) out.back().check = "consortium node health " + node.id;
    return out;
}

model::Health Driver::judge(Look const& look) const {
    model::Health health;
    auto const age = std::max<std::int64_t>(0, m_clock.now().seconds - look.latest.time);
    health.block = look.latest.number;
    health.block_age = age;
    health.peers = look.peers;
    health.version = look.version;
    health.findings.push_back(look.leader ? judge_leader(*look.leader, age) : judge_age(age));
    bool const lone = look.latest.validators.size() == 1;
    health.findings.push_back(
        {"peers", look.peers > 0 || lone, fmt::format("connected to {} peers", look.peers)});
    health.findings.push_back(
        {"in step", !look.syncing,
         look.syncing ? "it is still fetching blocks" : "it does not fetch old blocks"});
    health.findings.push_back(
        {"finality", true,
         describe_finality(look.latest.engine, static_cast<int>(look.latest.validators.size()))});
    health.ok = std::all_of(health.findings.begin(), health.findings.end(),
                            [](model::Rule const& rule) { return rule.holds; });
    return health;
}

model::Health Driver::health(model::Node const& node) {
    return judge(look(node));
}

std::vector<port::HealthResult> Driver::health_all(std::span<model::Node const> nodes) {
    std::vector<port::HealthResult> out;
    for (auto const& result : m_client->look(nodes)) {
        port::HealthResult one;
        if (result.look) one.health = judge(*result.look);
        if (result.error) one.unreachable = result.error->message();
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<model::Peer> Driver::peers(model::Node const& node) {
    return m_client->peers(node);
}

View Driver::view(model::Node const& node) {
    View view;
    view.look = look(node);
    auto const head = view.look.latest.number;
    view.stretch = m_client->headers(node, head >= window ? head - window + 1 : 0, head);
    view.validators = m_client->validators(node);
    view.halted = m_clock.now().seconds - view.look.latest.time > stale_after;
    view.live = m_client->live(node).value_or(live_validators(view));
    view.votes = open_votes(view.stretch);
    return view;
}

std::vector<model::Validator> Driver::validators(model::Node const& node) {
    auto const seen = view(node);
    std::vector<model::Validator> out;
    auto addresses = seen.validators;
    for (auto const& vote : seen.votes) {  // those who are voted in are listed too
        if (vote.add && !contains(addresses, vote.subject)) addresses.push_back(vote.subject);
    }
    for (auto const& address : addresses) {
        model::Validator validator{
            address, contains(seen.validators, address), contains(seen.live, address), {}, {}};
        for (auto const& vote : seen.votes) {
            if (vote.subject != address) continue;
            (vote.add ? validator.votes_to_add : validator.votes_to_remove).push_back(vote.voter);
        }
        out.push_back(std::move(validator));
    }
    return out;
}

model::Finality Driver::finality(model::Node const& node) {
    auto const latest = look(node).latest;
    auto const& rules = rules_of(latest.engine);
    if (rules.voucher == Voucher::nobody) {
        throw Error(Code::unsupported, describe_finality(latest.engine, 0),
                    "compare what the members' nodes show: run 'consortium node health'",
                    {{"node", node.id}, {"block", std::to_string(latest.number)}});
    }
    bool const at_once = rules.voucher == Voucher::committers;
    auto const depth = at_once ? 1 : std::min(window, latest.number + 1);
    auto const stretch = m_client->headers(node, latest.number - depth + 1, latest.number);
    auto const settled = settle(stretch.headers);
    auto const& header = stretch.headers[settled.index];
    model::Finality finality;
    finality.block = header.number;
    finality.hash = header.hash;
    finality.seals = settled.vouchers;
    finality.quorum = rules.quorum(static_cast<int>(header.validators.size()));
    finality.verified = settled.is_final && !check_chain(stretch.headers, {});
    return finality;
}

int Driver::count_newcomer(std::string const& address, View const& seen,
                           std::vector<model::Node> const& witnesses) {
    for (auto const& witness : witnesses) {
        if (address_of(*m_client, witness) != address) continue;
        auto const result = m_client->look({&witness, 1}).front();
        if (!result.look || result.look->syncing) continue;
        if (result.look->latest.number + 2 >= seen.look.latest.number) return 1;
    }
    return 0;
}

model::NodeStep Driver::plan_vote(model::Node const& node, model::NodeChange const& change,
                                  std::vector<model::Node> const& witnesses) {
    auto const subject = checked_address(change.subject);
    auto const seen = view(node);
    require_votes(seen.look.latest.engine);
    auto const own = checked_address(m_client->address(node));
    auto const arithmetic = change.kind == "validator.add"
                                ? check_addition(seen, own, subject, count_newcomer(subject, seen, witnesses))
                                : check_removal(seen, own, subject);
    Json call{
        {"kind", change.kind}, {"subject", subject}, {"version", nullptr}, {"pin", make_pin(seen.stretch)}};
    return {fmt::format("{} proposes to {} validator {} ({})", node.id,
                        change.kind == "validator.add" ? "add" : "remove", subject, arithmetic),
            base::JsonValue(std::move(call))};
}

std::vector<model::NodeStep> Driver::plan_change(model::Node const& node, model::NodeChange const& change,
                                                 std::vector<model::Node> const& witnesses) {
    if (change.kind == "validator.add" || change.kind == "validator.remove") {
        return {plan_vote(node, change, witnesses)};
    }
    Json call{{"kind", change.kind}, {"subject", change.subject}, {"version", nullptr}, {"pin", nullptr}};
    if (change.kind == "vote.discard") {
        auto const subject = checked_address(change.subject);
        call["subject"] = subject;
        if (!m_client->pending(node).contains(subject)) return {};
        return {{fmt::format("{} discards its proposal on {}", node.id, subject), base::JsonValue(call)}};
    }
    if (!contains(m_client->extras(), change.kind)) {
        throw Error(Code::unsupported,
                    fmt::format("a {} node cannot be told '{}' from here", node.kind, change.kind),
                    "do it on the node itself, then run 'consortium operation resume'", {{"node", node.id}});
    }
    if (change.kind == "release.upgrade") {
        call["version"] = base::JsonReader(*change.detail).text("version");
        return {{fmt::format("{} runs version {}", node.id, call["version"].get<std::string>()),
                 base::JsonValue(call)}};
    }
    return {{fmt::format("{} joins the network", node.id), base::JsonValue(call)}};
}

void Driver::apply_step(model::Node const& node, model::NodeStep const& step, base::Digest const& intent) {
    base::JsonReader in(*step.call, "/call");
    auto const kind = in.text("kind");
    auto const subject = in.text("subject");
    if (kind == "release.upgrade") {
        m_client->upgrade(node, in.text("version"), intent);
    } else if (kind == "node.join") {
        m_client->join(node);
    } else if (kind == "vote.discard") {
        m_client->discard(node, checked_address(subject), intent);
    } else if (kind == "validator.add" || kind == "validator.remove") {
        m_client->propose(node, {"", checked_address(subject), kind == "validator.add", 0}, intent);
    } else {
        throw Error(Code::unsupported, "no step of kind '" + kind + "'");
    }
}

model::Confirmation Driver::confirm(model::Node const& node, model::NodeChange const& change,
                                    std::vector<model::Node> const& witnesses) {
    if (change.kind == "vote.discard") return confirm_discard(*m_client, node, change, witnesses);
    if (change.kind == "node.join") return confirm_member(*m_client, node);
    if (change.kind == "release.upgrade") return confirm_version(*m_client, node, change);
    return confirm_set(*m_client, node, change, witnesses);
}

}  // namespace consortium::driver::consensus
