#include "core/flow/timestamp.h"

#include "core/journal/checkpoint.h"
#include "tests/support/audited.h"

using namespace consortium;
using base::Json;
using test::Founded;

namespace {

/// Records a token of a head, as the journal has it once an authority was asked; what is in the token does
/// not matter here.
void record(port::Store& store, std::string const& note, std::string const& name) {
    auto const checkpoint = journal::Checkpoint::parse(journal::Note::parse(note).body);
    model::Object object;
    object.kind = "timestamp";
    object.name = name;
    object.state = "held";
    object.data = base::JsonValue(Json{{"size", checkpoint.size},
                                       {"note", note},
                                       {"token", base::to_base64(base::to_bytes(name))},
                                       {"time", "2026-11-02T11:00:00Z"},
                                       {"url", "http://tsa.example"}});
    store.write([&](port::Transaction& transaction) {
        transaction.append_event({"timestamp", base::Instant{1'793'617'200}, object.data, {object}});
    });
}

std::vector<flow::StampedHead> stamps_over(Founded& journal, std::uint64_t size) {
    return flow::stamps_over(journal.store(), size, journal.store().head().size);
}

std::vector<std::uint64_t> sizes(std::vector<flow::StampedHead> const& heads) {
    std::vector<std::uint64_t> out;
    for (auto const& head : heads) out.push_back(head.checkpoint.size);
    return out;
}

}  // namespace

TEST_CASE("evidence brings the first and the last stamped head that contain all of it") {
    Founded journal;
    std::vector<std::uint64_t> stamped;
    for (char const* name : {"t-d", "t-c", "t-b", "t-a"}) {
        auto const head = journal.store().head();
        stamped.push_back(head.size);
        record(journal.store(), head.checkpoint, name);
    }
    CHECK(sizes(flow::stamped_heads(journal.store())) == stamped);
    CHECK(sizes(stamps_over(journal, 0)) == std::vector{stamped[0], stamped[3]});
    CHECK(sizes(stamps_over(journal, stamped[1] + 1)) == std::vector{stamped[2], stamped[3]});
    CHECK(sizes(stamps_over(journal, stamped[3])) == std::vector{stamped[3]});
    CHECK(stamps_over(journal, stamped[3] + 1).empty());
    // Nor one that somebody had stamped after this head was read.
    CHECK(sizes(flow::stamps_over(journal.store(), 0, stamped[3] - 1)) ==
          std::vector{stamped[0], stamped[2]});
}

TEST_CASE("a head that an earlier origin of the journal had stamped goes into no evidence of this one") {
    Founded journal;
    auto const head = journal.store().head();
    TestSigner former("the former log key");
    record(journal.store(),
           journal::sign_checkpoint({"consortium/acme/00000000", head.size, head.root}, former), "t-former");
    CHECK(flow::stamped_heads(journal.store()).size() == 1);
    CHECK(stamps_over(journal, 0).empty());
}
