#include "core/flow/batch_record.h"

#include "core/base/error.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr char const* chunk_kind = "batch-chunk";

std::string chunk_name(std::string const& batch, std::size_t number) {
    return fmt::format("{}/{}", batch, number);
}

/// Throws where the journal lacks what it said that it had.
model::Object on_file(port::Store const& store, std::string const& kind, std::string const& name,
                      std::string const& batch) {
    if (auto object = store.object(kind, name)) return *std::move(object);
    throw base::Error(base::Code::internal, fmt::format("a {} of batch {} is missing", kind, batch));
}

}  // namespace

model::Object batch_object(Json const& detail, BatchProgress const& progress) {
    model::Object object;
    object.kind = "batch";
    object.name = detail.at("batch").get<std::string>();
    object.state = progress.result->is_null() ? "open" : "done";
    object.data = JsonValue(Json{{"file", detail.at("file")},
                                 {"digest", detail.at("digest")},
                                 {"rows", detail.at("rows")},
                                 {"issuer", detail.at("issuer")},
                                 {"folder", detail.at("folder")},
                                 {"chunks", progress.chunks},
                                 {"issued", progress.issued},
                                 {"result", *progress.result}});
    return object;
}

std::optional<model::Object> batch_done(Json const& detail, port::Store const& store) {
    auto known = store.object("batch", detail.at("batch").get<std::string>());
    return known && known->state == "done" ? std::move(known) : std::nullopt;
}

std::size_t chunks_on_file(port::Store const& store, std::string const& batch) {
    auto const known = store.object("batch", batch);
    return known ? known->data->at("chunks").get<std::size_t>() : 0;
}

model::Object chunk_object(std::string const& batch, std::size_t number, std::vector<std::string> serials) {
    model::Object object;
    object.kind = chunk_kind;
    object.name = chunk_name(batch, number);
    object.state = "done";
    object.data = JsonValue(Json{{"serials", std::move(serials)}});
    return object;
}

std::vector<model::Object> chunk_certificates(port::Store const& store, std::string const& batch,
                                              std::size_t number) {
    auto const chunk = on_file(store, chunk_kind, chunk_name(batch, number), batch);
    std::vector<model::Object> out;
    for (auto const& serial : chunk.data->at("serials"))
        out.push_back(on_file(store, "certificate", serial.get<std::string>(), batch));
    return out;
}

}  // namespace consortium::flow
