#pragma once

#include "core/base/digest.h"
#include "core/port/clock.h"
#include "core/port/entropy.h"
#include "core/port/progress.h"

#include <mutex>
#include <string>

/// A clock that moves only when told.
class FixedClock : public consortium::port::Clock {
public:
    explicit FixedClock(std::string_view start = "2026-11-02T12:00:00Z")
        : instant(consortium::base::Instant::from_text(start)) {}
    consortium::base::Instant now() const override { return instant; }
    void pass(std::int64_t seconds) { instant.seconds += seconds; }
    void advance(consortium::base::Duration by) { instant = instant + by; }
    void set(consortium::base::Instant now) { instant = now; }

    consortium::base::Instant instant;
};

/// The same bytes for the same seed, in every run.
class SeededEntropy : public consortium::port::Entropy {
public:
    explicit SeededEntropy(std::string seed = "seed") : m_seed(std::move(seed)) {}
    void fill(std::span<std::uint8_t> out) override {
        std::lock_guard const lock(m_mutex);
        for (auto& byte : out) {
            if (m_used == m_block.bytes.size()) {
                m_block = consortium::base::sha256(m_seed + std::to_string(m_count++));
                m_used = 0;
            }
            byte = m_block.bytes[m_used++];
        }
    }

private:
    std::mutex m_mutex;
    std::string m_seed;
    consortium::base::Digest m_block;
    std::size_t m_used = 32;
    std::uint64_t m_count = 0;
};

/// Says nothing.
class NoProgress : public consortium::port::Progress {
public:
    void start(std::string_view, std::uint64_t) override {}
    void advance(std::uint64_t) override {}
    void finish() override {}
};
