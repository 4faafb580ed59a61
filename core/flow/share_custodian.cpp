// What a custodian does: keep a share, prove to hold it, and seal it to a session.

#include "core/base/error.h"
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
using model::ShareBox;

namespace {

ShareBox read_box(std::string const& file) {
    auto const text = base::read_text(file, max_share_file);
    try {
        return model::share_box_from_text(text);
    } catch (Error const& error) {
        throw Error(Code::malformed, fmt::format("'{}' is no sealed share: {}", file, error.message()),
                    "it was changed on its way, or is another file; ask for it again", {{"file", file}});
    }
}

ShareCase case_for(State const& state, Services const& services, ShareBox const& box,
                   std::string const& file) {
    auto found = case_of(state.store, services.verifier, box.deal);
    if (!found)
        throw Error(Code::not_found, fmt::format("no deal is known here that '{}' is a share of", file),
                    "run 'consortium exchange sync', or import the bundle of who dealt", {{"file", file}});
    return *std::move(found);
}

/// Whether the file that was said to be submitted lies ready to be carried to the session.
bool is_handed_over(State const& state, ShareSession const& session, std::int64_t index) {
    auto const said = session.submitted.find(index);
    auto const file = handed_over_file(state.self.workspace, session.name(), state.self.officer);
    return said != session.submitted.end() && base::exists(file) &&
           base::sha256(base::read_text(file, max_share_file)) == said->second;
}

base::Path kept_or_fail(State const& state, ShareCase const& deal, std::int64_t index) {
    auto file = kept_file(state.self.workspace, deal.deal.id, index);
    if (!base::exists(file))
        throw Error(Code::not_found,
                    fmt::format("the share of '{}' is not kept in this workspace", state.self.officer),
                    "run 'consortium share accept FILE' with the sealed share");
    return file;
}

Json custodian_detail(ShareCase const& deal, std::int64_t index, base::Path const& file,
                      model::Request const& request) {
    return {{"deal", base::to_hex(deal.deal.id)},
            {"index", index},
            {"file", file.string()},
            {"word", request.arguments->value("share-passphrase-file", std::string())}};
}

/// The opened share of a step, with its deal.
struct Opened {
    ShareCase deal;
    ShareBox box;
    base::Secret share;
    std::int64_t index;
};

Opened open_step(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    open_officer_key(services, self);
    begin_alone(services, self);
    auto const file = detail.at("file").get<std::string>();
    auto box = read_box(file);
    auto const id = base::from_hex(detail.at("deal").get<std::string>());
    auto deal = case_of(services.store, services.verifier, id);
    auto const index = detail.at("index").get<std::int64_t>();
    if (!deal || box.deal != id || box.index != index)
        throw Error(Code::conflict, fmt::format("'{}' changed since it was looked at", file),
                    "run the command again");
    auto share =
        open_share(custody(services), box, *deal, file, word_in(detail.at("word").get<std::string>()));
    return {*std::move(deal), std::move(box), std::move(share), index};
}

/// A receipt with its proof.
JsonValue sign_receipt(std::string about, Opened const& opened, Services& services, Identity const& self) {
    auto const epoch = services.store.latest();
    model::ShareAct act;
    act.about = std::move(about);
    act.deal = opened.deal.file;
    act.index = opened.index;
    auto const text = model::share_proof_text(act, self.officer, model::reference(*epoch).hash);
    act.proof = custody(services).prove(opened.share, base::as_bytes(text));
    return sign_share(act, {opened.deal.act}, services, self,
                      {{"deal", opened.deal.name()}, {"key", opened.deal.deal.key}, {"index", opened.index}});
}

/// Shares of earlier deals of the same key open nothing: they are not kept.
void destroy_earlier(Opened const& opened, Services& services, Identity const& self) {
    for (auto const& one : share_cases(services.store, services.verifier)) {
        auto const index = one.deal.index_of(self.officer);
        if (one.next && index != 0 && one.deal.key_id == opened.deal.deal.key_id &&
            one.member == opened.deal.member)
            custody(services).destroy(kept_file(self.workspace, one.deal.id, index));
    }
}

bool is_by_word(ShareBox const& box) {
    return box.to.sort == "passphrase";
}

/// As the custodian keeps it: who dealt knows the passphrase that it came with, so it gets another.
ShareBox kept_form(Opened const& opened, base::Secret const& own, Services& services) {
    if (!is_by_word(opened.box)) return opened.box;
    if (custody(services).open(opened.box, own))
        throw Error(Code::refused, "the new passphrase is the one that the share was dealt with",
                    "choose one that nobody else knows");
    ShareBox head;
    head.purpose = opened.box.purpose;
    head.deal = opened.box.deal;
    head.index = opened.box.index;
    head.custodian = opened.box.custodian;
    head.to = opened.box.to;
    return custody(services).seal(head, opened.share, own);
}

base::Secret own_word(Json const& detail, std::string const& custodian, Services& services) {
    auto const file = detail.at("own_word").get<std::string>();
    auto word = file.empty() && services.new_passphrase
                    ? services.new_passphrase("the share that '" + custodian + "' keeps")
                    : word_in(file);
    if (word.empty())
        throw Error(Code::not_authorized,
                    "who dealt knows the passphrase of this share: it is kept under another",
                    "name the file that holds yours with --new-passphrase-file");
    return word;
}

JsonValue accept_share(model::Step const& step, Services& services, Identity const& self) {
    auto const opened = open_step(step, services, self);
    auto const own =
        is_by_word(opened.box) ? own_word(*step.detail, opened.box.custodian, services) : base::Secret();
    auto const file = kept_file(self.workspace, opened.deal.deal.id, opened.index);
    make_private(self.workspace, file.parent_path());
    base::write_file(file, model::to_text(kept_form(opened, own, services)), base::FileMode::owner);
    auto result = sign_receipt("accepted", opened, services, self);
    destroy_earlier(opened, services, self);
    return result;
}

/// The envelope that the passphrase of who dealt still opens. It may lie where nothing can be removed.
JsonValue wipe_envelope(model::Step const& step, Services& services, Identity const&) {
    auto const file = step.detail->at("file").get<std::string>();
    Json result{{"wiped", file}, {"left", nullptr}};
    if (!base::exists(file)) return JsonValue(std::move(result));
    try {
        bool const same = base::sha256(base::read_text(file, max_share_file)).hex() ==
                          step.detail->at("sha256").get<std::string>();
        if (same) custody(services).destroy(file);
    } catch (Error const& error) {
        if (error.code() != Code::storage) throw;
        result = {{"wiped", nullptr}, {"left", error.message()}};
    }
    return JsonValue(std::move(result));
}

/// Whether the box is kept already, in the form in which it is to be kept.
bool is_kept(base::Path const& kept, ShareBox const& box) {
    if (!base::exists(kept)) return false;
    auto const text = base::read_text(kept, max_share_file);
    return is_by_word(box) ? read_box(kept.string()).salt != box.salt : text == model::to_text(box);
}

void add_wipe(std::string const& file, ShareBox const& box, model::Plan& plan) {
    if (!is_by_word(box)) return;
    plan.steps.push_back(
        {"share.wipe", file, fmt::format("destroy '{}', which the passphrase of who dealt still opens", file),
         JsonValue(Json{{"file", file}, {"sha256", base::sha256(model::to_text(box)).hex()}})});
}

JsonValue drill_share(model::Step const& step, Services& services, Identity const& self) {
    return sign_receipt("drilled", open_step(step, services, self), services, self);
}

JsonValue submit_share(model::Step const& step, Services& services, Identity const& self) {
    auto const opened = open_step(step, services, self);
    auto const session_id = base::Digest::from_hex(step.detail->at("session").get<std::string>());
    ShareBox head;
    head.deal = opened.box.deal;
    head.index = opened.index;
    head.custodian = self.officer;
    head.session = session_id;
    std::string name;
    for (auto const& session : opened.deal.sessions) {
        if (session.act != session_id) continue;
        head.purpose = session.purpose;
        head.to = session.to;
        name = session.name();
    }
    auto const text = model::to_text(custody(services).seal(head, opened.share));
    auto const staged = staged_file(self.workspace, name, self.officer);
    make_private(self.workspace, staged.parent_path());
    base::write_file(staged, text, base::FileMode::owner);
    model::ShareAct act;
    act.about = "submitted";
    act.deal = opened.deal.file;
    act.index = opened.index;
    act.file = base::sha256(text);
    return sign_share(act, {opened.deal.act, session_id}, services, self,
                      {{"session", name}, {"index", opened.index}, {"digest", act.file.hex()}});
}

JsonValue hand_over(model::Step const& step, Services& services, Identity const& self) {
    begin_alone(services, self);
    auto const name = step.detail->at("session").get<std::string>();
    auto const text = base::read_text(staged_file(self.workspace, name, self.officer), max_share_file);
    auto const file = handed_over_file(self.workspace, name, self.officer);
    base::make_folder(file.parent_path().parent_path());
    base::make_folder(file.parent_path(), base::FileMode::owner);
    base::write_file(file, text, base::FileMode::owner);
    return JsonValue(Json{{"file", file.string()}});
}

}  // namespace

