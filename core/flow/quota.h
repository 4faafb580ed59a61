#pragma once

#include "core/agreement/validation.h"
#include "core/port/store.h"

#include <map>
#include <set>

namespace consortium::flow {

/// What one member may have taken in for one epoch (PROTOCOL P13): acts that name it, and open proposals
/// based on it; and what disputes of its own it has open. The excess waits like an orphan, and is asked about
/// again with every intake.
struct QuotaLimits {
    std::size_t acts = 10'000;
    std::size_t open_proposals = 10;
    std::size_t open_disputes = 10;  // of whatever epoch
};

/// Counts during one batch; what is held before is read once a member and epoch, and each epoch once.
class Quota {
public:
    explicit Quota(port::Store const& store, QuotaLimits limits = {}) : m_store(store), m_limits(limits) {}

    /// Why a valid act must wait; empty: it is within its author's quota, or an epoch, or a candidate for
    /// one, cites it.
    std::string excess(agreement::Acceptance const& act);
    /// An act was appended.
    void count(agreement::Acceptance const& act);

private:
    struct Count {
        std::size_t acts = 0, open_proposals = 0;
    };
    Count& count_of(agreement::Acceptance const& act);
    std::size_t& disputes_of(std::string const& member);
    std::string too_many_open(agreement::Acceptance const& act);
    bool is_cited(agreement::Acceptance const& act);
    bool is_final(agreement::Acceptance const& act);
    std::set<base::Digest> const& cited_in(std::uint64_t number);

    port::Store const& m_store;
    QuotaLimits m_limits;
    std::map<std::pair<std::string, std::uint64_t>, Count> m_counts;
    std::map<std::string, std::size_t> m_disputes;            // open, by member
    std::map<std::uint64_t, std::set<base::Digest>> m_cited;  // by final epoch, each read once
    std::optional<std::set<base::Digest>> m_offered;          // what candidates that wait cite
};

}  // namespace consortium::flow
