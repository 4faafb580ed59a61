#include "core/flow/cost_input.h"

#include "core/account/proration.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

std::optional<HeldAllocation> read_allocation(port::Store const& store, model::StoredAct const& stored) {
    auto const notice = model::allocation_notice_from_json(*stored.act.body);
    auto const file = store.file(notice.document);
    if (!file) return std::nullopt;
    try {
        auto value = base::parse_canonical(*file, {16u << 20, 32, false});
        auto allocation = model::allocation_from_json(value);
        if (allocation.inputs.month != notice.month || allocation.inputs.corrects != notice.corrects)
            return std::nullopt;
        return HeldAllocation{stored.id, stored.act.member, notice.document, std::move(allocation)};
    } catch (Error const&) {
        return std::nullopt;
    }
}

/// Of two allocations that correct the same document (or none), the one held first counts.
bool follows(std::vector<HeldAllocation> const& held, HeldAllocation const& next) {
    std::optional<base::Digest> last;
    for (auto const& one : held)
        if (one.allocation.inputs.month == next.allocation.inputs.month) last = one.digest;
    return last == next.allocation.inputs.corrects;
}

std::pair<std::string, std::string> split_amount(std::string const& typed) {
    auto const equals = typed.find('=');
    if (equals == std::string::npos || equals == 0)
        throw Error(Code::usage, "--pool is '" + base::printable(typed) + "', not of the form POOL=AMOUNT",
                    "write for example --pool infrastructure=12000.00");
    return {typed.substr(0, equals), typed.substr(equals + 1)};
}

model::CostPool const& find_pool(model::Charter const& charter, std::string const& id) {
    std::vector<std::string> names;
    for (auto const& pool : charter.pools) {
        if (pool.id == id) return pool;
        names.push_back(pool.id);
    }
    auto const near = base::nearest(id, names);
    throw Error(Code::not_found, "the charter has no pool '" + base::printable(id) + "'",
                near.empty() ? "it has: " + base::join(names, ", ") : "did you mean '" + near + "'?");
}

}  // namespace

std::optional<std::string> optional_argument(model::Request const& request, std::string const& name) {
    auto const found = request.arguments->find(name);
    if (found == request.arguments->end() || found->is_null()) return std::nullopt;
    return found->get<std::string>();
}

std::string text_argument(model::Request const& request, std::string const& name) {
    if (auto value = optional_argument(request, name)) return *value;
    throw Error(Code::usage, "'" + request.command + "' needs --" + name,
                "run 'consortium help " + request.command + "'");
}

std::vector<HeldAllocation> held_allocations(port::Store const& store, std::string_view month) {
    std::vector<HeldAllocation> held;
    for (auto const& stored : store.acts({.kind = "allocation", .subject = {}, .epoch = {}, .member = {}})) {
        auto next = read_allocation(store, stored);
        if (!next || (!month.empty() && next->allocation.inputs.month != month)) continue;
        if (follows(held, *next)) held.push_back(std::move(*next));
    }
    return held;
}

std::optional<model::Usage> imported_usage(port::Store const& store, std::string const& month) {
    auto const object = store.object("usage", month);
    if (!object) return std::nullopt;
    return model::usage_from_json(object->data->at("usage"));
}

std::vector<model::Participant> participants(model::Epoch const& epoch, base::Month const& month,
                                             model::Usage const* usage) {
    std::vector<model::Participant> out;
    for (auto const& member : epoch.members) {
        auto const* used = usage == nullptr ? nullptr : usage->member(member.id);
        model::Participant one{
            member.id, member.name, account::member_days(month, member.joined_at, member.left_at), {}};
        if (used != nullptr) one.quantities = used->quantities;
        if (usage != nullptr && used == nullptr)
            for (auto const& column : usage->columns) one.quantities[column] = 0;
        if (one.days > 0 || used != nullptr) out.push_back(std::move(one));
    }
    return out;
}

account::UsageRules usage_rules(model::Epoch const& epoch, std::string const& month) {
    account::UsageRules rules{{}, month, {}, {}};
    for (auto const& member : epoch.members) rules.members.push_back(member.id);
    for (auto const& pool : epoch.charter.pools)
        if (pool.method == "volume") rules.drivers.push_back(pool.driver);
    return rules;
}

std::vector<model::PoolAmount> pool_amounts(model::Charter const& charter,
                                            std::vector<std::string> const& typed) {
    std::map<std::string, std::int64_t> amounts;
    auto const currency = base::Currency::from_code(charter.currency);
    for (auto const& one : typed) {
        auto const [id, amount] = split_amount(one);
        static_cast<void>(find_pool(charter, id));
        auto const money = base::Money::from_text(amount, currency);
        if (!amounts.emplace(id, money.minor).second)
            throw Error(Code::usage, "--pool names '" + id + "' twice", "give each pool once, with its sum");
    }
    if (amounts.empty())
        throw Error(Code::usage, "no --pool was given", "write for example --pool infrastructure=12000.00");
    std::vector<model::PoolAmount> out;
    for (auto const& pool : charter.pools)
        if (auto const found = amounts.find(pool.id); found != amounts.end())
            out.push_back({pool, found->second});
    return out;
}

std::vector<model::Billed> billed_so_far(std::vector<HeldAllocation> const& earlier) {
    std::map<std::pair<std::string, std::string>, std::int64_t> sums;
    for (auto const& held : earlier)
        for (auto const& line : held.allocation.lines) sums[{line.pool, line.member}] += line.minor;
    std::vector<model::Billed> out;
    out.reserve(sums.size());
    for (auto const& [where, minor] : sums) out.push_back({where.first, where.second, minor});
    return out;
}

}  // namespace consortium::flow
