#include "core/flow/charter_diff.h"

#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;
using base::JsonValue;

void compare(Json const& before, Json const& after, std::string const& pointer,
             std::vector<CharterDifference>& out) {
    if (before == after) return;
    if (!before.is_object() || !after.is_object()) {
        out.push_back({pointer, JsonValue(before), JsonValue(after)});
        return;
    }
    Json keys = before;
    keys.update(after);
    for (auto const& item : keys.items()) {
        auto const side = [&](Json const& value) {
            return value.contains(item.key()) ? value[item.key()] : Json();
        };
        compare(side(before), side(after), pointer + "/" + item.key(), out);
    }
}

struct Place {
    std::string_view keys;   // below the table's id, or the whole pointer
    std::string_view words;  // for people
};

constexpr Place places[]{
    {"/name", "the consortium's name"},
    {"/time_zone", "the time zone"},
    {"/currency", "the currency"},
    {"/agreement/grace", "how long after a close ballots may still arrive"},
    {"/agreement/settle", "how long own changes wait"},
    {"/agreement/attempt", "how long a leader has for an epoch"},
    {"/agreement/away", "after which absence a member joins anew"},
    {"/agreement/raised_quorum", "the raised quorum of an epoch (0: none)"},
    {"/agreement/midvote", "what becomes of open proposals when charter or members change"},
    {"/agreement/rekey", "who gives an officer whose key is lost a new one"},
    {"/exit/notice", "the notice of a member that leaves"},
    {"/unamendable", "clauses that nobody may change"},
    {"actions", "what it decides"},
    {"electorate", "who votes"},
    {"proposers", "which roles propose"},
    {"quorum/min", "the quorum"},
    {"quorum/of", "what the quorum is a share of"},
    {"quorum/counts", "which votes the quorum counts"},
    {"pass/min", "the share that passes it"},
    {"pass/of", "what that share is of"},
    {"veto/min", "the share that vetoes it"},
    {"veto", "the veto"},
    {"classes", "majorities of a tier"},
    {"time/window", "how long it is open"},
    {"time/notice", "the notice before that"},
    {"time/timelock", "the wait before it is carried out"},
    {"time/lapses", "how long it may be carried out"},
    {"time/late_quorum", "what a late quorum leaves to vote"},
    {"time/cooldown", "the wait before it is proposed again"},
    {"time/earliest", "when it may close early"},
    {"ballot/change", "whether votes may be changed"},
    {"ballot/delegation", "delegation"},
    {"ballot/recusal", "recusal"},
    {"weight", "what votes weigh"},
    {"emergency", "the emergency track"},
    {"expedited", "the expedited track"},
    {"optimistic", "passing unless somebody objects"},
    {"finding", "whether it needs a finding of the panel"},
    {"officers", "how many officers"},
    {"members", "of how many members"},
    {"roles", "of which roles"},
    {"exclude_proposer", "whether the proposer counts"},
    {"items", "evidence"},
    {"rights", "rights"},
    {"term", "how long a grant lasts"},
    {"based_on", "the profile that it is based on"},
    {"lifetime", "how long it lasts"},
    {"key_types", "the keys that are certified"},
    {"names", "the kinds of names"},
    {"needs_name", "whether it needs a name"},
    {"within", "the space of its names"},
    {"units", "the units"},
    {"key_usage", "what the key may do"},
    {"extended_usage", "what it is for"},
    {"approval", "the approvals that it waits for"},
};

std::string words_of(std::string_view keys) {
    auto const found = std::find_if(std::begin(places), std::end(places),
                                    [&](Place const& one) { return one.keys == keys; });
    if (found != std::end(places)) return std::string(found->words);
    std::string out(keys.substr(keys.starts_with('/') ? 1 : 0));
    std::replace(out.begin(), out.end(), '/', ' ');
    std::replace(out.begin(), out.end(), '_', ' ');
    return out;
}

constexpr std::string_view tables[]{"tier", "role", "decision", "approval", "gate", "pool", "certificate"};

/// A profile of which one charter says nothing is compared key by key all the same: it stands there as built
/// in, or as it is based on another.
void fill_profiles(Json& charter, Json const& other) {
    auto& profiles = charter["certificate"];
    if (profiles.is_null()) profiles = Json::object();
    if (!other.contains("certificate")) return;
    for (auto const& item : other["certificate"].items())
        if (!profiles.contains(item.key())) profiles[item.key()] = Json::object();
}

}  // namespace

std::vector<CharterDifference> charter_differences(model::Charter const& before,
                                                   model::Charter const& after) {
    std::vector<CharterDifference> out;
    auto now = model::to_json(before), next = model::to_json(after);
    fill_profiles(now, next);
    fill_profiles(next, now);
    compare(now, next, "", out);
    return out;
}

std::string charter_place(std::string_view pointer) {
    auto const parts = base::split(pointer, '/');  // the first is empty
    bool const in_table =
        parts.size() > 2 && std::find(std::begin(tables), std::end(tables), parts[1]) != std::end(tables);
    if (!in_table) return words_of(pointer);
    auto owner = parts[1] + " '" + parts[2] + "'";
    if (parts.size() == 3) return owner;
    return owner + ": " + words_of(pointer.substr(3 + parts[1].size() + parts[2].size()));
}

std::string charter_value(base::Json const& value) {
    if (value.is_null()) return "-";
    return value.is_string() ? value.get<std::string>() : base::canonical(value);
}

}  // namespace consortium::flow