Applier const share_accept_applier{.prepare = accept_share, .append = append_share};
Applier const share_wipe_applier{.remote = wipe_envelope};
Applier const share_drill_applier{.prepare = drill_share, .append = append_share};
Applier const share_submit_applier{.prepare = submit_share, .append = append_share};
Applier const share_submitted_applier{.remote = hand_over};

model::Plan plan_share_accept(State const& state, Services& services, model::Request const& request) {
    auto plan = share_plan(state, request);
    auto const file = std::filesystem::absolute(request.arguments->at("operand").get<std::string>());
    auto const box = read_box(file.string());
    auto const deal = case_for(state, services, box, file.string());
    require_in_force(state, services, deal, plan);
    plan.verdict.require(
        "custodian", box.custodian == state.self.officer && deal.deal.index_of(box.custodian) == box.index,
        fmt::format("'{}' is the share of '{}', not of '{}'", file.string(), box.custodian,
                    state.self.officer));
    plan.verdict.require("purpose", box.purpose == "custody",
                         fmt::format("'{}' is a share on its way into a session", file.string()));
    require_signer(state, plan);
    if (!plan.verdict.allowed()) return plan;
    auto const kept = kept_file(state.self.workspace, box.deal, box.index);
    plan.verdict.next = "consortium share drill " + deal.name();
    if (!is_kept(kept, box) || !deal.is_kept(box.index)) {
        auto detail = custodian_detail(deal, box.index, file, request);
        detail["own_word"] = request.arguments->value("new-passphrase-file", std::string());
        plan.steps.push_back(
            {"share.accept", deal.deal.key,
             fmt::format("check share {} of '{}', keep it{}, and sign a receipt", box.index, deal.deal.key,
                         is_by_word(box) ? " under a passphrase of your own" : ""),
             JsonValue(std::move(detail))});
    }
    add_wipe(file.string(), box, plan);
    return plan;
}

