#include "core/agreement/equivocation.h"

#include "core/agreement/statement.h"

#include <array>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

std::string slot_in(model::Act const& act, std::string_view field) {
    auto const subject = model::subject_of(act).hex();
    return act.kind + "/" + act.member + "/" + subject + "/" + std::to_string(act.body->value(field, 0));
}

std::string agreement_slot(model::Act const& act) {
    return act.kind + "/" + act.key.hex() + "/" + std::to_string(act.epoch.number + 1) + "/" +
           std::to_string(act.body->value("attempt", 0));
}

std::vector<model::StoredAct> in_slot_of(port::Evidence const& evidence, model::Act const& act) {
    port::ActQuery query;
    query.kind = act.kind;
    query.member = act.member;
    if (act.kind == "ballot" || act.kind == "seen") {
        query.subject = model::subject_of(act);
    } else {
        query.epoch = act.epoch.number;
    }
    auto held = evidence.acts(query);
    auto const slot = slot_of(act);
    std::erase_if(held, [&](model::StoredAct const& other) { return slot_of(other.act) != slot; });
    return held;
}

}  // namespace

std::string slot_of(model::Act const& act) {
    constexpr std::array<std::string_view, 4> phases{"candidate", "prepare", "commit", "skip"};
    if (act.kind == "ballot") return slot_in(act, "revision");
    if (act.kind == "seen") return act.kind + "/" + act.key.hex() + "/" + model::subject_of(act).hex();
    for (auto phase : phases)
        if (act.kind == phase) return agreement_slot(act);
    return {};
}

bool slot_taken(port::Evidence const& evidence, model::Act const& act) {
    return !slot_of(act).empty() && !in_slot_of(evidence, act).empty();
}

std::optional<Contradiction> contradiction(port::Evidence const& evidence, model::StoredAct const& act) {
    auto const slot = slot_of(act.act);
    if (slot.empty()) return std::nullopt;
    for (auto const& other : in_slot_of(evidence, act.act)) {
        if (other.id == act.id || other.index > act.index) continue;
        if (*other.act.body != *act.act.body) return Contradiction{slot, act.act.member, other.id, act.id};
    }
    return std::nullopt;
}

std::string evidence_file(port::Evidence const& evidence, Contradiction const& found) {
    auto const envelope = [&](base::Digest const& id) {
        auto const act = evidence.act(id);
        return act ? act->envelope : std::string();
    };
    return base::canonical({{"schema", "consortium.contradiction/1"},
                            {"slot", found.slot},
                            {"member", found.member},
                            {"acts", {envelope(found.first), envelope(found.second)}}});
}

}  // namespace consortium::agreement
