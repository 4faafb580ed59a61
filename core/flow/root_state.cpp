#include "core/base/error.h"
#include "core/flow/authority.h"
#include "core/flow/crl.h"
#include "core/flow/root.h"
#include "core/flow/root_keys.h"
#include "core/flow/sign.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::CeremonyItem;

namespace {

/// What came out of an item, as far as it stands now; zero for one that was overtaken.
base::Digest made_from(CeremonyItem const& item, std::vector<Authority> const& all,
                       Services const& services) {
    if (item.kind == "crl") {
        auto const list = current_crl(services.store, item.signer);
        if (list && services.certifier.describe_crl(*list).tbs == item.digest) return base::sha256(*list);
        return {};
    }
    for (auto const& authority : all) {
        if (authority.name != item.name) continue;
        for (auto const& each : authority.certificates) {
            if (services.certifier.describe(each.der).tbs == item.digest) return base::sha256(each.der);
        }
    }
    return {};
}

Json made_items(Rotation const& rotation, Services const& services) {
    auto const all = authorities(services.store);
    Json out = Json::array();
    for (auto const& item : manifest(services.store, rotation).items) {
        auto const digest = made_from(item, all, services);
        if (digest == base::Digest{}) continue;
        out.push_back({{"name", item.name}, {"kind", item.kind}, {"sha256", digest.hex()}});
    }
    return out;
}

void put_facts(Rotation const& rotation, Services const& services, model::CeremonyNotice& notice) {
    Json facts = *notice.facts;
    facts["stage"] = rotation.stage;
    if (notice.about == "prepared" || notice.about == "signed")
        facts["keys"] = key_records(root_keys(rotation, services));
    if (notice.about == "prepared") {
        facts["before"] = rotation.before;
        facts["manifest"] = rotation.approve->hex();
        notice.files = {*rotation.approve};
    }
    if (notice.about == "signed") {
        facts["manifest"] = rotation.approve->hex();
        facts["bundle"] = rotation.bundle->hex();
        facts["items"] = made_items(rotation, services);
        notice.files = {*rotation.bundle};
    }
    if (notice.about == "cancelled") facts["state"] = rotation.state;
    notice.facts = JsonValue(std::move(facts));
}

/// Whether this member has said it before: a crash came between the act and the operation's record.
std::optional<base::Digest> said_before(State const& state, model::CeremonyNotice const& notice) {
    for (auto const& held : notices_of(state, notice.plan)) {
        if (held.act.act.member == state.self.member && held.notice.about == notice.about &&
            held.notice.attempt == notice.attempt)
            return held.act.id;
    }
    return std::nullopt;
}

JsonValue state_to_members(model::Step const& step, Services& services, Identity const& self) {
    auto const found = own_rotation(services.store);
    if (!found) throw base::Error(base::Code::not_found, "there is no rotation here");
    State const state{services.store, services.store.latest(), services.clock.now(), self};
    model::CeremonyNotice notice;
    notice.plan = found->plan;
    notice.about = step.detail->at("about").get<std::string>();
    notice.attempt = std::max<std::int64_t>(found->attempt, 1);
    notice.facts = JsonValue(step.detail->at("facts"));
    if (auto const known = said_before(state, notice)) return JsonValue(Json{{"id", known->hex()}});
    put_facts(*found, services, notice);
    auto const act = sign({"ceremony", {opening_of(state, *found)}, JsonValue(model::to_json(notice)), false},
                          services, self);
    services.store.write(
        [&](port::Transaction& transaction) { append_own(services, transaction, act.envelope); });
    return JsonValue(Json{{"id", act.id.hex()}});
}

}  // namespace

model::Step statement_step(std::string const& about, Json facts, std::string summary) {
    return {"root.state", about, std::move(summary),
            JsonValue(Json{{"about", about}, {"facts", std::move(facts)}})};
}

Applier const root_state_applier{.remote = state_to_members};

}  // namespace consortium::flow
