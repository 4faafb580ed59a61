#include "core/agreement/effect.h"

#include "core/agreement/follow_up.h"
#include "core/agreement/member_effect.h"
#include "core/base/error.h"
#include "core/model/member.h"
#include "core/model/root.h"
#include "core/policy/duties.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;
using base::Json;

struct Input {
    port::Evidence const& evidence;
    model::Epoch& epoch;
    model::Proposal const& proposal;

    std::string text(char const* field) const { return proposal.action.detail->at(field).get<std::string>(); }
    Digest digest(char const* field) const { return Digest::from_hex(text(field)); }
};

template <typename T>
T* find_by_id(std::vector<T>& list, std::string_view id) {
    auto const at = std::find_if(list.begin(), list.end(), [&](T const& item) { return item.id == id; });
    return at == list.end() ? nullptr : &*at;
}

base::JsonLimits file_limits() {
    base::JsonLimits limits;
    limits.bytes = 16u << 20;
    return limits;
}

std::string amend_charter(Input const& in) {
    auto const text = in.evidence.file(in.digest("charter"));
    if (!text) return "the new charter is not held";
    auto charter = model::charter_from_json(base::parse_canonical(*text, file_limits()));
    if (auto const broken = policy::broken_clauses(in.epoch.charter, charter); !broken.empty())
        return "the charter says that " + broken.front() + " is never amended";
    for (auto const& member : in.epoch.members)
        if (member.belongs() && charter.tier(member.tier) == nullptr)
            return "the new charter has no tier '" + member.tier + "', which '" + member.id + "' is in";
    in.epoch.charter = std::move(charter);
    return {};
}

std::string admit_member(Input const& in) {
    auto const invited = in.evidence.act(in.digest("invitation"));
    auto const submitted = in.evidence.act(in.digest("submission"));
    if (!invited || invited->act.kind != "invite" || !submitted || submitted->act.kind != "submit")
        return "the invitation or the submission is not held";
    auto const invitation = model::invitation_from_json(*invited->act.body);
    auto const submission = model::submission_from_json(*submitted->act.body);
    auto const& applicant = submission.applicant.member;
    if (submission.invitation != in.digest("invitation")) return "the submission is for another invitation";
    if (applicant.id != invitation.member || applicant.tier != invitation.tier)
        return "the submission is of another member or tier than the invitation";
    if (in.epoch.charter.tier(applicant.tier) == nullptr)
        return "the charter has no tier '" + applicant.tier + "'";
    auto const broken = policy::duty_findings(in.epoch.charter, submission.applicant.officers);
    for (auto const& finding : broken)
        if (finding.rule != "term") return finding.words;  // a term begins with the membership
    model::enroll(in.epoch, submission.applicant, model::Seat::waiting, in.proposal.closes);
    return {};
}

void end_membership(Input const& in, model::Member& member, std::string const& status) {
    bool const expelled = status == "expelled";
    member.status = status;
    member.votes = false;
    member.left_at = in.proposal.closes;
    member.suspended_until.reset();
    for (auto& officer : in.epoch.officers)
        if (officer.member == member.id) officer.status = "removed";
    for (auto& key : in.epoch.keys) {
        if (key.member != member.id || key.status == "removed") continue;
        key.status = expelled ? "removed" : "retired";
        if (expelled) key.cause = "expulsion";
    }
}

std::string let_go(Input const& in, std::string const& status) {
    auto* member = find_by_id(in.epoch.members, in.text("member"));
    if (member == nullptr || !member->belongs()) return "'" + in.text("member") + "' is not a member";
    auto const voting = in.epoch.voting();
    if (voting.size() == 1 && voting.front() == member) return "nobody would be left to decide";
    end_membership(in, *member, status);
    return {};
}

std::string remove_member(Input const& in) {
    return let_go(in, "expelled");
}

std::string let_member_leave(Input const& in) {
    return let_go(in, "left");
}

std::string add_network(Input const& in) {
    model::Network const network{in.text("id"), in.text("kind"), in.text("identity")};
    for (auto const& known : in.epoch.networks) {
        if (known.id == network.id) return "a network '" + network.id + "' exists already";
        if (known.identity == network.identity) return "network '" + known.id + "' has that identity";
    }
    in.epoch.networks.push_back(network);
    std::sort(in.epoch.networks.begin(), in.epoch.networks.end(),
              [](auto const& left, auto const& right) { return left.id < right.id; });
    return {};
}