model::Plan plan_custodian_drill(State const& state, Services& services, model::Request const& request) {
    auto plan = share_plan(state, request);
    auto const deal = share_case(state, services, request.arguments->at("operand").get<std::string>());
    require_in_force(state, services, deal, plan);
    require_signer(state, plan);
    if (!plan.verdict.allowed()) return plan;
    auto const index = own_index(state, deal);
    auto const kept = kept_or_fail(state, deal, index);
    plan.steps.push_back(
        {"share.drill", deal.deal.key,
         fmt::format("open share {} of '{}', compare it with what the deal commits to, and sign a receipt",
                     index, deal.deal.key),
         JsonValue(custodian_detail(deal, index, kept, request))});
    plan.verdict.next = "consortium share show " + deal.name();
    return plan;
}

model::Plan plan_share_submit(State const& state, Services& services, model::Request const& request) {
    auto plan = share_plan(state, request);
    auto const [deal, session] =
        share_session(state, services, request.arguments->at("operand").get<std::string>());
    require_in_force(state, services, deal, plan);
    plan.verdict.require("session", session.is_open(state.now),
                         fmt::format("the session {} {}", session.name(),
                                     session.ended ? "has ended" : "closed on " + session.closes.text()));
    require_signer(state, plan);
    require_consent(state, session, plan);
    if (!plan.verdict.allowed()) return plan;
    auto const index = own_index(state, deal);
    auto const kept = kept_or_fail(state, deal, index);
    plan.verdict.next = "consortium share show " + session.name();
    if (is_handed_over(state, session, index)) return plan;
    auto detail = custodian_detail(deal, index, kept, request);
    detail["session"] = session.act.hex();
    plan.steps.push_back(
        {"share.submit", session.name(),
         fmt::format("seal share {} of '{}' to the session that '{}' of '{}' opened for a {}", index,
                     deal.deal.key, session.officer, session.member, session.purpose),
         JsonValue(std::move(detail))});
    plan.steps.push_back({"share.hand-over", session.name(), "write the sealed file below out/shares",
                          JsonValue(Json{{"session", session.name()}})});
    plan.warnings.emplace_back(
        fmt::format("with {} shares '{}' puts together what recovers '{}': ask them in person whether they "
                    "opened {}",
                    deal.deal.threshold, session.officer, deal.deal.key, session.name()));
    return plan;
}

}  // namespace consortium::flow
