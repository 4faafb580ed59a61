#pragma once

#include "core/flow/services.h"
#include "core/model/member.h"
#include "core/model/verdict.h"

namespace consortium::flow {

/// An organization on its way in: what is held of its invitation, application and checks.
struct Applicant {
    model::StoredAct invite;
    model::Invitation invitation;
    std::optional<model::StoredAct> submit;  // the latest that answers the invitation
    std::optional<model::Submission> submission;
    std::vector<model::StoredAct> checks;
};

/// By member id; of several invitations the one that was answered last, else the last one held. None if
/// nobody invited it.
std::optional<Applicant> find_applicant(State const& state, std::string_view member);
/// As above; throws Error(not_found) with the nearest name.
Applicant applicant(State const& state, std::string_view member);
/// Everyone who was invited and is not a member, by id.
std::vector<std::string> applicants(State const& state);

/// policy::onboarding over what is held, each officer's last check of a gate counting. A submission that is
/// missing is pending on the applicant.
model::Verdict gate_verdict(State const& state, Applicant const& applicant);

}  // namespace consortium::flow
