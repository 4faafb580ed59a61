#pragma once

#include "core/driver/consensus/preflight.h"
#include "core/port/clock.h"
#include "core/port/node_driver.h"

namespace consortium::driver::consensus {

/// The driver of every network whose validators are voted in and out, whatever engine and dialect; of Raft it
/// shows the cluster, and changes nothing.
/// Changes: validator.add and validator.remove (subject: address), vote.discard (subject: address; clears
/// what a passed vote left behind, G2) and, where the client can, release.upgrade (subject: node id, detail
/// {"version"}). A step's call is {"kind","subject","version"|null}.
class Driver : public port::NodeDriver {
public:
    Driver(std::unique_ptr<Client> client, port::Clock const& clock);

    std::vector<std::string> capabilities() const override;
    model::Network network(model::Node const& node) override;
    std::string address(model::Node const& node) override;
    model::Health health(model::Node const& node) override;
    std::vector<port::HealthResult> health_all(std::span<model::Node const> nodes) override;
    std::vector<model::Peer> peers(model::Node const& node) override;
    std::vector<model::Validator> validators(model::Node const& node) override;
    model::Finality finality(model::Node const& node) override;
    std::vector<model::NodeStep> plan_change(model::Node const& node, model::NodeChange const& change,
                                             std::vector<model::Node> const& witnesses) override;
    std::vector<model::ManualStep> install_certificate(
        model::Node const& node, model::NewCertificate const& certificate) const override;
    void apply_step(model::Node const& node, model::NodeStep const& step,
                    base::Digest const& intent) override;
    model::Confirmation confirm(model::Node const& node, model::NodeChange const& change,
                                std::vector<model::Node> const& witnesses) override;

private:
    View view(model::Node const& node);
    Look look(model::Node const& node);
    model::Health judge(Look const& look) const;
    model::NodeStep plan_vote(model::Node const& node, model::NodeChange const& change,
                              std::vector<model::Node> const& witnesses);
    int count_newcomer(std::string const& address, View const& seen,
                       std::vector<model::Node> const& witnesses);

    std::unique_ptr<Client> m_client;
    port::Clock const& m_clock;
};

}  // namespace consortium::driver::consensus
