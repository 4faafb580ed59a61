#include "core/flow/share.h"

#include "core/flow/operation.h"
#include "core/flow/share_case.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"
#include "tests/support/custodians.h"
#include "tests/support/error_of.h"

#include <algorithm>
#include <set>

using namespace consortium;
using base::Code;
using base::Json;
using test::Custodians;

namespace {

std::string detail(base::Error const& error, std::string_view key) {
    std::string out;
    for (auto const& [name, value] : error.details())
        if (name == key) out += value + "\n";
    return out;
}

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Whether the plan was killed at this of its points.
bool is_killed(Custodians& all, int at, model::Plan const& plan) {
    test::Crash crash{at};
    test::CrashingStore store(all.acme.organization.store(), crash);
    try {
        auto services = services_with(all.acme.services(), {.store = &store});
        flow::apply(plan, services, all.acme.self());
    } catch (test::Killed const&) {
        return true;
    }
    return false;
}

/// Plays it with each point to be killed at, until there is none; how many there were.
int killed_everywhere(std::function<bool(int at)> const& play) {
    int at = 1;
    while (at <= 30 && play(at)) ++at;
    return at - 1;
}

}  // namespace

TEST_CASE("shares: dealt, accepted, submitted, and the same key comes back") {
    Custodians all;
    all.deal();
    all.accept();
    CHECK(all.shown("acme").at("state") == Json("kept by every custodian"));
    auto const before = base::read_file(all.acme.keys() / "ca-root-g1.pub.pem", 4096);
    all.lose_key();
    auto const session = all.open("recovery");
    all.submit("globex", session);
    all.submit("initech", session);
    all.recover(session, {"globex", "initech"});
    CHECK(base::read_file(all.acme.keys() / "ca-root-g1.pub.pem", 4096) == before);
    CHECK(all.acme.organization.services().keys.open("ca-root-g1") != nullptr);
    CHECK(all.shown("acme", session).at("state") == Json("recovered"));
    // A session is for once.
    CHECK_FALSE(all.recover_plan(session, {"globex", "initech"}).verdict.allowed());
}

TEST_CASE("G22 a bad share is named before it spoils anything, and the good ones still recover") {
    Custodians all;
    all.deal();
    all.accept();
    all.lose_key();
    auto const session = all.open("recovery");
    all.submit("globex", session);
    all.submit("initech", session);
    // Sealed to the session by a custodian who kept something else than was dealt: its seal holds.
    auto const bad = all.forged("globex", session);
    auto const one_bad = error_of([&] {
        all.recover_files(session, {bad, all.submitted("initech", session)});
    });
    CHECK(one_bad.code() == Code::verification_failed);
    CHECK(one_bad.message() == "1 of 2 good shares of 'ca-root-g1' are in; 1 more needed");
    CHECK(has(detail(one_bad, "bad"), "forged"));
    CHECK(has(detail(one_bad, "bad"), "globex-ada"));
    CHECK(has(detail(one_bad, "bad"), "is not the one that the deal"));
    CHECK(detail(one_bad, "missing") == "acme-ada, globex-ada\n");
    CHECK_FALSE(base::exists(all.acme.keys() / "ca-root-g1.pem"));
    // With enough good ones beside it, it is named and not used.
    auto const result = all.recover_files(
        session, {bad, all.submitted("initech", session), all.submitted("globex", session)});
    CHECK(result.at("used") == Json::array({2, 3}));
    CHECK(result.at("bad").size() == 1);
    CHECK(base::exists(all.acme.keys() / "ca-root-g1.pem"));
}

