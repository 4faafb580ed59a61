#include "core/model/invoice.h"

#include "core/base/error.h"
#include "core/model/usage.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;
using base::JsonReader;

namespace {

std::string amount_text(std::int64_t minor, base::Currency const& currency) {
    return base::Money{minor, currency}.text();
}

std::int64_t amount_from(JsonReader& in, std::string_view key, base::Currency const& currency) {
    return base::Money::from_text(in.text(key, 32), currency).minor;
}

Json nullable(std::optional<base::Digest> const& digest) {
    return digest ? Json(digest->hex()) : Json();
}

Json to_json(Participant const& member) {
    return {{"member", member.member},
            {"name", member.name},
            {"days", member.days},
            {"quantities", quantities_to_json(member.quantities)}};
}

Participant participant_from(JsonReader& in) {
    Participant member;
    member.member = in.name("member");
    member.name = in.text("name", 200);
    member.days = static_cast<int>(in.integer("days", 0, 31));
    member.quantities = quantities_from_json(in.value("quantities"), in.pointer() + "/quantities");
    in.done();
    return member;
}

Json to_json(PoolAmount const& pool, base::Currency const& currency) {
    return {{"id", pool.rule.id},
            {"method", pool.rule.method},
            {"driver", pool.rule.driver},
            {"weights", quantities_to_json(pool.rule.weights)},
            {"fallback", pool.rule.fallback},
            {"amount", amount_text(pool.minor, currency)}};
}

PoolAmount pool_from(JsonReader& in, base::Currency const& currency) {
    PoolAmount pool;
    pool.rule.id = in.name("id");
    pool.rule.method = in.text("method", 16);
    pool.rule.driver = in.text("driver", 63);
    pool.rule.weights = quantities_from_json(in.value("weights"), in.pointer() + "/weights");
    pool.rule.fallback = in.text("fallback", 16);
    pool.minor = amount_from(in, "amount", currency);
    in.done();
    return pool;
}

Json to_json(Billed const& billed, base::Currency const& currency) {
    return {
        {"pool", billed.pool}, {"member", billed.member}, {"amount", amount_text(billed.minor, currency)}};
}

Billed billed_from(JsonReader& in, base::Currency const& currency) {
    Billed billed{in.name("pool"), in.name("member"), amount_from(in, "amount", currency)};
    in.done();
    return billed;
}

Json to_json(CostLine const& line, base::Currency const& currency) {
    return {{"pool", line.pool},
            {"member", line.member},
            {"method", line.method},
            {"quantity", std::to_string(line.quantity)},
            {"days", line.days},
            {"weight", std::to_string(line.weight)},
            {"total_weight", std::to_string(line.total)},
            {"quota", line.quota.text()},
            {"adjustment", line.adjustment.text()},
            {"share", amount_text(line.share, currency)},
            {"billed", amount_text(line.billed, currency)},
            {"amount", amount_text(line.minor, currency)}};
}

/// Up to 38 digits: quotas have the product of an amount and a weight above the line.
base::Wide wide_from(std::string_view text, std::string const& what) {
    bool const negative = text.starts_with('-');
    auto const digits = text.substr(negative ? 1 : 0);
    if (digits.empty() || digits.size() > 38 ||
        digits.find_first_not_of("0123456789") != std::string_view::npos)
        throw base::Error(base::Code::malformed, what + " is not a fraction of whole numbers");
    base::Wide value = 0;
    for (char const digit : digits) value = value * 10 + (digit - '0');
    return negative ? -value : value;
}

base::Rational fraction_from(JsonReader& in, std::string_view key) {
    auto const text = in.text(key, 90);
    auto const what = in.pointer() + "/" + std::string(key);
    auto const slash = text.find('/');
    if (slash == std::string::npos) return base::Rational::of(wide_from(text, what), 1);
    return base::Rational::of(wide_from(text.substr(0, slash), what),
                              wide_from(text.substr(slash + 1), what));
}

CostLine line_from(JsonReader& in, base::Currency const& currency) {
    CostLine line;
    line.pool = in.name("pool");
    line.member = in.name("member");
    line.method = in.text("method", 16);
    line.quantity = whole_number(in.text("quantity", 20), in.pointer() + "/quantity");
    line.days = static_cast<int>(in.integer("days", 0, 31));
    line.weight = whole_number(in.text("weight", 20), in.pointer() + "/weight");
    line.total = whole_number(in.text("total_weight", 20), in.pointer() + "/total_weight");
    line.quota = fraction_from(in, "quota");
    line.adjustment = fraction_from(in, "adjustment");
    line.share = amount_from(in, "share", currency);
    line.billed = amount_from(in, "billed", currency);
    line.minor = amount_from(in, "amount", currency);
    in.done();
    return line;
}

template <typename Item>
Json list(std::vector<Item> const& items, base::Currency const& currency) {
    Json out = Json::array();
    for (auto const& item : items) out.push_back(to_json(item, currency));
    return out;
}

Json to_json(CostInputs const& inputs) {
    Json members = Json::array();
    for (auto const& member : inputs.members) members.push_back(to_json(member));
    return {{"month", inputs.month},
            {"currency", inputs.currency.code},
            {"epoch", {{"number", inputs.epoch.number}, {"hash", inputs.epoch.hash.hex()}}},
            {"policy", inputs.policy.hex()},
            {"usage", nullable(inputs.usage)},
            {"days", inputs.days},
            {"members", members},
            {"pools", list(inputs.pools, inputs.currency)},
            {"corrects", nullable(inputs.corrects)},
            {"billed", list(inputs.billed, inputs.currency)},
            {"due", inputs.due.text()},
            {"dispute_by", inputs.dispute_by.text()}};
}

EpochReference epoch_from(JsonReader in) {
    EpochReference epoch;
    epoch.number = static_cast<std::uint64_t>(in.integer("number", 0, std::int64_t{1} << 53));
    epoch.hash = in.digest("hash");
    in.done();
    return epoch;
}

CostInputs inputs_from(JsonReader in) {
    CostInputs inputs;
    inputs.month = in.text("month", 7);
    inputs.currency = base::Currency::from_code(in.text("currency", 3));
    inputs.epoch = epoch_from(in.object("epoch"));
    inputs.policy = in.digest("policy");
    inputs.usage = in.optional_digest("usage");
    inputs.days = static_cast<int>(in.integer("days", 28, 31));
    in.objects("members", [&](JsonReader& each) { inputs.members.push_back(participant_from(each)); });
    in.objects("pools", [&](JsonReader& each) { inputs.pools.push_back(pool_from(each, inputs.currency)); });
    inputs.corrects = in.optional_digest("corrects");
    in.objects("billed",
               [&](JsonReader& each) { inputs.billed.push_back(billed_from(each, inputs.currency)); });
    inputs.due = base::Day::from_text(in.text("due", 10));
    inputs.dispute_by = base::Day::from_text(in.text("dispute_by", 10));
    in.done();
    return inputs;
}

}  // namespace

