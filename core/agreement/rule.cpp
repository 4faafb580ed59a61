#include "core/agreement/rule.h"

#include <array>

namespace consortium::agreement {

namespace {

struct Row {
    std::string_view kind;
    Rule rule;
};

constexpr std::array rows{Row{"proposal", proposal_rule},
                          Row{"ballot", ballot_rule},
                          Row{"delegate", delegation_rule},
                          Row{"recuse", recusal_rule},
                          Row{"withdraw", withdrawal_rule},
                          Row{"suspend", suspension_rule},
                          Row{"own", own_rule},
                          Row{"ready", ready_rule},
                          Row{"submit", submission_rule},
                          Row{"check", check_rule},
                          Row{"attest", attestation_rule},
                          Row{"handover", handover_rule},
                          Row{"ceremony", ceremony_rule},
                          Row{"dispute", dispute_rule},
                          Row{"plea", plea_rule},
                          Row{"reveal", reveal_rule},
                          Row{"strike", strike_rule},
                          Row{"overdue", overdue_rule},
                          Row{"assign", assign_rule},
                          Row{"ruling", ruling_rule},
                          Row{"appeal", appeal_rule},
                          Row{"close", close_rule},
                          Row{"seen", statement_rule},
                          Row{"candidate", candidate_rule},
                          Row{"prepare", prepare_rule},
                          Row{"commit", commit_rule},
                          Row{"skip", skip_rule},
                          Row{"countersign", countersign_rule},
                          Row{"share", share_rule}};

}  // namespace

Rule find_rule(std::string_view kind) {
    for (auto const& row : rows)
        if (row.kind == kind) return row.rule;
    return nullptr;
}

}  // namespace consortium::agreement
