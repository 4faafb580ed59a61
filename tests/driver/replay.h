#pragma once

#include "core/crypto/keccak.h"
#include "core/driver/registry.h"
#include "tests/driver/recording.h"
#include "tests/support/fakes.h"

namespace consortium::test {

/// The driver for one kind of node over a recording, with the clock of the recording.
struct Replay {
    explicit Replay(std::string const& name, std::string kind_of_nodes = "quorum")
        : recording(name), kind(std::move(kind_of_nodes)) {}

    void at(std::size_t line) {
        recording.now = line;
        clock.set(base::Instant{recording.time()});
        recording.calls.clear();
    }
    model::Node node(std::string const& name) {
        return {name, "m-" + name, "net", kind, "http://" + name, "http://" + name, "", {}};
    }

    Recording recording;
    std::string kind;
    FixedClock clock;
    SeededEntropy entropy{"replay"};
    std::unique_ptr<port::NodeDriver> driver =
        consortium::driver::make_driver(kind, {recording, clock, entropy, &crypto::keccak256});
};

/// What was sent by that method.
inline std::vector<base::Json> sent(Replay const& replay, std::string const& method) {
    std::vector<base::Json> out;
    for (auto const& call : replay.recording.calls) {
        if (call["method"] == method) out.push_back(call["params"]);
    }
    return out;
}

}  // namespace consortium::test
