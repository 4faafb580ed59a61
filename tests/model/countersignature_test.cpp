#include "core/model/countersignature.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

model::Countersignature signature(char const* document) {
    return {base::sha256(std::string_view(document)), base::sha256(std::string_view("key")), {1, 2, 3}};
}

Json good() {
    return model::to_json(
        model::Countersigning{"tuf", "trust bundle 2", {signature("root"), signature("targets")}});
}

}  // namespace

TEST_CASE("countersignatures are read back as they were") {
    auto const read = model::countersigning_from_json(good());
    CHECK(model::to_json(read) == good());
    CHECK(read.signatures == std::vector{signature("root"), signature("targets")});
}

TEST_CASE("countersignatures that say anything else are refused") {
    auto const refused = [](auto const& change) {
        auto body = good();
        change(body);
        CHECK_THROWS_AS(model::countersigning_from_json(body), base::Error);
    };
    refused([](Json& body) { body["signatures"] = Json::array(); });
    refused([](Json& body) { body["signatures"].push_back(body["signatures"][0]); });
    refused([](Json& body) { body["stranger"] = 1; });
    refused([](Json& body) { body["signatures"][0]["stranger"] = 1; });
    refused([](Json& body) { body["signatures"][0].erase("key"); });
    refused([](Json& body) { body["signatures"][0]["signature"] = "no base64"; });
    refused([](Json& body) { body["signatures"][0]["signature"] = base::to_base64(base::Bytes(1027)); });
    refused([](Json& body) { body["format"] = "No Name"; });
    refused([](Json& body) { body["about"] = std::string(101, 'x'); });
    refused([](Json& body) {
        auto const one = body["signatures"][0];
        body["signatures"] = Json::array();
        for (int i = 0; i < 17; ++i) {
            body["signatures"].push_back(one);
            body["signatures"].back()["document"] = base::sha256(std::to_string(i)).hex();
        }
    });
}
