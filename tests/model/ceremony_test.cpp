#include "core/model/ceremony.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

model::CeremonyManifest sample() {
    base::Bytes const tbs{9, 9, 9};
    return {base::sha256("plan"),
            "trust",
            2,
            model::BundleOutline{2, "root-g1", {"root-g1", "root-g2"}},
            {{"root-g2", "certificate", "root-g2", tbs, base::sha256(tbs)}},
            {},
            {"globex/node-1: gone"}};
}

Json notice(std::string const& about, Json facts) {
    return {{"plan", base::sha256("plan").hex()},
            {"about", about},
            {"attempt", 1},
            {"files", Json::array()},
            {"facts", std::move(facts)}};
}

bool is_sound(Json const& body) {
    try {
        return model::to_json(model::ceremony_notice_from_json(body)) == body;
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::malformed);
        return false;
    }
}

std::string const hash(64, 'a');

}  // namespace

TEST_CASE("G26 a manifest whose digest is not that of its bytes is refused") {
    auto manifest = sample();
    CHECK(model::manifest_from_text(document(manifest)) == manifest);
    manifest.items[0].tbs[1] = 8;
    CHECK_THROWS_AS((void)model::manifest_from_text(document(manifest)), base::Error);
}

TEST_CASE("a manifest of a stage that nobody knows is refused, and so is one without a number") {
    auto manifest = sample();
    manifest.bundle.reset();
    manifest.destroys = {"root-g1"};
    CHECK(model::manifest_from_text(document(manifest)) == manifest);
    manifest.stage = "burn";
    CHECK_THROWS_AS((void)model::manifest_from_text(document(manifest)), base::Error);
    manifest = sample();
    manifest.attempt = 0;
    CHECK_THROWS_AS((void)model::manifest_from_text(document(manifest)), base::Error);
}

TEST_CASE("what is stated of a rotation is looked at before it is let in") {
    Json const node{{"node", "node-1"}, {"state", "acknowledged"}, {"words", "seen"}};
    CHECK(is_sound(notice("prepared", {{"stage", "trust"}, {"before", ""}, {"manifest", hash}})));
    CHECK(is_sound(notice("acknowledged", {{"bundle", hash}, {"nodes", Json::array({node})}})));
    CHECK(is_sound(notice("destroyed", {{"stage", "destroy"}, {"witnesses", {"globex-gov"}}})));
    CHECK_FALSE(is_sound(notice("prepared", {{"stage", "trust"}, {"before", ""}, {"manifest", "x"}})));
    CHECK_FALSE(is_sound(notice("prepared", {{"stage", "burn"}, {"before", ""}, {"manifest", hash}})));
    CHECK_FALSE(is_sound(notice("prepared", Json::array())));
    CHECK_FALSE(is_sound(notice("sung", Json::object())));
    CHECK_FALSE(is_sound(notice("noted", {{"stage", "trust"}, {"words", std::string(501, 'x')}})));
    for (auto const& [key, value] :
         std::map<std::string, Json>{{"node", "No Name"}, {"state", "asleep"}, {"words", 7}, {"more", "x"}}) {
        auto other = node;
        other[key] = value;
        CAPTURE(key);
        CHECK_FALSE(is_sound(notice("acknowledged", {{"bundle", hash}, {"nodes", Json::array({other})}})));
    }
}
