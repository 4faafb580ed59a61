// The rules of what seats sign to agree: statements, candidates, prepares, commits, skips (PROTOCOL P5, P6).

#include "core/agreement/document.h"
#include "core/agreement/finality.h"
#include "core/agreement/rule.h"
#include "core/base/error.h"

#include <algorithm>

namespace consortium::agreement {

namespace {

using base::Digest;
using model::Choice;

bool votes(model::Epoch const& epoch, std::string_view member) {
    auto const voting = epoch.voting();
    return std::any_of(voting.begin(), voting.end(),
                       [&](model::Member const* one) { return one->id == member; });
}

std::size_t quorum(model::Epoch const& epoch) {
    return static_cast<std::size_t>(sizes(epoch).q);
}

std::string no_vote(RuleInput const& in) {
    return "'" + in.act.member + "' has no vote in epoch " + std::to_string(in.epoch.number);
}

std::string check_document(RuleInput const& in, Digest const& document) {
    auto const epoch = load_document(in.evidence, document);
    if (epoch->previous != in.act.epoch.hash || epoch->number != in.act.epoch.number + 1)
        return "its document does not follow the epoch that it names";
    return {};
}

/// q acts of one kind by distinct voting members of the epoch, all naming `choice`.
std::string check_set(RuleInput const& in, std::vector<Digest> const& ids, Choice const& choice) {
    std::set<std::string> members;
    for (auto const& id : ids) {
        auto const held = in.evidence.act(id);
        if (held->act.kind != "prepare" || held->act.epoch != in.act.epoch ||
            model::choice_from_json(*held->act.body) != choice)
            return "it refers to something else than equal prepares";
        if (votes(in.epoch, held->act.member)) members.insert(held->act.member);
    }
    if (members.size() < quorum(in.epoch))
        return "it refers to prepares of " + std::to_string(members.size()) + " members, " +
               std::to_string(quorum(in.epoch)) + " are needed";
    return {};
}

std::string check_listing(RuleInput const& in, OpenProposal const& proposal, model::Listing const& listing) {
    if (listing.received >= proposal.body.closes) return "it lists what was received after the close";
    auto const held = in.evidence.act(listing.id);
    if (held->act.kind == "suspend" || held->act.kind == "ruling") return {};
    if (is_ballot_kind(held->act.kind) && held->act.refs.front() == proposal.id) return {};
    return "it lists something that is neither a suspension, nor a ruling, nor about its proposal";
}

std::string check_skips(RuleInput const& in, model::Candidate const& body) {
    if (body.choice.attempt == 0) return {};
    std::set<std::string> members;
    for (auto const& id : body.skips) {
        auto const held = in.evidence.act(id);
        if (held->act.kind != "skip" || held->act.epoch != in.act.epoch ||
            model::skip_from_json(*held->act.body).attempt != body.choice.attempt - 1)
            return "it names something else than skips of the attempt before";
        if (votes(in.epoch, held->act.member)) members.insert(held->act.member);
    }
    return members.size() < quorum(in.epoch) ? "it names fewer skips than a quorum" : "";
}

}  // namespace

std::string statement_rule(RuleInput const& in) {
    if (in.act.refs.empty()) return "it refers to no proposal";
    auto const held = in.evidence.act(in.act.refs.front());
    if (held->act.kind != "proposal") return "its first reference is no proposal";
    auto const proposal = load_proposal(in.evidence, in.act.refs.front(), in.epoch);
    if (!votes(*proposal.base, in.act.member))
        return "'" + in.act.member + "' did not vote in the base epoch";
    auto const body = model::statement_from_json(*in.act.body);
    if (body.stage != proposal.stage)
        return "it is of stage " + std::to_string(body.stage) + ", the vote was in stage " +
               std::to_string(proposal.stage);
    if (body.known && (*body.known >= proposal.body.closes || proposal.stage > 0))
        return "it says that the proposal was known before the close, and names a later time or stage";
    std::vector<Digest> named;
    for (auto const& listing : listings(in.evidence, in.act)) {
        if (auto reason = check_listing(in, proposal, listing); !reason.empty()) return reason;
        named.push_back(listing.id);
    }
    std::vector<Digest> const referred(in.act.refs.begin() + 1, in.act.refs.end());
    if (body.file ? !referred.empty() : referred != named) return "its references are not what it lists";
    return {};
}

std::string candidate_rule(RuleInput const& in) {
    auto const body = model::candidate_from_json(*in.act.body);
    if (leader(in.epoch, body.choice.attempt) != in.act.member)
        return "'" + in.act.member + "' does not lead attempt " + std::to_string(body.choice.attempt);
    if (auto reason = check_skips(in, body); !reason.empty()) return reason;
    return check_document(in, body.choice.document);
}

std::string prepare_rule(RuleInput const& in) {
    if (!votes(in.epoch, in.act.member)) return no_vote(in);
    return check_document(in, model::choice_from_json(*in.act.body).document);
}

std::string commit_rule(RuleInput const& in) {
    if (!votes(in.epoch, in.act.member)) return no_vote(in);
    auto const choice = model::choice_from_json(*in.act.body);
    if (auto reason = check_set(in, in.act.refs, choice); !reason.empty()) return reason;
    return check_document(in, choice.document);
}

std::string skip_rule(RuleInput const& in) {
    if (!votes(in.epoch, in.act.member)) return no_vote(in);
    auto const body = model::skip_from_json(*in.act.body);
    if (!body.carried) return in.act.refs.empty() ? "" : "it refers to prepares but carries nothing";
    if (auto reason = check_set(in, in.act.refs, *body.carried); !reason.empty()) return reason;
    return check_document(in, body.carried->document);
}

}  // namespace consortium::agreement
