#pragma once

#include "core/port/node_driver.h"

/// A driver of nodes that do nothing and tell nothing; a test overrides what it is about.
struct IdleDriver : consortium::port::NodeDriver {
    std::vector<std::string> capabilities() const override { return {"validators"}; }
    consortium::model::Network network(consortium::model::Node const&) override { return {}; }
    std::string address(consortium::model::Node const& node) override { return node.address; }
    consortium::model::Health health(consortium::model::Node const&) override { return {}; }
    std::vector<consortium::port::HealthResult> health_all(
        std::span<consortium::model::Node const>) override {
        return {};
    }
    std::vector<consortium::model::Peer> peers(consortium::model::Node const&) override { return {}; }
    std::vector<consortium::model::Validator> validators(consortium::model::Node const&) override {
        return {};
    }
    consortium::model::Finality finality(consortium::model::Node const&) override { return {}; }
    std::vector<consortium::model::NodeStep> plan_change(
        consortium::model::Node const&, consortium::model::NodeChange const&,
        std::vector<consortium::model::Node> const&) override {
        return {};
    }
    std::vector<consortium::model::ManualStep> install_certificate(
        consortium::model::Node const&, consortium::model::NewCertificate const&) const override {
        return {};
    }
    void apply_step(consortium::model::Node const&, consortium::model::NodeStep const&,
                    consortium::base::Digest const&) override {}
    consortium::model::Confirmation confirm(consortium::model::Node const&,
                                            consortium::model::NodeChange const&,
                                            std::vector<consortium::model::Node> const&) override {
        return {};
    }
};
