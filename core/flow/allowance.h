#pragma once

#include "core/port/clock.h"
#include "core/port/exchange.h"

namespace consortium::flow {

/// How much of one peer is read in one pull, and how long that may take: a peer may sign a tree of any size,
/// and a place may be slow on purpose. The time counts only while that peer is being read.
class Allowance {
public:
    struct Limits {
        base::Duration time{300};
        std::uint64_t bundles = 16'384;  // of 256 entries
    };

    Allowance(port::Clock const& clock, Limits limits)
        : m_clock(clock), m_limits(limits), m_left(limits.time), m_bundles(limits.bundles) {}
    explicit Allowance(port::Clock const& clock) : Allowance(clock, Limits()) {}

    /// While one exists, time passes.
    class Turn {
    public:
        explicit Turn(Allowance& allowance) : m_allowance(allowance) {
            m_allowance.m_until = m_allowance.m_clock.now() + m_allowance.m_left;
        }
        ~Turn() { m_allowance.m_left = m_allowance.m_until - m_allowance.m_clock.now(); }
        Turn(Turn const&) = delete;
        Turn& operator=(Turn const&) = delete;

    private:
        Allowance& m_allowance;
    };

    /// Of a turn that has not ended.
    bool is_late() const { return m_clock.now() >= m_until; }
    /// Whether no more may be looked at: what was found to hold is to be taken in within the same time.
    bool ends_checks() const { return m_bundles == 0 || m_until - m_clock.now() <= half(); }
    /// Between turns.
    bool is_used_up() const { return m_bundles == 0 || m_left <= half(); }
    void take_bundle() { --m_bundles; }

private:
    base::Duration half() const { return {m_limits.time.seconds / 2}; }

    port::Clock const& m_clock;
    Limits m_limits;
    base::Duration m_left;
    base::Instant m_until;
    std::uint64_t m_bundles;
};

/// An exchange to read from, which is asked for nothing any more once the time is over: Error(unavailable).
class Patience : public port::Exchange {
public:
    Patience(port::Exchange& exchange, Allowance const& allowance)
        : m_exchange(exchange), m_allowance(allowance) {}

    std::string location() const override { return m_exchange.location(); }
    std::optional<Names> list(std::string const& folder) const override { return in_time().list(folder); }
    std::optional<std::string> read(std::string const& path, std::size_t max) const override {
        return in_time().read(path, max);
    }
    bool has(std::string const& path) const override { return in_time().has(path); }
    void write(std::string const& path, std::string_view content) override { in_time().write(path, content); }
    void remove(std::string const& path) override { in_time().remove(path); }
    bool is_read_only() const override { return m_exchange.is_read_only(); }
    bool is_near() const override { return m_exchange.is_near(); }

private:
    port::Exchange& in_time() const {
        if (!m_allowance.is_late()) return m_exchange;
        throw base::Error(base::Code::unavailable, "reading took longer than one sync waits for it",
                          "run the command again");
    }

    port::Exchange& m_exchange;
    Allowance const& m_allowance;
};

}  // namespace consortium::flow
