// A session of recovery or of a drill: opened with a key that is used once, ended when enough good shares are
// in. Each share is compared with its commitment first, so a bad one is named and spoils nothing (G22).

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/approval.h"
#include "core/flow/share.h"
#include "core/flow/share_case.h"
#include "core/flow/sign.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using base::Secret;
using model::ShareBox;

namespace {

constexpr std::string_view usual_time = "P1D";
constexpr std::int64_t longest_session = 30 * 86'400;

/// What is in of a session: good shares by index, and what is wrong with the other files.
struct Gathered {
    std::map<std::int64_t, Secret> good;
    std::vector<std::pair<std::string, std::string>> bad;  // file, why
};

/// Why a box does not belong into the session; empty: it does.
std::string misplaced(ShareBox const& box, ShareCase const& deal, ShareSession const& session,
                      Services& services) {
    if (box.deal != deal.deal.id) {
        auto const other = case_of(services.store, services.verifier, box.deal);
        if (!other) return "it is a share of a deal that is not known here";
        return fmt::format("it is a share of {} deal, {}",
                           other->deal.key_id == deal.deal.key_id ? "an earlier" : "another key's",
                           other->name());
    }
    if (box.purpose == "custody")
        return fmt::format("it is the sealed share as '{}' keeps it: they run 'consortium share submit {}'",
                           box.custodian, session.name());
    if (box.session != session.act || box.to != session.to) return "it was sealed for another session";
    auto const* custodian = deal.deal.custodian(box.index);
    if (custodian == nullptr || custodian->officer != box.custodian)
        return fmt::format("share {} is not that of '{}'", box.index, box.custodian);
    return {};
}

void gather_one(std::string const& file, ShareCase const& deal, ShareSession const& session,
                Services& services, Gathered& out) {
    try {
        auto const box = model::share_box_from_text(base::read_text(file, max_share_file));
        if (auto const why = misplaced(box, deal, session, services); !why.empty()) {
            out.bad.emplace_back(file, why);
        } else if (out.good.contains(box.index)) {
            out.bad.emplace_back(file, fmt::format("it is the share of '{}' once more", box.custodian));
        } else {
            out.good.emplace(box.index, open_share(custody(services), box, deal, file, {}));
        }
    } catch (Error const& error) {
        // The key of the session itself cannot be used: no share is to blame.
        if (error.code() == Code::not_authorized || error.code() == Code::declined) throw;
        out.bad.emplace_back(file, error.code() == Code::malformed
                                       ? "it is no sealed share: " + error.message()
                                       : error.message());
    }
}

std::vector<std::string> not_in(ShareCase const& deal, Gathered const& gathered) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < deal.deal.custodians.size(); ++i)
        if (!gathered.good.contains(static_cast<std::int64_t>(i + 1)))
            out.push_back(deal.deal.custodians[i].officer);
    return out;
}

void require_enough(ShareCase const& deal, Gathered const& gathered) {
    auto const have = static_cast<std::int64_t>(gathered.good.size());
    auto const need = deal.deal.threshold - have;
    if (need <= 0) return;
    Error::Details details;
    for (auto const& [file, why] : gathered.bad)
        details.emplace_back("bad", fmt::format("{}: {}", file, why));
    details.emplace_back("missing", base::join(not_in(deal, gathered), ", "));
    throw Error(gathered.bad.empty() ? Code::pending : Code::verification_failed,
                fmt::format("{} of {} good shares of '{}' are in; {} more needed", have, deal.deal.threshold,
                            deal.deal.key, need),
                fmt::format("nothing was put together; ask any {} of those missing to run 'consortium share "
                            "submit', then give all files again",
                            need),
                details);
}

/// The key that wraps, from the first shares that are enough, compared with what the deal commits to.
Secret put_together(ShareCase const& deal, Gathered const& gathered, port::Custody const& custody) {
    std::vector<Secret> shares;
    for (auto const& [index, share] : gathered.good)
        if (static_cast<std::int64_t>(shares.size()) < deal.deal.threshold) shares.push_back(share.clone());
    auto kek = custody.join(shares);
    if (!kek || model::kek_commitment(deal.deal.id, kek->view()) != deal.deal.kek)
        throw Error(Code::verification_failed,
                    "the shares are what the deal commits to, and do not recover what it says they do",
                    "the deal was made wrong: deal again where the key is", {{"deal", deal.name()}});
    return *std::move(kek);
}

