#include "core/account/statement.h"

#include "core/base/text.h"

#include <fmt/format.h>
#include <map>

namespace consortium::account {

using model::Allocation;
using model::CostInputs;
using model::CostLine;
using model::Invoice;

namespace {

std::string money(std::int64_t minor, CostInputs const& inputs) {
    return base::Money{minor, inputs.currency}.text();
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

std::string head_text(Invoice const& invoice) {
    auto const& inputs = *invoice.inputs;
    std::string out = fmt::format("{}\n{} {}\n\n", invoice.consortium,
                                  inputs.corrects ? "Correction" : "Statement of costs", invoice.number);
    out += fmt::format("To          {} ({})\n", invoice.party.name, invoice.party.member);
    out += fmt::format("Period      {}, a member on {} of {} days\n", inputs.month, invoice.party.days,
                       inputs.days);
    out += fmt::format("Due         {}; dispute by {}\n", inputs.due.text(), inputs.dispute_by.text());
    out += fmt::format("Policy      charter {} of epoch {}\n", inputs.policy.brief(), inputs.epoch.number);
    out += fmt::format("Usage       {}\n", inputs.usage ? "file " + inputs.usage->brief() : "none");
    out += fmt::format("Allocation  {}\n\n", invoice.allocation.hex());
    if (inputs.corrects)
        out += fmt::format("Corrects    {}; lines ask for the difference only\n\n", inputs.corrects->brief());
    return out;
}

std::string posting(std::string const& account, std::int64_t minor, CostInputs const& inputs) {
    return fmt::format("    {}  {} {}\n", account, money(minor, inputs), inputs.currency.code);
}

std::string declarations(CostInputs const& inputs) {
    auto const digits = static_cast<std::size_t>(inputs.currency.digits);
    std::string out = fmt::format("commodity 1000.{} {}\n\n", std::string(digits, '0'), inputs.currency.code);
    out += "account liabilities:operations\n";
    for (auto const& pool : inputs.pools) out += "account expenses:pool:" + pool.rule.id + "\n";
    for (auto const& member : inputs.members) out += "account assets:receivable:" + member.member + "\n";
    return out;
}

/// What the pool's lines must sum to: its amount, less what was charged before.
std::int64_t asked_of(model::PoolAmount const& pool, CostInputs const& inputs) {
    auto asked = pool.minor;
    for (auto const& billed : inputs.billed)
        if (billed.pool == pool.rule.id) asked -= billed.minor;
    return asked;
}

}  // namespace

std::string quantity_words(CostLine const& line, CostInputs const& inputs) {
    if (line.method == "volume") {
        for (auto const& pool : inputs.pools)
            if (pool.rule.id == line.pool) return fmt::format("{} {}", line.quantity, pool.rule.driver);
    }
    if (line.method == "weighted")
        return fmt::format("weight {}, {} of {} days", line.quantity, line.days, inputs.days);
    return fmt::format("{} of {} days", line.days, inputs.days);
}

std::string signed_decimal(base::Rational const& value) {
    return (value > base::Rational(0) ? "+" : "") + value.decimal(3);
}

std::vector<Invoice> statements(Allocation const& allocation, std::string const& consortium) {
    auto const digest = base::sha256(model::document(allocation));
    auto const& inputs = allocation.inputs;
    std::map<std::string, std::vector<CostLine>> lines;
    for (auto const& line : allocation.lines) lines[line.member].push_back(line);
    std::vector<Invoice> out;
    for (auto const& member : inputs.members) {
        auto const found = lines.find(member.member);
        if (found == lines.end()) continue;
        Invoice invoice{inputs.month + "/" + member.member, consortium, member, &inputs, digest,
                        std::move(found->second),           0};
        if (inputs.corrects) invoice.number += "/" + digest.hex().substr(0, 6);
        for (auto const& line : invoice.lines) invoice.total += line.minor;
        out.push_back(std::move(invoice));
    }
    return out;
}

std::string text_of(Invoice const& invoice) {
    auto const& inputs = *invoice.inputs;
    std::string out = head_text(invoice);
    out += "Pools, whole\n";
    for (auto const& pool : inputs.pools) out += pool_text(pool, inputs);
    out += fmt::format("\n{:<18}{:<9}{:<34}{:>16}{:>8}{:>14}\n", "Lines", "method", "quantity", "quota",
                       "round", inputs.currency.code);
    for (auto const& line : invoice.lines) out += line_text(line, inputs);
    out += fmt::format("{:<61}{:>38}\n", "Total", money(invoice.total, inputs));
    out += "\nQuotas and rounding are in minor units; exact fractions are in the JSON form.\n";
    return out;
}

std::string hledger_journal(Allocation const& allocation, std::string const& consortium) {
    auto const& inputs = allocation.inputs;
    auto const month = base::Month::from_text(inputs.month);
    auto const date = base::Day{month.end.number - 1}.text();
    std::string out = fmt::format("; {}: costs of {}, allocation {}\n", base::printable(consortium),
                                  inputs.month, base::sha256(model::document(allocation)).hex());
    out += declarations(inputs);
    for (auto const& pool : inputs.pools) {
        auto const asked = asked_of(pool, inputs);
        out += fmt::format("\n{} pool {}\n", date, pool.rule.id);
        out += posting("expenses:pool:" + pool.rule.id, asked, inputs);
        out += posting("liabilities:operations", -asked, inputs);
    }
    for (auto const& invoice : statements(allocation, consortium)) {
        out += fmt::format("\n{} statement {}\n", date, invoice.number);
        out += posting("assets:receivable:" + invoice.party.member, invoice.total, inputs);
        for (auto const& line : invoice.lines)
            out += posting("expenses:pool:" + line.pool, -line.minor, inputs);
    }
    out += fmt::format("\n{} every pool is shared to the last unit\n", date);
    auto const nothing = fmt::format(" = {} {}\n", money(0, inputs), inputs.currency.code);
    for (auto const& pool : inputs.pools) {
        auto const line = posting("expenses:pool:" + pool.rule.id, 0, inputs);
        out += line.substr(0, line.size() - 1) + nothing;
    }
    return out;
}

}  // namespace consortium::account
