#include "core/journal/replay.h"

#include "core/base/error.h"
#include "core/journal/entry.h"

#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::journal;
using base::Json;

namespace {

struct Memory : Projection {
    std::map<std::string, model::Object> objects;
    void put(model::Object const& object) override { objects[object.kind + "/" + object.name] = object; }
    void erase(std::string const& kind, std::string const& name) override {
        objects.erase(kind + "/" + name);
    }
};

model::Event sample() {
    model::Event event;
    event.kind = "node.added";
    event.time = base::Instant::from_text("2026-11-02T12:00:00Z");
    event.body = base::JsonValue(Json{{"why", "because"}});
    model::Object node;
    node.kind = "node";
    node.name = "n1";
    node.state = "active";
    node.member = "acme";
    node.data = base::JsonValue(Json{{"height", 7}});
    event.writes.push_back(node);
    return event;
}

model::Entry entry_of(SealedEvent const& sealed, std::uint64_t index) {
    return {index, model::EntryKind::event, sealed.leaf, sealed.body, {}};
}

}  // namespace

TEST_CASE("the leaf of an event shows its kind, its time and a commitment, and nothing else") {
    base::Bytes salt(32, 7);
    auto const sealed = seal_event(sample(), salt);
    auto const leaf = base::parse_canonical(sealed.leaf);
    CHECK(leaf.size() == 3);
    CHECK(leaf["kind"] == "node.added");
    CHECK(leaf["time"] == "2026-11-02T12:00:00Z");
    CHECK(leaf["commitment"].get<std::string>().size() == 64);
    CHECK(sealed.leaf.find("because") == std::string::npos);

    auto const opened = open_event(sealed.leaf, sealed.body);
    CHECK(opened.writes.at(0).name == "n1");
    CHECK(opened.body == sample().body);

    salt[0] = 8;
    CHECK(seal_event(sample(), salt).leaf != sealed.leaf);
}

TEST_CASE("a body that the leaf does not commit to is refused") {
    auto const sealed = seal_event(sample(), base::Bytes(32, 7));
    auto forged = sealed.body;
    forged.replace(forged.find("because"), 7, "Because");
    CHECK_THROWS_AS(open_event(sealed.leaf, forged), base::Error);
    auto const other = seal_event(sample(), base::Bytes(32, 8));
    CHECK_THROWS_AS(open_event(sealed.leaf, other.body), base::Error);
}

TEST_CASE("events fold into objects with the version of their entry") {
    Memory memory;
    fold(entry_of(seal_event(sample(), base::Bytes(32, 1)), 41), memory);
    REQUIRE(memory.objects.count("node/n1") == 1);
    CHECK(memory.objects["node/n1"].version == 42);
    auto gone = sample();
    gone.writes[0].state = "";
    fold(entry_of(seal_event(gone, base::Bytes(32, 2)), 42), memory);
    CHECK(memory.objects.empty());
}

TEST_CASE("a proposal folds into an object that is due when it closes") {
    model::Act act;
    act.kind = "proposal";
    act.member = "acme";
    act.officer = "ada";
    act.body = base::JsonValue(Json{{"title", "x"}, {"closes", "2026-11-02T12:00:00Z"}});
    Memory memory;
    auto const id = base::sha256(std::string_view("act"));
    fold_act(act, id, 3, memory);
    auto const& object = memory.objects.at("proposal/" + id.hex());
    CHECK(object.state == "open");
    CHECK(object.due == base::Instant::from_text("2026-11-02T12:00:00Z"));
    CHECK(object.version == 4);
    act.kind = "ballot";
    memory.objects.clear();
    fold_act(act, id, 3, memory);
    CHECK(memory.objects.empty());
}

TEST_CASE("leaves are told apart by what they hold") {
    CHECK(leaf_kind(R"({"payloadType":"x"})") == model::EntryKind::act);
    CHECK(leaf_kind(seal_event(sample(), base::Bytes(32, 1)).leaf) == model::EntryKind::event);
    auto const leaf = checkpoint_leaf({"globex", "note"});
    CHECK(leaf == R"({"checkpoint":"note","peer":"globex"})");
    CHECK(leaf_kind(leaf) == model::EntryKind::checkpoint);
    CHECK(open_checkpoint_leaf(leaf).peer == "globex");
    CHECK_THROWS_AS(leaf_kind(R"({"other":1})"), base::Error);
    CHECK_THROWS_AS(leaf_kind("[]"), base::Error);
}
