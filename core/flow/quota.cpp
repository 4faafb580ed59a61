#include "core/flow/quota.h"

#include "core/agreement/document.h"
#include "core/agreement/statement.h"
#include "core/base/error.h"
#include "core/model/candidate.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Digest;

namespace {

void add_cited(model::Epoch const& epoch, std::set<Digest>& out) {
    out.insert(epoch.own_changes.begin(), epoch.own_changes.end());
    for (auto const& result : epoch.results) {
        out.insert(result.proposal);
        out.insert(result.statements.begin(), result.statements.end());
        out.insert(result.counted.begin(), result.counted.end());
        for (auto const& [id, reason] : result.excluded) out.insert(id);
    }
}

/// The document that a waiting act offers, if it is a candidate and its document is held.
std::shared_ptr<model::Epoch const> offered(port::Store const& store, port::Orphan const& orphan) {
    try {
        auto const act = model::act_from_text(model::envelope_from_text(orphan.envelope).payload);
        if (act.kind != "candidate") return nullptr;
        return agreement::load_document(store, model::candidate_from_json(*act.body).choice.document);
    } catch (base::Error const&) {
        return nullptr;
    }
}

std::set<Digest> offered_citations(port::Store const& store) {
    std::set<Digest> out;
    for (auto const& orphan : store.orphans())
        if (auto const epoch = offered(store, orphan)) add_cited(*epoch, out);
    return out;
}

}  // namespace

Quota::Count& Quota::count_of(agreement::Acceptance const& act) {
    auto const [at, fresh] = m_counts.try_emplace({act.member, act.epoch});
    if (!fresh) return at->second;
    at->second.acts = m_store.count({.kind = {}, .subject = {}, .epoch = act.epoch, .member = act.member});
    for (auto const& proposal : m_store.waiting("proposal"))
        if (proposal.act.member == act.member && proposal.act.epoch.number == act.epoch)
            ++at->second.open_proposals;
    return at->second;
}

std::size_t& Quota::disputes_of(std::string const& member) {
    auto const [at, fresh] = m_disputes.try_emplace(member);
    if (fresh)
        m_store.objects({.kind = "dispute", .state = "open", .member = member},
                        [&](model::Object const&) { ++at->second; });
    return at->second;
}

// What the charter's proposer.max_open says of one decision, whatever epoch the proposals are based on.
std::string Quota::too_many_open(agreement::Acceptance const& act) {
    if (act.most_open == 0) return {};
    int open = 0;
    for (auto& proposal : m_store.waiting("proposal"))
        if (proposal.act.member == act.member &&
            agreement::load_proposal(m_store, std::move(proposal)).decision->id == act.decision)
            ++open;
    if (open < act.most_open) return {};
    return "'" + act.member + "' has " + std::to_string(open) + " open proposals of '" + act.decision + "'";
}

std::set<Digest> const& Quota::cited_in(std::uint64_t number) {
    auto const [at, fresh] = m_cited.try_emplace(number);
    if (!fresh) return at->second;
    if (auto const epoch = m_store.epoch(number)) add_cited(*epoch, at->second);
    return at->second;
}

/// Looks at the epochs only in which that could be: after the one that the act names, up to the one that
/// settled what it is about.
bool Quota::is_final(agreement::Acceptance const& act) {
    if (m_store.settled(act.id)) return true;
    auto const latest = m_store.latest_reference();
    if (!latest || act.subject == Digest{}) return false;
    auto const last = m_store.settled(act.subject).value_or(latest->number);
    for (auto number = act.epoch + 1; number <= last; ++number)
        if (cited_in(number).contains(act.id)) return true;
    return false;
}

bool Quota::is_cited(agreement::Acceptance const& act) {
    if (is_final(act)) return true;
    if (!m_offered) m_offered = offered_citations(m_store);
    return m_offered->contains(act.id);
}

std::string Quota::excess(agreement::Acceptance const& act) {
    auto const& held = count_of(act);
    std::string reason;
    if (held.acts >= m_limits.acts)
        reason = "'" + act.member + "' has " + std::to_string(held.acts) + " acts in epoch " +
                 std::to_string(act.epoch);
    else if (act.kind == "proposal" && held.open_proposals >= m_limits.open_proposals)
        reason = "'" + act.member + "' has " + std::to_string(held.open_proposals) +
                 " open proposals of epoch " + std::to_string(act.epoch);
    else if (act.kind == "dispute" && disputes_of(act.member) >= m_limits.open_disputes)
        reason = "'" + act.member + "' has " + std::to_string(disputes_of(act.member)) + " open disputes";
    if (reason.empty()) reason = too_many_open(act);
    return reason.empty() || is_cited(act) ? "" : reason;
}

void Quota::count(agreement::Acceptance const& act) {
    auto& held = count_of(act);
    ++held.acts;
    if (act.kind == "proposal") ++held.open_proposals;
    if (act.kind == "dispute") ++disputes_of(act.member);
}

}  // namespace consortium::flow
