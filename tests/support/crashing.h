#pragma once

#include "core/port/node_driver.h"
#include "core/port/store.h"

namespace consortium::test {

/// Ends the "process" at a chosen boundary: thrown through everything, caught by nothing of ours.
struct Killed {};

struct Crash {
    int at = 0;  // 0: never
    int seen = 0;
    void point() {
        if (++seen == at) throw Killed{};
    }
};

/// A store that can be killed just before and just after each durable transaction.
class CrashingStore : public port::Store {
public:
    CrashingStore(port::Store& inner, Crash& crash) : m_inner(inner), m_crash(crash) {}

    void write(std::function<void(port::Transaction&)> const& work) override {
        m_crash.point();
        m_inner.write(work);
        m_crash.point();
    }
    void begin_origin(std::string const& origin, std::shared_ptr<port::Signer> const& log_key) override {
        m_inner.begin_origin(origin, log_key);
    }
    std::optional<std::string> high_water() const override { return m_inner.high_water(); }
    port::Head head() const override { return m_inner.head(); }
    model::Entry entry(std::uint64_t index) const override { return m_inner.entry(index); }
    void entries(std::uint64_t begin, std::uint64_t end,
                 std::function<void(model::Entry const&)> const& each) const override {
        m_inner.entries(begin, end, each);
    }
    std::vector<base::Digest> tile(int level, std::uint64_t number) const override {
        return m_inner.tile(level, number);
    }
    std::optional<model::Object> object(std::string_view kind, std::string_view name) const override {
        return m_inner.object(kind, name);
    }
    void objects(port::ObjectQuery const& query,
                 std::function<void(model::Object const&)> const& each) const override {
        m_inner.objects(query, each);
    }
    std::vector<port::Orphan> orphans() const override { return m_inner.orphans(); }
    std::optional<std::string> note(std::string const& key) const override { return m_inner.note(key); }
    std::optional<port::SealedPart> sealed(base::Digest const& id) const override {
        return m_inner.sealed(id);
    }
    std::vector<base::Digest> sealed_acts(std::string const& subject) const override {
        return m_inner.sealed_acts(subject);
    }
    std::vector<port::SealedCount> sealed_counts() const override { return m_inner.sealed_counts(); }
    std::optional<model::StoredAct> act(base::Digest const& id) const override { return m_inner.act(id); }
    bool has_act(base::Digest const& id) const override { return m_inner.has_act(id); }
    std::vector<model::StoredAct> acts(port::ActQuery const& query) const override {
        return m_inner.acts(query);
    }
    std::size_t count(port::ActQuery const& query) const override { return m_inner.count(query); }
    std::vector<model::StoredAct> waiting(std::string const& kind) const override {
        return m_inner.waiting(kind);
    }
    std::optional<std::uint64_t> settled(base::Digest const& id) const override {
        return m_inner.settled(id);
    }
    std::optional<std::string> file(base::Digest const& digest) const override {
        return m_inner.file(digest);
    }
    bool has_file(base::Digest const& digest) const override { return m_inner.has_file(digest); }
    std::shared_ptr<model::Epoch const> epoch(std::uint64_t number) const override {
        return m_inner.epoch(number);
    }
    std::shared_ptr<model::Epoch const> latest() const override { return m_inner.latest(); }

private:
    port::Store& m_inner;
    Crash& m_crash;
};

/// A driver that can be killed just before and just after each call that tells a node something, and that
/// notes under which intents nodes were told.
class CrashingDriver : public port::NodeDriver {
public:
    CrashingDriver(port::NodeDriver& inner, Crash& crash) : m_inner(inner), m_crash(crash) {}

    void apply_step(model::Node const& node, model::NodeStep const& step,
                    base::Digest const& intent) override {
        m_crash.point();
        m_inner.apply_step(node, step, intent);
        m_crash.point();
    }
    model::Confirmation confirm(model::Node const& node, model::NodeChange const& change,
                                std::vector<model::Node> const& witnesses) override {
        m_crash.point();
        return m_inner.confirm(node, change, witnesses);
    }
    std::vector<model::NodeStep> plan_change(model::Node const& node, model::NodeChange const& change,
                                             std::vector<model::Node> const& witnesses) override {
        return m_inner.plan_change(node, change, witnesses);
    }
    std::vector<model::ManualStep> install_certificate(
        model::Node const& node, model::NewCertificate const& certificate) const override {
        return m_inner.install_certificate(node, certificate);
    }
    std::vector<std::string> capabilities() const override { return m_inner.capabilities(); }
    model::Network network(model::Node const& node) override { return m_inner.network(node); }
    std::string address(model::Node const& node) override { return m_inner.address(node); }
    model::Health health(model::Node const& node) override { return m_inner.health(node); }
    std::vector<port::HealthResult> health_all(std::span<model::Node const> nodes) override {
        return m_inner.health_all(nodes);
    }
    std::vector<model::Peer> peers(model::Node const& node) override { return m_inner.peers(node); }
    std::vector<model::Validator> validators(model::Node const& node) override {
        return m_inner.validators(node);
    }
    model::Finality finality(model::Node const& node) override { return m_inner.finality(node); }

private:
    port::NodeDriver& m_inner;
    Crash& m_crash;
};

}  // namespace consortium::test
