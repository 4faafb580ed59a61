#include "core/base/text.h"
#include "core/flow/share.h"
#include "core/flow/share_case.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// The block of multi-party work.
struct Standing {
    std::string state;
    std::int64_t have = 0, need = 0;
    std::string of;  // what is counted
    std::vector<std::string> missing;
    std::optional<base::Instant> deadline;
    std::vector<std::string> next;
};

bool is_proven(std::map<std::int64_t, ShareReceipt> const& receipts, std::int64_t index) {
    auto const found = receipts.find(index);
    return found != receipts.end() && found->second.proven;
}

/// Counts those for whom `is` holds and names the others.
template <typename Is>
void count(ShareCase const& one, Standing& out, Is const& is) {
    out.missing = one.without(is);
    out.have = static_cast<std::int64_t>(one.deal.custodians.size() - out.missing.size());
}

Standing of_dead(State const& state, ShareCase const& one) {
    Standing out;
    out.state = "the key was destroyed with its root on " + one.key_destroyed->text();
    out.need = static_cast<std::int64_t>(one.deal.custodians.size());
    out.of = "custodians destroyed their share";
    auto const is_gone = [&](std::int64_t index) { return one.destroyed.contains(index); };
    count(one, out, is_gone);
    auto const own = one.deal.index_of(state.self.officer);
    if (own != 0 && !is_gone(own)) out.next.push_back("consortium share destroy " + one.name());
    return out;
}

Standing of_session(State const& state, ShareCase const& one, ShareSession const& session) {
    Standing out;
    out.of = "shares submitted";
    out.need = one.deal.threshold;
    auto const name = session.name();
    count(one, out, [&](std::int64_t index) { return session.submitted.contains(index); });
    if (!session.is_open(state.now) || one.key_destroyed) {
        out.state = session.ended ? session.purpose == "recovery" ? "recovered" : "rehearsed" : "closed";
        out.missing.clear();
        if (session.ended && session.purpose == "recovery" && !one.key_destroyed)
            out.next.push_back("consortium share refresh " + one.deal.key);
        return out;
    }
    out.state = "open for a " + session.purpose;
    out.deadline = session.closes;
    auto const own = one.deal.index_of(state.self.officer);
    if (own != 0 && !session.submitted.contains(own)) out.next.push_back("consortium share submit " + name);
    if (session.member != state.self.member) return out;
    if (out.have >= out.need)
        out.next.push_back(fmt::format("consortium share {} {} --share FILE --share FILE",
                                       session.purpose == "recovery" ? "recover" : "drill", name));
    return out;
}

ShareSession const* open_session(State const& state, ShareCase const& one) {
    for (auto const& session : one.sessions)
        if (session.is_open(state.now)) return &session;
    return nullptr;
}

Standing of_deal(State const& state, Services const& services, ShareCase const& one) {
    if (one.key_destroyed) return of_dead(state, one);
    Standing out;
    out.need = static_cast<std::int64_t>(one.deal.custodians.size());
    auto const own = one.deal.index_of(state.self.officer);
    auto const is_kept = [&](std::int64_t index) { return one.is_kept(index); };
    if (one.next) {
        auto const now = own_case(state.store, services.verifier, one.member, one.deal.key_id);
        out.state = "superseded by " + (now ? now->name() : share_name(*one.next));
        out.of = "custodians accepted";
        count(one, out, is_kept);
        out.missing.clear();
        return out;
    }
    if (auto const* session = open_session(state, one)) {
        auto busy = of_session(state, one, *session);
        busy.state = fmt::format("{} is {}", session->name(), busy.state);
        return busy;
    }
    out.of = "custodians accepted";
    count(one, out, is_kept);
    if (out.have < out.need) {
        out.state = "handed out";
        if (own != 0 && !is_kept(own)) out.next.emplace_back("consortium share accept FILE");
        if (one.member == state.self.member) out.next.push_back("consortium share deal " + one.deal.key);
        return out;
    }
    out = Standing{"kept by every custodian", 0, out.need, "custodians drilled", {}, {}, {}};
    count(one, out, [&](std::int64_t index) { return is_proven(one.drilled, index); });
    if (own != 0 && !is_proven(one.drilled, own))
        out.next.push_back("consortium share drill " + one.deal.key);
    return out;
}

Json time_of(std::map<std::int64_t, ShareReceipt> const& receipts, std::int64_t index) {
    auto const found = receipts.find(index);
    return found != receipts.end() && found->second.proven ? Json(found->second.time.text()) : Json();
}

/// Receipts whose proof does not hold: their officer says so without holding the share.
std::vector<std::string> unproven(ShareCase const& one) {
    std::vector<std::string> out;
    for (auto const* receipts : {&one.accepted, &one.drilled})
        for (auto const& [index, receipt] : *receipts)
            if (!receipt.proven) out.push_back(one.deal.custodian(index)->officer);
    return out;
}

