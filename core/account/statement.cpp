#include "core/account/statement.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <map>

namespace consortium::account {

using model::Allocation;
using model::CostInputs;
using model::CostLine;
using model::Statement;

namespace {

std::string money(std::int64_t minor, CostInputs const& inputs) {
    return base::Money{minor, inputs.currency}.text();
}

std::string quantity_words(CostLine const& line, CostInputs const& inputs) {
    if (line.method == "volume") {
        for (auto const& pool : inputs.pools)
            if (pool.rule.id == line.pool) return fmt::format("{} {}", line.quantity, pool.rule.driver);
    }
    if (line.method == "weighted")
        return fmt::format("weight {}, {} of {} days", line.quantity, line.days, inputs.days);
    return fmt::format("{} of {} days", line.days, inputs.days);
}

/// In minor units, with the sign, to three places: what rounding added or took.
std::string signed_decimal(base::Rational const& value) {
    return (value > base::Rational(0) ? "+" : "") + value.decimal(3);
}

std::string line_text(CostLine const& line, CostInputs const& inputs) {
    return fmt::format("{:<18}{:<9}{:<34}{:>16}{:>8}{:>14}\n", line.pool, line.method,
                       quantity_words(line, inputs), line.quota.decimal(3), signed_decimal(line.adjustment),
                       money(line.minor, inputs));
}

std::string pool_text(model::PoolAmount const& pool, CostInputs const& inputs) {
    return fmt::format("{:<18}{:<9}{:<34}{:>38}\n", pool.rule.id, pool.rule.method,
                       pool.rule.driver.empty() ? "-" : pool.rule.driver, money(pool.minor, inputs));
}

}  // namespace

std::vector<Statement> statements(Allocation const& allocation, std::string const& consortium) {
    auto const digest = base::sha256(model::document(allocation));
    auto const& inputs = allocation.inputs;
    std::map<std::string, std::vector<CostLine>> lines;
    for (auto const& line : allocation.lines) lines[line.member].push_back(line);
    std::vector<Statement> out;
    for (auto const& member : inputs.members) {
        auto const found = lines.find(member.member);
        if (found == lines.end()) continue;
        Statement statement{inputs.month + "/" + member.member, consortium, member, &inputs, digest,
                            std::move(found->second),           0};
        if (inputs.corrects) statement.number += "/" + digest.hex().substr(0, 6);
        for (auto const& line : statement.lines) statement.total += line.minor;
        out.push_back(std::move(statement));
    }
    return out;
}

std::string text_of(Statement const& statement) {
    auto const& inputs = *statement.inputs;
    std::string out = fmt::format("{}\n{} {}\n\n", statement.consortium,
                                  inputs.corrects ? "Correction" : "Statement of costs", statement.number);
    out += fmt::format("To          {} ({})\n", statement.party.name, statement.party.member);
    out += fmt::format("Period      {}, {} of {} days a member\n", inputs.month, statement.party.days,
                       inputs.days);
    out += fmt::format("Due         {}; dispute by {}\n", inputs.due.text(), inputs.dispute_by.text());
    out += fmt::format("Policy      charter {} of epoch {}\n", inputs.policy.brief(), inputs.epoch.number);
    out += fmt::format("Usage       {}\n", inputs.usage ? "file " + inputs.usage->brief() : "none");
    out += fmt::format("Allocation  {}\n\n", statement.allocation.hex());
    if (inputs.corrects)
        out += fmt::format("Corrects    {}; lines ask for the difference only\n\n", inputs.corrects->brief());
    out += "Pools, whole\n";
    for (auto const& pool : inputs.pools) out += pool_text(pool, inputs);
    out += fmt::format("\n{:<18}{:<9}{:<34}{:>16}{:>8}{:>14}\n", "Lines", "method", "quantity", "quota",
                       "round", inputs.currency.code);
    for (auto const& line : statement.lines) out += line_text(line, inputs);
    out += fmt::format("{:<61}{:>38}\n", "Total", money(statement.total, inputs));
    out += "\nQuotas and rounding are in minor units; exact fractions are in the JSON form.\n";
    return out;
}

std::string hledger_journal(Allocation const& allocation, std::string const& consortium) {
    auto const& inputs = allocation.inputs;
    auto const& code = inputs.currency.code;
    auto const month = base::Month::from_text(inputs.month);
    auto const date = base::Day{month.end.number - 1}.text();
    auto const sample =
        inputs.currency.digits == 0 ? "1000." : "1000." + std::string(inputs.currency.digits, '0');
    std::string out = fmt::format("; {}: costs of {}, allocation {}\n", base::printable(consortium),
                                  inputs.month, base::sha256(model::document(allocation)).hex());
    out += fmt::format("commodity {} {}\n\naccount liabilities:operations\n", sample, code);
    for (auto const& pool : inputs.pools) out += "account expenses:pool:" + pool.rule.id + "\n";
    for (auto const& member : inputs.members) out += "account assets:receivable:" + member.member + "\n";

    std::map<std::string, std::int64_t> asked;  // by pool; equals its amount except in corrections
    for (auto const& pool : inputs.pools) {
        asked[pool.rule.id] = pool.minor;
        for (auto const& billed : inputs.billed)
            if (billed.pool == pool.rule.id) asked[pool.rule.id] -= billed.minor;
        out += fmt::format("\n{} pool {}\n    expenses:pool:{}  {} {}\n    liabilities:operations  {} {}\n",
                           date, pool.rule.id, pool.rule.id, money(asked[pool.rule.id], inputs), code,
                           money(-asked[pool.rule.id], inputs), code);
    }
    for (auto const& statement : statements(allocation, consortium)) {
        out += fmt::format("\n{} statement {}\n    assets:receivable:{}  {} {}\n", date, statement.number,
                           statement.party.member, money(statement.total, inputs), code);
        for (auto const& line : statement.lines)
            out += fmt::format("    expenses:pool:{}  {} {}\n", line.pool, money(-line.minor, inputs), code);
    }
    out += fmt::format("\n{} every pool is shared to the last unit\n", date);
    auto const nothing = money(0, inputs);
    for (auto const& pool : inputs.pools)
        out +=
            fmt::format("    expenses:pool:{}  {} {} = {} {}\n", pool.rule.id, nothing, code, nothing, code);
    return out;
}

}  // namespace consortium::account
