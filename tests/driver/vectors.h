#pragma once

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "tests/support/data_folder.h"

#include <nlohmann/json.hpp>

namespace consortium::test {

/// The rows of a file of published vectors in tests/data/evm; its README.md names where they are from.
inline nlohmann::json vectors(std::string const& name, std::string const& rows) {
    auto const path = base::Path(data_folder()) / "evm" / name;
    return nlohmann::json::parse(base::read_text(path, 16u << 20)).at(rows);
}

/// Bytes written in hexadecimal, with or without "0x".
inline base::Bytes hex_bytes(nlohmann::json const& value) {
    auto const text = value.get<std::string>();
    return base::from_hex(text.starts_with("0x") ? text.substr(2) : text);
}

}  // namespace consortium::test