Json custodians_of(ShareCase const& one) {
    Json out = Json::array();
    for (std::size_t i = 0; i < one.deal.custodians.size(); ++i) {
        auto const index = static_cast<std::int64_t>(i + 1);
        auto const& custodian = one.deal.custodians[i];
        auto const gone = one.destroyed.find(index);
        out.push_back(
            {{"index", index},
             {"officer", custodian.officer},
             {"member", custodian.member},
             {"sealed_to", custodian.key.sort},
             {"key", custodian.key.point.empty() ? Json() : Json(base::sha256(custodian.key.point).brief())},
             {"accepted", time_of(one.accepted, index)},
             {"drilled", time_of(one.drilled, index)},
             {"destroyed", gone == one.destroyed.end() ? Json() : Json(gone->second.text())}});
    }
    return out;
}

Json sessions_of(State const& state, ShareCase const& one) {
    Json out = Json::array();
    for (auto const& session : one.sessions) {
        auto const standing = of_session(state, one, session);
        out.push_back({{"name", session.name()},
                       {"purpose", session.purpose},
                       {"state", standing.state},
                       {"member", session.member},
                       {"officer", session.officer},
                       {"closes", session.closes.text()},
                       {"submitted", session.submitted.size()},
                       {"used", session.used}});
    }
    return out;
}

Json to_json(ShareCase const& one, Standing const& standing) {
    return {{"name", one.name()},
            {"key", one.deal.key},
            {"key_id", one.deal.key_id.hex()},
            {"version", one.deal.version},
            {"member", one.member},
            {"officer", one.officer},
            {"dealt", one.dealt.text()},
            {"threshold", one.deal.threshold},
            {"state", standing.state},
            {"have", standing.have},
            {"need", standing.need},
            {"of", standing.of},
            {"missing", standing.missing},
            {"deadline", standing.deadline ? Json(standing.deadline->text()) : Json()}};
}

std::string seen(Json const& time) {
    return time.is_null() ? "-" : time.get<std::string>();
}

}  // namespace

model::Outcome share_show(State const& state, Services const& services, model::Request const& request) {
    state.joined();
    auto const named = request.arguments->at("operand").get<std::string>();
    bool const is_session = named.starts_with("r-");
    auto const session = is_session ? std::optional(share_session(state, services, named)) : std::nullopt;
    auto const one = session ? session->first : share_case(state, services, named);
    auto const standing = session ? of_session(state, one, session->second) : of_deal(state, services, one);
    model::Outcome outcome;
    outcome.schema = "consortium.share/1";
    auto data = to_json(one, standing);
    data["custodians"] = custodians_of(one);
    data["sessions"] = sessions_of(state, one);
    model::Fields fields{
        {{"shares", fmt::format("{} of '{}', dealt by {} of {} as version {}", one.name(), one.deal.key,
                                one.officer, one.member, one.deal.version)},
         {"recovery", fmt::format("any {} of {} custodians", one.deal.threshold, one.deal.custodians.size())},
         {"state", standing.state},
         {"have", fmt::format("{} of {} {}", standing.have, standing.need, standing.of)}}};
    if (!standing.missing.empty()) fields.rows.emplace_back("missing", base::join(standing.missing, ", "));
    if (standing.deadline) fields.rows.emplace_back("deadline", standing.deadline->text());
    model::Table table{
        {"index", "custodian", "member", "sealed to", "accepted", "drilled", "destroyed"}, {}, {}};
    for (auto const& row : data["custodians"])
        table.rows.push_back({std::to_string(row.at("index").get<int>()),
                              row.at("officer").get<std::string>(), row.at("member").get<std::string>(),
                              row.at("sealed_to").get<std::string>(), seen(row.at("accepted")),
                              seen(row.at("drilled")), seen(row.at("destroyed"))});
    outcome.text = {fields, table};
    outcome.data = JsonValue(std::move(data));
    outcome.next = standing.next;
    for (auto const& officer : unproven(one))
        outcome.warnings.push_back(
            fmt::format("a receipt of '{}' has no sound proof: it does not count", officer));
    return outcome;
}

model::Outcome share_list(State const& state, Services const& services) {
    state.joined();
    model::Outcome outcome;
    outcome.schema = "consortium.share.list/1";
    Json items = Json::array();
    model::Table table{{"name", "key", "member", "version", "threshold", "state", "have"},
                       {},
                       "no shares of any key were dealt"};
    for (auto const& one : share_cases(state.store, services.verifier)) {
        auto const standing = of_deal(state, services, one);
        items.push_back(to_json(one, standing));
        table.rows.push_back({one.name(), one.deal.key, one.member, std::to_string(one.deal.version),
                              fmt::format("{} of {}", one.deal.threshold, one.deal.custodians.size()),
                              standing.state,
                              fmt::format("{} of {} {}", standing.have, standing.need, standing.of)});
    }
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text = {table};
    return outcome;
}

}  // namespace consortium::flow
