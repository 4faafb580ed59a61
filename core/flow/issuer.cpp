#include "core/flow/issuer.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::flow {

namespace {

constexpr std::string_view responder_profile = "ocsp";

bool answers(Wanted const& wanted) {
    return wanted.profile.id == responder_profile;
}

bool certifies(Authority const& authority, std::string const& profile) {
    return authority.profiles.empty() ||
           std::ranges::find(authority.profiles, profile) != authority.profiles.end();
}

std::string unfit_kind(Authority const& authority, Wanted const& wanted) {
    if (authority.role == "link") return "is a link between two roots and has no key";
    if (authority.role == "root" && !answers(wanted))
        return "is a root: it certifies intermediates, and who answers for it (profile 'ocsp')";
    if (authority.state == "revoked") return "is revoked";
    if (authority.state != "active" && !answers(wanted)) return "is retired: it only signs its lists";
    if (authority.key.empty()) return "has its key in another workspace";
    return {};
}

/// What it was made for counts most: a member's names are in its certificate, a profile is our own rule.
int specificity(Authority const& authority) {
    return (authority.member.empty() ? 0 : 2) + (authority.profiles.empty() ? 0 : 1);
}

bool goes_before(Authority const& left, Authority const& right) {
    if (specificity(left) != specificity(right)) return specificity(left) > specificity(right);
    return left.generation > right.generation;
}

[[noreturn]] void refuse_unnamed(Wanted const& wanted) {
    if (answers(wanted)) {
        throw base::Error(base::Code::not_found,
                          fmt::format("no authority here is for every profile, and whoever answers is "
                                      "certified by the one for which it answers"),
                          "name that one with --issuer, see 'consortium ca list'");
    }
    throw base::Error(base::Code::not_found,
                      fmt::format("no authority of this workspace certifies profile '{}' for '{}'",
                                  wanted.profile.id, wanted.member),
                      fmt::format("run 'consortium ca add NAME', or for this only 'consortium ca add NAME "
                                  "--purpose {} --member {} --permit SPACE'",
                                  wanted.profile.id, wanted.member));
}

Authority named_issuer(State const& state, Wanted const& wanted, std::string const& named) {
    auto out = authority(state.store, named);
    auto const why = unfit_words(out, wanted);
    if (!why.empty()) {
        throw base::Error(base::Code::refused, why,
                          "leave --issuer out, or see 'consortium ca list' for another");
    }
    return out;
}

}  // namespace

std::string unfit_words(Authority const& authority, Wanted const& wanted) {
    auto why = unfit_kind(authority, wanted);
    if (why.empty() && !authority.member.empty() && authority.member != wanted.member)
        why = fmt::format("certifies for member '{}' only, not '{}'", authority.member, wanted.member);
    if (why.empty() && !answers(wanted) && !certifies(authority, wanted.profile.id))
        why = fmt::format("certifies {} only, not '{}'", base::join(authority.profiles, ", "),
                          wanted.profile.id);
    return why.empty() ? why : fmt::format("'{}' {}", authority.name, why);
}

Authority const& issuer_among(std::vector<Authority> const& all, Wanted const& wanted) {
    Authority const* best = nullptr;
    for (auto const& each : all) {
        // Nobody answers for an authority by chance: here it counts whether that one is for every profile.
        bool const fit = each.role == "issuing" && each.state == "active" &&
                         unfit_words(each, wanted).empty() && certifies(each, wanted.profile.id);
        if (fit && (best == nullptr || goes_before(each, *best))) best = &each;
    }
    if (best == nullptr) refuse_unnamed(wanted);
    return *best;
}

Authority issuer_for(State const& state, Wanted const& wanted, std::string const& named) {
    if (!named.empty()) return named_issuer(state, wanted, named);
    (void)newest(state.store, "issuing");  // before 'ca init' there is none, and it says so
    return issuer_among(authorities(state.store), wanted);
}

}  // namespace consortium::flow
