#pragma once

#include "core/driver/registry.h"
#include "core/driver/rehearsal/network.h"
#include "core/driver/transport.h"
#include "tests/driver/contract.h"

#include <map>

namespace consortium::test {

/// A simulated network of five nodes in a folder of its own.
class RehearsalBench : public Bench {
public:
    RehearsalBench() {
        for (int i = 1; i <= 5; ++i) {
            auto const one = node(i);
            for (auto const& step : m_driver->plan_change(one, {"node.join", one.id, {}}, {})) {
                m_driver->apply_step(one, step, base::Digest{});
            }
        }
    }

    port::NodeDriver& driver() override { return *m_driver; }
    model::Node node(int number) override {
        auto const id = "v" + std::to_string(number);
        return {id, "m" + std::to_string(number), "net", "rehearsal", url(number), "", m_address[number], {}};
    }
    std::string address(int number) override {
        return network().nodes().at("v" + std::to_string(number)).address;
    }
    void pass(std::int64_t seconds) override {
        m_clock.advance(base::Duration{seconds});
        network();
    }
    void stop(int number) override { set_running(number, "false", "true"); }
    void start(int number) override { set_running(number, "true", "false"); }
    std::size_t proposals(int number) override {
        return network().nodes().at("v" + std::to_string(number)).proposals.size();
    }

    driver::rehearsal::Network network() { return {m_folder.path(), m_clock}; }
    base::Path folder() const { return m_folder.path(); }
    FixedClock& clock() { return m_clock; }
    std::string url(int number) const {
        return "rehearsal:" + m_folder.path().string() + "?period=2#v" + std::to_string(number);
    }

private:
    // As a person does it: in the node's file.
    void set_running(int number, std::string const& value, std::string const& before) {
        network();  // the chain stands where it is at this moment
        auto const file = m_folder.path() / "nodes" / ("v" + std::to_string(number) + ".json");
        auto text = base::read_text(file, 1u << 20);
        auto const at = text.find("\"running\": " + before);
        REQUIRE(at != std::string::npos);
        text.replace(at, 11 + before.size(), "\"running\": " + value);
        base::write_file(file, text);
    }

    base::TemporaryFolder m_folder;
    FixedClock m_clock;
    SeededEntropy m_entropy{"driver"};
    std::unique_ptr<port::Transport> m_transport = driver::make_transport({10});
    std::map<int, std::string> m_address;
    std::unique_ptr<port::NodeDriver> m_driver =
        driver::make_driver("rehearsal", {*m_transport, m_clock, m_entropy, nullptr});
};

}  // namespace consortium::test
