#include "core/flow/applicant.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/policy/gate.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;

/// Acts of one author, ordered by what the author says of time: the same everywhere.
bool is_earlier(model::StoredAct const& left, model::StoredAct const& right) {
    return std::tie(left.act.time, left.id) < std::tie(right.act.time, right.id);
}

std::optional<model::StoredAct> latest_submission(State const& state, base::Digest const& invitation,
                                                  std::string const& member) {
    auto const held = state.store.acts({.kind = "submit", .subject = invitation, .member = member});
    if (held.empty()) return std::nullopt;
    return *std::max_element(held.begin(), held.end(), is_earlier);
}

Applicant read_applicant(State const& state, model::StoredAct const& invite) {
    Applicant out{invite, model::invitation_from_json(*invite.act.body), {}, {}, {}};
    out.submit = latest_submission(state, invite.id, out.invitation.member);
    if (!out.submit) return out;
    out.submission = model::submission_from_json(*out.submit->act.body);
    out.checks = state.store.acts({.kind = "check", .subject = out.submit->id});
    std::sort(out.checks.begin(), out.checks.end(), is_earlier);
    return out;
}

bool is_preferred(Applicant const& left, Applicant const& right) {
    if (left.submit.has_value() != right.submit.has_value()) return right.submit.has_value();
    return left.submit ? is_earlier(*left.submit, *right.submit) : is_earlier(left.invite, right.invite);
}

/// The last check of each officer for each gate: who looks again says what holds now.
std::vector<policy::SignedCheck> last_checks(Applicant const& applicant) {
    std::map<std::pair<std::string, std::string>, policy::SignedCheck> last;
    for (auto const& stored : applicant.checks) {  // in order of time
        auto check = model::check_from_json(*stored.act.body);
        auto const place = std::pair(stored.act.officer, check.gate);
        last.insert_or_assign(place,
                              policy::SignedCheck{std::move(check), stored.act.member, stored.act.officer});
    }
    std::vector<policy::SignedCheck> out;
    out.reserve(last.size());
    for (auto& [place, check] : last) out.push_back(std::move(check));
    return out;
}

/// What an open application waits for, as a command.
std::string next_check(model::Verdict const& verdict, std::string const& member) {
    for (auto const& missing : verdict.missing)
        if (missing.find('/') == std::string::npos)
            return fmt::format("consortium member check {} --gate {} --result pass --evidence FILE", member,
                               missing);
    return "consortium member submit";
}

}  // namespace

std::optional<Applicant> find_applicant(State const& state, std::string_view member) {
    std::optional<Applicant> found;
    for (auto const& invite : state.store.acts({.kind = "invite"})) {
        if (invite.act.body->at("member") != member) continue;
        auto candidate = read_applicant(state, invite);
        if (!found || is_preferred(*found, candidate)) found = std::move(candidate);
    }
    return found;
}

std::vector<std::string> applicants(State const& state) {
    std::set<std::string> ids;
    for (auto const& invite : state.store.acts({.kind = "invite"})) {
        auto id = invite.act.body->at("member").get<std::string>();
        if (!state.epoch || state.epoch->member(id) == nullptr) ids.insert(std::move(id));
    }
    return {ids.begin(), ids.end()};
}

Applicant applicant(State const& state, std::string_view member) {
    if (auto found = find_applicant(state, member)) return std::move(*found);
    auto const near = base::nearest(member, applicants(state));
    throw Error(Code::not_found,
                "nobody invited '" + base::printable(member) + "'" +
                    (near.empty() ? "" : "; did you mean '" + near + "'?"),
                "run 'consortium exchange sync', or 'consortium member invite'");
}

model::Verdict gate_verdict(State const& state, Applicant const& applicant) {
    if (!applicant.submission) {
        model::Verdict verdict;
        verdict.require("submission", false,
                        "'" + applicant.invitation.member + "' has handed in nothing yet",
                        model::Verdict::Ruling::pending);
        verdict.state = "invited";
        verdict.missing = {applicant.invitation.member};
        verdict.next = "consortium exchange sync";
        return verdict;
    }
    auto verdict = policy::onboarding(state.joined(), *applicant.submission, applicant.submit->id,
                                      last_checks(applicant));
    if (!verdict.allowed()) verdict.next = next_check(verdict, applicant.invitation.member);
    return verdict;
}

}  // namespace consortium::flow
