#include "core/flow/steps.h"

#include "core/flow/sign.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

JsonValue sign_step(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    model::Draft draft;
    draft.kind = detail.at("kind").get<std::string>();
    for (auto const& ref : detail.at("refs")) {
        draft.refs.push_back(base::Digest::from_hex(ref.get<std::string>()));
    }
    draft.body = JsonValue(detail.at("body"));
    draft.by_seat = detail.at("by_seat").get<bool>();
    auto const act = sign(draft, private_draft_from_json(detail.value("private", Json())), services, self);
    auto const part = act.part ? base::to_base64(base::as_bytes(model::to_bytes(*act.part))) : std::string();
    return JsonValue(Json{{"id", act.id.hex()}, {"envelope", act.envelope}, {"part", part}});
}

JsonValue append_act(model::Step const& step, JsonValue const& prepared, Services& services,
                     port::Transaction& transaction) {
    for (auto const& file : step.detail->at("files")) transaction.put_file(file.get<std::string>());
    append_own(services, transaction, prepared->at("envelope").get<std::string>());
    if (auto const part = prepared->at("part").get<std::string>(); !part.empty()) {
        auto const id = base::Digest::from_hex(prepared->at("id").get<std::string>());
        keep_part(services, transaction, id,
                  model::private_part_from_bytes(base::as_text(base::from_base64(part))));
    }
    return JsonValue(Json{{"id", prepared->at("id")}, {"kind", step.detail->at("kind")}});
}

JsonValue append_event(model::Step const& step, JsonValue const&, Services& services,
                       port::Transaction& transaction) {
    auto const& detail = *step.detail;
    model::Event event;
    event.kind = detail.at("kind").get<std::string>();
    event.time = services.clock.now();
    event.body = JsonValue(detail.at("body"));
    for (auto const& file : detail.value("files", Json::array()))
        transaction.put_file(file.get<std::string>());
    for (auto const& write : detail.at("writes")) event.writes.push_back(model::object_from_json(write));
    return JsonValue(Json{{"index", transaction.append_event(event)}});
}

/// Folders below the workspace's own out/ are ours to make; any other must be there.
void make_own_folder(base::Path const& folder, Identity const& self) {
    auto const own = self.workspace / "out";
    auto const [end, unused] = std::mismatch(own.begin(), own.end(), folder.begin(), folder.end());
    if (end == own.end()) std::filesystem::create_directories(folder);
}

JsonValue write_output(model::Step const& step, Services&, Identity const& self) {
    auto const& detail = *step.detail;
    auto const path = detail.at("path").get<std::string>();
    make_own_folder(base::Path(path).parent_path(), self);
    auto const& content = detail.at("content").get_ref<std::string const&>();
    auto const mode = detail.at("mode") == "owner" ? base::FileMode::owner : base::FileMode::shared;
    base::write_file(path, content, mode);
    return JsonValue(Json{{"path", path}, {"digest", base::sha256(content).hex()}});
}

}  // namespace

Applier const act_applier{.prepare = sign_step, .append = append_act};
Applier const event_applier{.append = append_event};
Applier const output_applier{.remote = write_output};

model::Step act_step(model::Draft const& draft, std::string target, std::string summary,
                     std::vector<std::string> const& files) {
    Json refs = Json::array();
    for (auto const& ref : draft.refs) refs.push_back(ref.hex());
    Json detail{{"kind", draft.kind},       {"refs", refs},   {"body", *draft.body},
                {"by_seat", draft.by_seat}, {"files", files}, {"private", nullptr}};
    return {"act", std::move(target), std::move(summary), JsonValue(std::move(detail))};
}

model::Step act_step(model::Draft const& draft, PrivateDraft const& words, std::string target,
                     std::string summary) {
    auto step = act_step(draft, std::move(target), std::move(summary));
    auto detail = *step.detail;
    detail["private"] = to_json(words);
    step.detail = JsonValue(std::move(detail));
    return step;
}

model::Step event_step(std::string kind, Json body, std::vector<model::Object> const& writes,
                       std::string target, std::string summary) {
    Json objects = Json::array();
    for (auto const& object : writes) objects.push_back(to_json(object));
    Json detail{{"kind", std::move(kind)}, {"body", std::move(body)}, {"writes", std::move(objects)}};
    return {"event", std::move(target), std::move(summary), JsonValue(std::move(detail))};
}

model::Step output_step(base::Path const& path, std::string content, base::FileMode mode,
                        std::string summary) {
    Json detail{{"path", path.string()},
                {"content", std::move(content)},
                {"mode", mode == base::FileMode::owner ? "owner" : "shared"}};
    return {"output", path.string(), std::move(summary), JsonValue(std::move(detail))};
}

}  // namespace consortium::flow