std::string need_network(Input const& in) {
    if (find_by_id(in.epoch.networks, in.text("network")) == nullptr)
        return "there is no network '" + in.text("network") + "'";
    return {};
}

std::string upgrade_release(Input const& in) {
    if (auto reason = need_network(in); !reason.empty()) return reason;
    auto releases = in.epoch.releases->is_object() ? *in.epoch.releases : Json::object();
    releases[in.text("network")] = {{"release", in.text("release")}, {"digest", in.text("digest")}};
    in.epoch.releases = base::JsonValue(std::move(releases));
    return {};
}

/// What is decided about a member or its officer.
template <auto Enact>
std::string about(Input const& in) {
    return Enact(in.epoch, in.proposal);
}

std::string resume_network(Input const& in) {
    if (pause_of(in.epoch, in.text("network")) == nullptr)
        return "network '" + in.text("network") + "' is not paused";
    return {};
}

std::string nothing(Input const&) {
    return {};
}

std::string trust_bundle(Input const& in) {
    auto const text = in.evidence.file(in.digest("bundle"));
    if (!text) return "the trust bundle is not held";
    try {
        auto const bundle = model::trust_bundle_from_text(*text);
        model::check_successor(*in.epoch.trust_bundle, bundle);
        in.epoch.trust_bundle = base::JsonValue(model::to_json(bundle));
    } catch (base::Error const& error) {
        return error.message();
    }
    return {};
}

struct Row {
    std::string_view kind;
    std::string (*enact)(Input const&);
};

// Validators and roots change on nodes and in ceremonies: the epoch only says that it was decided.
constexpr std::array<Row, 16> rows{Row{"charter.amend", amend_charter},
                                   Row{"member.admit", admit_member},
                                   Row{"member.remove", remove_member},
                                   Row{"member.exit", let_member_leave},
                                   Row{"member.tier", about<set_tier>},
                                   Row{"member.suspend", about<suspend_member>},
                                   Row{"member.reinstate", about<reinstate_member>},
                                   Row{"officer.recover", about<recover_officer>},
                                   Row{"network.add", add_network},
                                   Row{"network.pause", need_network},
                                   Row{"network.resume", resume_network},
                                   Row{"release.upgrade", upgrade_release},
                                   Row{"validator.add", need_network},
                                   Row{"validator.remove", need_network},
                                   Row{"root.rotate", nothing},
                                   Row{"root.trust", trust_bundle}};

std::string actual(model::Epoch const& epoch, model::Precondition const& condition) {
    if (condition.kind == "release") {
        if (!epoch.releases->is_object() || !epoch.releases->contains(condition.subject)) return {};
        return epoch.releases->at(condition.subject).at("release").get<std::string>();
    }
    if (condition.kind == "member") {
        auto const* member = epoch.member(condition.subject);
        return member == nullptr ? "" : member->status;
    }
    if (condition.kind == "network") {
        for (auto const& network : epoch.networks)
            if (network.id == condition.subject) return network.identity;
        return {};
    }
    return model::digest(epoch.charter).hex();
}

}  // namespace

std::string failed_precondition(model::Epoch const& epoch, model::Proposal const& proposal) {
    for (auto const& condition : proposal.preconditions) {
        auto const is = actual(epoch, condition);
        if (is != condition.value)
            return "precondition: " + condition.kind + " '" + condition.subject + "' is '" + is + "', not '" +
                   condition.value + "'";
    }
    return {};
}

std::string enact(port::Evidence const& evidence, model::Epoch& epoch, model::Proposal const& proposal) {
    auto const before = epoch;
    for (auto const& row : rows) {
        if (row.kind != proposal.action.kind) continue;
        try {
            auto reason = row.enact({evidence, epoch, proposal});
            if (reason.empty()) lift_suspensions(epoch, proposal.closes);
            return reason;
        } catch (base::Error const& error) {
            epoch = before;
            return error.message();
        }
    }
    return "no such action";
}

}  // namespace consortium::agreement
