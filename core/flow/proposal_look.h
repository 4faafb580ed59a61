#pragma once

#include "core/agreement/statement.h"
#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/policy/prospect.h"

namespace consortium::flow {

/// What one voting member has said on a proposal, as far as it is held here.
struct MemberLook {
    std::string member;
    std::int64_t weight = 1;
    std::string choice;                 // yes | no | abstain | veto | recused; empty: nothing yet
    std::string by;                     // the member that voted for it; empty: itself
    std::string officer;                // who signed its ballot
    std::optional<base::Instant> time;  // by its own clock, of its last ballot
    std::string reason;                 // PrivateView::text() of that ballot's
    std::string reason_state = "none";  // PrivateView::state
};

/// Where a vote stands: for people who wait for it.
struct ProposalLook {
    agreement::OpenProposal proposal;
    std::string state;  // "open" | "closed" (being counted) | the outcome of the epoch that decided it
    std::optional<std::uint64_t> epoch;  // that decided it
    std::vector<MemberLook> members;     // of the base epoch's electorate, sorted by id
    std::string words;                   // of the tally: of what is held, or of what the epoch counted
    std::vector<policy::Step> steps;     // before it is decided: each question of the tally
    policy::Prospect prospect;           // before it is decided

    bool is_decided() const { return epoch.has_value(); }
    std::vector<std::string> missing() const;
};

ProposalLook look_at(State const& state, agreement::OpenProposal const& proposal);

/// {"proposal","name","title","action","decision","state","closes","left","epoch","words","passes","settled",
///  "rules":[{"rule","tier","of","have","need","whole","holds"}],
///  "members":[{"member","weight","choice","by","officer","time","reason","reason_state"}],"missing",
///  "would_pass","would_block"}; `reason` where it is held here; `left`
/// in whole seconds, null once it has closed; amounts as texts.
base::Json to_json(ProposalLook const& look, base::Instant now);
std::vector<model::Paragraph> in_words(ProposalLook const& look, base::Instant now);
/// What is new since an earlier look, one sentence a change: "globex votes yes", "it is decided: passed".
std::vector<std::string> news(ProposalLook const& before, ProposalLook const& now);

}  // namespace consortium::flow
