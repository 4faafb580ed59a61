#pragma once

#include "core/base/digest.h"
#include "core/port/clock.h"
#include "core/port/entropy.h"

namespace consortium::test {

/// A clock that stands until it is moved.
struct FixedClock : port::Clock {
    base::Instant instant{1'800'000'000};
    base::Instant now() const override { return instant; }
    void pass(std::int64_t seconds) { instant.seconds += seconds; }
};

/// The same "random" bytes in every run: SHA-256 of a counter.
struct SeededEntropy : port::Entropy {
    std::uint64_t counter = 0;
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = base::sha256(std::to_string(counter++)).bytes[0];
    }
};

}  // namespace consortium::test
