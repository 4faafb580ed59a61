// Shares are made, journaled, and only then handed out: what was journaled can be written again, the same.

#include "core/base/error.h"
#include "core/flow/share.h"
#include "core/flow/share_case.h"
#include "core/flow/sign.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;
using base::Secret;
using model::ShareBox;
using model::ShareDeal;

namespace {

constexpr std::string_view manifest_name = "manifest.json";

ShareDeal begin(Json const& detail, port::Entropy& entropy) {
    ShareDeal deal;
    deal.id = entropy.bytes(model::share_id_bytes);
    deal.key = detail.at("key").get<std::string>();
    deal.key_id = Digest::from_hex(detail.at("key_id").get<std::string>());
    deal.algorithm = detail.at("algorithm").get<std::string>();
    deal.version = detail.at("version").get<std::int64_t>();
    deal.threshold = detail.at("threshold").get<std::int64_t>();
    if (!detail.at("previous").is_null())
        deal.previous = Digest::from_hex(detail.at("previous").get<std::string>());
    for (auto const& one : detail.at("custodians"))
        deal.custodians.push_back(
            {one.at("officer").get<std::string>(),
             one.at("member").get<std::string>(),
             {one.at("sort").get<std::string>(), base::from_base64(one.at("point").get<std::string>())},
             {},
             {}});
    return deal;
}

ShareBox head_of(ShareDeal const& deal, std::int64_t index) {
    ShareBox head;
    head.purpose = "custody";
    head.deal = deal.id;
    head.index = index;
    head.custodian = deal.custodian(index)->officer;
    head.to = deal.custodian(index)->key;
    return head;
}

/// What was made must recover the key before anybody relies on it.
void try_out(port::Custody& custody, ShareDeal const& deal, std::vector<Secret> const& shares,
             model::WrappedKey const& wrapped, Secret const& pkcs8) {
    std::vector<Secret> few;
    for (auto i = shares.size() - static_cast<std::size_t>(deal.threshold); i < shares.size(); ++i)
        few.push_back(shares[i].clone());
    auto const kek = custody.join(few);
    auto const opened = kek ? custody.unwrap(wrapped, *kek) : std::nullopt;
    if (!opened || !base::equal_constant_time(opened->view(), pkcs8.view()))
        throw Error(Code::internal, "the shares that were made do not recover the key");
}

/// The files of a deal, by name: sealed shares, the wrapped key, the manifest.
using Files = std::map<std::string, std::string>;

Files make_files(ShareDeal& deal, Json const& words, Services& services) {
    auto& port = custody(services);
    auto const pkcs8 = port.private_key(deal.key);
    Secret const kek(services.entropy.bytes(32));
    auto const shares = port.split(kek, deal.id, deal.threshold, deal.custodians.size());
    Files files;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        auto& custodian = deal.custodians[i];
        auto const index = static_cast<std::int64_t>(i + 1);
        custodian.commitment = model::share_commitment(deal.id, index, shares[i].view());
        custodian.proof = port.proof_key(shares[i]);
        auto const word = word_in(words.value(custodian.officer, std::string()));
        files[custodian.officer + std::string(share_ending)] =
            model::to_text(port.seal(head_of(deal, index), shares[i], word));
    }
    deal.kek = model::kek_commitment(deal.id, kek.view());
    auto const wrapped = port.wrap({deal.id, deal.key_id, deal.version, {}, {}}, kek, pkcs8);
    try_out(port, deal, shares, wrapped, pkcs8);
    files[std::string(wrapped_name)] = model::to_text(wrapped);
    deal.wrapped = base::sha256(files.at(std::string(wrapped_name)));
    files[std::string(manifest_name)] = model::document(deal);
    return files;
}

/// Nobody else deals now; somebody may have since this was planned.
void refuse_stale(Json const& detail, Services& services, Identity const& self) {
    auto const key = Digest::from_hex(detail.at("key_id").get<std::string>());
    auto const now = own_case(services.store, services.verifier, self.member, key);
    if ((now ? Json(now->file.hex()) : Json()) != detail.at("previous"))
        throw Error(Code::conflict, "shares of this key were dealt meanwhile", "run the command again");
}

JsonValue make_deal(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    open_officer_key(services, self);
    begin_alone(services, self);
    refuse_stale(detail, services, self);
    destroy_unsaid(services, self);
    auto deal = begin(detail, services.entropy);
    auto const files = make_files(deal, detail.at("words"), services);
    auto const folder = dealt_folder(self.workspace, deal.id);
    make_private(self.workspace, folder);
    for (auto const& [name, text] : files) base::write_file(folder / name, text, base::FileMode::owner);
    model::ShareAct act;
    act.about = "dealt";
    auto const& manifest = files.at(std::string(manifest_name));
    act.deal = base::sha256(manifest);
    std::vector<Digest> refs;
    if (!detail.at("follows").is_null())
        refs.push_back(Digest::from_hex(detail.at("follows").get<std::string>()));
    return sign_share(act, refs, services, self,
                      {{"manifest", manifest},
                       {"key", deal.key},
                       {"threshold", deal.threshold},
                       {"version", deal.version},
                       {"custodians", deal.custodians.size()}});
}

JsonValue append_deal(model::Step const& step, JsonValue const& prepared, Services& services,
                      port::Transaction& transaction) {
    auto result = *append_share(step, prepared, services, transaction);
    result["name"] = share_name(Digest::from_hex(result.at("id").get<std::string>()));
    return JsonValue(std::move(result));
}

/// A file that is there already, the same, is left alone.
void write_again(base::Path const& from, base::Path const& to) {
    auto const content = base::read_text(from, max_share_file);
    if (!base::exists(to) || base::read_text(to, max_share_file) != content)
        base::write_file(to, content, base::FileMode::owner);
}

JsonValue hand_out(model::Step const& step, Services& services, Identity const& self) {
    begin_alone(services, self);
    auto const key = Digest::from_hex(step.detail->at("key_id").get<std::string>());
    auto const found = own_case(services.store, services.verifier, self.member, key);
    if (!found) throw Error(Code::internal, "nothing was dealt that could be handed out");
    auto const from = dealt_folder(self.workspace, found->deal.id);
    if (!base::exists(from))
        throw Error(Code::not_found,
                    fmt::format("the sealed shares of {} are not in this workspace", found->name()),
                    "run this where they were dealt, or 'consortium share refresh " + found->deal.key + "'");
    auto const folder = out_folder(self.workspace) / found->name();
    base::make_folder(out_folder(self.workspace).parent_path());
    base::make_folder(out_folder(self.workspace), base::FileMode::owner);
    base::make_folder(folder, base::FileMode::owner);
    base::write_file(from / handed_out_mark, std::string_view("\n"), base::FileMode::owner);
    Json names = Json::array();
    for (auto const& custodian : found->deal.custodians)
        names.push_back(custodian.officer + std::string(share_ending));
    names.push_back(wrapped_name);
    names.push_back(manifest_name);
    for (auto const& name : names)
        write_again(from / name.get<std::string>(), folder / name.get<std::string>());
    return JsonValue(Json{{"folder", folder.string()}, {"files", names}});
}

}  // namespace

Applier const share_deal_applier{.prepare = make_deal, .append = append_deal};
Applier const share_handout_applier{.remote = hand_out};

}  // namespace consortium::flow
