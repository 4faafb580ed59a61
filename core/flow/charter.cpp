#include "core/flow/charter.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/charter_file.h"
#include "core/flow/charter_text.h"
#include "core/flow/genesis.h"

#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using policy::Finding;
using policy::Party;
using policy::Severity;

constexpr int max_parties = 10'000;

std::shared_ptr<model::Epoch const> epoch_of(State const& state) {
    auto epoch = known_epoch(state.store);
    if (!epoch) static_cast<void>(state.joined());  // throws, and says how to join
    return epoch;
}

/// "validator=4" as four members named validator-1 …
void add_supposed(std::vector<Party>& parties, std::string const& text, model::Charter const& charter) {
    std::size_t const mark = text.find('=');
    std::string const tier = text.substr(0, mark);
    std::string const digits = mark == std::string::npos ? "" : text.substr(mark + 1);
    int count = 0;
    auto const [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    bool const number = status == std::errc{} && end == digits.data() + digits.size();
    if (!number || count < 1 || count > max_parties || charter.tier(tier) == nullptr) {
        throw Error(
            Code::usage,
            fmt::format(
                "--members is '{}', expected TIER=COUNT with a tier of the charter and a count from 1 "
                "to {}",
                base::printable(text), max_parties));
    }
    for (int i = 1; i <= count; ++i) parties.push_back({fmt::format("{}-{}", tier, i), tier});
}

std::vector<Party> parties_for(model::Request const& request, model::Charter const& charter,
                               model::Epoch const* epoch) {
    std::vector<Party> out;
    if (request.arguments->contains("members")) {
        for (Json const& one : request.arguments->at("members"))
            add_supposed(out, one.get<std::string>(), charter);
    } else if (epoch != nullptr) {
        out = parties_of(*epoch);
    }
    return out;
}

std::string_view word_of(Severity severity) {
    switch (severity) {
        case Severity::refused:
            return "refused";
        case Severity::warning:
            return "warning";
        default:
            return "note";
    }
}

Json findings_json(std::vector<Finding> const& findings, base::Toml const& toml) {
    Json out = Json::array();
    for (Finding const& finding : findings) {
        base::Position const at = toml.place(finding.pointer);
        out.push_back({{"severity", word_of(finding.severity)},
                       {"rule", finding.rule},
                       {"pointer", finding.pointer},
                       {"line", at.line},
                       {"column", at.column},
                       {"words", finding.words}});
    }
    return out;
}

model::Table findings_table(Json const& findings) {
    model::Table table{{"", "LINE", "WHAT IT MEANS"}, {}, "nothing to remark"};
    for (Json const& finding : findings) {
        table.rows.push_back({finding["severity"].get<std::string>(),
                              std::to_string(finding["line"].get<int>()),
                              finding["words"].get<std::string>()});
    }
    return table;
}

bool any_refused(std::vector<Finding> const& findings) {
    return !findings.empty() && findings.front().severity == Severity::refused;  // the worst come first
}

/// Every place in which two JSON values differ, down to the fields; a list is one field.
void differences(Json const& before, Json const& after, std::string const& pointer, Json& out) {
    if (before == after) return;
    if (!before.is_object() || !after.is_object()) {
        out.push_back({{"pointer", pointer}, {"now", before}, {"file", after}});
        return;
    }
    Json keys = before;
    keys.update(after);
    for (auto const& item : keys.items()) {
        auto const side = [&](Json const& value) {
            return value.contains(item.key()) ? value[item.key()] : Json();
        };
        differences(side(before), side(after), pointer + "/" + item.key(), out);
    }
}

std::string shown(Json const& value) {
    if (value.is_null()) return "-";
    return value.is_string() ? value.get<std::string>() : base::canonical(value);
}

}  // namespace

model::Outcome charter_check(model::Epoch const* epoch, model::Request const& request) {
    CharterFile const file = read_charter_file(request.arguments->at("operand").get<std::string>());
    std::vector<Party> const parties = parties_for(request, file.charter, epoch);
    std::vector<Finding> const findings = policy::lint(file.charter, parties);
    Json items = findings_json(findings, file.toml);
    model::Outcome outcome;
    outcome.schema = "consortium.charter-check/1";
    outcome.text.emplace_back(
        fmt::format("charter '{}' for {}", file.charter.name,
                    parties.empty() ? "any members" : fmt::format("{} members", parties.size())));
    outcome.text.emplace_back(findings_table(items));
    outcome.data = JsonValue(Json{{"name", file.charter.name},
                                  {"digest", model::digest(file.charter).hex()},
                                  {"members", parties.size()},
                                  {"ok", !any_refused(findings)},
                                  {"items", std::move(items)}});
    if (parties.empty()) {
        outcome.next.push_back(fmt::format("consortium charter check {} --members {}=4", file.toml.source,
                                           file.charter.tiers.back().id));
    }
    if (any_refused(findings)) outcome.status = Code::refused;
    return outcome;
}

model::Outcome charter_show(State const& state, model::Request const& /*request*/) {
    auto const epoch = epoch_of(state);
    model::Outcome outcome;
    outcome.schema = "consortium.charter/1";
    outcome.data = JsonValue(Json{{"epoch", epoch->number},
                                  {"digest", model::digest(epoch->charter).hex()},
                                  {"charter", model::to_json(epoch->charter)}});
    outcome.text = charter_text(*epoch);
    return outcome;
}

model::Outcome charter_diff(State const& state, model::Request const& request) {
    auto const epoch = epoch_of(state);
    CharterFile const file = read_charter_file(request.arguments->at("operand").get<std::string>());
    Json items = Json::array();
    differences(model::to_json(epoch->charter), model::to_json(file.charter), "", items);
    model::Outcome outcome;
    outcome.schema = "consortium.charter-diff/1";
    model::Table table{{"PLACE", "IN FORCE", "IN THE FILE"}, {}, "the file says what is in force"};
    for (Json const& item : items) {
        table.rows.push_back({item["pointer"].get<std::string>(), shown(item["now"]), shown(item["file"])});
    }
    outcome.text.emplace_back(std::move(table));
    if (!items.empty()) outcome.next.push_back("consortium charter amend " + file.toml.source);
    outcome.data = JsonValue(Json{{"epoch", epoch->number},
                                  {"now", model::digest(epoch->charter).hex()},
                                  {"file", model::digest(file.charter).hex()},
                                  {"items", std::move(items)}});
    return outcome;
}

}  // namespace consortium::flow