TEST_CASE("G22 a flipped bit, the same twice, too few, another session, another deal: each is said") {
    Custodians all;
    all.deal();
    all.accept();
    auto const drill = all.open("drill");
    all.submit("globex", drill);
    auto const session = all.open("drill");
    all.submit("globex", session);
    auto const good = all.submitted("globex", session);
    auto const said = [&](std::vector<std::string> const& files) {
        auto const error = error_of([&] { all.drill_files(session, files); });
        CHECK(has(error.message(), "1 more needed"));
        CHECK(error.code() == (files.size() == 1 ? Code::pending : Code::verification_failed));
        return detail(error, "bad");
    };
    CHECK(said({good}).empty());
    CHECK(has(said({good, good}), "once more"));
    CHECK(has(said({good, all.submitted("globex", drill)}), "another session"));
    CHECK(has(said({good, all.dealt_file("initech")}), "as 'initech-ada' keeps it"));
    auto const text = base::read_text(good, 65'536);
    std::set<std::string> reasons;
    for (std::size_t at = 0; at < text.size(); at += 7) {
        auto changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        auto const file = all.acme.write("flipped", changed);
        auto const error = error_of([&] { all.drill_files(session, {file}); });
        CHECK(error.code() == Code::verification_failed);
        CHECK(has(detail(error, "bad"), "flipped"));
    }
}

TEST_CASE("shares: after a refresh the old ones open nothing, and say so") {
    Custodians all;
    all.deal();
    all.accept();
    auto const old_id = all.present().deal.id;
    auto const old_name = all.present().name();
    auto const old_share = all.dealt_file("globex");
    auto const carried = all.globex.write("old.share.json", base::read_text(old_share, 65'536));
    auto const session = all.open("drill");
    all.submit("globex", session);
    auto const submitted = base::read_text(all.submitted("globex", session), 65'536);
    std::vector<base::Secret> old_shares;
    for (char const* member : {"globex", "initech"}) old_shares.push_back(all.opened(member));
    auto const wrapped_place = flow::dealt_folder(all.acme.folder(), old_id) / flow::wrapped_name;
    auto const kept = flow::kept_file(all.globex.folder(), old_id, 2);
    REQUIRE(base::exists(wrapped_place));
    REQUIRE(base::exists(kept));

    all.refresh();
    CHECK_FALSE(base::exists(wrapped_place));
    CHECK_FALSE(base::exists(wrapped_place.parent_path()));
    CHECK_FALSE(base::exists(flow::out_folder(all.acme.folder()) / old_name));
    CHECK(all.present().deal.version == 2);
    CHECK(has(all.shown("initech", old_name).at("state").get<std::string>(), "superseded by"));
    // What the old shares put together opens nothing that there is.
    auto& custody = *all.acme.custody;
    auto const kek = custody.join(old_shares);
    REQUIRE(kek);
    auto const wrapped = base::read_text(
        flow::dealt_folder(all.acme.folder(), all.present().deal.id) / flow::wrapped_name, 65'536);
    CHECK_FALSE(custody.unwrap(model::wrapped_key_from_text(wrapped), *kek));
    // Nor are they taken: not by the custodian, not by a session.
    auto const plan = all.accept_plan(all.globex, carried);
    CHECK_FALSE(plan.verdict.allowed());
    all.accept();
    CHECK_FALSE(base::exists(kept));
    auto const second = all.open("drill");
    auto const file = all.acme.write("earlier", submitted);
    auto const error = error_of([&] { all.drill_files(second, {file}); });
    CHECK(has(detail(error, "bad"), "an earlier deal, " + old_name));
}

TEST_CASE("shares: a deal that is killed anywhere is dealt by repeating it, once, and the same") {
    int const points = killed_everywhere([](int at) {
        Custodians all;
        if (!is_killed(all, at, all.deal_plan())) return false;
        auto const known = flow::share_cases(all.acme.organization.store(), all.acme.services().verifier);
        std::string manifest;
        if (!known.empty()) manifest = model::document(known.front().deal);
        all.acme.restart();
        all.deal();
        auto const now = flow::share_cases(all.acme.organization.store(), all.acme.services().verifier);
        REQUIRE(now.size() == 1);
        if (!manifest.empty()) CHECK(model::document(now.front().deal) == manifest);
        // Nothing is left of what nobody was told of.
        int folders = 0;
        for (auto const& each : std::filesystem::directory_iterator(all.acme.folder() / "private" / "shares"))
            folders += each.path().filename().string().size() == 32 ? 1 : 0;
        CHECK(folders == 1);
        all.accept();
        CHECK(all.shown("acme").at("state") == Json("kept by every custodian"));
        return true;
    });
    CHECK(points >= 3);
}

TEST_CASE("shares: a refresh that is killed anywhere is finished by what is repeated") {
    int resumed = 0;
    int const points = killed_everywhere([&](int at) {
        Custodians all;
        all.deal();
        all.accept();
        auto const old = all.present();
        if (!is_killed(all, at, all.refresh_plan())) return false;
        all.acme.restart();
        auto const begun = flow::begun_before(all.acme.state(), all.refresh_plan().request);
        if (begun)
            all.acme.apply(*begun);
        else if (all.present().deal.version == 1)
            all.acme.apply(all.refresh_plan());
        resumed += begun ? 1 : 0;
        all.sync();
        CHECK(all.present().deal.version == 2);
        CHECK_FALSE(flow::begun_before(all.acme.state(), all.refresh_plan().request));
        CHECK_FALSE(base::exists(flow::dealt_folder(all.acme.folder(), old.deal.id)));
        CHECK_FALSE(base::exists(flow::out_folder(all.acme.folder()) / old.name()));
        all.accept();
        CHECK(all.shown("globex").at("state") == Json("kept by every custodian"));
        return true;
    });
    CHECK(points >= 3);
    CHECK(resumed >= 1);
}

TEST_CASE("shares: a recovery that is killed anywhere is recovered by repeating it") {
    int const points = killed_everywhere([](int at) {
        Custodians all;
        all.deal();
        all.accept();
        all.lose_key();
        auto const session = all.open("recovery");
        all.submit("globex", session);
        all.submit("initech", session);
        auto plan = all.recover_plan(session, {"globex", "initech"});
        plan.operation = "recovery";
        if (!is_killed(all, at, plan)) return false;
        all.acme.restart();
        flow::apply(plan, all.acme.services(), all.acme.self());
        CHECK(base::exists(all.acme.keys() / "ca-root-g1.pem"));
        CHECK(all.shown("acme", session).at("state") == Json("recovered"));
        CHECK(all.session_keys() == 0);
        return true;
    });
    CHECK(points >= 3);
}

TEST_CASE("shares: what of the key a crash, or a loss, has left is completed") {
    for (char const* left : {"ca-root-g1.pem", "ca-root-g1.pub.pem"}) {
        Custodians all;
        all.deal();
        all.accept();
        auto const kept = base::read_text(all.acme.keys() / left, 4096);
        all.lose_key();
        base::write_file(all.acme.keys() / left, kept);
        auto const session = all.open("recovery");
        for (char const* member : {"globex", "initech"}) all.submit(member, session);
        all.recover(session, {"globex", "initech"});
        CHECK(base::read_text(all.acme.keys() / left, 4096) == kept);
        CHECK(all.acme.organization.services().keys.open("ca-root-g1") != nullptr);
    }
    Custodians all;
    all.deal();
    all.accept();
    all.lose_key();
    all.acme.services().keys.create("other", "p384", {});
    std::filesystem::rename(all.acme.keys() / "other.pem", all.acme.keys() / "ca-root-g1.pem");
    auto const session = all.open("recovery");
    for (char const* member : {"globex", "initech"}) all.submit(member, session);
    auto const error = error_of([&] { all.recover(session, {"globex", "initech"}); });
    CHECK(error.code() == Code::conflict);
    CHECK(has(error.message(), "is of another key"));
}

TEST_CASE("shares: the key of a session that nobody was told of is destroyed with the next") {
    Custodians all;
    all.deal();
    all.accept();
    all.acme.custody->begin_session({});
    CHECK(all.session_keys() == 1);
    auto const first = all.open("drill");
    CHECK(all.session_keys() == 1);
    all.open("drill");
    CHECK(all.session_keys() == 2);
    for (char const* member : {"globex", "initech"}) all.submit(member, first);
}

TEST_CASE("shares: what was submitted is not submitted twice, and again where its file was lost") {
    Custodians all;
    all.deal();
    all.accept();
    auto const drill = all.open("drill");
    auto const plan = [&] {
        return flow::plan_share_submit(all.globex.state(), all.globex.services(),
                                       Custodians::request("share submit", {{"operand", drill}}));
    };
    all.submit("globex", drill);
    CHECK(plan().steps.empty());
    auto const file = all.submitted("globex", drill);
    base::write_file(file, base::read_text(file, 65'536) + " ");
    CHECK_FALSE(plan().steps.empty());
    std::filesystem::remove(file);
    all.submit("globex", drill);
    all.submit("initech", drill);
    all.drill_files(drill, {file, all.submitted("initech", drill)});
}

TEST_CASE("shares: a receipt without the share proves nothing") {
    Custodians all;
    all.deal();
    auto const deal = all.present();
    model::ShareAct act;
    act.about = "accepted";
    act.deal = deal.file;
    act.index = 2;
    act.proof = base::Bytes(64, 1);
    all.globex.organization.say("share", model::to_json(act), {deal.act});
    all.sync();
    auto const shown = all.shown("acme");
    CHECK(shown.at("have") == Json(0));
    CHECK(shown.at("custodians")[1].at("accepted").is_null());
    all.accept();
    CHECK(all.shown("acme").at("custodians")[1].at("accepted").is_string());
}
