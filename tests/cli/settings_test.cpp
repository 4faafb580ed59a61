#include "cli/settings.h"

#include "cli/clock.h"
#include "cli/place.h"
#include "core/base/error.h"

#include <doctest/doctest.h>

using namespace consortium;
using cli::Common;
using cli::Settings;
using cli::Surroundings;

namespace {

struct Place {
    base::TemporaryFolder folder;
    Surroundings around;
    base::Path workspace = folder.path() / "acme";

    Place() {
        around.variables["XDG_CONFIG_HOME"] = (folder.path() / "user").string();
        base::make_folder(workspace);
        base::make_folder(folder.path() / "user");
        base::make_folder(folder.path() / "user/consortium");
    }
    void user(std::string const& text) {
        base::write_file(folder.path() / "user/consortium/config.toml", text);
    }
    void own(std::string const& text) { base::write_file(workspace / "consortium.toml", text); }
    Settings load(Common const& common = {}) { return Settings::load(common, around, workspace); }
};

}  // namespace

TEST_CASE("flag before environment before workspace before user before default") {
    Place place;
    place.own("member = \"acme\"\n");
    CHECK(place.load().at("format").origin == "default");
    CHECK(place.load().text("format") == "text");

    place.user("format = \"csv\"\n");
    CHECK(place.load().text("format") == "csv");
    CHECK(place.load().at("format").origin.ends_with("config.toml:1"));

    place.own("member = \"acme\"\nformat = \"jsonl\"\n");
    CHECK(place.load().text("format") == "jsonl");
    CHECK(place.load().at("format").origin.ends_with("consortium.toml:2"));

    place.around.variables["CONSORTIUM_FORMAT"] = "json";
    CHECK(place.load().text("format") == "json");
    CHECK(place.load().at("format").origin == "CONSORTIUM_FORMAT");

    Common common;
    common.format = cli::Format::text;
    common.given = {"format"};
    CHECK(place.load(common).text("format") == "text");
    CHECK(place.load(common).at("format").origin == "--format");
}

TEST_CASE("credentials go to the place that they are set beside, and to no other") {
    Place place;
    auto const bearer = [&] {
        return cli::configured_places(place.load(), place.workspace).home.security.bearer_file;
    };
    place.own("exchange = \"https://a.example\"\nexchange-bearer-file = \"token\"\n");
    CHECK(bearer() == place.workspace / "token");

    place.around.variables["CONSORTIUM_EXCHANGE"] = "https://b.example";
    CHECK(bearer().empty());
    place.around.variables.clear();
    place.around.variables["XDG_CONFIG_HOME"] = (place.folder.path() / "user").string();

    place.user("exchange = \"https://a.example\"\nexchange-bearer-file = \"token\"\n");
    place.own("exchange = \"https://b.example\"\n");
    CHECK_THROWS_WITH_AS(bearer(), doctest::Contains("is not set beside 'exchange'"), base::Error);

    place.user("exchange-authorities = \"ca.pem\"\n");
    CHECK(cli::configured_places(place.load(), place.workspace).home.security.authorities ==
          place.workspace / "ca.pem");
}

TEST_CASE("unknown settings and wrong values are refused with their line") {
    Place place;
    auto const details_of = [&] {
        try {
            place.load();
        } catch (base::Error const& error) {
            CHECK(base::info(error.code()).exit_status == 2);
            return error.message();
        }
        return std::string("accepted");
    };
    place.own("member = \"acme\"\nfromat = \"json\"\n");
    CHECK(details_of().find("consortium.toml:2") != std::string::npos);
    place.own("format = \"yaml\"\n");
    CHECK(details_of().find("yaml") != std::string::npos);
    place.own("member = \"acme\"\nalarm = \"3 days\"\n");
    CHECK(details_of().find("consortium.toml:2") != std::string::npos);
    CHECK(details_of().find("alarm") != std::string::npos);
    place.own("");
    place.user("member = \"acme\"\n");  // an organization belongs to a workspace, not to a user
    CHECK(details_of().find("unknown setting 'member'") != std::string::npos);
    place.user("");
    place.around.variables["CONSORTIUM_TIMEOUT"] = "soon";
    CHECK(details_of().find("CONSORTIUM_TIMEOUT") != std::string::npos);
}

TEST_CASE("a workspace is found from any folder below it") {
    Place const place;
    base::make_folder(place.workspace / "a");
    base::make_folder(place.workspace / "a/b");
    CHECK_FALSE(cli::find_workspace(place.workspace / "a/b"));
    base::write_file(place.workspace / "consortium.toml", std::string_view("member = \"acme\"\n"));
    CHECK(cli::find_workspace(place.workspace / "a/b") == place.workspace);
    CHECK(cli::find_workspace(place.workspace / "a/../a") == place.workspace);
    CHECK_FALSE(cli::find_workspace(place.workspace.parent_path()));
}

TEST_CASE("only a rehearsal may choose its time") {
    int asked = 0;
    cli::SessionClock const rehearsal("2026-11-02T12:00Z", [&] { return ++asked > 0; });
    CHECK(rehearsal.now().text() == "2026-11-02T12:00:00Z");
    CHECK(rehearsal.now().text() == "2026-11-02T12:00:00Z");
    CHECK(asked == 1);
    cli::SessionClock const real("2026-11-02T12:00Z", [] { return false; });
    CHECK_THROWS_AS((void)real.now(), base::Error);
    cli::SessionClock const garbage("noon", [] { return true; });
    CHECK_THROWS_AS((void)garbage.now(), base::Error);
}
