#include "core/driver/rehearsal/client.h"

#include "core/driver/rehearsal/network.h"

#include <fmt/format.h>

namespace consortium::driver::rehearsal {

namespace {

using base::Code;
using base::Error;

class Client : public consensus::Client {
public:
    Client(port::Clock const& clock, port::Entropy& entropy) : m_clock(clock), m_entropy(entropy) {}

    std::string genesis(model::Node const& node) override {
        return Network(read_location(node.read_url).folder, m_clock).identity();
    }

    std::vector<consensus::LookResult> look(std::span<model::Node const> nodes) override {
        std::vector<consensus::LookResult> out;
        for (auto const& node : nodes) {
            try {
                out.push_back({look_at(node), std::nullopt});
            } catch (Error const& error) {
                out.push_back({std::nullopt, error});
            }
        }
        return out;
    }

    consensus::Stretch headers(model::Node const& node, std::uint64_t first, std::uint64_t last) override {
        Visit const visit(node, m_clock);
        return {{}, visit.network.headers(first, last)};
    }

    std::vector<std::string> validators(model::Node const& node) override {
        return Visit(node, m_clock).network.head().validators;
    }

    std::vector<model::Peer> peers(model::Node const& node) override {
        Visit const visit(node, m_clock);
        std::vector<model::Peer> out;
        for (auto const& [id, other] : visit.network.nodes()) {
            if (id == visit.self.id || !other.running) continue;
            out.push_back({id, other.address, visit.self.id < id});
        }
        return out;
    }

    std::string address(model::Node const& node) override { return Visit(node, m_clock).self.address; }

    std::map<std::string, bool> pending(model::Node const& node) override {
        return Visit(node, m_clock).self.proposals;
    }

    void propose(model::Node const& node, consensus::Vote const& vote, base::Digest const& intent) override {
        Visit visit(node, m_clock, own);
        visit.network.propose(visit.self.id, vote, intent.hex());
    }

    void discard(model::Node const& node, std::string const& subject, base::Digest const& intent) override {
        Visit visit(node, m_clock, own);
        visit.network.discard(visit.self.id, subject, intent.hex());
    }

    void upgrade(model::Node const& node, std::string const& version, base::Digest const& intent) override {
        Visit visit(node, m_clock, own);
        visit.network.upgrade(visit.self.id, version, intent.hex());
    }

    void join(model::Node const& node) override {
        auto const location = read_location(node.read_url);
        Network::create(location, m_clock, m_entropy);
        Network(location.folder, m_clock).join(location, node.member, m_entropy);
    }

    std::vector<std::string> extras() const override { return {"node.join", "release.upgrade"}; }

private:
    struct Own {};
    static constexpr Own own{};

    /// The network locked, while one of its running nodes is asked or told.
    struct Visit {
        Visit(model::Node const& node, port::Clock const& clock)
            : Visit(read_location(node.read_url), clock) {}
        Visit(model::Node const& node, port::Clock const& clock, Own) : Visit(node, clock) {
            if (self.member == node.member) return;
            throw Error(Code::not_authorized, fmt::format("node '{}' belongs to '{}'", self.id, self.member),
                        "its owner runs this on their node");
        }
        Visit(Location const& location, port::Clock const& clock)
            : network(location.folder, clock), self(network.running(location.node)) {}

        Network network;
        Node const self;
    };

    consensus::Look look_at(model::Node const& node) {
        Visit const visit(node, m_clock);
        auto const& head = visit.network.head();
        auto latest = visit.network.headers(head.number, head.number);
        if (latest.empty()) {
            throw Error(Code::unavailable, "the rehearsal network has not begun: nodes are missing",
                        "add nodes until its founders are complete",
                        {{"nodes", std::to_string(visit.network.nodes().size())}});
        }
        int peers = -1;
        for (auto const& [id, other] : visit.network.nodes()) peers += other.running ? 1 : 0;
        return {std::move(latest.front()), peers, visit.self.version, false, std::nullopt};
    }

    port::Clock const& m_clock;
    port::Entropy& m_entropy;
};

}  // namespace

std::unique_ptr<consensus::Client> make_client(port::Clock const& clock, port::Entropy& entropy) {
    return std::make_unique<Client>(clock, entropy);
}

}  // namespace consortium::driver::rehearsal