void recover_key(Json const& detail, ShareCase const& deal, Secret const& kek, Services& services) {
    auto const& about = deal.deal;
    if (services.keys.has(about.key_id)) return;  // before a crash
    auto const file = detail.at("wrapped").get<std::string>();
    auto const text = base::read_text(file, max_share_file);
    if (base::sha256(text) != about.wrapped)
        throw Error(Code::verification_failed,
                    fmt::format("'{}' is not the wrapped key of {}", file, deal.name()),
                    "give the one that was handed out with its shares, with --wrapped", {{"file", file}});
    auto const pkcs8 = custody(services).unwrap(model::wrapped_key_from_text(text), kek);
    if (!pkcs8)
        throw Error(Code::verification_failed, fmt::format("'{}' does not open", file),
                    "the deal was made wrong: deal again where the key is", {{"file", file}});
    auto const word =
        detail.at("protection") == "none" ? Secret() : services.new_passphrase("key '" + about.key + "'");
    custody(services).keep_private_key(about.key, about.key_id, *pkcs8, word);
}

std::pair<ShareCase, ShareSession> session_in(Services& services, base::Digest const& id) {
    for (auto const& one : share_cases(services.store, services.verifier))
        for (auto const& session : one.sessions)
            if (session.act == id) return {one, session};
    throw Error(Code::not_found, "the session is not known here any more");
}

JsonValue recover(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    open_officer_key(services, self);
    begin_alone(services, self);
    auto const [deal, session] =
        session_in(services, base::Digest::from_hex(detail.at("session").get<std::string>()));
    Gathered gathered;
    for (auto const& file : detail.at("files"))
        gather_one(file.get<std::string>(), deal, session, services, gathered);
    require_enough(deal, gathered);
    auto const kek = put_together(deal, gathered, custody(services));
    bool const recovery = session.purpose == "recovery";
    if (recovery) recover_key(detail, deal, kek, services);
    model::ShareAct act;
    act.about = recovery ? "recovered" : "rehearsed";
    act.deal = deal.file;
    for (auto const& [index, share] : gathered.good)
        if (static_cast<std::int64_t>(act.used.size()) < deal.deal.threshold) act.used.push_back(index);
    Json bad = Json::array();
    for (auto const& [file, why] : gathered.bad) bad.push_back({{"file", file}, {"why", why}});
    return sign_share(act, {deal.act, session.act}, services, self,
                      {{"session", session.name()},
                       {"key", deal.deal.key},
                       {"about", act.about},
                       {"used", act.used},
                       {"bad", bad}});
}

/// Keys of sessions of which nobody was told, or that are over.
void end_untold(Services& services) {
    std::vector<model::ShareKey> told;
    for (auto const& one : share_cases(services.store, services.verifier))
        for (auto const& session : one.sessions)
            if (session.is_open(services.clock.now())) told.push_back(session.to);
    custody(services).end_other_sessions(told);
}

JsonValue open_session(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    open_officer_key(services, self);
    begin_alone(services, self);
    end_untold(services);
    auto const deal =
        case_of(services.store, services.verifier, base::from_hex(detail.at("deal").get<std::string>()));
    if (!deal) throw Error(Code::not_found, "the deal is not known here any more");
    auto const word =
        detail.at("protection") == "none" ? Secret() : services.new_passphrase("the session's key");
    model::ShareAct act;
    act.about = "opened";
    act.deal = deal->file;
    act.purpose = detail.at("purpose").get<std::string>();
    act.closes = services.clock.now() + base::Duration::from_text(detail.at("open_for").get<std::string>());
    act.to = custody(services).begin_session(word);
    return sign_share(act, {deal->act}, services, self,
                      {{"key", deal->deal.key}, {"purpose", act.purpose}, {"closes", act.closes.text()}});
}

JsonValue append_session(model::Step const& step, JsonValue const& prepared, Services& services,
                         port::Transaction& transaction) {
    auto result = *append_share(step, prepared, services, transaction);
    result["name"] = "r" + share_name(base::Digest::from_hex(result.at("id").get<std::string>())).substr(1);
    return JsonValue(std::move(result));
}

JsonValue close_session(model::Step const& step, Services& services, Identity const&) {
    auto const point = base::from_base64(step.detail->at("to").get<std::string>());
    custody(services).end_session({"x25519", point});
    return JsonValue(Json{{"destroyed", "the session's key"}});
}

