#include "core/model/kind.h"

#include "core/model/approval.h"
#include "core/model/ballot.h"
#include "core/model/candidate.h"
#include "core/model/ceremony.h"
#include "core/model/countersignature.h"
#include "core/model/dispute.h"
#include "core/model/exit.h"
#include "core/model/invoice.h"
#include "core/model/member.h"
#include "core/model/own_change.h"
#include "core/model/proposal.h"
#include "core/model/share_act.h"
#include "core/model/statement.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;
using std::string_view;

constexpr string_view governance[]{"governance"};
constexpr string_view keepers[]{"governance", "security"};
constexpr string_view advocates[]{"governance", "legal"};
constexpr string_view checkers[]{"governance", "security", "legal", "operator", "auditor", "automation"};
constexpr string_view deciders[]{"governance", "security", "legal", "operator", "auditor"};

template <auto Parse>
void check(Json const& body) {
    static_cast<void>(Parse(body));
}

void check_empty(Json const& body) {
    base::JsonReader(body, "/body").done();
}

void check_invitation(Json const& body) {
    static_cast<void>(invitation_from_json(body));
}
void check_submission(Json const& body) {
    static_cast<void>(submission_from_json(body));
}
void check_check(Json const& body) {
    static_cast<void>(check_from_json(body));
}
void check_proposal(Json const& body) {
    static_cast<void>(proposal_from_json(body));
}

// A proposal's roles are the charter's, by decision; a gate's roles likewise: their own rules look.
constexpr KindInfo table[]{
    {"found", Author::officer, governance, Due::genesis, check<found_from_json>, "founds the consortium"},
    {"proposal", Author::officer, deciders, Due::any, check_proposal, "opens a proposal"},
    {"ballot", Author::officer, governance, Due::any, check<ballot_from_json>, "votes on a proposal"},
    {"delegate", Author::officer, governance, Due::any, check<delegation_from_json>,
     "lets another member vote for it"},
    {"recuse", Author::officer, governance, Due::any, check_empty, "takes no part in a vote"},
    {"withdraw", Author::officer, deciders, Due::any, check_empty, "withdraws a proposal"},
    {"suspend", Author::officer, keepers, Due::any, check<suspension_from_json>, "suspends an officer's key"},
    {"own", Author::officer, keepers, Due::any, check<own_change_from_json>, "changes the member's own part"},
    {"approval", Author::officer, deciders, Due::any, check<approval_from_json>, "approves a digest"},
    {"invite", Author::officer, governance, Due::any, check_invitation, "invites an applicant"},
    {"submit", Author::applicant, {}, Due::any, check_submission, "hands in an application"},
    {"check", Author::officer, checkers, Due::any, check_check, "checks a gate of an application"},
    {"attest", Author::officer, checkers, Due::any, check<attestation_from_json>,
     "attests what a node shows"},
    {"ceremony", Author::officer, deciders, Due::any, check<ceremony_notice_from_json>,
     "states something of a root rotation"},
    {"countersign", Author::officer, deciders, Due::any, check<countersigning_from_json>,
     "signs documents in another program's form"},
    {"allocation", Author::officer, deciders, Due::any, check<allocation_notice_from_json>,
     "states what a month costs whom"},
    {"exit", Author::officer, keepers, Due::any, check<exit_notice_from_json>,
     "gives notice that a member leaves"},
    {"handover", Author::officer, keepers, Due::any, check<handover_from_json>, "hands a step over"},
    {"share",
     Author::officer,
     {},
     Due::any,
     check<share_act_from_json>,
     "says what became of a key's recovery shares"},
    {"dispute", Author::officer, advocates, Due::any, check<dispute_from_json>, "opens a dispute"},
    {"plea", Author::officer, advocates, Due::any, check<plea_from_json>, "speaks for a party of a dispute"},
    {"reveal", Author::officer, advocates, Due::any, check<reveal_from_json>, "reveals a salt of a draw"},
    {"strike", Author::officer, advocates, Due::any, check<strike_from_json>, "refuses some of those drawn"},
    {"overdue", Author::officer, deciders, Due::any, check<overdue_from_json>,
     "says that a time in a dispute has passed"},
    {"assign", Author::officer, deciders, Due::any, check<assign_from_json>, "states a dispute's panel"},
    {"ruling", Author::officer, deciders, Due::any, check<ruling_from_json>, "rules on a dispute"},
    {"appeal", Author::officer, advocates, Due::any, check<appeal_from_json>, "appeals from a ruling"},
    {"close", Author::officer, deciders, Due::any, check<close_from_json>, "closes a dispute"},
    {"ready", Author::seat, {}, Due::any, check_empty, "says that the member's seat is ready"},
    {"welcome", Author::seat, {}, Due::any, check<welcome_from_json>, "answers a newcomer"},
    {"seen", Author::seat, {}, Due::any, check<statement_from_json>, "states which ballots were held"},
    {"candidate", Author::seat, {}, Due::agreement, check<candidate_from_json>, "offers the next epoch"},
    {"prepare", Author::seat, {}, Due::agreement, check<choice_from_json>, "prepares the next epoch"},
    {"commit", Author::seat, {}, Due::agreement, check<choice_from_json>, "commits to the next epoch"},
    {"skip", Author::seat, {}, Due::agreement, check<skip_from_json>, "gives up on an attempt"},
};

}  // namespace

std::span<KindInfo const> kind_table() {
    return table;
}

KindInfo const* find_kind(std::string_view name) {
    for (auto const& kind : table)
        if (kind.name == name) return &kind;
    return nullptr;
}

bool is_signed_while_suspended(std::string_view kind) {
    constexpr std::array<string_view, 7> kinds{"own",    "suspend", "exit",  "plea",
                                               "reveal", "strike",  "appeal"};
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool has_role(KindInfo const& kind, std::span<std::string const> roles) {
    if (kind.roles.empty()) return true;
    return std::any_of(roles.begin(), roles.end(), [&](std::string const& role) {
        return std::find(kind.roles.begin(), kind.roles.end(), role) != kind.roles.end();
    });
}

}  // namespace consortium::model
