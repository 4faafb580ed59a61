#include "core/model/epoch.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

constexpr std::size_t max_document = 16u << 20;
constexpr std::size_t max_officers = 200'000;

template <typename T, typename Id>
T const* find_sorted(std::vector<T> const& list, Id const& id) {
    auto const at = std::lower_bound(list.begin(), list.end(), id,
                                     [](T const& item, Id const& wanted) { return item.id < wanted; });
    return at != list.end() && at->id == id ? &*at : nullptr;
}

bool may_vote(Epoch const& epoch, Member const& member) {
    if (!member.votes || member.status != "active") return false;
    auto const* tier = epoch.charter.tier(member.tier);
    return tier != nullptr &&
           std::find(tier->rights.begin(), tier->rights.end(), "vote") != tier->rights.end();
}

}  // namespace

Member const* Epoch::member(std::string_view id) const {
    return find_sorted(members, id);
}

Officer const* Epoch::officer(std::string_view id) const {
    return find_sorted(officers, id);
}

Key const* Epoch::key(base::Digest const& id) const {
    return find_sorted(keys, id);
}

std::vector<Member const*> Epoch::voting() const {
    std::vector<Member const*> out;
    for (auto const& member : members)
        if (may_vote(*this, member)) out.push_back(&member);
    return out;
}

Sizes sizes(int n, int raised_quorum) {
    if (n <= 0) return {};
    int const f = (n - 1) / 3;
    int const q = (n + f + 1 + 1) / 2;
    return {n, f, std::clamp(raised_quorum, q, n)};
}

Sizes sizes(Epoch const& epoch) {
    return sizes(static_cast<int>(epoch.voting().size()), epoch.charter.raised_quorum);
}

std::string document(Epoch const& epoch) {
    return base::canonical(to_json(epoch));
}

Epoch epoch_from_document(std::string_view text) {
    return epoch_from_json(base::parse_canonical(text, {.bytes = max_document, .depth = 32}));
}

EpochReference reference(Epoch const& epoch) {
    return {epoch.number, base::sha256(document(epoch))};
}

EpochOutline outline(std::string_view document, std::string_view member) {
    auto const value = base::parse_json(document, {.bytes = max_document});
    base::JsonReader in(value);
    EpochOutline outline;
    outline.consortium = in.object("charter").text("name");
    in.objects("members", [&](base::JsonReader& one) {
        if (one.name("id") == member) outline.member_status = one.text("status");
    });
    in.objects(
        "officers",
        [&](base::JsonReader& one) {
            if (!one.has("ends") || one.name("member") != member || one.text("status") == "removed") return;
            for (auto const& [role, end] : read_ends(one, one.texts("roles")))
                outline.role_ends.push_back({one.name("id"), role, end});
        },
        max_officers);
    return outline;
}

}  // namespace consortium::model
