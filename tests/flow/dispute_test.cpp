#include "core/flow/dispute.h"

#include "core/base/error.h"
#include "core/flow/intake.h"
#include "core/flow/sign.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <nlohmann/json.hpp>

using namespace consortium;
using base::Code;
using base::Json;
using Ruling = model::Verdict::Ruling;

namespace {

/// Four organizations with a panel of one: of them two are parties, and two may be drawn.
struct Court : Town {
    std::string name;

    Court() {
        base::write_file(acme().self.workspace / "charter.toml", std::string(charter) + R"(
[arbitration]
panel = 1
tiers = ["validator"]
roles = ["governance"]
appeal = "P7D"
)");
        found();
    }

    model::Plan plan(Organization& one, std::string const& verb, Json arguments) const {
        if (!arguments.contains("operand")) arguments["operand"] = name;
        auto const asked = request("dispute " + verb, arguments);
        if (verb == "open") return flow::plan_dispute_open(state(one), asked);
        if (verb == "submit") return flow::plan_dispute_submit(state(one), asked);
        if (verb == "assign") return flow::plan_dispute_assign(state(one), asked);
        if (verb == "rule") return flow::plan_dispute_rule(state(one), asked);
        if (verb == "appeal") return flow::plan_dispute_appeal(state(one), asked);
        return flow::plan_dispute_close(state(one), asked);
    }
    Json carry_out(Organization& one, std::string const& verb, Json const& arguments = Json::object()) {
        auto const record = apply(one, plan(one, verb, arguments));
        if (verb == "open") name = record.at("results")[0].at("name").get<std::string>();
        sync(2);
        return record;
    }
    void open() { carry_out(acme(), "open", {{"operand", "globex"}, {"title", "it did not pay"}}); }
    /// Up to the panel.
    void seat() {
        open();
        carry_out(globex(), "submit", {{"text", "it did"}});
        carry_out(acme(), "submit");
        carry_out(globex(), "submit");
        carry_out(acme(), "assign");
    }
    Organization& panelist() {
        auto const officer = view().last().panel.at(0);
        for (auto const& one : all)
            if (one->self.officer == officer) return *one;
        FAIL("nobody sits");
        return acme();
    }
    agreement::DisputeView view() { return flow::find_dispute(state(acme()), name); }
    base::Path salts(Organization& one) const { return one.self.workspace / "private" / "salts"; }
};

std::vector<base::Path> files_in(base::Path const& folder) {
    std::vector<base::Path> out;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) out.push_back(entry.path());
    return out;
}

bool broken(model::Verdict const& verdict, std::string_view rule) {
    return std::any_of(verdict.rules.begin(), verdict.rules.end(),
                       [&](auto const& each) { return each.name == rule && !each.holds; });
}

}  // namespace

