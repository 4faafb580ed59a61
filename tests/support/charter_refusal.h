#pragma once

#include "core/base/error.h"
#include "core/base/toml.h"
#include "core/model/charter.h"

#include <doctest/doctest.h>

namespace consortium::test {

/// What reading a charter in TOML says with one piece of its text replaced; "accepted" if it says nothing.
inline std::string charter_refusal(std::string text, std::string_view from, std::string_view to) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
    base::Toml const toml = base::Toml::parse(text, "c.toml");
    try {
        toml.locate([&] { model::charter_from_json(*toml.value); });
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::configuration);
        return error.message();
    }
    return "accepted";
}

}  // namespace consortium::test