Json to_json(Allocation const& allocation) {
    return {{"type", "consortium.allocation/1"},
            {"inputs", to_json(allocation.inputs)},
            {"lines", list(allocation.lines, allocation.inputs.currency)}};
}

Allocation allocation_from_json(Json const& value) {
    JsonReader in(value);
    if (in.text("type") != "consortium.allocation/1") in.fail("type", "is not consortium.allocation/1");
    Allocation allocation{inputs_from(in.object("inputs")), {}};
    in.objects(
        "lines",
        [&](JsonReader& each) { allocation.lines.push_back(line_from(each, allocation.inputs.currency)); },
        1'000'000);
    in.done();
    return allocation;
}

std::string document(Allocation const& allocation) {
    return base::canonical(to_json(allocation));
}

Json to_json(AllocationNotice const& notice) {
    return {{"month", notice.month},
            {"document", notice.document.hex()},
            {"corrects", nullable(notice.corrects)}};
}

AllocationNotice allocation_notice_from_json(Json const& value) {
    JsonReader in(value, "/body");
    AllocationNotice notice{in.text("month", 7), in.digest("document"), in.optional_digest("corrects")};
    static_cast<void>(base::Month::from_text(notice.month));
    in.done();
    return notice;
}

Json to_json(Invoice const& invoice) {
    auto const& inputs = *invoice.inputs;
    return {{"type", "consortium.statement/1"},
            {"number", invoice.number},
            {"consortium", invoice.consortium},
            {"party", to_json(invoice.party)},
            {"month", inputs.month},
            {"currency", inputs.currency.code},
            {"policy", inputs.policy.hex()},
            {"usage", nullable(inputs.usage)},
            {"allocation", invoice.allocation.hex()},
            {"corrects", nullable(inputs.corrects)},
            {"pools", list(inputs.pools, inputs.currency)},
            {"lines", list(invoice.lines, inputs.currency)},
            {"total", amount_text(invoice.total, inputs.currency)},
            {"due", inputs.due.text()},
            {"dispute_by", inputs.dispute_by.text()}};
}

}  // namespace consortium::model
