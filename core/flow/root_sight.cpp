#include "core/flow/root_sight.h"

#include "core/base/text.h"
#include "core/flow/authority.h"
#include "core/flow/carried_bundle.h"
#include "core/flow/root_compose.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

constexpr std::size_t longest_place = 100;
constexpr std::size_t longest_reason = 120;

std::string place_words(std::string const& url) {
    try {
        auto const place = tls_place(url);
        auto const host = shortened(place.host, longest_place);
        bool const bare = host.find(':') == std::string::npos;
        return fmt::format("{}:{}", bare ? host : "[" + host + "]", place.port);
    } catch (base::Error const&) {
        return shortened(url, longest_place);
    }
}

/// One of the two roots of a rotation, as an endpoint shows what it makes of it.
struct Side {
    std::string root;
    bool certifies = false;  // what it presents
    bool trusted = false;    // by the bundle in force
    bool named = false;      // as an authority whose clients it takes
};
using Sides = std::array<Side, 2>;

Sides sides_of(ProbedNode const& node, model::TrustBundle const& bundle, model::RotationPlan const& plan) {
    Sides out{Side{root_of(plan.from), node.trust->old_only.holds},
              Side{root_of(plan.to), node.trust->new_only.holds}};
    for (auto& side : out)
        side.trusted = std::ranges::find(bundle.roots, side.root, &model::TrustedCertificate::name) !=
                       bundle.roots.end();
    if (!node.clients) return out;
    out[0].named = node.clients->old_named;
    out[1].named = node.clients->new_named;
    return out;
}

std::string seen_words(ProbedNode const& node, Sides const& sides) {
    std::vector<std::string> trusters, takes;
    for (auto const& side : sides) {
        if (side.certifies) trusters.push_back(side.root + " alone");
        if (side.named) takes.push_back(side.root);
    }
    if (node.trust->both.holds) trusters.emplace_back("both");
    auto const certificate =
        node.shown.chain.empty() ? "none" : base::sha256(node.shown.chain.front()).brief();
    auto words = fmt::format("seen at {}: certificate {}, trusted by who has {}", place_words(node.url),
                             certificate, trusters.empty() ? "neither root" : base::join(trusters, ", "));
    if (!takes.empty()) words += fmt::format("; takes clients of {}", base::join(takes, ", "));
    return words;
}

/// RFC 5246 7.4.4: the names "may specify a desired distinguished name for a root CA or for a subordinate
/// CA", so a list that has neither of the two roots says nothing of them.
std::string against_trust(Sides const& sides) {
    bool const tells = sides[0].named || sides[1].named;
    for (auto const& side : sides) {
        if (side.named && !side.trusted) return "still takes clients of " + side.root;
        if (tells && side.trusted && !side.named) return "takes no clients of " + side.root;
    }
    return {};
}

std::string against(ProbedNode const& node, Sides const& sides, model::TrustBundle const& bundle) {
    if (node.pin_holds == false) return "presents another key than the one that is pinned";
    auto const& wanted = sides[sides[0].root == bundle.present ? 0 : 1];
    auto const& other = sides[sides[0].root == bundle.present ? 1 : 0];
    if (!wanted.certifies && other.certifies)
        return fmt::format("presents a chain that {} alone certifies", other.root);
    return against_trust(sides);
}

Sight sight_of(ProbedNode const& node, model::TrustBundle const& bundle, model::RotationPlan const& plan) {
    Sight out;
    out.member = node.member;
    out.node = node.node;
    out.seen = node.trust.has_value();
    if (!out.seen) {
        out.words = fmt::format("not seen at {}: {}", place_words(node.url),
                                shortened(node.shown.words, longest_reason));
        return out;
    }
    auto const sides = sides_of(node, bundle, plan);
    out.words = seen_words(node, sides);
    out.old_alone = sides[0].certifies && !sides[1].certifies;
    out.against = against(node, sides, bundle);
    return out;
}

std::vector<Sight> unseen(base::Json const& endpoints) {
    std::vector<Sight> out;
    for (auto const& [member, own] : endpoints.items()) {
        for (auto const& [node, endpoint] : own.items())
            out.push_back({member, node, false, false, "not looked at: there is no network here", {}});
    }
    return out;
}

}  // namespace

std::string shortened(std::string_view text, std::size_t most) {
    constexpr std::string_view rest = "...";
    auto out = base::printable(text);
    if (out.size() <= most) return out;
    auto end = most - rest.size();
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) --end;
    return out.substr(0, end) + std::string(rest);
}

TrustSets rotation_roots(State const& state, Rotation const& rotation) {
    auto const plan = rotation_plan(state.store, rotation);
    auto carried = carried_bundles(state.store);
    std::ranges::reverse(carried);
    auto const find = [&](std::string const& name) -> std::vector<base::Bytes> {
        for (auto const& each : carried) {
            auto const at = std::ranges::find(each.bundle.roots, name, &model::TrustedCertificate::name);
            if (at != each.bundle.roots.end()) return {at->certificate};
        }
        auto const held = find_authority(state.store, name);
        if (held && !held->certificates.empty()) return {held->certificate()};
        return {};
    };
    TrustSets out;
    out.old_roots = find(root_of(plan.from));
    out.new_roots = find(root_of(plan.to));
    return out;
}

std::vector<Sight> look_at(State const& state, Services const& services, Rotation const& rotation,
                           base::Json const& endpoints, base::Duration within) {
    if (services.probe == nullptr) return unseen(endpoints);
    auto const bundle = model::trust_bundle_from_json(*state.joined().trust_bundle);
    auto const plan = rotation_plan(state.store, rotation);
    auto const nodes = probe_nodes(*services.probe, services.certifier, base::JsonValue(endpoints),
                                   rotation_roots(state, rotation), state.now, within);
    std::vector<Sight> out;
    out.reserve(nodes.size());
    for (auto const& node : nodes) out.push_back(sight_of(node, bundle, plan));
    return out;
}

}  // namespace consortium::flow