/// What ends a session: `recover` one for recovery, `drill` one for a drill.
model::Plan plan_end(State const& state, Services& services, model::Request const& request,
                     std::string const& purpose) {
    auto const& arguments = *request.arguments;
    auto plan = share_plan(state, request);
    auto const [deal, session] = share_session(state, services, arguments.at("operand").get<std::string>());
    auto const name = session.name();
    require_living(deal, plan);
    plan.verdict.require("purpose", session.purpose == purpose,
                         fmt::format("{} was opened for a {}", name, session.purpose));
    plan.verdict.require("member", session.member == state.self.member,
                         fmt::format("{} was opened by '{}'", name, session.member));
    plan.verdict.require(
        "session", session.is_open(state.now),
        fmt::format("{} {}", name, session.ended ? "has ended" : "closed on " + session.closes.text()));
    require_signer(state, plan);
    require_consent(state, session, plan);
    if (!plan.verdict.allowed()) return plan;
    if (!custody(services).has_session(session.to))
        throw Error(Code::not_found, "the key of the session is not in this workspace",
                    "run this where 'consortium share open' was run");
    auto files = arguments.value("share", std::vector<std::string>{});
    auto const wrapped = dealt_folder(state.self.workspace, deal.deal.id) / wrapped_name;
    Json const detail{{"session", session.act.hex()},
                      {"files", files},
                      {"wrapped", arguments.value("wrapped", wrapped.string())},
                      {"protection", arguments.value("no-passphrase", false) ? "none" : "passphrase"}};
    auto const what =
        purpose == "recovery"
            ? fmt::format("recover '{}' from {} files into keys/", deal.deal.key, files.size())
            : fmt::format("put together what wraps '{}' from {} files, compare it, and forget it",
                          deal.deal.key, files.size());
    plan.steps.push_back({"share.recover", name, what, JsonValue(detail)});
    plan.steps.push_back({"share.close", name, "destroy the session's key",
                          JsonValue(Json{{"to", base::to_base64(session.to.point)}})});
    plan.warnings.emplace_back(
        "this machine sees the secret while it recovers: this is secret sharing, not threshold signing");
    plan.verdict.next = purpose == "recovery" ? "consortium share refresh " + deal.deal.key
                                              : "consortium share show " + deal.name();
    return plan;
}

}  // namespace

Applier const share_open_applier{.prepare = open_session, .append = append_session};
Applier const share_recover_applier{.prepare = recover, .append = append_share};
Applier const share_close_applier{.remote = close_session};

void require_consent(State const& state, ShareSession const& session, model::Plan& plan) {
    if (!plan.verdict.allowed() || session.purpose != "recovery" ||
        state.joined().charter.approval("recovery") == nullptr)
        return;
    auto const verdict =
        approval_verdict(state, "recovery", {{session.act, session.officer}, "recovery " + session.name()});
    if (verdict.allowed()) return;
    plan.verdict = verdict;
    plan.verdict.next = fmt::format("consortium approval sign {} --rule recovery --about 'recovery {}'",
                                    session.act.hex(), session.name());
}

model::Plan plan_share_open(State const& state, Services& services, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto plan = share_plan(state, request);
    auto const deal = share_case(state, services, arguments.at("operand").get<std::string>());
    auto const purpose = arguments.value("purpose", std::string("recovery"));
    auto const open_for = base::Duration::from_text(arguments.value("open-for", std::string(usual_time)));
    require_in_force(state, services, deal, plan);
    plan.verdict.require("time", open_for.seconds > 0 && open_for.seconds <= longest_session,
                         "a session is open for at most P30D");
    bool const here = services.keys.has(deal.deal.key_id);
    plan.verdict.require(
        "key", purpose == "drill" || !here,
        fmt::format("'{}' is in this workspace: there is nothing to recover", deal.deal.key));
    require_signer(state, plan);
    if (!plan.verdict.allowed()) {
        if (here) plan.verdict.next = "consortium share open " + deal.deal.key + " --purpose drill";
        return plan;
    }
    Json const detail{{"deal", base::to_hex(deal.deal.id)},
                      {"purpose", purpose},
                      {"open_for", open_for.text()},
                      {"protection", arguments.value("no-passphrase", false) ? "none" : "passphrase"}};
    plan.steps.push_back({"share.open", deal.deal.key,
                          fmt::format("open a session for a {} of '{}', for {}, with a key of its own",
                                      purpose, deal.deal.key, open_for.text()),
                          JsonValue(detail)});
    if (deal.member != state.self.member)
        plan.warnings.emplace_back(
            fmt::format("'{}' dealt these shares: it is for the custodians to say whether '{}' recovers them",
                        deal.member, state.self.member));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Plan plan_share_recover(State const& state, Services& services, model::Request const& request) {
    return plan_end(state, services, request, "recovery");
}

model::Plan plan_share_drill(State const& state, Services& services, model::Request const& request) {
    bool const hosts = request.arguments->contains("share") ||
                       request.arguments->at("operand").get<std::string>().starts_with("r-");
    return hosts ? plan_end(state, services, request, "drill")
                 : plan_custodian_drill(state, services, request);
}

}  // namespace consortium::flow
