#pragma once

#include "core/journal/checkpoint.h"
#include "core/port/store.h"

#include <nlohmann/json.hpp>

/// Records a token of a head, as the journal has it once an authority was asked; what is in the token does
/// not matter here.
inline void record_stamp(consortium::port::Store& store, std::string const& note, std::string const& name) {
    using namespace consortium;
    auto const checkpoint = journal::Checkpoint::parse(journal::Note::parse(note).body);
    model::Object object;
    object.kind = "timestamp";
    object.name = name;
    object.state = "held";
    object.data = base::JsonValue(base::Json{{"size", checkpoint.size},
                                             {"note", note},
                                             {"token", base::to_base64(base::to_bytes(name))},
                                             {"time", "2026-11-02T11:00:00Z"},
                                             {"url", "http://tsa.example"}});
    store.write([&](port::Transaction& transaction) {
        transaction.append_event({"timestamp", base::Instant{1'793'617'200}, object.data, {object}});
    });
}
