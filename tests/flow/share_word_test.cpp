// A share that came under a passphrase: who dealt knows it, so it is kept under another.

#include "tests/support/code_of.h"
#include "tests/support/custodians.h"
#include "tests/support/error_of.h"

using namespace consortium;
using base::Code;
using base::Json;
using test::Custodians;

namespace {

base::Secret word(char const* text) {
    return base::Secret(base::to_bytes(std::string_view(text)));
}

class ByWord : public Custodians {
public:
    ByWord() {
        auto arguments = wanted();
        arguments["custodian"].erase(2);
        arguments["custodian-passphrase"] = {initech.self().officer + "=" + acme.write("words", "told\n")};
        acme.apply(flow::plan_share_deal(acme.state(), acme.services(), request("share deal", arguments)));
        sync();
        file = initech.write("mine.json", base::read_text(dealt_file("initech"), 65'536));
        kept = flow::kept_file(initech.folder(), present().deal.id, 3);
        initech.write("told", "told\n");
        initech.write("own", "own\n");
    }
    model::Plan accept_plan(std::string const& own = "own") {
        Json arguments{{"operand", file}, {"share-passphrase-file", place("told")}};
        if (!own.empty()) arguments["new-passphrase-file"] = place(own);
        return flow::plan_share_accept(initech.state(), initech.services(),
                                       request("share accept", arguments));
    }
    model::Plan with_word(char const* command, std::string const& operand, std::string const& own) {
        auto const wanted = request(command, {{"operand", operand}, {"share-passphrase-file", place(own)}});
        return std::string_view(command) == "share drill"
                   ? flow::plan_share_drill(initech.state(), initech.services(), wanted)
                   : flow::plan_share_submit(initech.state(), initech.services(), wanted);
    }
    model::ShareBox kept_box() { return model::share_box_from_text(base::read_text(kept, 65'536)); }
    std::string place(std::string const& name) { return (initech.folder() / name).string(); }

    std::string file;
    base::Path kept;
};

}  // namespace

TEST_CASE("what is kept opens with the custodian's own passphrase, and the envelope is gone") {
    ByWord all;
    auto const envelope = base::read_text(all.file, 65'536);
    all.initech.apply(all.accept_plan());
    CHECK_FALSE(base::exists(all.file));
    CHECK_FALSE(all.initech.custody->open(all.kept_box(), word("told")));
    CHECK(all.initech.custody->open(all.kept_box(), word("own")));
    CHECK(base::read_text(all.kept, 65'536) != envelope);
    CHECK(code_of([&] { all.initech.apply(all.with_word("share drill", "ca-root-g1", "told")); }) ==
          Code::verification_failed);
    all.initech.apply(all.with_word("share drill", "ca-root-g1", "own"));
    all.sync();
    CHECK(all.shown("acme").at("custodians")[2].at("accepted").is_string());
    // The envelope brought back is destroyed again, and takes the place of nothing.
    auto const before = base::read_text(all.kept, 65'536);
    all.initech.write("mine.json", envelope);
    auto const plan = all.accept_plan();
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps.front().action == "share.wipe");
    all.initech.apply(plan);
    CHECK_FALSE(base::exists(all.file));
    CHECK(base::read_text(all.kept, 65'536) == before);
    // And it goes into a session.
    auto const drill = all.open("drill");
    all.initech.apply(all.with_word("share submit", drill, "own"));
}

TEST_CASE("the passphrase that was told is no passphrase of one's own") {
    ByWord all;
    CHECK(code_of([&] { all.initech.apply(all.accept_plan("told")); }) == Code::refused);
    CHECK(code_of([&] { all.initech.apply(all.accept_plan("")); }) == Code::not_authorized);
    CHECK_FALSE(base::exists(all.kept));
    CHECK(base::exists(all.file));
    int asked = 0;
    all.initech.services().new_passphrase = [&](std::string_view what) {
        CHECK(what == "the share that 'initech-ada' keeps");
        ++asked;
        return word("asked for");
    };
    all.initech.apply(all.accept_plan(""));
    CHECK(asked == 1);
    CHECK(all.initech.custody->open(all.kept_box(), word("asked for")));
}

TEST_CASE("a file that was put in the envelope's place is not destroyed") {
    ByWord all;
    auto const plan = all.accept_plan();
    all.initech.apply(plan);
    all.initech.write("mine.json", "something else\n");
    auto again = plan;
    again.steps.erase(again.steps.begin());
    all.initech.apply(again);
    CHECK(base::read_text(all.file, 100) == "something else\n");
}
