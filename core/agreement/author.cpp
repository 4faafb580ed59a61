#include "core/agreement/author.h"

#include "core/model/kind.h"

namespace consortium::agreement {

std::string ended(port::Evidence const& evidence, model::Epoch const& current, model::Act const& act,
                  base::Instant time) {
    auto const* member = current.member(act.member);
    if (member != nullptr && member->status == "suspended") return "member suspended";
    auto const named = evidence.epoch(act.epoch.number);
    auto const* officer = named ? named->officer(act.officer) : nullptr;
    auto const* kind = model::find_kind(act.kind);
    if (officer == nullptr || kind == nullptr) return {};
    return model::has_role(*kind, officer->roles_at(time)) ? "" : "role ended";
}

}  // namespace consortium::agreement
