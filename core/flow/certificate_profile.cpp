#include "core/flow/certificate_profile.h"

#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::Profile;

namespace {

std::string listed(std::vector<std::string> const& words, char const* when_empty) {
    return words.empty() ? when_empty : base::join(words, ", ");
}

std::string names_of(Profile const& profile) {
    auto out = listed(profile.names, "none");
    if (profile.needs_name) out += "; one at least";
    if (!profile.within.empty()) out += "; within " + base::join(profile.within.texts(), ", ");
    return out;
}

/// "built-in", "built-in, changed by the charter", "charter".
std::string origin_of(Profile const& profile) {
    auto const* own = model::builtin_profile(profile.id);
    if (own == nullptr) return "charter";
    return profile == *own ? "built-in" : "built-in, as the charter has it";
}

Json record_of(Profile const& profile) {
    auto out = model::to_json(profile);
    out["origin"] = origin_of(profile);
    return out;
}

model::Fields fields_of(Profile const& profile) {
    return {{{"profile", profile.id},
             {"from", origin_of(profile)},
             {"lasts at most", profile.lifetime.text()},
             {"keys", listed(profile.key_types, "every sound type")},
             {"names", names_of(profile)},
             {"units", listed(profile.units, "none")},
             {"key usage", base::join(profile.key_usage, ", ")},
             {"extended usage", base::join(profile.extended_usage, ", ")},
             {"approval", profile.approval.empty() ? "none needed" : "by rule '" + profile.approval + "'"}}};
}

}  // namespace

model::Table profile_table(std::vector<Profile> const& profiles) {
    model::Table table{
        {"certificate", "lasts", "keys", "names", "units", "for", "approval"}, {}, "no certificate profiles"};
    for (auto const& each : profiles) {
        table.rows.push_back({each.id, each.lifetime.text(), listed(each.key_types, "every sound type"),
                              names_of(each), listed(each.units, "-"), base::join(each.extended_usage, ", "),
                              each.approval.empty() ? "-" : each.approval});
    }
    return table;
}

model::Outcome certificate_profiles(model::Epoch const* epoch, model::Request const& request) {
    auto const charter = epoch == nullptr ? model::Charter{} : epoch->charter;
    model::Outcome outcome;
    if (request.arguments->contains("operand")) {
        auto const found = model::profile_of(charter, request.arguments->at("operand").get<std::string>());
        outcome.schema = "consortium.certificate-profile/1";
        outcome.data = JsonValue(record_of(found));
        outcome.text.emplace_back(fields_of(found));
        return outcome;
    }
    auto const all = model::profiles_of(charter);
    Json items = Json::array();
    for (auto const& each : all) items.push_back(record_of(each));
    outcome.schema = "consortium.certificate-profile-list/1";
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text.emplace_back(profile_table(all));
    return outcome;
}

}  // namespace consortium::flow
