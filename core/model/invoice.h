#pragma once

#include "core/base/money.h"
#include "core/model/charter.h"
#include "core/model/epoch.h"

namespace consortium::model {

/// What counts for one member in one month.
struct Participant {
    std::string member;
    std::string name;                                // of the organization
    int days = 0;                                    // member-days: [joined, left) within the month
    std::map<std::string, std::int64_t> quantities;  // from the usage file; empty without one
};

/// The whole amount of one pool and the charter's rule for sharing it.
struct PoolAmount {
    CostPool rule;
    std::int64_t minor = 0;  // negative: a credit to be handed on
};

/// What earlier allocations of the same month already charged.
struct Billed {
    std::string pool, member;
    std::int64_t minor = 0;
};

/// Everything that an allocation is computed from, so that anybody can compute it again.
struct CostInputs {
    std::string month;  // "2026-10"
    base::Currency currency;
    EpochReference epoch;                  // whose charter and membership hold
    base::Digest policy;                   // of that charter
    std::optional<base::Digest> usage;     // of the usage file
    int days = 0;                          // of the month
    std::vector<Participant> members;      // sorted by id
    std::vector<PoolAmount> pools;         // in the charter's order
    std::optional<base::Digest> corrects;  // the earlier allocation of this month
    std::vector<Billed> billed;            // what that and those before it charged; sorted
    base::Day due, dispute_by;
};

/// One member's part of one pool.
struct CostLine {
    std::string pool, member;
    std::string method;                  // what was applied: equal | volume | weighted
    std::int64_t quantity = 0;           // of the pool's driver: usage, weight, or 1 for equal shares
    int days = 0;                        // member-days, where they count (not with volume)
    std::int64_t weight = 0, total = 0;  // quantity x days, or quantity; and the sum over all members
    base::Rational quota;                // exact, in minor units
    base::Rational adjustment;           // share - quota: what rounding did
    std::int64_t share = 0;              // whole minor units; the shares of a pool sum to its amount
    std::int64_t billed = 0;             // charged before
    std::int64_t minor = 0;              // share - billed: what this line asks for

    bool operator==(CostLine const&) const = default;
};

struct Allocation {
    CostInputs inputs;
    std::vector<CostLine> lines;  // by pool, then member
};

base::Json to_json(Allocation const& allocation);
/// Throws Error(malformed). `value` is of an own or a foreign document: nothing in it is trusted.
Allocation allocation_from_json(base::Json const& value);
/// The file that is signed and shared: canonical JSON.
std::string document(Allocation const& allocation);

/// Body of an act of kind "allocation": an officer states what a month costs whom. The document travels as a
/// file beside the acts.
struct AllocationNotice {
    std::string month;
    base::Digest document;
    std::optional<base::Digest> corrects;  // the document of the month that this one corrects
};

base::Json to_json(AllocationNotice const& notice);
AllocationNotice allocation_notice_from_json(base::Json const& value);

/// What one member owes for one month.
struct Invoice {
    std::string number;  // "2026-10/alpha-bank"; a correction ends in "/" and its document's first digits
    std::string consortium;
    Participant party;
    CostInputs const* inputs = nullptr;  // of the allocation, which outlives this
    base::Digest allocation;
    std::vector<CostLine> lines;
    std::int64_t total = 0;  // the sum of the lines
};

base::Json to_json(Invoice const& invoice);

}  // namespace consortium::model
