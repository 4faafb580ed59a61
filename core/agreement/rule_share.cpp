// The rule of what is said about the shares of a key. Whether a receipt's proof holds is mathematics, which
// whoever reads it asks; a rule has no keys.

#include "core/agreement/rule.h"
#include "core/model/share_act.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::agreement {

namespace {

using model::ShareAct;
using model::ShareDeal;

std::string check_keeper(RuleInput const& in) {
    auto const roles = in.epoch.officer(in.act.officer)->roles_at(in.act.time);
    bool const may = std::any_of(roles.begin(), roles.end(), [](std::string const& role) {
        return role == "governance" || role == "security";
    });
    return may ? "" : "it takes one of the roles governance, security";
}

std::string check_custodians(RuleInput const& in, ShareDeal const& deal) {
    for (auto const& custodian : deal.custodians) {
        auto const* officer = in.epoch.officer(custodian.officer);
        if (officer == nullptr || officer->status != "active" || officer->member != custodian.member)
            return fmt::format("'{}' is no active officer of '{}'", custodian.officer, custodian.member);
    }
    return {};
}

/// What an act of this kind says; none for another kind.
std::optional<ShareAct> said(port::Evidence const& evidence, base::Digest const& id, std::string_view about) {
    auto const act = evidence.act(id);
    if (!act || act->act.kind != "share") return std::nullopt;
    auto body = model::share_act_from_json(*act->act.body);
    if (body.about != about) return std::nullopt;
    return body;
}

std::string check_dealt(RuleInput const& in, ShareAct const& body, ShareDeal const& deal) {
    if (auto reason = check_keeper(in); !reason.empty()) return reason;
    if (auto reason = check_custodians(in, deal); !reason.empty()) return reason;
    if (in.act.refs.size() != (deal.previous ? 1U : 0U)) return "it refers to the deal before it, if any";
    if (!deal.previous) return {};
    auto const before = said(in.evidence, in.act.refs.front(), "dealt");
    if (!before || before->deal != *deal.previous || before->deal == body.deal)
        return "it refers to another deal than the one whose place it takes";
    auto const last = model::share_deal_from_text(*in.evidence.file(*deal.previous));
    if (in.evidence.act(in.act.refs.front())->act.member != in.act.member || last.key_id != deal.key_id ||
        last.version + 1 != deal.version)
        return "it does not follow the deal whose place it takes";
    return {};
}

std::string check_custodian(RuleInput const& in, ShareAct const& body, ShareDeal const& deal) {
    auto const* custodian = deal.custodian(body.index);
    if (custodian == nullptr || custodian->officer != in.act.officer || custodian->member != in.act.member)
        return fmt::format("share {} is not that of '{}'", body.index, in.act.officer);
    return {};
}

std::string check_used(ShareAct const& body, ShareDeal const& deal) {
    if (static_cast<std::int64_t>(body.used.size()) < deal.threshold ||
        deal.custodian(body.used.back()) == nullptr)
        return "so many shares recover nothing";
    return {};
}

std::string check_in_session(RuleInput const& in, ShareAct const& body, ShareDeal const& deal) {
    auto const& id = in.act.refs[1];
    auto const session = said(in.evidence, id, "opened");
    if (!session || session->deal != body.deal) return "its second reference opens no session of the deal";
    if (body.about == "submitted") {
        if (in.act.time >= session->closes) return "the session was closed by then";
        return check_custodian(in, body, deal);
    }
    if ((session->purpose == "recovery") != (body.about == "recovered"))
        return "the session was opened for something else";
    if (in.evidence.act(id)->act.member != in.act.member) return "it is a session of another member";
    if (auto reason = check_keeper(in); !reason.empty()) return reason;
    return check_used(body, deal);
}

}  // namespace

std::string share_rule(RuleInput const& in) {
    auto const body = model::share_act_from_json(*in.act.body);
    auto const deal = model::share_deal_from_text(*in.evidence.file(body.deal));
    if (body.about == "dealt") return check_dealt(in, body, deal);
    bool const in_session =
        body.about == "submitted" || body.about == "recovered" || body.about == "rehearsed";
    if (in.act.refs.size() != (in_session ? 2U : 1U)) return "it refers to its deal, and to its session";
    auto const dealt = said(in.evidence, in.act.refs.front(), "dealt");
    if (!dealt || dealt->deal != body.deal) return "its first reference does not deal these shares";
    if (in_session) return check_in_session(in, body, deal);
    if (body.about == "opened")
        return in.act.time < body.closes ? check_keeper(in) : "the session closes before it opens";
    return check_custodian(in, body, deal);
}

}  // namespace consortium::agreement
