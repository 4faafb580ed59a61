#include "core/model/node.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace model = consortium::model;

TEST_CASE("a node survives its JSON, and refuses what it does not know") {
    model::Node const node{"n1",
                           "acme",
                           "payments",
                           "besu",
                           "https://read.example:8545",
                           "https://admin.example:8545",
                           "0x50deb75513987f6a4f79e9f2b59fff1a2291330b",
                           {{"bearer", "/etc/token"}}};
    auto json = model::to_json(node);
    auto const again = model::node_from_json(json);
    CHECK(model::to_json(again) == json);
    CHECK(again.credentials.at("bearer") == "/etc/token");
    json["password"] = "x";
    CHECK_THROWS_AS(static_cast<void>(model::node_from_json(json)), consortium::base::Error);
}

TEST_CASE("a credential that is not a path is refused") {
    auto json = model::to_json(model::Node{"n1", "acme", "payments", "besu", "u", "", "", {}});
    json["credentials"]["bearer"] = 5;
    CHECK_THROWS_AS(static_cast<void>(model::node_from_json(json)), consortium::base::Error);
}
