#include "core/policy/gate.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::policy {

namespace {

using model::Epoch;
using model::Gate;
using model::Officer;
using model::Verdict;

/// Why an officer may not check a gate for the applicant; empty when it may.
std::string objection(Epoch const& epoch, Gate const& gate, model::Submission const& submission,
                      std::string_view officer_id) {
    Officer const* officer = epoch.officer(officer_id);
    if (officer == nullptr || officer->status != "active") return "is no active officer";
    model::Member const* member = epoch.member(officer->member);
    if (member == nullptr || member->status != "active") return "is of no active member";
    model::Member const& applicant = submission.applicant.member;
    std::string const& group = applicant.control_group;
    bool const same = member->id == applicant.id || (!group.empty() && group == member->control_group);
    if (same) return "is of the applicant";
    bool const role = std::any_of(officer->roles.begin(), officer->roles.end(), [&](std::string const& one) {
        return std::find(gate.roles.begin(), gate.roles.end(), one) != gate.roles.end();
    });
    return role ? "" : "has none of the gate's roles";
}

void require_evidence(Verdict& verdict, Gate const& gate, model::Submission const& submission) {
    std::vector<std::string> absent;
    for (std::string const& item : gate.items) {
        bool const there =
            std::any_of(submission.evidence.begin(), submission.evidence.end(),
                        [&](model::Evidence const& one) { return one.gate == gate.id && one.item == item; });
        if (!there) absent.push_back(gate.id + "/" + item);
    }
    verdict.require(
        gate.id + " evidence", absent.empty(),
        fmt::format("{} of {} items are handed in", gate.items.size() - absent.size(), gate.items.size()),
        Verdict::Ruling::pending);
    verdict.missing.insert(verdict.missing.end(), absent.begin(), absent.end());
}

void require_check(Verdict& verdict, Epoch const& epoch, Gate const& gate,
                   model::Submission const& submission, std::vector<SignedCheck const*> const& checks) {
    std::string passed, failed, ignored;
    for (SignedCheck const* one : checks) {
        if (one->check.gate != gate.id) continue;
        std::string const why = objection(epoch, gate, submission, one->officer);
        if (!why.empty()) {
            ignored += fmt::format("; {} does not count: {}", one->officer, why);
        } else if (one->check.result == "pass") {
            passed = one->officer;
        } else {
            failed = one->officer;
        }
    }
    std::string const name = gate.id + " check";
    if (!failed.empty()) {
        verdict.require(name, false, fmt::format("{} checked it and said no{}", failed, ignored));
    } else if (!passed.empty()) {
        verdict.require(name, true, fmt::format("{} checked it{}", passed, ignored));
    } else {
        verdict.require(name, false, "nobody entitled to has checked it yet" + ignored,
                        Verdict::Ruling::pending);
        verdict.missing.push_back(gate.id);
    }
}

}  // namespace

Verdict onboarding(Epoch const& epoch, model::Submission const& submission, base::Digest const& submission_id,
                   std::vector<SignedCheck> const& checks) {
    std::vector<SignedCheck const*> relevant;
    for (SignedCheck const& one : checks) {
        if (one.check.submission == submission_id) relevant.push_back(&one);
    }
    Verdict verdict;
    std::size_t green = 0;
    for (Gate const& gate : epoch.charter.gates) {
        std::size_t const before = verdict.rules.size();
        require_evidence(verdict, gate, submission);
        require_check(verdict, epoch, gate, submission, relevant);
        green += std::all_of(verdict.rules.begin() + static_cast<std::ptrdiff_t>(before), verdict.rules.end(),
                             [](model::Rule const& rule) { return rule.holds; })
                     ? 1
                     : 0;
    }
    verdict.state = fmt::format("{} of {} gates", green, epoch.charter.gates.size());
    return verdict;
}

Verdict may_check(Epoch const& epoch, model::Submission const& submission, std::string_view officer,
                  std::string_view gate_id) {
    Verdict verdict;
    auto const& gates = epoch.charter.gates;
    auto const gate =
        std::find_if(gates.begin(), gates.end(), [&](Gate const& one) { return one.id == gate_id; });
    verdict.require("gate", gate != gates.end(), fmt::format("the charter has a gate '{}'", gate_id));
    if (gate == gates.end()) return verdict;
    std::string const why = objection(epoch, *gate, submission, officer);
    verdict.require("checker", why.empty(),
                    why.empty() ? fmt::format("'{}' may check the gate '{}'", officer, gate_id)
                                : fmt::format("'{}' {}", officer, why));
    return verdict;
}

}  // namespace consortium::policy
