#include "core/flow/site.h"

#include "core/base/error.h"
#include "core/base/file_writer.h"
#include "core/flow/ocsp.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Path;

namespace {

void publish(Path const& folder, std::vector<std::string> const& paths) {
    flow::SiteFolder site(folder);
    for (auto const& path : paths) site.put({path, "text/plain"}, "content of " + path);
    site.finish();
}

}  // namespace

TEST_CASE("a site loses what is over, and only what it wrote and nobody has changed") {
    base::TemporaryFolder const place;
    auto const site = place.path() / "site";
    publish(site, {"a", "b/c/d", "b/e", "changed"});
    base::write_file(site / "stranger", "x");
    base::write_file(site / "changed", "by somebody");
    publish(site, {"b/e"});
    CHECK_FALSE(base::exists(site / "a"));
    CHECK_FALSE(base::exists(site / "b/c"));
    CHECK(base::exists(site / "b/e"));
    CHECK(base::read_text(site / "changed", 100) == "by somebody");
    CHECK(base::exists(site / "stranger"));
    auto const manifest = base::parse_json(base::read_text(site / "manifest.json", 10'000));
    REQUIRE(manifest["files"].size() == 1);
    CHECK(manifest["files"][0]["path"] == "b/e");
    CHECK(manifest["files"][0]["sha256"] == base::sha256("content of b/e").hex());
    CHECK(manifest["files"][0]["expires"].is_null());
}

TEST_CASE("what comes in pieces is there as a whole or not at all") {
    base::TemporaryFolder const place;
    auto const site = place.path() / "site";
    std::string const piece(200'000, 'x');
    auto const three = [&](auto const& each) {
        for (int i = 0; i < 3; ++i) each(base::as_bytes(piece));
    };
    {
        flow::SiteFolder folder(site);
        auto const digest = folder.put({"list", "text/plain"}, port::Pieces(three));
        CHECK(digest == base::sha256(piece + piece + piece));
        folder.finish();
    }
    CHECK(base::read_text(site / "list", 1U << 20U) == piece + piece + piece);
    auto const manifest = base::parse_json(base::read_text(site / "manifest.json", 10'000));
    CHECK(manifest["files"][0]["sha256"].get<std::string>() == base::sha256(piece + piece + piece).hex());
    flow::SiteFolder folder(site);
    port::Pieces const broken = [&](auto const& each) {
        each(base::as_bytes("new"));
        throw base::Error(base::Code::storage, "the second is missing");
    };
    CHECK_THROWS_AS(folder.put({"list", "text/plain"}, broken), base::Error);
    CHECK(base::read_text(site / "list", 1U << 20U).size() == 600'000);
    auto const entries = std::filesystem::directory_iterator(site);
    CHECK(std::distance(begin(entries), end(entries)) == 2);  // no part of it is left
    base::write_file(place.path() / "file", "x");
    CHECK_THROWS_AS(base::FileWriter(place.path() / "file" / "list"), base::Error);
    folder.finish();
    CHECK_FALSE(base::exists(site / "list"));
}

TEST_CASE("a manifest that somebody wrote does not lead out of the folder") {
    base::TemporaryFolder const place;
    auto const site = place.path() / "site";
    publish(site, {"a"});
    auto const outside = place.path() / "outside";
    base::write_file(outside, "x");
    auto const digest = base::sha256("x").hex();
    for (auto const& path : {std::string("../outside"), outside.string(), std::string("b/../../outside")}) {
        base::Json const manifest{{"files", {{{"path", path}, {"sha256", digest}}}}};
        base::write_file(site / "manifest.json", manifest.dump());
        publish(site, {"a"});
        CHECK(base::exists(outside));
    }
    for (char const* text : {"", "{", "[]", R"({"files":7})", R"({"files":[{"path":7}]})"}) {
        base::write_file(site / "manifest.json", text);
        CHECK_NOTHROW(publish(site, {"a"}));
    }
}

TEST_CASE("the place of an answer is the path that web servers make of the request") {
    CHECK(flow::answer_path(base::from_base64("MFEw")) == "ocsp/MFEw");
    CHECK(flow::answer_path(base::from_base64("MF//MFA=")) == "ocsp/MF/MFA=");
    CHECK(flow::answer_path(base::from_base64("M/E+")) == "ocsp/M/E+");
    CHECK(flow::answer_path(base::from_base64("MFE/")) == "ocsp/MFE/index.html");
}
