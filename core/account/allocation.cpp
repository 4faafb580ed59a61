#include "core/account/allocation.h"

#include "core/base/error.h"

#include <algorithm>

namespace consortium::account {

using base::Code;
using base::Error;
using model::Allocation;
using model::CostInputs;
using model::CostLine;
using model::CostPool;
using model::Participant;

namespace {

[[noreturn]] void refuse(CostPool const& pool, std::string const& words, std::string const& hint) {
    throw Error(Code::refused, "pool '" + pool.id + "' cannot be shared: " + words, hint,
                {{"pool", pool.id}});
}

std::int64_t weight_of(CostPool const& pool, Participant const& member) {
    auto const found = pool.weights.find(member.member);
    if (found != pool.weights.end()) return found->second;
    if (member.days == 0) return 0;
    refuse(pool, "the charter gives no weight to '" + member.member + "'",
           "amend the charter: run 'consortium charter check'");
}

std::int64_t volume_of(CostPool const& pool, Participant const& member) {
    auto const found = member.quantities.find(pool.driver);
    return found == member.quantities.end() ? 0 : found->second;
}

bool has_column(std::string const& column, std::vector<Participant> const& members) {
    return std::any_of(members.begin(), members.end(),
                       [&](Participant const& member) { return member.quantities.contains(column); });
}

std::int64_t quantity_of(CostPool const& pool, std::string const& method, Participant const& member) {
    if (method == "equal") return 1;
    if (method == "volume") return volume_of(pool, member);
    return weight_of(pool, member);
}

Basis basis_by(std::string const& method, CostPool const& pool, std::vector<Participant> const& members) {
    Basis basis{method, {}, {}, method != "volume"};
    for (auto const& member : members) {
        auto const quantity = quantity_of(pool, method, member);
        std::int64_t weight = quantity;
        if (basis.prorated && __builtin_mul_overflow(quantity, std::int64_t{member.days}, &weight))
            refuse(pool, "the weight of '" + member.member + "' does not fit 63 bits", "lower the weights");
        basis.claims.push_back({member.member, weight});
        basis.quantities.push_back(quantity);
    }
    return basis;
}

std::int64_t billed_before(CostInputs const& inputs, std::string const& pool, std::string const& member) {
    std::int64_t sum = 0;
    for (auto const& billed : inputs.billed)
        if (billed.pool == pool && billed.member == member) sum += billed.minor;
    return sum;
}

void add_pool(Allocation& allocation, model::PoolAmount const& pool) {
    auto const& inputs = allocation.inputs;
    auto const basis = basis_of(pool.rule, inputs.members);
    auto const shares = apportion(pool.minor, basis.claims);
    auto const total = total_weight(basis.claims);
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto const& member = inputs.members[i];
        CostLine line{
            pool.rule.id, member.member,   basis.method, basis.quantities[i], 0, basis.claims[i].weight,
            total,        shares[i].quota, {},           shares[i].minor,     0, 0};
        if (basis.prorated) line.days = member.days;
        line.adjustment = base::Rational(line.share) - line.quota;
        line.billed = billed_before(inputs, line.pool, line.member);
        line.minor = line.share - line.billed;
        if (line.weight != 0 || line.billed != 0) allocation.lines.push_back(std::move(line));
    }
}

std::string word(CostLine const& line) {
    return "line " + line.pool + "/" + line.member;
}

}  // namespace

Basis basis_of(CostPool const& pool, std::vector<Participant> const& members) {
    if (pool.method != "equal" && pool.method != "volume" && pool.method != "weighted")
        refuse(pool, "its method '" + pool.method + "' is unknown", "use equal, volume or weighted");
    if (pool.method == "volume" && !has_column(pool.driver, members))
        refuse(pool, "no usage with the column '" + pool.driver + "' was imported for the month",
               "run 'consortium cost import FILE --month MONTH'");
    auto basis = basis_by(pool.method, pool, members);
    if (total_weight(basis.claims) != 0) return basis;
    if (pool.fallback.empty())
        refuse(pool, "its total weight is zero and it has no fallback",
               "name one in the charter: fallback = \"equal\"");
    basis = basis_by(pool.fallback, pool, members);
    if (total_weight(basis.claims) == 0) refuse(pool, "nobody was a member in the month", "check the month");
    return basis;
}

Allocation allocate(CostInputs inputs) {
    Allocation allocation{std::move(inputs), {}};
    auto const pools = allocation.inputs.pools;
    for (auto const& pool : pools) add_pool(allocation, pool);
    return allocation;
}

std::vector<std::string> differences(Allocation const& allocation) {
    std::vector<std::string> found;
    auto const fresh = allocate(allocation.inputs);
    if (fresh.lines.size() != allocation.lines.size())
        found.push_back("it has " + std::to_string(allocation.lines.size()) + " lines, its inputs give " +
                        std::to_string(fresh.lines.size()));
    auto const text = [&](std::int64_t minor) { return base::Money{minor, fresh.inputs.currency}.text(); };
    for (std::size_t i = 0; i < std::min(fresh.lines.size(), allocation.lines.size()); ++i) {
        auto const& said = allocation.lines[i];
        if (said != fresh.lines[i])
            found.push_back(word(said) + " says " + text(said.minor) + ", its inputs give " +
                            text(fresh.lines[i].minor) + " to " + fresh.lines[i].member);
    }
    return found;
}

}  // namespace consortium::account
