#include "core/flow/issuer_chain.h"

#include "core/model/root.h"

#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

/// 2 of "root-g2"; 0 of what is no root's name.
std::int64_t generation_of(std::string_view root) {
    constexpr std::string_view begin = "root-g";
    std::int64_t out = 0;
    if (root.starts_with(begin)) std::from_chars(root.data() + begin.size(), root.data() + root.size(), out);
    return out;
}

/// The link from an older root that is still trusted. There are few generations: each is one look.
std::optional<Authority> link_below(port::Store const& store, std::int64_t generation) {
    for (auto older = generation - 1; older > 0; --older) {
        auto link = find_authority(store, fmt::format("g{}-by-g{}", generation, older));
        if (!link || link->state != "active") continue;
        auto const root = find_authority(store, fmt::format("root-g{}", older));
        if (root && root->state == "active") return link;
    }
    return std::nullopt;
}

/// The same where the root is another workspace's: the members' bundle has the links.
std::optional<base::Bytes> agreed_link(port::Store const& store, std::string_view root) {
    auto const epoch = store.latest();
    if (!epoch || epoch->trust_bundle->is_null()) return std::nullopt;
    auto const bundle = model::trust_bundle_from_json(*epoch->trust_bundle);
    if (bundle.present != root) return std::nullopt;
    auto const begin = fmt::format("g{}-by-", generation_of(root));
    for (auto const& each : bundle.links) {
        if (each.name.starts_with(begin)) return each.certificate;
    }
    return std::nullopt;
}

}  // namespace

std::vector<base::Bytes> issuer_chain(port::Store const& store, Authority const& issuer) {
    if (issuer.role == "root") return {};
    std::vector<base::Bytes> out{issuer.certificate()};
    auto const& root = issuer.certificates.front().issuer;
    if (issuer.adopted) {
        if (auto link = agreed_link(store, root)) out.push_back(*std::move(link));
    } else if (auto const link = link_below(store, generation_of(root))) {
        out.push_back(link->certificate());
    }
    return out;
}

}  // namespace consortium::flow
