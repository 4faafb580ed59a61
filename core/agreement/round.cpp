#include "core/agreement/round.h"

#include "core/model/epoch.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ranges>

namespace consortium::agreement {

namespace {

using base::Digest;
using model::Choice;

std::vector<model::StoredAct> said(port::Evidence const& evidence, std::uint64_t epoch,
                                   std::string const& kind) {
    return evidence.acts({.kind = kind, .subject = {}, .epoch = epoch, .member = {}});
}

// Bodies were checked strictly when they were accepted.
std::int64_t attempt_in(base::Json const& body) {
    return body.at("attempt").get<std::int64_t>();
}

Choice choice_in(base::Json const& body) {
    return {attempt_in(body), Digest::from_hex(body.at("document").get_ref<std::string const&>())};
}

}  // namespace

Round::Round(port::Evidence const& evidence, model::Epoch const& current) {
    auto const sizes = model::sizes(current);
    m_quorum = static_cast<std::size_t>(sizes.q);
    m_liars = static_cast<std::size_t>(sizes.f);
    for (auto const* member : current.voting()) m_voters.insert(member->id);
    read_candidates(evidence, current.number);
    read_sets(evidence, current.number, "prepare", m_prepares);
    read_sets(evidence, current.number, "commit", m_commits);
    read_skips(evidence, current.number);
}

// An honest leader offers one. Who offers a thousand does not make others judge a thousand: what they do not
// look at is as if it had not come, and a choice that q seats prepared is committed to by its name alone.
void Round::read_candidates(port::Evidence const& evidence, std::uint64_t epoch) {
    constexpr int most = 4;
    std::map<std::pair<std::string, std::int64_t>, int> counts;
    for (auto& act : said(evidence, epoch, "candidate")) {
        if (!votes(act.act.member)) continue;
        auto const attempt = attempt_in(*act.act.body);
        m_spoken[{"candidate", attempt}].insert(act.act.member);
        if (++counts[{act.act.member, attempt}] <= most) m_candidates.push_back(std::move(act));
    }
}

void Round::read_sets(port::Evidence const& evidence, std::uint64_t epoch, std::string const& kind,
                      Sets& out) {
    for (auto const& act : said(evidence, epoch, kind)) {
        if (!votes(act.act.member)) continue;
        auto const choice = choice_in(*act.act.body);
        out[choice].emplace(act.act.member, act.id);
        m_spoken[{kind, choice.attempt}].insert(act.act.member);
    }
}

void Round::read_skips(port::Evidence const& evidence, std::uint64_t epoch) {
    for (auto const& act : said(evidence, epoch, "skip")) {
        if (!votes(act.act.member)) continue;
        auto const attempt = attempt_in(*act.act.body);
        auto const& carried = act.act.body->at("carried");
        Skipped skipped{act.id, std::nullopt, act.received};
        if (!carried.is_null()) skipped.carried = choice_in(carried);
        m_skips[attempt].emplace(act.act.member, skipped);
        m_spoken[{"skip", attempt}].insert(act.act.member);
    }
    for (auto const& [attempt, members] : m_skips)
        if (m_quorum > 0 && members.size() >= m_quorum) m_attempt = attempt + 1;
}

std::map<std::string, Skipped> const& Round::skips(std::int64_t attempt) const {
    static std::map<std::string, Skipped> const none;
    auto const found = m_skips.find(attempt);
    return found == m_skips.end() ? none : found->second;
}

std::set<std::string> const& Round::spoken(std::string const& phase, std::int64_t attempt) const {
    static std::set<std::string> const nobody;
    auto const found = m_spoken.find({phase, attempt});
    return found == m_spoken.end() ? nobody : found->second;
}

bool Round::has_left(std::string const& member, std::int64_t attempt) const {
    return std::any_of(m_skips.lower_bound(attempt), m_skips.end(),
                       [&](auto const& skips) { return skips.second.contains(member); });
}

std::optional<Choice> Round::prepared(std::int64_t attempt) const {
    for (auto const& [choice, members] : std::views::reverse(m_prepares))
        if (choice.attempt <= attempt && members.size() >= m_quorum) return choice;
    return std::nullopt;
}

std::optional<std::int64_t> Round::contradictory() const {
    std::optional<std::int64_t> before;
    for (auto const& [choice, members] : m_prepares) {
        if (members.size() < m_quorum) continue;
        if (before == choice.attempt) return before;
        before = choice.attempt;
    }
    return std::nullopt;
}

std::optional<base::Instant> Round::entered(std::int64_t attempt) const {
    auto const& before = skips(attempt - 1);
    if (before.size() < m_quorum || m_quorum == 0) return std::nullopt;
    std::vector<base::Instant> received;
    received.reserve(before.size());
    for (auto const& [member, skip] : before) received.push_back(skip.received);
    std::sort(received.begin(), received.end());
    return received[m_quorum - 1];
}

std::vector<Digest> ids_of(std::map<std::string, Digest> const& by_member) {
    std::vector<Digest> out;
    out.reserve(by_member.size());
    for (auto const& [member, id] : by_member) out.push_back(id);
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<Digest> ids_of(std::map<std::string, Skipped> const& by_member) {
    std::vector<Digest> out;
    out.reserve(by_member.size());
    for (auto const& [member, skip] : by_member) out.push_back(skip.id);
    std::sort(out.begin(), out.end());
    return out;
}

}  // namespace consortium::agreement