TEST_CASE("a salt is kept by its owner until it is revealed, and is in no plan") {
    Court court;
    Json const asked{{"operand", "globex"}, {"title", "it did not pay"}};
    auto const plan = court.plan(court.acme(), "open", asked);
    CHECK(model::digest(plan) == model::digest(court.plan(court.acme(), "open", asked)));
    CHECK_FALSE(base::exists(court.salts(court.acme())));
    auto const record = court.carry_out(court.acme(), "open", asked);
    auto const kept = files_in(court.salts(court.acme()));
    REQUIRE(kept.size() == 1);
    CHECK((std::filesystem::status(kept[0]).permissions() & std::filesystem::perms::all) ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    auto const salt = base::read_text(kept[0], 64);
    CHECK(salt.size() == 64);
    CHECK(court.view().first.stage.commitment == base::sha256(salt));
    CHECK(kept[0].filename() == base::sha256(salt).hex());
    CHECK(record.dump().find(salt) == std::string::npos);
    court.carry_out(court.globex(), "submit", {{"text", "it did"}});
    CHECK(model::to_json(court.plan(court.acme(), "submit", Json::object())).dump().find(salt) ==
          std::string::npos);
    court.carry_out(court.acme(), "submit");
    CHECK(model::reveal_from_json(*court.view().first.pins.reveals[0]->act.body).salt == salt);
}

TEST_CASE("a salt that was lost, or changed on disk, reveals nothing") {
    Court court;
    court.open();
    court.carry_out(court.globex(), "submit", {{"text", "it did"}});
    auto const file = files_in(court.salts(court.acme())).at(0);
    auto const plan = court.plan(court.acme(), "submit", Json::object());
    base::write_file(file, std::string(64, '0'), base::FileMode::owner);
    CHECK(code_of([&] { court.apply(court.acme(), plan); }) == Code::verification_failed);
    std::filesystem::remove(file);
    CHECK(broken(court.plan(court.acme(), "submit", Json::object()).verdict, "salt"));
    CHECK(code_of([&] { court.apply(court.acme(), plan); }) == Code::not_found);
    CHECK_FALSE(court.view().first.pins.reveals[0]);
}

TEST_CASE("an exhibit is published as it was when that was planned, or not at all; a sealed one never") {
    Court court;
    auto const exhibit = court.acme().self.workspace / "invoice.pdf";
    auto const sealed = court.acme().self.workspace / "contract.pdf";
    std::string const binary("\xff\xfe\0not text", 11);
    base::write_file(exhibit, binary);
    base::write_file(sealed, std::string("for the panel"));
    Json const asked{{"operand", "globex"},
                     {"title", "it did not pay"},
                     {"exhibit", {exhibit.string()}},
                     {"sealed", {sealed.string()}}};
    auto const plan = court.plan(court.acme(), "open", asked);
    base::write_file(exhibit, std::string("another"));
    CHECK(code_of([&] { court.apply(court.acme(), plan); }) == Code::conflict);
    CHECK(agreement::disputes(court.acme().store()).empty());
    base::write_file(exhibit, binary);
    court.carry_out(court.acme(), "open", asked);
    CHECK(court.globex().store().file(base::sha256(binary)) == binary);
    CHECK_FALSE(court.globex().store().has_file(base::sha256("for the panel")));
    auto const shown = *flow::dispute_show(court.state(court.globex()),
                                           court.request("dispute show", {{"operand", court.name}}))
                            .data;
    CHECK(shown["exhibits"][1]["sealed"] == true);
    CHECK(shown["exhibits"][1]["digest"] == base::sha256("for the panel").hex());
}

TEST_CASE("who is waited for is said; when its time has passed others say so, and only they") {
    Court court;
    court.open();
    auto& umbrella = *court.all[3];
    auto const early = court.plan(umbrella, "assign", Json::object()).verdict;
    CHECK(early.ruling == Ruling::pending);
    CHECK(early.missing == std::vector<std::string>{"globex"});
    REQUIRE(early.deadline);
    court.pass("P14D");
    CHECK(court.plan(court.acme(), "assign", Json::object()).verdict.ruling == Ruling::pending);
    CHECK(court.plan(umbrella, "assign", Json::object()).verdict.allowed());
    court.carry_out(umbrella, "assign");
    CHECK(court.plan(umbrella, "assign", Json::object()).verdict.ruling == Ruling::pending);
    CHECK(court.view().first.phase == agreement::Phase::answer);
    court.carry_out(*court.all[2], "assign");  // one of four may lie: two are believed
    CHECK(court.view().first.phase == agreement::Phase::reveal);
    CHECK(court.view().first.missing == std::vector<std::string>{"acme"});
    court.carry_out(court.acme(), "submit");
    CHECK(court.view().first.phase == agreement::Phase::assign);  // nobody to strike: two may sit, one does
}

TEST_CASE("a party appeals in time or never, and the dispute is closed when it cannot any more") {
    Court court;
    court.seat();
    CHECK(court.plan(court.acme(), "rule", {{"finding", "upheld"}, {"reasons", "so"}}).verdict.ruling ==
          Ruling::refused);
    court.carry_out(court.panelist(), "rule", {{"finding", "upheld"}, {"reasons", "it is so"}});
    CHECK(broken(court.plan(court.panelist(), "rule", {{"finding", "dismissed"}, {"reasons", "no"}}).verdict,
                 "once"));
    CHECK(court.plan(court.globex(), "appeal", {{"text", "it is not"}}).verdict.allowed());
    CHECK(court.plan(court.acme(), "close", Json::object()).verdict.ruling == Ruling::pending);
    court.carry_out(court.acme(), "close", {{"no-appeal", true}});
    CHECK(broken(court.plan(court.acme(), "appeal", {{"text", "too little"}}).verdict, "waived"));
    CHECK(court.plan(court.globex(), "appeal", {{"text", "it is not"}}).verdict.allowed());
    court.pass("P7D");
    CHECK(broken(court.plan(court.globex(), "appeal", {{"text", "it is not"}}).verdict, "in time"));
    CHECK(court.plan(court.acme(), "close", Json::object()).verdict.ruling == Ruling::pending);
    court.carry_out(*court.all[2], "close");
    auto const record = court.carry_out(*court.all[3], "close");
    CHECK(record["results"][0]["acts"].size() == 2);  // what it says as the second, and the close
    CHECK(court.view().status() == "closed");
    CHECK(code_of([&] { court.plan(court.acme(), "close", Json::object()); }) == Code::conflict);
    CHECK(flow::find_finding(court.state(court.acme()), court.name) == court.view().close->id);
}

TEST_CASE("an appeal is heard by who did not sit, and its ruling takes the place of the first") {
    Court court;
    court.seat();
    auto const first = court.view().first.panel;
    court.carry_out(court.panelist(), "rule", {{"finding", "upheld"}, {"reasons", "it is so"}});
    court.carry_out(court.globex(), "appeal", {{"text", "it is not"}});
    CHECK(court.view().status() == "appealed");
    CHECK(code_of([&] { court.plan(court.acme(), "appeal", {{"text", "too little"}}); }) == Code::conflict);
    court.carry_out(court.acme(), "submit", {{"text", "it is"}});
    court.carry_out(court.globex(), "submit");
    court.carry_out(court.acme(), "submit");
    court.carry_out(court.globex(), "assign");
    CHECK(court.view().appeal->panel != first);
    court.carry_out(court.panelist(), "rule", {{"finding", "dismissed"}, {"reasons", "it is not"}});
    court.carry_out(court.acme(), "close");
    auto const shown = *flow::dispute_show(court.state(court.globex()),
                                           court.request("dispute show", {{"operand", court.name}}))
                            .data;
    CHECK(shown["status"] == "closed");
    CHECK(shown["close"]["outcome"] == "dismissed");
    CHECK(shown["first"]["finding"] == "upheld");
    CHECK(shown["appeal"]["finding"] == "dismissed");
}

TEST_CASE("names: digits of the dispute or of its appeal; anything else is refused") {
    Court court;
    court.open();
    auto const id = court.view().first.stage.id.hex();
    CHECK(flow::find_dispute(court.state(court.acme()), id).first.stage.id.hex() == id);
    CHECK(code_of([&] { flow::find_dispute(court.state(court.acme()), "d-xyz123"); }) == Code::usage);
    CHECK(code_of([&] { flow::find_dispute(court.state(court.acme()), "d-00000000"); }) == Code::not_found);
    CHECK(code_of([&] { flow::find_finding(court.state(court.acme()), court.name); }) == Code::refused);
    auto const list =
        *flow::dispute_list(court.state(court.acme()), court.request("dispute list", Json::object())).data;
    CHECK(list["items"][0]["first"]["waits_for"] == "answer");
}

TEST_CASE(
    "P13: of one member ten disputes are open at a time; the eleventh waits, and hides no other from "
    "status") {
    Court court;
    model::Dispute body;
    body.respondent = "acme";
    for (int i = 0; i < 11; ++i) {
        auto& globex = court.globex();
        body.title = "it did not pay " + std::to_string(i);
        body.commitment = base::sha256(body.title);
        auto const act = flow::sign({"dispute", {}, base::JsonValue(model::to_json(body)), false},
                                    globex.services(), globex.self);
        auto const intake = flow::take_in(court.acme().services(), {act.envelope});
        CHECK(intake.accepted.size() == (i < 10 ? 1 : 0));
        CHECK(intake.orphans == (i < 10 ? 0 : 1));
    }
    CHECK(agreement::disputes(court.acme().store()).size() == 10);
}
