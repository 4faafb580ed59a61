#pragma once

#include "core/flow/node.h"
#include "tests/support/fake_probe.h"
#include "tests/support/rotation.h"

/// A rotation whose nodes are looked at from outside: "n1" of this member, at n1.example:8545.
class Watched : public RotationFixture {
public:
    Watched() {
        services().probe = &probe;
        add_node("n1", "https://n1.example:8545", "acme");
        auto const pem = issue("n1.example")["certificate"].get<std::string>();
        m_leaf = services().certifier.read_certificates(consortium::base::as_bytes(pem)).front();
    }

    void add_node(std::string const& name, std::string const& url, std::string const& member,
                  std::string const& kind = "besu", std::string const& address = {}) {
        consortium::base::Json node{{"operand", name}, {"network", "net-" + kind}, {"kind", kind},
                                    {"url", url},      {"member", member},         {"unchecked", true}};
        if (!address.empty()) node["address"] = address;
        carry_out(consortium::flow::plan_node_add(state(), request("node add", std::move(node))));
    }

    /// n1 presents its certificate, the intermediate as this root has certified it, and the link if it is
    /// named; it takes clients of these authorities.
    void present(std::string const& root, std::string const& link = {},
                 std::vector<std::string> const& clients_of = {}) {
        std::vector<consortium::base::Bytes> chain{m_leaf};
        for (auto const& each : consortium::flow::authority(store(), "issuing-1").certificates)
            if (each.issuer == root) chain.push_back(each.der);
        REQUIRE(chain.size() == 2);
        if (!link.empty()) chain.push_back(certificate(link));
        auto shown = FakeProbe::presenting(chain);
        shown.asks_client = !clients_of.empty();
        for (auto const& name : clients_of)
            shown.authorities.push_back(services().certifier.describe(certificate(name)).content.subject);
        probe.shown["n1.example:8545"] = std::move(shown);
    }

    consortium::base::Bytes const& leaf() const { return m_leaf; }
    FakeProbe probe;

private:
    consortium::base::Bytes certificate(std::string const& name) {
        return consortium::flow::authority(store(), name).certificate();
    }

    consortium::base::Bytes m_leaf;
};
