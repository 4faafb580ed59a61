#pragma once

#include <string>

#include "core/base/digest.h"
#include "core/port/clock.h"
#include "core/port/entropy.h"
#include "core/port/progress.h"

/// A clock that moves only when told.
class FixedClock : public consortium::port::Clock {
public:
    explicit FixedClock(std::string_view start = "2026-10-01T09:00:00Z")
        : m_now(consortium::base::Instant::from_text(start)) {}
    consortium::base::Instant now() const override { return m_now; }
    void set(consortium::base::Instant now) { m_now = now; }
    void advance(consortium::base::Duration by) { m_now = m_now + by; }

private:
    consortium::base::Instant m_now;
};

/// The same bytes for the same seed, in every run.
class SeededEntropy : public consortium::port::Entropy {
public:
    explicit SeededEntropy(std::string seed) : m_seed(std::move(seed)) {}
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) {
            if (m_used == m_block.bytes.size()) {
                m_block = consortium::base::sha256(m_seed + std::to_string(m_count++));
                m_used = 0;
            }
            byte = m_block.bytes[m_used++];
        }
    }

private:
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
