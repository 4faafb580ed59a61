#include "core/model/epoch.h"

#include "core/base/error.h"

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

Continuation const* Epoch::continuation(base::Digest const& proposal) const {
    for (auto const& one : continuing)
        if (one.proposal == proposal) return &one;
    return nullptr;
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

namespace {

using Names = std::vector<std::string>;

void read_charter_outline(base::Json const& charter, EpochOutline& out) {
    out.consortium = charter.at("name").get<std::string>();
    if (!out.tier.empty() && charter.at("tier").contains(out.tier))
        out.rights = charter.at("tier").at(out.tier).at("rights").get<Names>();
    for (auto const& [id, decision] : charter.at("decision").items())
        for (auto const& action : decision.at("actions"))
            out.electorates[action.get<std::string>()] = decision.at("electorate").get<Names>();
    for (auto const& [id, gate] : charter.at("gate").items()) out.gates[id] = gate.at("roles").get<Names>();
    auto const& approvals = charter.at("approval");
    if (approvals.contains("root")) out.root_approvers = approvals.at("root").at("roles").get<Names>();
}

void read_role_ends(base::Json const& document, std::string_view member, EpochOutline& out) {
    base::JsonReader(document).objects(
        "officers",
        [&](base::JsonReader& one) {
            if (!one.has("ends") || one.name("member") != member || one.text("status") == "removed") return;
            for (auto const& [role, end] : read_ends(one, one.texts("roles")))
                out.role_ends.push_back({one.name("id"), role, end});
        },
        max_officers);
}

void read_lapses(base::Json const& document, EpochOutline& out) {
    if (!document.contains("measures")) return;
    for (auto const& one : document.at("measures")) {
        if (one.at("ends").is_null()) continue;
        out.lapses.push_back({base::Digest::from_hex(one.at("proposal").get<std::string>()),
                              one.at("action").get<std::string>(), one.at("network").get<std::string>(),
                              base::Instant::from_text(one.at("ends").get<std::string>())});
    }
}

}  // namespace

EpochOutline outline(std::string_view document, std::string_view member, std::string_view officer) {
    auto const value = base::parse_json(document, {.bytes = max_document});
    EpochOutline out;
    try {
        for (auto const& one : value.at("members")) {
            out.members.push_back(one.at("id").get<std::string>());
            if (out.members.back() != member) continue;
            out.member_status = one.at("status").get<std::string>();
            out.tier = one.at("tier").get<std::string>();
        }
        for (auto const& one : value.at("officers"))
            if (one.at("id") == officer && one.at("member") == member && one.at("status") == "active")
                out.roles = one.at("roles").get<Names>();
        read_charter_outline(value.at("charter"), out);
        read_lapses(value, out);
    } catch (base::Json::exception const&) {
        throw base::Error(base::Code::malformed, "this is not the document of an epoch");
    }
    read_role_ends(value, member, out);
    return out;
}

}  // namespace consortium::model
