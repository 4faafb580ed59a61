// What members said twice: found while acts were taken in, kept as portable files.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/epoch.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::vector<model::Object> found(port::Store const& store) {
    std::vector<model::Object> out;
    store.objects({.kind = "equivocation", .state = {}, .member = {}, .due_before = {}, .limit = 0},
                  [&](model::Object const& object) { out.push_back(object); });
    return out;
}

Json record(model::Object const& object) {
    auto data = *object.data;
    data["id"] = object.name;
    data["member"] = object.member;
    return data;
}

}  // namespace

model::Outcome epoch_evidence(State const& state, model::Request const&) {
    static_cast<void>(state.joined());
    model::Table table;
    table.columns = {"evidence", "member", "said two things in"};
    table.when_empty = "nobody was found to have said two things";
    Json items = Json::array();
    for (auto const& object : found(state.store)) {
        items.push_back(record(object));
        table.rows.push_back({object.name.substr(0, 12), object.member,
                              base::printable(object.data->at("slot").get<std::string>())});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.equivocations/1";
    if (!items.empty()) outcome.next = {"consortium epoch evidence ID --to FILE"};
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

std::string epoch_evidence_file(State const& state, std::string const& id) {
    std::vector<std::string> files;
    for (auto const& object : found(state.store))
        if (!id.empty() && object.name.starts_with(id))
            files.push_back(object.data->at("file").get<std::string>());
    if (files.size() != 1)
        throw Error(Code::not_found,
                    files.empty() ? "no evidence '" + base::printable(id) + "' is held here"
                                  : "'" + base::printable(id) + "' begins several ids of evidence",
                    "run 'consortium epoch evidence'");
    auto text = state.store.file(base::Digest::from_hex(files.front()));
    if (!text)
        throw Error(Code::not_found, "the file of this evidence is not held",
                    "run 'consortium audit verify'");
    return *std::move(text);
}

}  // namespace consortium::flow
