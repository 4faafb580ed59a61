// What the certificates mean that a charter lets be issued, and what another charter asks less of them.

#include "core/base/text.h"
#include "core/policy/lint_parts.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace consortium::policy::parts {

namespace {

using model::Charter;
using model::Profile;
using Names = std::vector<std::string>;

constexpr base::Duration long_life{730 * 86'400};
constexpr base::Duration long_answering{90 * 86'400};

bool has(Names const& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::string place_of(Profile const& profile, std::string_view key) {
    return fmt::format("/certificate/{}/{}", profile.id, key);
}

void look_at_life(Profile const& profile, Findings& out) {
    bool const answers = profile.id == "ocsp";
    if (profile.lifetime <= (answers ? long_answering : long_life)) return;
    out.push_back({Severity::warning, "certificate-long", place_of(profile, "lifetime"),
                   answers ? fmt::format("who answers for an authority does so for up to {}: nobody asks "
                                         "whether that certificate is revoked",
                                         profile.lifetime.text())
                           : fmt::format("'{}' certifies keys for up to {}: a key in other hands that nobody "
                                         "notices is trusted as long",
                                         profile.id, profile.lifetime.text())});
}

void look_at_use(Profile const& profile, Findings& out) {
    if (has(profile.key_types, "rsa2048"))
        out.push_back({Severity::warning, "certificate-weak-key", place_of(profile, "key_types"),
                       fmt::format("'{}' certifies RSA keys of 2048 bits: their strength of 112 bits is "
                                   "disallowed after 2030 (NIST SP 800-131A)",
                                   profile.id)});
    if (has(profile.extended_usage, "codeSigning") && profile.extended_usage.size() > 1)
        out.push_back({Severity::warning, "certificate-mixed", place_of(profile, "extended_usage"),
                       fmt::format("a key of '{}' signs code and does something else: who has the one has "
                                   "the other",
                                   profile.id)});
}

/// A space for one kind of names leaves the others as they are.
void look_at_space(Profile const& profile, Findings& out) {
    if (profile.within.empty()) return;
    Names open;
    auto const look = [&](char const* kind, Names const& spaces) {
        if (spaces.empty() && has(profile.names, kind)) open.emplace_back(kind);
    };
    look("dns", profile.within.dns);
    look("ip", profile.within.ip);
    look("email", profile.within.email);
    look("uri", profile.within.uri);
    if (open.empty()) return;
    out.push_back(
        {Severity::warning, "certificate-open", place_of(profile, "within"),
         fmt::format("'{}' bounds some names, but any {} names are certified: give them a space, or "
                     "leave the kind out of 'names'",
                     profile.id, base::join(open, " and "))});
}

void look_at_consent(Profile const& profile, Charter const& charter, Findings& out) {
    if (profile.approval.empty()) return;
    auto const* rule = charter.approval(profile.approval);
    if (rule != nullptr && rule->officers == 1 && !rule->exclude_proposer)
        out.push_back({Severity::warning, "certificate-self-approved", place_of(profile, "approval"),
                       fmt::format("one approval is enough for '{}', and may be that of whoever issues it",
                                   profile.id)});
    if (profile.id == "ocsp")
        out.push_back({Severity::warning, "certificate-waits", place_of(profile, "approval"),
                       fmt::format("who answers for an authority is certified anew every {} at the latest: "
                                   "while that waits for approvals, nobody answers",
                                   profile.lifetime.text())});
}

/// A profile that drops the approval of what it is based on is a way round that.
void look_at_way_round(model::ProfileRule const& rule, Profile const& profile, Charter const& charter,
                       Findings& out) {
    if (rule.based_on.empty() || !profile.approval.empty()) return;
    auto const above = model::profile_of(charter, rule.based_on);
    if (above.approval.empty()) return;
    out.push_back({Severity::warning, "certificate-way-round", place_of(profile, "approval"),
                   fmt::format("'{}' waits for no approval, though '{}', on which it is based, waits for "
                               "that by '{}': whatever both allow is issued without it",
                               profile.id, above.id, above.approval)});
}

/// What is compared of two versions of one profile, each loss told once.
class Widening {
public:
    Widening(Profile const& now, Profile const& next, Findings& out) : m_now(now), m_next(next), m_out(out) {}

    void look() {
        if (m_next.lifetime > m_now.lifetime)
            add("lifetime",
                fmt::format("last {} instead of {}", m_next.lifetime.text(), m_now.lifetime.text()));
        if (!m_now.approval.empty() && m_next.approval.empty())
            add("approval", fmt::format("need no approval by '{}' any more", m_now.approval));
        if (!m_now.approval.empty() && !m_next.approval.empty() && m_now.approval != m_next.approval)
            add("approval",
                fmt::format("need approval by '{}', no more by '{}'", m_next.approval, m_now.approval));
        if (m_now.needs_name && !m_next.needs_name) add("needs_name", "need no name any more");
        compare_keys();
        compare("names", m_now.names, m_next.names, "names of kind");
        compare("units", m_now.units, m_next.units, "the unit");
        if (!m_now.units.empty() && m_next.units.empty()) add("units", "need no unit any more");
        compare("key_usage", m_now.key_usage, m_next.key_usage, "the key usage");
        compare("extended_usage", m_now.extended_usage, m_next.extended_usage, "the usage");
        compare_spaces();
    }

private:
    void add(std::string_view key, std::string const& words) {
        m_out.push_back({Severity::warning, "weaker", place_of(m_next, key),
                         fmt::format("certificates '{}' {}", m_next.id, words)});
    }
    void compare(std::string_view key, Names const& now, Names const& next, char const* what) {
        Names more;
        std::copy_if(next.begin(), next.end(), std::back_inserter(more),
                     [&](std::string const& each) { return !has(now, each); });
        if (!more.empty()) add(key, fmt::format("may have {} {}, too", what, base::join(more, ", ")));
    }
    // None named: every sound one.
    void compare_keys() {
        if (m_now.key_types.empty()) return;
        if (m_next.key_types.empty()) return add("key_types", "certify keys of every type");
        compare("key_types", m_now.key_types, m_next.key_types, "keys of type");
    }
    void compare_spaces() {
        auto const now = m_now.within, next = m_next.within;
        auto const look = [&](char const* kind, Names const& before, Names const& after) {
            if (before.empty()) return;
            if (after.empty() && has(m_next.names, kind))
                return add("within", fmt::format("may have any {} names", kind));
            compare("within", before, after, fmt::format("{} names within", kind).c_str());
        };
        look("dns", now.dns, next.dns);
        look("ip", now.ip, next.ip);
        look("email", now.email, next.email);
        look("uri", now.uri, next.uri);
    }

    Profile const& m_now;
    Profile const& m_next;
    Findings& m_out;
};

}  // namespace

void look_at_certificates(Charter const& charter, Findings& out) {
    for (auto const& rule : charter.certificates) {
        auto const profile = model::profile_of(charter, rule.id);
        look_at_life(profile, out);
        look_at_use(profile, out);
        look_at_space(profile, out);
        look_at_consent(profile, charter, out);
        look_at_way_round(rule, profile, charter, out);
    }
}

void compare_certificates(Charter const& now, Charter const& next, Findings& out) {
    auto const before = model::profiles_of(now);
    for (auto const& profile : model::profiles_of(next)) {
        auto const same = std::find_if(before.begin(), before.end(),
                                       [&](Profile const& each) { return each.id == profile.id; });
        if (same != before.end()) {
            Widening(*same, profile, out).look();
            continue;
        }
        out.push_back({Severity::warning, "weaker", "/certificate/" + profile.id,
                       fmt::format("certificates '{}' can be issued: {}, {}", profile.id,
                                   base::join(profile.extended_usage, ", "), profile.lifetime.text())});
    }
}

}  // namespace consortium::policy::parts
