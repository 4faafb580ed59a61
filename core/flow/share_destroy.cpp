// What is over is destroyed: a deal where it was made, and each share of it where it is kept.

#include "core/base/error.h"
#include "core/flow/share.h"
#include "core/flow/share_case.h"
#include "core/flow/sign.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using base::Path;

namespace {

/// Of base::write_file, until a file has its name.
constexpr std::string_view staged_start = ".tmp-";

void destroy_folder(port::Custody& custody, Path const& folder) {
    if (!base::exists(folder)) return;
    std::vector<Path> files;
    for (auto const& file : std::filesystem::directory_iterator(folder)) files.push_back(file.path());
    for (auto const& file : files) custody.destroy(file);
    std::filesystem::remove(folder);
    base::sync_folder(folder.parent_path());
}

std::array<Path, 2> places_of(Identity const& self, base::Bytes const& id, std::string const& name) {
    return {dealt_folder(self.workspace, id), out_folder(self.workspace) / name};
}

JsonValue destroy_deal(model::Step const& step, Services& services, Identity const& self) {
    auto const id = base::from_hex(step.detail->at("id").get<std::string>());
    auto const name = step.detail->at("name").get<std::string>();
    begin_alone(services, self);
    auto const places = places_of(self, id, name);
    // The wrapped key goes first: without it, the rest is nothing.
    for (auto const& folder : places) custody(services).destroy(folder / wrapped_name);
    for (auto const& folder : places) destroy_folder(custody(services), folder);
    return JsonValue(Json{{"destroyed", name}});
}

/// All that a workspace may hold of one custodian's share.
std::vector<Path> files_of(ShareCase const& deal, std::int64_t index, Identity const& self) {
    std::vector<Path> out{kept_file(self.workspace, deal.deal.id, index)};
    for (auto const& session : deal.sessions) {
        out.push_back(staged_file(self.workspace, session.name(), self.officer));
        out.push_back(handed_over_file(self.workspace, session.name(), self.officer));
    }
    std::erase_if(out, [](Path const& file) { return !base::exists(file); });
    return out;
}

JsonValue forget_share(model::Step const& step, Services& services, Identity const& self) {
    auto const id = base::from_hex(step.detail->at("deal").get<std::string>());
    auto const deal = case_of(services.store, services.verifier, id);
    if (!deal) throw base::Error(base::Code::not_found, "the deal is not known here any more");
    open_officer_key(services, self);
    begin_alone(services, self);
    model::ShareAct act;
    act.about = "destroyed";
    act.deal = deal->file;
    act.index = step.detail->at("index").get<std::int64_t>();
    for (auto const& file : files_of(*deal, act.index, self)) custody(services).destroy(file);
    return sign_share(act, {deal->act}, services, self,
                      {{"deal", deal->name()}, {"key", deal->deal.key}, {"index", act.index}});
}

}  // namespace

bool has_remains(Identity const& self, ShareCase const& deal) {
    return std::ranges::any_of(places_of(self, deal.deal.id, deal.name()), base::exists);
}

model::Step destroy_step(ShareCase const& old) {
    return {"share.destroy", old.deal.key,
            fmt::format("destroy what is here of the deal {}: its shares open nothing any more", old.name()),
            JsonValue(Json{{"id", base::to_hex(old.deal.id)}, {"name", old.name()}})};
}

void begin_alone(Services& services, Identity const& self) {
    custody(services).lock();
    std::vector<Path> left;
    for (auto const& folder : {dealt_folder(self.workspace, {}).parent_path(), out_folder(self.workspace)}) {
        std::error_code ignored;
        for (auto const& each : std::filesystem::recursive_directory_iterator(folder, ignored))
            if (each.path().filename().string().starts_with(staged_start)) left.push_back(each.path());
    }
    for (auto const& each : left) custody(services).destroy(each);
}

void destroy_unsaid(Services& services, Identity const& self) {
    auto const folder = dealt_folder(self.workspace, {}).parent_path();
    std::vector<Path> unsaid;
    auto const known = share_cases(services.store, services.verifier);
    std::error_code ignored;
    for (auto const& each : std::filesystem::directory_iterator(folder, ignored)) {
        auto const name = each.path().filename().string();
        bool const dealt = name.size() == 2 * model::share_id_bytes &&
                           std::none_of(known.begin(), known.end(), [&](ShareCase const& one) {
                               return base::to_hex(one.deal.id) == name;
                           });
        if (dealt && !base::exists(each.path() / handed_out_mark)) unsaid.push_back(each.path());
    }
    for (auto const& each : unsaid) destroy_folder(custody(services), each);
}

model::Plan plan_share_destroy(State const& state, Services& services, model::Request const& request) {
    auto plan = share_plan(state, request);
    auto const deal = share_case(state, services, request.arguments->at("operand").get<std::string>());
    auto const index = own_index(state, deal);
    plan.verdict.require("over", deal.next || deal.key_destroyed,
                         fmt::format("the shares of {} are in force: with fewer of them '{}' may be lost",
                                     deal.name(), deal.deal.key));
    require_signer(state, plan);
    plan.verdict.next = "consortium share show " + deal.name();
    if (!plan.verdict.allowed()) return plan;
    auto const files = files_of(deal, index, state.self);
    if (files.empty() && deal.destroyed.contains(index)) return plan;
    plan.steps.push_back(
        {"share.forget", deal.name(),
         files.empty() ? fmt::format("state that share {} of '{}' is kept no more", index, deal.deal.key)
                       : fmt::format("destroy share {} of '{}' for ever, and state so", index, deal.deal.key),
         JsonValue(Json{{"deal", base::to_hex(deal.deal.id)}, {"index", index}})});
    plan.warnings.emplace_back("copies of the share that were made elsewhere are for you to destroy");
    return plan;
}

Applier const share_destroy_applier{.remote = destroy_deal};
Applier const share_forget_applier{.prepare = forget_share, .append = append_share};

}  // namespace consortium::flow
