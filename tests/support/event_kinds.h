#pragma once

#include "core/base/json.h"
#include "core/port/store.h"

#include <nlohmann/json.hpp>

/// The kinds of the events that the journal has from the entry `begin` on; of an act an empty text.
inline std::vector<std::string> event_kinds(consortium::port::Store const& store, std::uint64_t begin) {
    std::vector<std::string> out;
    store.entries(begin, store.head().size, [&](consortium::model::Entry const& entry) {
        out.push_back(consortium::base::parse_json(entry.leaf).value("kind", std::string()));
    });
    return out;
}
